namespace Akka.Pipeline.Node.Tests.Programs;

using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

/// <summary>Looks into a store with the AWS SDK alone, none of the code under test.</summary>
public sealed class StoreView(Uri endpoint, string accessKey, string secretKey) : IDisposable
{
    public IAmazonS3 Client { get; } = new AmazonS3Client(new BasicAWSCredentials(accessKey, secretKey), new AmazonS3Config
    {
        ServiceURL = endpoint.AbsoluteUri,
        AuthenticationRegion = "us-east-1",
        ForcePathStyle = true,
        RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
    });

    public async Task<byte[]?> ReadAsync(string bucket, string key)
    {
        try
        {
            using var answer = await Client.GetObjectAsync(bucket, key);
            using var content = new MemoryStream();
            await answer.ResponseStream.CopyToAsync(content);
            return content.ToArray();
        }
        catch (AmazonS3Exception e) when (e.ErrorCode is "NoSuchKey" or "NoSuchBucket")
        {
            return null;
        }
    }

    /// <summary>All keys of a bucket, sorted; none where there is no bucket.</summary>
    public async Task<IReadOnlyList<string>> KeysAsync(string bucket)
    {
        try
        {
            var keys = new List<string>();
            await foreach (var entry in Client.Paginators.ListObjectsV2(new ListObjectsV2Request { BucketName = bucket }).S3Objects)
            {
                keys.Add(entry.Key);
            }

            keys.Sort(StringComparer.Ordinal);
            return keys;
        }
        catch (AmazonS3Exception e) when (e.ErrorCode == "NoSuchBucket")
        {
            return [];
        }
    }

    /// <summary>Fails unless the bucket holds exactly these objects, byte for byte.</summary>
    public async Task HoldsExactlyAsync(string bucket, IReadOnlyDictionary<string, byte[]> objects)
    {
        foreach (var (key, content) in objects)
        {
            var there = await ReadAsync(bucket, key);
            Assert.True(there is not null, $"There is no object '{key}'.");
            Assert.True(content.AsSpan().SequenceEqual(there), $"Object '{key}' holds other bytes ({there!.Length} instead of {content.Length}).");
        }

        Assert.Equal(objects.Keys.Order(StringComparer.Ordinal), await KeysAsync(bucket));
    }

    public void Dispose() => Client.Dispose();
}
