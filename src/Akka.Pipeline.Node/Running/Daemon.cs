namespace Akka.Pipeline.Node.Running;

using Akka.Pipeline.Core.Insight;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Node.Control;
using Akka.Pipeline.Node.Settings;

/// <summary>What the control socket knows of the run, and what it can ask of it.</summary>
public sealed class Daemon(NodeConfiguration configuration, TransferMeters meters, TimeProvider time)
{
    private static readonly TimeSpan AtWorkAfter = TimeSpan.FromSeconds(3);

    private readonly RecentRate bytes = new(TimeSpan.FromSeconds(10));
    private readonly RecentRate files = new(TimeSpan.FromSeconds(10));
    private readonly Lock gate = new();
    private readonly DateTimeOffset since = time.GetUtcNow();
    private readonly TaskCompletionSource<string> left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile ILedger? ledger;
    private long workingSince;

    /// <summary>Who wants the node to leave.</summary>
    public StopRequests Stops { get; } = new(time);

    /// <summary>How long uploads may go on after a stop that names no time.</summary>
    public TimeSpan ShutdownGrace => configuration.ShutdownGrace;

    /// <summary>Completes when the node has left, with what is to be said of it.</summary>
    public Task<string> Left => left.Task;

    /// <summary>The actors have started.</summary>
    public void Working(ILedger open)
    {
        ledger = open;
        Volatile.Write(ref workingSince, Math.Max(1, time.GetTimestamp()));
    }

    /// <summary>The node has left; the ledger is about to be closed.</summary>
    public void HasLeft(string summary)
    {
        ledger = null;
        left.TrySetResult(summary);
    }

    /// <summary>Reads the meters, so that a rate is known when somebody asks.</summary>
    public void Sample()
    {
        lock (gate)
        {
            bytes.Sample(Stops.Now, meters.BytesSent);
            files.Sample(Stops.Now, meters.FilesStored);
        }
    }

    /// <summary>How it stands.</summary>
    public async Task<DaemonStatus> StatusAsync()
    {
        Sample();
        double? bytesPerSecond, filesPerSecond;
        lock (gate)
        {
            bytesPerSecond = bytes.PerSecond(Stops.Now, meters.BytesSent);
            filesPerSecond = files.PerSecond(Stops.Now, meters.FilesStored);
        }

        var began = Volatile.Read(ref workingSince);
        return new DaemonStatus(
            ControlProtocol.Version,
            Environment.ProcessId,
            configuration.NodeName,
            ActorRuntime.ProductVersion,
            Stops.Current is not null || Left.IsCompleted ? DaemonPhase.Leaving : began == 0 ? DaemonPhase.Starting : DaemonPhase.Working,
            Stops.Current?.Reason,
            since,
            began != 0 && (meters.FilesStored > 0 || (meters.FilesFound == 0 && meters.WalksEnded >= configuration.Routes.Count) || time.GetElapsedTime(began) > AtWorkAfter),
            [.. configuration.Routes.Select(route => new RouteStatus(route.Settings.Name, route.Settings.Source.Folder, route.Target))],
            new TransferStatus(
                meters.FilesFound,
                meters.BytesFound,
                meters.FilesStored,
                meters.BytesStored,
                meters.FilesAlreadyStored,
                meters.FilesRemoved,
                meters.FilesSetAside,
                meters.FilesFailed,
                meters.Requests,
                Math.Round(bytesPerSecond ?? 0),
                Math.Round(filesPerSecond ?? 0, 1)),
            await BlockedAsync());
    }

    private async Task<IReadOnlyList<BlockedStatus>> BlockedAsync()
    {
        if (ledger is not { } open)
        {
            return [];
        }

        try
        {
            var blockages = await open.BlockagesAsync(CancellationToken.None);
            return [.. blockages.Select(b => new BlockedStatus(b.Scope.ToString().ToLowerInvariant(), b.Name, b.Since, b.Trouble.Failure.Cause, b.Trouble.Failure.Cure))];
        }
        catch (Exception closed) when (closed is LedgerException or ObjectDisposedException)
        {
            return [];
        }
    }
}
