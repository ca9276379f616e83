namespace Akka.Pipeline.Sandbox.Endpoints;

using Akka.Pipeline.Sandbox.Bodies;
using Akka.Pipeline.Sandbox.Protocol;
using Akka.Pipeline.Sandbox.Store;

/// <summary>Tags of an object.</summary>
internal sealed class TagEndpoints(ObjectStore store)
{
    public S3Response Get(S3Request request)
    {
        var record = store.Find(request.Bucket).Find(request.Key) ?? throw S3Errors.NoSuchKey(request.Key);
        return S3Response.Xml(S3Document.Write("Tagging", xml => xml.Nested("TagSet", () =>
        {
            foreach (var (key, value) in record.Attributes.Tags)
            {
                xml.Nested("Tag", () =>
                {
                    xml.Text("Key", key);
                    xml.Text("Value", value);
                });
            }
        })));
    }

    public async Task<S3Response> PutAsync(S3Request request, CancellationToken cancellation)
    {
        var bucket = store.Find(request.Bucket);
        var document = S3Document.Read(await BodyIntake.ReadDocumentAsync(request, cancellation), "Tagging");
        var set = document.Named("TagSet").FirstOrDefault() ?? throw S3Errors.MalformedXml();
        var tags = AttributesOfRequest.CheckTags(set.Named("Tag").Select(tag => new KeyValuePair<string, string>(tag.TextOf("Key") ?? "", tag.TextOf("Value") ?? "")));
        await request.Faults.BeforeCommitAsync();
        return Change(bucket, request.Key, tags, new(200));
    }

    public async Task<S3Response> DeleteAsync(S3Request request)
    {
        var bucket = store.Find(request.Bucket);
        await request.Faults.BeforeCommitAsync();
        return Change(bucket, request.Key, new Dictionary<string, string>(), new(204));
    }

    private static S3Response Change(Bucket bucket, string key, IReadOnlyDictionary<string, string> tags, S3Response response) =>
        bucket.Update(key, record => record with { Attributes = record.Attributes with { Tags = tags } }) ? response : throw S3Errors.NoSuchKey(key);
}
