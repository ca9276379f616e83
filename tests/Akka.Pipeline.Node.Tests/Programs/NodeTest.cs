namespace Akka.Pipeline.Node.Tests.Programs;

using Akka.Pipeline.Sandbox;

/// <summary>A folder of its own for each test, with a source, a configuration that waits for nothing longer than it must, and a sandbox to upload into.</summary>
public abstract class NodeTest : IAsyncLifetime
{
    protected const string AccessKey = "AKIATESTOFTHENODE";
    protected const string SecretKey = "Never/Shown+Secret=Key0123456789abcdefgh";
    protected const string Bucket = "distributed-colony";

    private readonly List<IAsyncDisposable> processes = [];
    private SandboxServer? sandbox;
    private StoreView? store;

    /// <summary>The working folder of the program.</summary>
    protected string Root { get; } = Directory.CreateTempSubdirectory("akka-pipeline-node-").FullName;

    protected string Source => Path.Combine(Root, "output", "s3");

    protected string Data => Path.Combine(Root, "data");

    protected SandboxServer Sandbox => sandbox!;

    /// <summary>What the sandbox holds.</summary>
    protected StoreView Store => store!;

    /// <summary>The environment of the program; tests change it before they start it.</summary>
    protected Dictionary<string, string> Environment { get; } = new(StringComparer.Ordinal);

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(Source);
        Directory.CreateDirectory(Path.Combine(Root, "home"));
        SetEnvironment();
        Configure("");
        await StartSandboxAsync();
    }

    public virtual async Task DisposeAsync()
    {
        try
        {
            foreach (var process in processes)
            {
                await process.DisposeAsync();
            }
        }
        finally
        {
            store?.Dispose();
            await StopSandboxAsync();

            // Names that are no text are beyond Directory.Delete.
            using var remove = System.Diagnostics.Process.Start("rm", ["-rf", Root]);
            await remove.WaitForExitAsync();
        }
    }

    /// <summary>Writes the pipeline.conf of the working folder: short waits, and what is given here.</summary>
    protected void Configure(string text) => File.WriteAllText(
        Path.Combine(Root, "pipeline.conf"),
        """
        pipeline {
          store { checksum = crc32c, conditional-put = native, conditional-complete = native }
          route-defaults { stable-after = 100ms, scan-interval = 1h }
          retry {
            file { first-delay = 20ms, maximum-delay = 100ms, attempts = 3 }
            blockage { first-delay = 20ms, maximum-delay = 200ms, attempts = 3 }
          }
          upload { repeats = 1, repeat-delay = 20ms }
          once.writer-wait = 500ms
          shutdown-grace = 500ms
        }

        """ + text);

    /// <summary>Writes a file below the source, at once in its full length.</summary>
    protected string Write(string path, byte[] content)
    {
        var file = Path.Combine(Source, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllBytes(file, content);
        return file;
    }

    protected string Write(string path, string content) => Write(path, System.Text.Encoding.UTF8.GetBytes(content));

    protected static byte[] Bytes(int size, int seed = 1)
    {
        var bytes = new byte[size];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Runs a command to its end.</summary>
    protected async Task<RunResult> RunAsync(params string[] arguments)
    {
        await using var process = PipelineProcess.Start(Root, Environment, arguments);
        return await process.EndAsync();
    }

    /// <summary>`run --once` into the sandbox.</summary>
    protected Task<RunResult> OnceAsync(params string[] more) => RunAsync(["run", "--once", "--endpoint", Endpoint, .. more]);

    /// <summary>`run` into the sandbox. It is killed at the end of the test, if it still runs.</summary>
    internal PipelineProcess StartDaemon(params string[] more) => Start(["run", "--endpoint", Endpoint, .. more]);

    internal PipelineProcess Start(IReadOnlyList<string> arguments, params string[] wrapper)
    {
        var process = PipelineProcess.Start(Root, Environment, arguments, wrapper);
        processes.Add(process);
        return process;
    }

    protected string Endpoint => Sandbox.Endpoint.ToString();

    /// <summary>Starts a program with the rights of an ordinary user: root reads and writes everything, without these two capabilities as everybody does.</summary>
    protected static string[] WithoutPrivilege { get; } =
        System.Environment.IsPrivilegedProcess ? ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] : [];

    /// <summary>Sets the rights of a file or folder.</summary>
    protected static void SetMode(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }
    }

    /// <summary>Every regular file below the source, by relative path, sorted.</summary>
    protected IReadOnlyList<string> Left() =>
        [.. Directory.EnumerateFiles(Source, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Source, file)).Order(StringComparer.Ordinal)];

    protected async Task StartSandboxAsync(int port = 0)
    {
        sandbox = await SandboxServer.StartAsync(new SandboxOptions
        {
            RootFolder = Path.Combine(Root, "sandbox"), AccessKey = AccessKey, SecretKey = SecretKey, CreateBucketsOnDemand = true, Port = port,
        });
        store?.Dispose();
        store = new StoreView(sandbox.Endpoint, AccessKey, SecretKey);
    }

    protected async Task StopSandboxAsync()
    {
        if (sandbox is not null)
        {
            await sandbox.DisposeAsync();
        }
    }

    protected Task<TimeSpan> StoredAsync(string key, string bucket = Bucket) =>
        Eventually.TrueAsync(
            () => Sandbox.Statistics.Recent.Any(r => r.Status == 200 && r.Bucket == bucket && r.Key == key && r.Operation is S3Operation.PutObject or S3Operation.CompleteMultipartUpload),
            $"'{key}' to be stored",
            () => string.Join('\n', processes.OfType<PipelineProcess>().Select(p => p.Errors)));

    private void SetEnvironment()
    {
        foreach (var name in new[] { "PATH", "DOTNET_ROOT" })
        {
            if (System.Environment.GetEnvironmentVariable(name) is { } value)
            {
                Environment[name] = value;
            }
        }

        Environment["HOME"] = Path.Combine(Root, "home");
        Environment["LANG"] = "C.UTF-8";
        Environment["AWS_ACCESS_KEY_ID"] = AccessKey;
        Environment["AWS_SECRET_ACCESS_KEY"] = SecretKey;
        Environment["AWS_EC2_METADATA_DISABLED"] = "true";
        Environment["AWS_SHARED_CREDENTIALS_FILE"] = Path.Combine(Root, "nowhere", "credentials");
        Environment["AWS_CONFIG_FILE"] = Path.Combine(Root, "nowhere", "config");
    }
}
