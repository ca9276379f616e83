namespace Akka.Pipeline.Sandbox.Tests;

using Amazon.Runtime;
using Amazon.S3;

/// <summary>A sandbox of its own for each test, in a folder that goes with it.</summary>
public abstract class SandboxTest : IAsyncLifetime
{
    protected const string Bucket = "try-out";

    private readonly List<IDisposable> _clients = [];

    protected string Root { get; } = Path.Combine(Path.GetTempPath(), "sandbox-" + Path.GetRandomFileName());

    protected SandboxServer Server { get; private set; } = null!;

    protected IAmazonS3 S3 { get; private set; } = null!;

    protected virtual SandboxOptions Options => new() { RootFolder = Root, MinPartSizeBytes = 1 };

    public async Task InitializeAsync()
    {
        await StartAsync(Options);
        if (!Options.CreateBucketsOnDemand)
        {
            await S3.PutBucketAsync(Bucket);
        }
    }

    public async Task DisposeAsync()
    {
        _clients.ForEach(client => client.Dispose());
        await Server.DisposeAsync();
        if (Directory.Exists(Root))
        {
            Directory.Delete(Root, recursive: true);
        }
    }

    protected async Task StartAsync(SandboxOptions options)
    {
        Server = await SandboxServer.StartAsync(options);
        S3 = Client();
    }

    protected async Task RestartAsync(SandboxOptions? options = null)
    {
        await Server.DisposeAsync();
        await StartAsync(options ?? Options);
    }

    protected IAmazonS3 Client(Action<AmazonS3Config>? configure = null, AWSCredentials? credentials = null)
    {
        var config = new AmazonS3Config
        {
            ServiceURL = Server.Endpoint.ToString(),
            ForcePathStyle = true,
            AuthenticationRegion = "us-east-1",
            MaxErrorRetry = 0,
        };
        configure?.Invoke(config);
        var client = new AmazonS3Client(credentials ?? new BasicAWSCredentials(Options.AccessKey, Options.SecretKey), config);
        _clients.Add(client);
        return client;
    }

    /// <summary>A client below the SDK, with a signature for each request.</summary>
    protected RawClient Raw()
    {
        var raw = new RawClient(Server.Endpoint, Options.AccessKey, Options.SecretKey);
        _clients.Add(raw);
        return raw;
    }

    protected static byte[] Bytes(int size, int seed = 1)
    {
        var bytes = new byte[size];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
