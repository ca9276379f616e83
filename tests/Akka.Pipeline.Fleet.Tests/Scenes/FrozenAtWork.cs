namespace Akka.Pipeline.Fleet.Tests.Scenes;

using System.Diagnostics;
using Akka.Pipeline.Core.Fleet;
using Akka.Pipeline.Fleet.Tests.Stage;
using Akka.Pipeline.Sandbox;

/// <summary>
/// One node stops in the middle of its work, and a stand-in takes all its claims over and does nothing with them. Whatever is removed or written once the
/// node goes on is then its doing, and must not be.
/// </summary>
internal static class FrozenAtWork
{
    /// <summary>A removal whose last look was taken before the node stopped is one system call from its effect, and no fence fits in between.</summary>
    private const int MostUnderWay = 1;

    /// <summary>Parts whose sending had begun (they are digested for their signature first) go out; nothing records them, and the store takes the same bytes from whoever sends them next.</summary>
    private const int MostPartsUnderWay = 4;

    public static Task<Figures> RemovingAsync(SceneOptions options) =>
        RunAsync("frozen while it removes files", options with { Large = 0, Nodes = 1, StoreLatency = TimeSpan.FromMilliseconds(options.IsSmall ? 20 : 0) }, theatre => theatre.Files.Left().Count < theatre.Files.All.Count * 9 / 10);

    public static Task<Figures> SendingAsync(SceneOptions options) =>
        RunAsync(
            "frozen while it sends parts",
            options with { Files = 0, Large = 1, Nodes = 1, BandwidthBytes = options.LargeBytes / 5 },
            theatre => theatre.Store.Count(S3Operation.UploadPart) > 1);

    private static async Task<Figures> RunAsync(string scene, SceneOptions options, Func<Theatre, bool> isAtWork)
    {
        await using var theatre = await Theatre.OpenAsync(options);
        theatre.Files.MakeSmall(options.Files);
        theatre.Files.MakeLarge(options.Large, options.LargeBytes);
        var node = (await theatre.StartNodesAsync(1))[0];
        var began = Stopwatch.GetTimestamp();
        theatre.Files.Reveal();
        await theatre.UntilAsync(() => isAtWork(theatre), $"{node.Name} to be at work");

        node.Freeze();
        var frozenAt = Stopwatch.GetTimestamp();
        var before = (await theatre.SessionOfAsync(node))!;
        var standIn = (await theatre.Fleet.JoinAsync(new NodeIdentity("stand-in", Environment.MachineName, Environment.ProcessId), TimeSpan.FromHours(1), CancellationToken.None)).Id;
        await theatre.UntilAsync(
            async () =>
            {
                await theatre.Fleet.RenewAsync(standIn, new NodeRates(0, 0), CancellationToken.None);
                return await theatre.SessionOfAsync(node) is null && Stopwatch.GetElapsedTime(frozenAt) > options.SessionTimeout * 3;
            },
            "its session to end");
        var claims = await TakeAllAsync(theatre.Fleet, standIn);

        var left = theatre.Files.Left();
        var thawedAt = DateTimeOffset.UtcNow;
        node.Thaw();
        await theatre.JoinedAsync(node, after: before.Session.Epoch);
        await theatre.UntilAsync(
            async () => await theatre.SessionOfAsync(node) is { } again && again.RenewedAt - again.JoinedAt > options.SessionTimeout,
            "it to be back for a while");
        var gone = left.Keys.Except(theatre.Files.Left().Keys).Count();
        var since = theatre.Store.Requests.Where(request => request.At - request.Duration > thawedAt).ToList();
        var parts = since.Count(request => request.Operation == S3Operation.UploadPart);
        IReadOnlyList<string> written =
        [
            .. since.Where(request => request.Operation is S3Operation.PutObject or S3Operation.CompleteMultipartUpload or S3Operation.AbortMultipartUpload).Select(request => $"once others had its claims it asked for {request.Operation} of {request.Key}"),
        ];

        await theatre.Fleet.LeaveAsync(standIn, CancellationToken.None);
        await theatre.DoneAsync();
        var took = Stopwatch.GetElapsedTime(began);
        await theatre.TerminateAsync();
        var (_, late) = await Frozen.LateAsync(theatre.Fleet);
        return await Verdict.OfAsync(
            theatre,
            scene,
            took,
            [$"it stopped with {left.Count} files left; the stand-in took {claims} claims over; {gone} files went after it came back, and {parts} parts that it had begun were sent"],
            [
                .. late,
                .. written,
                .. gone > MostUnderWay ? [$"{gone} files were removed that others had claimed"] : Array.Empty<string>(),
                .. parts > MostPartsUnderWay ? [$"{parts} parts were sent that others had claimed"] : Array.Empty<string>(),
                .. claims == 0 ? ["there was nothing to take over"] : Array.Empty<string>(),
            ]);
    }

    private static async Task<int> TakeAllAsync(IFleet fleet, SessionId session)
    {
        var claims = 0;
        await fleet.TakeScanLeaseAsync(session, Theatre.Route, CancellationToken.None);
        while ((await fleet.ClaimBatchesAsync(session, [Theatre.Route], 1000, long.MaxValue, CancellationToken.None)).Items is { Count: > 0 } batches)
        {
            claims += batches.Count;
        }

        while ((await fleet.ClaimPartsAsync(session, [Theatre.Route], 1000, CancellationToken.None)).Items is { Count: > 0 } parts)
        {
            claims += parts.Count;
        }

        return claims;
    }
}
