namespace Akka.Pipeline.Node.Tests.Spot;

using System.Diagnostics;
using Akka.Pipeline.Node.Tests.Programs;
using Akka.Pipeline.Sandbox;
using Akka.Pipeline.Storage.Sqlite;

/// <summary>The program with an instance metadata service that announces the end of its machine.</summary>
public sealed class Spot_interruptions : NodeTest
{
    private const string Slots = "pipeline.upload { slots = 2, multipart-from = 5MiB, part-size = 5MiB, parts-at-once = 2 }\n";

    private readonly MetadataServer metadata = new();

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await metadata.DisposeAsync();
    }

    [Theory]
    [InlineData(30)]
    [InlineData(5)]
    public async Task What_fits_into_the_time_is_saved_the_rest_is_told_and_the_process_is_gone_in_time(int seconds)
    {
        // More than the time is enough for: each upload takes half a second, two go at once, and the large one hangs.
        var files = seconds * 8;
        Configure(Slots + "pipeline.upload { batch-files = 1 }\n");
        var contents = Enumerable.Range(0, files).ToDictionary(n => $"f{n:0000}", n => Bytes(2000 + n, n), StringComparer.Ordinal);
        foreach (var (name, content) in contents)
        {
            Write($"{Bucket}/{name}", content);
        }

        Write($"{Bucket}/large", Bytes(12 << 20));
        var slow = new FaultRule { Fault = FaultKind.Latency, Operations = [S3Operation.PutObject], Before = TimeSpan.FromMilliseconds(500) };
        Sandbox.Faults.Add(slow);
        Sandbox.Faults.Add(new FaultRule { Fault = FaultKind.Latency, Operations = [S3Operation.UploadPart], Skip = 1, Before = TimeSpan.FromMinutes(5) });
        OnSpot();
        await using var daemon = StartDaemon();
        await Eventually.TrueAsync(() => Sandbox.Faults.Hits(slow) > 0 && metadata.Looks > 0, "the uploads to begin", () => daemon.Errors);

        metadata.Interrupt(TimeSpan.FromSeconds(seconds));
        var noticed = Stopwatch.GetTimestamp();
        var result = (await daemon.EndAsync()).Exits(0).Says("This instance will be terminated within", "of node routes remain");

        Assert.True(Stopwatch.GetElapsedTime(noticed) < TimeSpan.FromSeconds(seconds), $"It took {Stopwatch.GetElapsedTime(noticed)}.\n{result.Errors}");

        var left = Left();
        var stored = await Store.KeysAsync(Bucket);
        Assert.Contains($"{Bucket}/large", left);
        Assert.DoesNotContain("large", stored);
        Assert.True(stored.Count > (seconds == 30 ? 20 : 2), $"Only {stored.Count} files were saved.\n{result.Errors}");
        foreach (var (name, content) in contents.Where(c => !left.Contains($"{Bucket}/{c.Key}")))
        {
            Assert.Equal(content, await Store.ReadAsync(Bucket, name));
        }

        result.Says($"{left.Count} files, ");
    }

    [Fact]
    public async Task Small_files_take_the_place_of_a_large_one_that_cannot_end_in_time()
    {
        // The only slot sends a file that would take a minute; meanwhile small ones arrive.
        Configure("""pipeline { upload { slots = 1, multipart-from = 5MiB, part-size = 5MiB, parts-at-once = 1, bandwidth = 3MiB }, route-defaults.scan-interval = 500ms }""");
        Write($"{Bucket}/large", Bytes(150 << 20));
        OnSpot();
        await using var daemon = StartDaemon();
        await Eventually.TrueAsync(() => Sandbox.Statistics.Count(S3Operation.UploadPart) > 0, "the large one to begin", () => daemon.Errors);
        for (var n = 0; n < 10; n++)
        {
            Write($"{Bucket}/small{n}", Bytes(100 + n, n));
        }

        metadata.Interrupt(TimeSpan.FromSeconds(20));
        (await daemon.EndAsync()).Exits(0).Says("1 file, 150.0 MiB of node routes remains: 1 not uploaded in the time there was");

        Assert.Equal([$"{Bucket}/large"], Left());
        Assert.Equal(Enumerable.Range(0, 10).Select(n => $"small{n}"), await Store.KeysAsync(Bucket));
    }

    [Fact]
    public async Task With_nothing_left_to_save_it_ends_at_once()
    {
        Write($"{Bucket}/a", "a");
        metadata.Interrupt(TimeSpan.FromSeconds(110), "stop");
        OnSpot();
        await using var daemon = StartDaemon();

        (await daemon.EndAsync()).Exits(0).Says("This instance will be stopped within", "Stored 1 file", "Nothing of the node routes remains.");

        Assert.Empty(Left());
    }

    [Fact]
    public async Task The_time_left_is_told_by_the_clock_of_the_service()
    {
        // Twenty minutes apart: by its own clock the instance would be long gone, or would have ages.
        metadata.ClockAhead = TimeSpan.FromMinutes(-20);
        metadata.Interrupt(TimeSpan.FromSeconds(60));
        OnSpot();
        await using var daemon = StartDaemon();

        Assert.Matches("This instance will be terminated within 5[0-9] s: saving", (await daemon.EndAsync()).Exits(0).Errors);
    }

    [Fact]
    public async Task A_rebalance_recommendation_comes_and_goes_and_work_goes_on()
    {
        OnSpot();
        await using var daemon = StartDaemon();
        await daemon.SaysAsync("Interruptions of this instance are watched for at");

        metadata.Rebalance = """{"noticeTime": "2026-10-27T08:22:00Z"}""";
        await daemon.SaysAsync("A rebalance is recommended");
        metadata.ForgetTokens();
        metadata.Rebalance = null;
        await daemon.SaysAsync("The rebalance recommendation is gone.");
        Write($"{Bucket}/after", "after");
        await StoredAsync("after");

        Assert.True(metadata.Refused > 0, "No token was ever refused.");
        Assert.Equal(2, metadata.TokensGiven);
        await daemon.TerminateAsync();
        (await daemon.EndAsync()).Exits(0);
    }

    [Theory]
    [InlineData("hangs")]
    [InlineData("nobody")]
    [InlineData("nonsense")]
    public async Task A_service_that_is_none_costs_no_time_and_no_words(string kind)
    {
        OnSpot();
        metadata.Hangs = kind == "hangs";
        metadata.Nonsense = kind == "nonsense" ? "<html>Please log in</html>" : null;
        if (kind == "nobody")
        {
            Environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = "http://127.0.0.1:9";
        }

        Write($"{Bucket}/a", "a");
        await using var daemon = StartDaemon();
        await StoredAsync("a");
        var asked = Stopwatch.GetTimestamp();
        await daemon.TerminateAsync();

        var result = (await daemon.EndAsync()).Exits(0).Says("Stored 1 file");
        Assert.True(Stopwatch.GetElapsedTime(asked) < TimeSpan.FromSeconds(5), $"It took {Stopwatch.GetElapsedTime(asked)} to end.");
        Assert.DoesNotContain("WARN", result.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("will be", result.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no address")]
    [InlineData("ftp://127.0.0.1")]
    [InlineData("169.254.169.254")]
    public async Task An_address_that_is_none_is_refused_at_the_start(string address)
    {
        Environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = address;

        (await OnceAsync()).Exits(2).Says("environment AWS_EC2_METADATA_SERVICE_ENDPOINT", $"'{address}' is no URL");
    }

    [Fact]
    public async Task Parts_that_were_finished_before_the_interruption_are_in_the_ledger()
    {
        Configure(Slots);
        Write($"{Bucket}/large", Bytes(12 << 20));
        Sandbox.Faults.Add(new FaultRule { Fault = FaultKind.Latency, Operations = [S3Operation.UploadPart], Skip = 1, Before = TimeSpan.FromMinutes(5) });
        OnSpot();
        await using var daemon = StartDaemon();
        await Eventually.TrueAsync(() => Sandbox.Statistics.Recent.Any(request => request is { Operation: S3Operation.UploadPart, Status: 200 }), "a part to be finished", () => daemon.Errors);

        metadata.Interrupt(TimeSpan.FromSeconds(6), "stop");
        (await daemon.EndAsync()).Exits(0).Says("1 file, 12.0 MiB of node routes remains");

        await using var ledger = await SqliteLedger.OpenAsync(Path.Combine(Data, "ledger.db"), LedgerAccess.Operator, CancellationToken.None);
        Assert.Single((await ledger.FindMultipartAsync("default", $"{Bucket}/large", CancellationToken.None))!.Parts);
    }

    private void OnSpot()
    {
        Environment["AWS_EC2_METADATA_DISABLED"] = "false";
        Environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = metadata.Endpoint;
    }
}
