namespace Akka.Pipeline.Node.Tests.Background;

using System.Diagnostics;
using System.Globalization;
using Akka.Pipeline.Node.Tests.Programs;
using Akka.Pipeline.Sandbox;

/// <summary>start, status, stop and drain through the program. What a test leaves running is stopped at its end.</summary>
public sealed class In_the_background : NodeTest
{
    private string Log => File.Exists(Path.Combine(Data, "logs", "pipeline.log")) ? File.ReadAllText(Path.Combine(Data, "logs", "pipeline.log")) : "";

    public override async Task DisposeAsync()
    {
        if (File.Exists(Path.Combine(Data, "control.sock")))
        {
            Configure("");
            await RunAsync("stop", "--grace", "0s");
        }

        await base.DisposeAsync();
    }

    [Fact]
    public async Task It_starts_works_tells_how_it_stands_and_stops()
    {
        (await RunAsync("status")).Exits(1).Says("No pipeline runs on");
        Write($"{Bucket}/before", "before");

        var started = (await StartedAsync("--json")).Json[0];
        Assert.True(started.GetProperty("started").GetBoolean());
        await StoredAsync("before");
        Write($"{Bucket}/after", "afterwards");
        await StoredAsync("after");

        await Eventually.TrueAsync(() => Left().Count == 0, "both to be removed");
        (await RunAsync("status")).Exits(0).Shows("at work", "route default: ", "stored 2, 16 B", "failed attempts");
        var status = (await RunAsync("status", "--json")).Exits(0).Json[0];
        Assert.Equal(started.GetProperty("pid").GetInt32(), status.GetProperty("pid").GetInt32());
        Assert.Equal("working", status.GetProperty("phase").GetString());
        Assert.Equal(2, status.GetProperty("transfers").GetProperty("filesStored").GetInt64());
        Assert.Equal(16, status.GetProperty("transfers").GetProperty("bytesStored").GetInt64());
        Assert.Equal("default", status.GetProperty("routes")[0].GetProperty("name").GetString());
        Assert.Equal(0, status.GetProperty("blocked").GetArrayLength());

        (await RunAsync("stop")).Exits(0).Says("The pipeline has ended. Nothing of the node routes remains.");
        (await RunAsync("status", "--json")).Exits(1);
        (await RunAsync("stop")).Exits(0).Says("No pipeline runs on");
        (await RunAsync("drain")).Exits(0).Says("No pipeline runs on");
        Assert.Contains("Stored 2 files, 16 B", Log, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(Data, "control.sock")));
    }

    [Fact]
    public async Task It_outlives_what_started_it_and_has_none_of_its_secrets_on_its_command_line()
    {
        // The end of what it said is seen only when nobody holds its output open any more.
        var pid = (await StartedAsync("--json")).Json[0].GetProperty("pid").GetInt32();

        var process = $"/proc/{pid.ToString(CultureInfo.InvariantCulture)}";
        var line = File.ReadAllText(process + "/cmdline");
        Assert.Contains("--background", line, StringComparison.Ordinal);
        Assert.DoesNotContain(SecretKey, line, StringComparison.Ordinal);
        var fields = File.ReadAllText(process + "/stat").Split(") ")[1].Split(' ');
        Assert.Equal(pid.ToString(CultureInfo.InvariantCulture), fields[3]); // Its session is its own.
        Assert.Equal("/dev/null", new FileInfo(process + "/fd/0").ResolveLinkTarget(false)!.FullName);
        Assert.DoesNotContain(SecretKey, Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_start_starts_nothing_and_a_run_is_refused()
    {
        var pid = (await StartedAsync("--json")).Json[0].GetProperty("pid").GetInt32();

        var second = (await StartAsync("--json")).Exits(0).Says($"runs on '{Data}' already: process {pid}");
        Assert.False(second.Json[0].GetProperty("started").GetBoolean());
        (await OnceAsync()).Exits(2).Says("Another pipeline runs on the data folder");
        Assert.Equal(pid, (await RunAsync("status", "--json")).Exits(0).Json[0].GetProperty("pid").GetInt32());
    }

    [Fact]
    public async Task Two_starts_at_once_make_one_daemon()
    {
        var results = await Task.WhenAll(StartAsync("--json"), StartAsync("--json"));

        var pid = (await RunAsync("status", "--json")).Exits(0).Json[0].GetProperty("pid").GetInt32();
        Assert.Single(results, r => r.ExitCode == 0 && r.Json[0].GetProperty("started").GetBoolean() && r.Json[0].GetProperty("pid").GetInt32() == pid);
        var other = results.Single(r => r.ExitCode != 0 || !r.Json[0].GetProperty("started").GetBoolean());
        Assert.True(other.ExitCode is 0 or 2, other.Errors);
    }

    [Fact]
    public async Task A_failed_start_says_why()
    {
        Environment.Remove("AWS_ACCESS_KEY_ID");
        Environment.Remove("AWS_SECRET_ACCESS_KEY");
        (await StartAsync()).Exits(3).Says("There are no AWS credentials", "The pipeline has ended with exit code 3");
        (await RunAsync("status")).Exits(1);

        Environment["AWS_ACCESS_KEY_ID"] = AccessKey;
        Environment["AWS_SECRET_ACCESS_KEY"] = SecretKey;
        (await RunAsync("start", "-d", "nowhere")).Exits(2).Says("nowhere", "exit code 2");
        (await RunAsync("start", "--once")).Exits(2).Says("--once");
        Configure("pipeline.route-defaults.sorce = 1");
        (await StartAsync()).Exits(2).Says("did you mean 'source'?");
    }

    [Fact]
    public async Task A_daemon_that_was_killed_leaves_nothing_in_the_way()
    {
        var pid = (await StartedAsync("--json")).Json[0].GetProperty("pid").GetInt32();
        Process.GetProcessById(pid).Kill();
        await Eventually.TrueAsync(async () => (await RunAsync("status")).ExitCode == 1, "the daemon to be gone");
        Assert.True(File.Exists(Path.Combine(Data, "control.sock")));
        (await RunAsync("stop")).Exits(0).Says("No pipeline runs on");

        await StartedAsync();
        (await RunAsync("status")).Exits(0);
    }

    [Fact]
    public async Task What_is_blocked_is_told()
    {
        Sandbox.Faults.Add(new FaultRule { Fault = FaultKind.Error, Operations = [S3Operation.PutObject], Status = 403, Code = "AccessDenied", Message = "not for you" });
        Write($"{Bucket}/a", "a");
        await StartedAsync();

        await Eventually.TrueAsync(async () => (await RunAsync("status")).Exits(0).Output.Contains($"blocked since", StringComparison.Ordinal), "the blockage to be told", () => Log);
        (await RunAsync("status")).Exits(0).Shows($"bucket {Bucket}");

        (await RunAsync("stop")).Exits(0).Says("1 file, 1 B of node routes remains", "blocked: bucket ", $"{Bucket} (AccessDenied)");
    }

    [Fact]
    public async Task A_drain_saves_what_fits_and_says_what_remains()
    {
        Configure("pipeline.upload { slots = 1, batch-files = 1 }");
        for (var n = 0; n < 60; n++)
        {
            Write($"{Bucket}/{n:00}", new byte[100 + n]);
        }

        Sandbox.Faults.Add(new FaultRule { Fault = FaultKind.Latency, Operations = [S3Operation.PutObject], Before = TimeSpan.FromMilliseconds(300) });
        await StartedAsync();
        var began = Stopwatch.GetTimestamp();

        var result = (await RunAsync("drain", "--within", "5s")).Exits(0);
        Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(6.5), $"It took {Stopwatch.GetElapsedTime(began)}.");

        var left = Left();
        Assert.InRange(left.Count, 30, 58);
        result.Says($"The pipeline has ended. {left.Count} files, ", $"of node routes remain: {left.Count} not uploaded in the time there was");

        // The one that was broken off may have arrived all the same; its file stays until somebody knows.
        Assert.InRange((await Store.KeysAsync(Bucket)).Count, 60 - left.Count, 61 - left.Count);

        // The smallest went first, but for what was under way.
        Assert.Contains($"{Bucket}/59", left);
    }

    [Fact]
    public async Task A_run_in_the_foreground_can_be_asked_too()
    {
        await using var daemon = StartDaemon();
        await Eventually.TrueAsync(async () => (await RunAsync("status")).ExitCode == 0, "it to answer", () => daemon.Errors);

        (await RunAsync("stop", "--json")).Exits(0);

        (await daemon.EndAsync()).Exits(0).Says("Nothing of the node routes remains.");
    }

    [Fact]
    public async Task A_data_folder_that_may_not_be_written_or_opened_is_named()
    {
        Directory.CreateDirectory(Data);
        SetMode(Data, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        try
        {
            await using var start = Start(["start", "--endpoint", Endpoint], WithoutPrivilege);
            (await start.EndAsync()).Exits(2).Says($"The data folder '{Data}' cannot be used");
            SetMode(Data, UnixFileMode.None);
            await using var status = Start(["status"], WithoutPrivilege);
            (await status.EndAsync()).Exits(2).Says("may not be opened", "Ask as the user that the pipeline runs as.");
        }
        finally
        {
            SetMode(Data, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public async Task A_path_too_long_for_a_socket_is_named_with_its_cure()
    {
        var deep = Path.Combine(Root, string.Join('/', Enumerable.Repeat("a-long-name-of-a-folder", 5)));

        (await RunAsync("start", "--endpoint", Endpoint, "--data", deep)).Exits(2).Says("control.sock", "Linux takes 107", "--data");
        Write($"{Bucket}/a", "a");
        (await OnceAsync("--data", deep)).Exits(0).Says("Linux takes 107", "signals do", "Stored 1 file");
    }

    [Theory]
    [InlineData("soon")]
    [InlineData("-5s")]
    [InlineData("3d")]
    public async Task A_time_that_is_none_is_refused(string time)
    {
        (await RunAsync("drain", $"--within={time}")).Exits(2).Says("--within", time);
        (await RunAsync("stop", $"--grace={time}")).Exits(2).Says("--grace", time);
    }

    private Task<RunResult> StartAsync(params string[] more) => RunAsync(["start", "--endpoint", Endpoint, .. more]);

    private async Task<RunResult> StartedAsync(params string[] more) => (await StartAsync(more)).Exits(0).Says("Started: process");
}
