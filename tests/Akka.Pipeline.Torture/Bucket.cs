namespace Akka.Pipeline.Torture;

using Akka.Pipeline.Sandbox;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

/// <summary>The store that the victim uploads to.</summary>
internal interface IBucket : IAsyncDisposable
{
    /// <summary>Its name in the store.</summary>
    const string Name = "torture";

    string Endpoint { get; }

    string AccessKey { get; }

    string SecretKey { get; }

    /// <summary>Requests so far; null where nobody counts.</summary>
    long? Requests { get; }

    /// <summary>Stops failing.</summary>
    void BeGood();

    /// <summary>Tells the model what was written, where it was not told at once.</summary>
    Task TellAsync(Model model);

    /// <summary>Multipart uploads that nobody ended.</summary>
    async Task<IReadOnlyList<string>> OpenUploadsAsync()
    {
        using var client = Client();
        var answer = await client.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = Name });
        return [.. (answer.MultipartUploads ?? []).Select(upload => $"{upload.Key} ({upload.UploadId})")];
    }

    /// <summary>Another program's client.</summary>
    AmazonS3Client Client() => new(
        new BasicAWSCredentials(AccessKey, SecretKey),
        new AmazonS3Config { ServiceURL = Endpoint, ForcePathStyle = true, AuthenticationRegion = "us-east-1" });
}

/// <summary>The sandbox, in this process, with all its faults.</summary>
internal sealed class SandboxBucket : IBucket
{
    private readonly SandboxServer server;

    private SandboxBucket(SandboxServer server) => this.server = server;

    public string Endpoint => server.Endpoint.AbsoluteUri;

    public string AccessKey => "AKIASANDBOX";

    public string SecretKey => "sandbox-secret-key";

    public long? Requests => server.Statistics.Total;

    public static async Task<SandboxBucket> StartAsync(string folder, Model model, int seed, IReadOnlyList<FaultRule> faults)
    {
        var server = await SandboxServer.StartAsync(new SandboxOptions
        {
            RootFolder = folder,
            Written = write => model.Written(write.Key, Model.HashOf(write.File), write.Fault == FaultKind.Corrupt),
        });
        var bucket = new SandboxBucket(server);
        using var client = ((IBucket)bucket).Client();
        await client.PutBucketAsync(IBucket.Name);
        server.Faults.Seed(seed);
        foreach (var rule in faults)
        {
            server.Faults.Add(rule);
        }

        return bucket;
    }

    public void BeGood() => server.Faults.Clear();

    public Task TellAsync(Model model) => Task.CompletedTask;

    public ValueTask DisposeAsync() => server.DisposeAsync();
}
