namespace Akka.Pipeline.Sandbox.Endpoints;

using Akka.Pipeline.Sandbox.Bodies;
using Akka.Pipeline.Sandbox.Protocol;
using Akka.Pipeline.Sandbox.Store;

/// <summary>Requests on buckets, apart from listings.</summary>
internal sealed class BucketEndpoints(ObjectStore store, SandboxOptions options)
{
    public S3Response List() => S3Response.Xml(S3Document.Write("ListAllMyBucketsResult", xml =>
    {
        xml.Nested("Owner", () => xml.Text("ID", "sandbox"));
        xml.Nested("Buckets", () =>
        {
            foreach (var bucket in store.Buckets)
            {
                xml.Nested("Bucket", () =>
                {
                    xml.Text("Name", bucket.Name);
                    xml.Text("CreationDate", Listing.Timestamp(bucket.CreatedAt));
                });
            }
        });
    }));

    public async Task<S3Response> CreateAsync(S3Request request, CancellationToken cancellation)
    {
        var document = await BodyIntake.ReadDocumentAsync(request, cancellation);
        if (document.Length > 0)
        {
            // Where the bucket is to be makes no difference here, but a document must be one.
            S3Document.Read(document, "CreateBucketConfiguration");
        }

        await request.Faults.BeforeCommitAsync();
        var (_, isNew) = store.Create(request.Bucket);
        // In us-east-1 AWS answers 200 to an owner who makes a bucket again, everywhere else this error.
        return isNew || options.Region == "us-east-1"
            ? new S3Response(200).With("Location", "/" + request.Bucket)
            : throw new S3Exception(409, "BucketAlreadyOwnedByYou", "Your previous request to create the named bucket succeeded and you already own it.");
    }

    public S3Response Head(S3Request request)
    {
        // Who asks whether he may write gets the answer that a write would get.
        store.FindForWrite(request.Bucket);
        return new S3Response(200).With("x-amz-bucket-region", options.Region);
    }

    public async Task<S3Response> DeleteAsync(S3Request request)
    {
        store.Find(request.Bucket);
        await request.Faults.BeforeCommitAsync();
        store.Delete(request.Bucket);
        return new(204);
    }

    public S3Response Location(S3Request request)
    {
        store.Find(request.Bucket);
        return S3Response.Xml(S3Document.Write("LocationConstraint", xml => xml.WriteString(options.Region == "us-east-1" ? "" : options.Region)));
    }

    public async Task<S3Response> DeleteObjectsAsync(S3Request request, CancellationToken cancellation)
    {
        const int MaxKeys = 1000;
        var bucket = store.Find(request.Bucket);
        if (request.Header("content-md5") is null && ChecksumClaim.From(request).Algorithm is null)
        {
            throw S3Errors.InvalidRequest("Missing required header for this request: Content-MD5 OR x-amz-checksum-*");
        }

        var document = S3Document.Read(await BodyIntake.ReadDocumentAsync(request, cancellation), "Delete");
        var isQuiet = document.TextOf("Quiet") == "true";
        var entries = document.Named("Object").Select(entry => (Key: entry.TextOf("Key") ?? throw S3Errors.MalformedXml(), ETag: entry.TextOf("ETag"))).ToList();
        if (entries.Count is 0 or > MaxKeys)
        {
            throw S3Errors.MalformedXml();
        }

        await request.Faults.BeforeCommitAsync();
        var results = entries.ConvertAll(entry => (entry.Key, Error: TryDelete(bucket, entry.Key, entry.ETag)));
        return S3Response.Xml(S3Document.Write("DeleteResult", xml =>
        {
            foreach (var (key, error) in results)
            {
                if (error is not null)
                {
                    xml.Nested("Error", () =>
                    {
                        xml.Text("Key", key);
                        xml.Text("Code", error.Code);
                        xml.Text("Message", error.Message);
                    });
                }
                else if (!isQuiet)
                {
                    xml.Nested("Deleted", () => xml.Text("Key", key));
                }
            }
        }));
    }

    private static S3Exception? TryDelete(Bucket bucket, string key, string? etag)
    {
        try
        {
            bucket.Delete(key, etag?.Trim('"'));
            return null;
        }
        catch (S3Exception e)
        {
            return e;
        }
    }
}
