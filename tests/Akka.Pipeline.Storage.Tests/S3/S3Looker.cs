namespace Akka.Pipeline.Storage.Tests.S3;

using Akka.Pipeline.Core.Stores;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

/// <summary>Makes buckets and reads objects without the store under test.</summary>
public sealed class S3Looker(Uri endpoint, string accessKey, string secretKey) : IDisposable
{
    private static int buckets;

    private readonly AmazonS3Client client = new(new BasicAWSCredentials(accessKey, secretKey), new AmazonS3Config
    {
        ServiceURL = endpoint.AbsoluteUri,
        AuthenticationRegion = "us-east-1",
        ForcePathStyle = true,
        RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
    });

    public async Task<string> NewBucketAsync()
    {
        var name = $"contract-{Environment.ProcessId}-{Interlocked.Increment(ref buckets)}";
        await client.PutBucketAsync(name);
        return name;
    }

    public Task KeepVersionsAsync(string bucket) => client.PutBucketVersioningAsync(new PutBucketVersioningRequest
    {
        BucketName = bucket,
        VersioningConfig = new S3BucketVersioningConfig { Status = VersionStatus.Enabled },
    });

    public async Task<byte[]?> ReadAsync(ObjectAddress address)
    {
        try
        {
            using var answer = await client.GetObjectAsync(address.Bucket, address.Key);
            using var content = new MemoryStream();
            await answer.ResponseStream.CopyToAsync(content);
            return content.ToArray();
        }
        catch (AmazonS3Exception e) when (e.ErrorCode == "NoSuchKey")
        {
            return null;
        }
    }

    public async Task<GetObjectMetadataResponse> DescribeAsync(ObjectAddress address) => await client.GetObjectMetadataAsync(address.Bucket, address.Key);

    public async Task<Dictionary<string, string>> TagsAsync(ObjectAddress address) =>
        (await client.GetObjectTaggingAsync(new GetObjectTaggingRequest { BucketName = address.Bucket, Key = address.Key })).Tagging.ToDictionary(tag => tag.Key, tag => tag.Value, StringComparer.Ordinal);

    public void Dispose() => client.Dispose();
}
