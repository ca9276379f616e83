namespace Akka.Pipeline.Sandbox.Endpoints;

using System.Globalization;
using System.Text;
using System.Xml;
using Akka.Pipeline.Sandbox.Checksums;
using Akka.Pipeline.Sandbox.Protocol;
using Akka.Pipeline.Sandbox.Store;

/// <summary>Both versions of the listing of a bucket.</summary>
internal sealed class Listing(ObjectStore store)
{
    private const int MaxKeys = 1000;

    public static string Timestamp(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'");

    /// <summary>How many entries a request wants at most.</summary>
    /// <exception cref="S3Exception">No number.</exception>
    public static int Limit(S3Request request, string parameter)
    {
        var text = request.Query[parameter];
        return string.IsNullOrEmpty(text) ? MaxKeys
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) ? Math.Min(limit, MaxKeys)
            : throw S3Errors.InvalidArgument($"Argument {parameter} must be an integer between 0 and 2147483647");
    }

    /// <summary>Whether keys go out percent-encoded.</summary>
    /// <exception cref="S3Exception">Another encoding is asked for.</exception>
    public static Func<string?, string?> Encoding(S3Request request) => request.Query["encoding-type"] switch
    {
        null or "" => text => text,
        "url" => text => text is null ? null : UriText.Encode(text, keepSlash: true),
        _ => throw S3Errors.InvalidArgument("Invalid Encoding Method specified in Request"),
    };

    public S3Response ListV2(S3Request request)
    {
        var query = request.Query;
        var encode = Encoding(request);
        var token = query["continuation-token"];
        var startAfter = query["start-after"] ?? "";
        var page = Walk(request, token is null ? startAfter : Decode(token), fromToken: token is not null);
        return S3Response.Xml(S3Document.Write("ListBucketResult", xml =>
        {
            Common(xml, request, encode, page);
            xml.Text("KeyCount", $"{page.Objects.Count + page.CommonPrefixes.Count}");
            xml.Text("ContinuationToken", token);
            xml.Text("NextContinuationToken", page.Next is null ? null : Encode(page.Next));
            xml.Text("StartAfter", startAfter.Length == 0 ? null : encode(startAfter));
            Entries(xml, encode, page, withOwner: query["fetch-owner"] == "true");
        }));
    }

    public S3Response ListV1(S3Request request)
    {
        var encode = Encoding(request);
        var marker = request.Query["marker"] ?? "";
        var page = Walk(request, marker, fromToken: true);
        return S3Response.Xml(S3Document.Write("ListBucketResult", xml =>
        {
            Common(xml, request, encode, page);
            xml.Text("Marker", encode(marker));
            // Without a delimiter the last key is the next marker, and S3 leaves it to the client to see that.
            xml.Text("NextMarker", page.Next is null || string.IsNullOrEmpty(request.Query["delimiter"]) ? null : encode(page.Next));
            Entries(xml, encode, page, withOwner: true);
        }));
    }

    private Page Walk(S3Request request, string after, bool fromToken)
    {
        var bucket = store.Find(request.Bucket);
        var prefix = request.Query["prefix"] ?? "";
        var delimiter = request.Query["delimiter"] ?? "";
        var limit = Limit(request, "max-keys");
        var page = new Page(limit);
        if (limit == 0)
        {
            return page;
        }

        // What ends a page may be a common prefix: then all under it was told already.
        var isRolledUp = fromToken && delimiter.Length > 0 && after.Length > prefix.Length && after.EndsWith(delimiter, StringComparison.Ordinal)
            && after.StartsWith(prefix, StringComparison.Ordinal) && after.IndexOf(delimiter, prefix.Length, StringComparison.Ordinal) == after.Length - delimiter.Length;
        var startsAtPrefix = KeyOrder.Instance.Compare(after, prefix) < 0;
        var from = isRolledUp ? AfterPrefix(after) : startsAtPrefix ? prefix : after;
        bucket.Visit(from, inclusive: startsAtPrefix || isRolledUp || after.Length == 0, record =>
        {
            if (!record.Key.StartsWith(prefix, StringComparison.Ordinal))
            {
                return (false, null);
            }

            var end = delimiter.Length == 0 ? -1 : record.Key.IndexOf(delimiter, prefix.Length, StringComparison.Ordinal);
            if (page.IsFull)
            {
                page.Next = page.Last;
                return (false, null);
            }

            if (end < 0)
            {
                page.Add(record);
                return (true, null);
            }

            var common = record.Key[..(end + delimiter.Length)];
            page.Add(common);
            return (true, AfterPrefix(common));
        });
        return page;
    }

    /// <summary>The first place that is behind all keys of a prefix.</summary>
    private static string AfterPrefix(string prefix) => prefix + KeyOrder.AfterAllKeys;

    private static void Common(XmlWriter xml, S3Request request, Func<string?, string?> encode, Page page)
    {
        xml.Text("Name", request.Bucket);
        xml.Text("Prefix", encode(request.Query["prefix"] ?? ""));
        xml.Text("Delimiter", request.Query["delimiter"] is { Length: > 0 } delimiter ? encode(delimiter) : null);
        xml.Text("MaxKeys", $"{page.Limit}");
        xml.Text("EncodingType", request.Query["encoding-type"] is { Length: > 0 } type ? type : null);
        xml.Text("IsTruncated", page.Next is null ? "false" : "true");
    }

    private static void Entries(XmlWriter xml, Func<string?, string?> encode, Page page, bool withOwner)
    {
        foreach (var record in page.Objects)
        {
            xml.Nested("Contents", () =>
            {
                xml.Text("Key", encode(record.Key));
                xml.Text("LastModified", Timestamp(record.ModifiedAt));
                xml.Text("ETag", $"\"{record.ETag}\"");
                xml.Text("ChecksumAlgorithm", record.Checksum.Algorithm.WireName);
                xml.Text("ChecksumType", record.Checksum.Type.WireName);
                xml.Text("Size", $"{record.SizeBytes}");
                if (withOwner)
                {
                    xml.Nested("Owner", () => xml.Text("ID", "sandbox"));
                }

                xml.Text("StorageClass", record.Attributes.StorageClass);
            });
        }

        foreach (var prefix in page.CommonPrefixes)
        {
            xml.Nested("CommonPrefixes", () => xml.Text("Prefix", encode(prefix)));
        }
    }

    private static string Encode(string marker) => Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(marker));

    private static string Decode(string token)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(Convert.FromBase64String(token));
        }
        catch (Exception e) when (e is FormatException or DecoderFallbackException)
        {
            throw S3Errors.InvalidArgument("The continuation token provided is incorrect");
        }
    }

    private sealed class Page(int limit)
    {
        public int Limit => limit;

        public List<ObjectRecord> Objects { get; } = [];

        public List<string> CommonPrefixes { get; } = [];

        public string Last { get; private set; } = "";

        /// <summary>Last entry of the page, where there are more behind it.</summary>
        public string? Next { get; set; }

        public bool IsFull => Objects.Count + CommonPrefixes.Count == limit;

        public void Add(ObjectRecord record)
        {
            Objects.Add(record);
            Last = record.Key;
        }

        public void Add(string commonPrefix)
        {
            CommonPrefixes.Add(commonPrefix);
            Last = commonPrefix;
        }
    }
}
