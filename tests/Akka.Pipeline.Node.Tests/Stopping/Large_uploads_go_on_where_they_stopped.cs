namespace Akka.Pipeline.Node.Tests.Stopping;

using Akka.Pipeline.Node.Tests.Programs;
using Akka.Pipeline.Sandbox;
using Akka.Pipeline.Storage.Sqlite;

public sealed class Large_uploads_go_on_where_they_stopped : NodeTest
{
    private const int Parts = 6;
    private const int QuickParts = 3;
    private const int AtOnce = 2;

    private static readonly string InParts = $"pipeline.upload {{ multipart-from = 5MiB, part-size = 5MiB, parts-at-once = {AtOnce} }}\n";

    private readonly byte[] content = Bytes((Parts * (5 << 20)) - 1);

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    [InlineData("KILL")]
    public async Task After_a_signal_finished_parts_are_not_sent_again(string signal)
    {
        Configure(InParts);
        Write($"{Bucket}/large.bin", content);
        var hanging = new FaultRule { Fault = FaultKind.Latency, Operations = [S3Operation.UploadPart], Skip = QuickParts, Before = TimeSpan.FromMinutes(5) };
        Sandbox.Faults.Add(hanging);
        IReadOnlyList<int> recorded = [];
        await using (var daemon = StartDaemon())
        {
            await Eventually.TrueAsync(
                async () => (recorded = await RecordedPartsAsync()).Count == QuickParts && Sandbox.Faults.Hits(hanging) == AtOnce, $"{QuickParts} parts to be recorded, and {AtOnce} to hang", () => daemon.Errors);
            if (signal == "KILL")
            {
                await daemon.KillAsync();
            }
            else
            {
                await (signal == "TERM" ? daemon.TerminateAsync() : daemon.InterruptAsync());
                (await daemon.EndAsync()).Exits(0).Says("Asked to stop", "finished parts of large ones are kept");
            }
        }

        Sandbox.Faults.Clear();
        Sandbox.Statistics.Reset();
        Assert.Equal([$"{Bucket}/large.bin"], Left());

        (await OnceAsync()).Exits(0);

        // A part of the first run that was broken off while its body came is counted late; it is told by its fault.
        var sent = Sandbox.Statistics.Recent.Where(r => r is { Operation: S3Operation.UploadPart, Fault: null }).ToList();
        Assert.Equal(Enumerable.Range(1, Parts).Except(recorded), sent.Select(r => r.PartNumber!.Value).Order());
        Assert.All(sent, part => Assert.Equal(200, part.Status));
        Assert.Equal(0, Sandbox.Statistics.Count(S3Operation.CreateMultipartUpload));
        Assert.Equal(content, await Store.ReadAsync(Bucket, "large.bin"));
        Assert.Empty(Left());
        Assert.Empty((await Store.Client.ListMultipartUploadsAsync(new Amazon.S3.Model.ListMultipartUploadsRequest { BucketName = Bucket })).MultipartUploads ?? []);
    }

    [Fact]
    public async Task A_file_that_changed_meanwhile_begins_anew_and_leaves_no_parts()
    {
        Configure(InParts);
        Write($"{Bucket}/large.bin", content);
        Sandbox.Faults.Add(new FaultRule { Fault = FaultKind.Latency, Operations = [S3Operation.UploadPart], Skip = QuickParts, Before = TimeSpan.FromMinutes(5) });
        await using (var daemon = StartDaemon())
        {
            await Eventually.TrueAsync(async () => (await RecordedPartsAsync()).Count == QuickParts, $"{QuickParts} parts to be recorded", () => daemon.Errors);
            await daemon.KillAsync();
        }

        Sandbox.Faults.Clear();
        var changed = Bytes(content.Length, seed: 7);
        Write($"{Bucket}/large.bin", changed);

        (await OnceAsync()).Exits(0);

        Assert.Equal(changed, await Store.ReadAsync(Bucket, "large.bin"));
        Assert.Empty((await Store.Client.ListMultipartUploadsAsync(new Amazon.S3.Model.ListMultipartUploadsRequest { BucketName = Bucket })).MultipartUploads ?? []);
    }

    [Fact]
    public async Task What_fits_into_the_grace_period_is_finished()
    {
        Configure("pipeline.shutdown-grace = 60s");
        Write($"{Bucket}/slow", "slow");
        var slow = new FaultRule { Fault = FaultKind.Latency, Operations = [S3Operation.PutObject], Before = TimeSpan.FromSeconds(2) };
        Sandbox.Faults.Add(slow);
        await using var daemon = StartDaemon();
        await Eventually.TrueAsync(() => Sandbox.Faults.Hits(slow) > 0, "the upload to begin", () => daemon.Errors);

        await daemon.TerminateAsync();

        (await daemon.EndAsync()).Exits(0).Says("Stored 1 file", "removed 1");
        Assert.Equal(["slow"], await Store.KeysAsync(Bucket));
        Assert.Empty(Left());
    }

    [Fact]
    public async Task An_idle_daemon_stops_at_once_and_a_second_signal_ends_a_busy_one()
    {
        Configure("pipeline.shutdown-grace = 60s");
        Write($"{Bucket}/idle", "idle");
        await using (var idle = StartDaemon())
        {
            await StoredAsync("idle");
            await idle.TerminateAsync();
            (await idle.EndAsync()).Exits(0).Says("Stored 1 file");
        }

        var slow = new FaultRule { Fault = FaultKind.Latency, Operations = [S3Operation.PutObject], Before = TimeSpan.FromMinutes(5) };
        Sandbox.Faults.Add(slow);
        Write($"{Bucket}/slow", "slow");
        await using var busy = StartDaemon();
        await Eventually.TrueAsync(() => Sandbox.Faults.Hits(slow) > 0, "the upload to begin", () => busy.Errors);
        await busy.InterruptAsync();
        await busy.SaysAsync("Ask again to stop at once.");
        await busy.InterruptAsync();

        (await busy.EndAsync()).Exits(130);
        Assert.Equal([$"{Bucket}/slow"], Left());
    }

    private async Task<IReadOnlyList<int>> RecordedPartsAsync()
    {
        if (!File.Exists(Path.Combine(Data, "ledger.db")))
        {
            return [];
        }

        try
        {
            await using var ledger = await SqliteLedger.OpenAsync(Path.Combine(Data, "ledger.db"), LedgerAccess.Operator, CancellationToken.None);
            return [.. (await ledger.FindMultipartAsync("default", $"{Bucket}/large.bin", CancellationToken.None))?.Parts.Select(part => part.PartNumber) ?? []];
        }
        catch (Core.Ledger.LedgerException)
        {
            return []; // It is being made.
        }
    }
}
