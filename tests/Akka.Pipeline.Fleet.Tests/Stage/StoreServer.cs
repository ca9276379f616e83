namespace Akka.Pipeline.Fleet.Tests.Stage;

using Akka.Pipeline.Sandbox;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

/// <summary>
/// The store: the sandbox in this process, which reads and digests every body and keeps none, so that large files cost no disk. What it holds is told by
/// lengths and ETags, what it was asked by its log.
/// </summary>
internal sealed class StoreServer : IAsyncDisposable
{
    public const string AccessKey = "AKIASANDBOX";
    public const string SecretKey = "sandbox-secret-key";
    public const string Bucket = "fleet";

    private const int WholeLog = 10_000_000;

    private readonly SandboxServer server;
    private readonly AmazonS3Client client;

    private StoreServer(SandboxServer server)
    {
        this.server = server;
        client = new AmazonS3Client(new BasicAWSCredentials(AccessKey, SecretKey), new AmazonS3Config
        {
            ServiceURL = server.Endpoint.AbsoluteUri, ForcePathStyle = true, AuthenticationRegion = "us-east-1",
        });
    }

    public int Port => server.Endpoint.Port;

    /// <param name="latency">How long it takes before it answers to bytes.</param>
    public static async Task<StoreServer> StartAsync(TimeSpan latency)
    {
        var store = new StoreServer(await SandboxServer.StartAsync(new SandboxOptions { NullMode = true, RecentRequests = WholeLog, AccessKey = AccessKey, SecretKey = SecretKey }));
        await store.client.PutBucketAsync(Bucket);
        if (latency > TimeSpan.Zero)
        {
            store.server.Faults.Add(new FaultRule { Fault = FaultKind.Latency, Operations = [S3Operation.PutObject, S3Operation.UploadPart], Before = latency });
        }

        return store;
    }

    /// <summary>Requests about objects so far, oldest first; the time is that of their end.</summary>
    public IReadOnlyList<SandboxRequest> Requests => [.. server.Statistics.Recent.Where(request => request.Key is not null)];

    /// <summary>Requests of one kind so far; cheap.</summary>
    public long Count(S3Operation operation) => server.Statistics.Count(operation);

    public async Task<IReadOnlyDictionary<string, Expected>> ObjectsAsync()
    {
        var objects = new Dictionary<string, Expected>(StringComparer.Ordinal);
        await foreach (var found in client.Paginators.ListObjectsV2(new ListObjectsV2Request { BucketName = Bucket }).S3Objects)
        {
            objects.Add(found.Key, new Expected(found.Key, found.Size ?? 0, found.ETag.Trim('"')));
        }

        return objects;
    }

    /// <summary>Keys of multipart uploads that nobody has completed or ended.</summary>
    public async Task<IReadOnlyList<string>> OpenUploadsAsync() =>
        [.. ((await client.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = Bucket })).MultipartUploads ?? []).Select(upload => upload.Key)];

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await server.DisposeAsync();
    }
}
