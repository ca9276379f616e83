namespace Akka.Pipeline.Sandbox.Endpoints;

using System.Globalization;
using Akka.Pipeline.Sandbox.Checksums;
using Akka.Pipeline.Sandbox.Protocol;
using Akka.Pipeline.Sandbox.Store;

/// <summary>ListParts and ListMultipartUploads.</summary>
internal sealed class MultipartListing(ObjectStore store)
{
    public S3Response ListParts(S3Request request)
    {
        store.Find(request.Bucket);
        var upload = store.Uploads.Find(request.Bucket, request.Key, request.Query["uploadId"]);
        var encode = Listing.Encoding(request);
        var limit = Listing.Limit(request, "max-parts");
        var markerText = request.Query["part-number-marker"];
        var marker = 0;
        if (!string.IsNullOrEmpty(markerText) && !int.TryParse(markerText, NumberStyles.None, CultureInfo.InvariantCulture, out marker))
        {
            throw S3Errors.InvalidArgument("Argument part-number-marker must be an integer between 0 and 2147483647");
        }

        var behind = upload.Parts.Where(part => part.Number > marker).ToList();
        var page = behind.Take(limit).ToList();
        return S3Response.Xml(S3Document.Write("ListPartsResult", xml =>
        {
            xml.Text("Bucket", request.Bucket);
            xml.Text("Key", encode(request.Key));
            xml.Text("UploadId", upload.Record.Id);
            xml.Nested("Initiator", () => xml.Text("ID", "sandbox"));
            xml.Nested("Owner", () => xml.Text("ID", "sandbox"));
            xml.Text("StorageClass", upload.Record.Attributes.StorageClass);
            xml.Text("PartNumberMarker", $"{marker}");
            xml.Text("NextPartNumberMarker", $"{(page.Count > 0 ? page[^1].Number : 0)}");
            xml.Text("MaxParts", $"{limit}");
            xml.Text("IsTruncated", behind.Count > page.Count && limit > 0 ? "true" : "false");
            if (upload.Record.AlgorithmIsChosen)
            {
                xml.Text("ChecksumAlgorithm", upload.Record.Algorithm.WireName);
                xml.Text("ChecksumType", upload.Record.Type.WireName);
            }

            foreach (var part in page)
            {
                xml.Nested("Part", () =>
                {
                    xml.Text("PartNumber", $"{part.Number}");
                    xml.Text("LastModified", Listing.Timestamp(part.ModifiedAt));
                    xml.Text("ETag", $"\"{part.ETag}\"");
                    xml.Text("Size", $"{part.SizeBytes}");
                    xml.Text(upload.Record.Algorithm.ElementName, part.Checksum);
                });
            }
        }));
    }

    public S3Response ListUploads(S3Request request)
    {
        store.Find(request.Bucket);
        var query = request.Query;
        if (!string.IsNullOrEmpty(query["delimiter"]))
        {
            throw S3Errors.NotImplemented("The sandbox lists multipart uploads without a delimiter only.");
        }

        var encode = Listing.Encoding(request);
        var limit = Listing.Limit(request, "max-uploads");
        var prefix = query["prefix"] ?? "";
        var keyMarker = query["key-marker"] ?? "";
        var idMarker = keyMarker.Length == 0 ? "" : query["upload-id-marker"] ?? "";
        var behind = After(store.Uploads.Of(request.Bucket), keyMarker, idMarker).Where(upload => upload.Key.StartsWith(prefix, StringComparison.Ordinal)).ToList();
        var page = behind.Take(limit).ToList();
        return S3Response.Xml(S3Document.Write("ListMultipartUploadsResult", xml =>
        {
            xml.Text("Bucket", request.Bucket);
            xml.Text("KeyMarker", encode(keyMarker));
            xml.Text("UploadIdMarker", idMarker);
            xml.Text("NextKeyMarker", page.Count > 0 ? encode(page[^1].Key) : "");
            xml.Text("NextUploadIdMarker", page.Count > 0 ? page[^1].Id : "");
            xml.Text("Prefix", encode(prefix));
            xml.Text("EncodingType", query["encoding-type"] is { Length: > 0 } type ? type : null);
            xml.Text("MaxUploads", $"{limit}");
            xml.Text("IsTruncated", behind.Count > page.Count && limit > 0 ? "true" : "false");
            foreach (var upload in page)
            {
                xml.Nested("Upload", () =>
                {
                    xml.Text("Key", encode(upload.Key));
                    xml.Text("UploadId", upload.Id);
                    xml.Nested("Initiator", () => xml.Text("ID", "sandbox"));
                    xml.Nested("Owner", () => xml.Text("ID", "sandbox"));
                    xml.Text("StorageClass", upload.Attributes.StorageClass);
                    xml.Text("Initiated", Listing.Timestamp(upload.InitiatedAt));
                    if (upload.AlgorithmIsChosen)
                    {
                        xml.Text("ChecksumAlgorithm", upload.Algorithm.WireName);
                        xml.Text("ChecksumType", upload.Type.WireName);
                    }
                });
            }
        }));
    }

    private static IEnumerable<UploadRecord> After(IReadOnlyList<UploadRecord> uploads, string keyMarker, string idMarker)
    {
        if (keyMarker.Length == 0)
        {
            return uploads;
        }

        var later = uploads.Where(upload => KeyOrder.Instance.Compare(upload.Key, keyMarker) > 0);
        if (idMarker.Length == 0)
        {
            return later;
        }

        var sameKey = uploads.Where(upload => upload.Key == keyMarker).ToList();
        var place = sameKey.FindIndex(upload => upload.Id == idMarker);
        // A marker that is gone by now: what is left of its key comes again, rather than never.
        return sameKey.Skip(place + 1).Concat(later);
    }
}
