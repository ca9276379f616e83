namespace Akka.Pipeline.Torture;

using System.Diagnostics;
using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;

/// <summary>
/// A real S3 server, behind a wire that breaks. Its bucket keeps versions, so that at the end it can still tell everything that it ever held.
/// </summary>
internal sealed class CephBucket : IBucket
{
    private readonly string folder;
    private readonly BreakingWire wire;

    private CephBucket(string folder, IReadOnlyDictionary<string, string> told, int seed)
    {
        this.folder = folder;
        wire = new BreakingWire(new Uri(told["S3_ENDPOINT"]), seed);
        (AccessKey, SecretKey) = (told["S3_ACCESS_KEY"], told["S3_SECRET_KEY"]);
    }

    public string Endpoint => wire.Endpoint;

    public string AccessKey { get; }

    public string SecretKey { get; }

    public long? Requests => null;

    public static async Task<CephBucket> StartAsync(string folder, int seed)
    {
        var told = (await ScriptAsync("start", folder))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split('=', 2))
            .Where(pair => pair.Length == 2)
            .ToDictionary(pair => pair[0].Trim(), pair => pair[1].Trim().Trim('\'', '"'), StringComparer.Ordinal);
        var bucket = new CephBucket(folder, told, seed);
        using var client = ((IBucket)bucket).Client();
        await client.PutBucketAsync(IBucket.Name);
        await client.PutBucketVersioningAsync(new PutBucketVersioningRequest
        {
            BucketName = IBucket.Name,
            VersioningConfig = new S3BucketVersioningConfig { Status = VersionStatus.Enabled },
        });
        bucket.wire.Breaks = true;
        return bucket;
    }

    public void BeGood() => wire.Breaks = false;

    public async Task TellAsync(Model model)
    {
        using var client = ((IBucket)this).Client();
        var versions = new List<S3ObjectVersion>();
        var ask = new ListVersionsRequest { BucketName = IBucket.Name };
        ListVersionsResponse page;
        do
        {
            page = await client.ListVersionsAsync(ask);
            versions.AddRange(page.Versions ?? []);
            (ask.KeyMarker, ask.VersionIdMarker) = (page.NextKeyMarker, page.NextVersionIdMarker);
        }
        while (page.IsTruncated == true);

        // A listing goes from the newest version of a key to its oldest.
        versions.Reverse();
        foreach (var version in versions)
        {
            using var answer = await client.GetObjectAsync(IBucket.Name, version.Key, version.VersionId);
            model.Written(version.Key, Convert.ToHexStringLower(await SHA256.HashDataAsync(answer.ResponseStream)), corrupted: false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await wire.DisposeAsync();
        await ScriptAsync("stop", folder);
        Directory.Delete(folder, recursive: true);
    }

    private static async Task<string> ScriptAsync(string what, string folder)
    {
        var start = new ProcessStartInfo("bash", [Path.Combine(Victim.Root, "tests", "servers", "ceph.sh"), what, folder])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        using var script = Process.Start(start)!;
        var output = await script.StandardOutput.ReadToEndAsync();
        await script.WaitForExitAsync();
        return script.ExitCode == 0 ? output : throw new TortureException($"tests/servers/ceph.sh {what} failed with code {script.ExitCode}.");
    }
}
