namespace Akka.Pipeline.Node.Running;

using System.Diagnostics;
using System.Text.Json;
using Akka.Actor;
using Akka.Pipeline.Actors.Fleet;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Actors.Spot;
using Akka.Pipeline.Actors.Supervision;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Insight;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Spot;
using Akka.Pipeline.Node.Display;
using Akka.Pipeline.Node.Settings;
using Akka.Pipeline.Storage.S3;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.Logging;

/// <summary>One run of the daemon: opens the ports, starts the actors, waits for the end or a signal, drains.</summary>
internal sealed class NodeRun(NodeConfiguration configuration, RunOptions options, LogLines log, TimeProvider time, TransferMeters meters, Daemon daemon)
{
    private static readonly TimeSpan MostCounting = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LeastPatience = TimeSpan.FromMilliseconds(500);

    private readonly TaskCompletionSource<RunEnded> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource stopping = new();
    private readonly Lock endsGate = new();
    private readonly List<RunEnded> ends = [];
    private int pipelines = 1;

    /// <summary>Runs until done or asked to stop, and returns the exit code.</summary>
    /// <param name="actors">Where the actors live; stopped at the end.</param>
    /// <param name="ledger">The ledger, open for writing.</param>
    /// <param name="ports">Sources and stores.</param>
    /// <param name="isOnEc2">Credentials that are refused do not end the run there: a role may be granted later.</param>
    public async Task<int> RunAsync(ActorHost actors, ILedger ledger, NodePorts ports, Func<Task<bool>> isOnEc2)
    {
        var begun = Stopwatch.GetTimestamp();
        await ForgetOldBlockagesAsync(ledger);
        using var notices = options.DryRun ? null : Ec2Notices.Create(Environment.GetEnvironmentVariable, time);
        var node = new NodeContext(configuration.Settings, ledger, meters, time, Random.Shared.NextDouble, ContentTypes(), options.DryRun ? ShowPlanned : null);
        await using var fleet = configuration.Fleet is null ? null : new FleetConnection(configuration);
        var system = await actors.SystemAsync(log);
        await using var stopped = actors;
        using var signals = new StopSignals(daemon.Stops, configuration.ShutdownGrace, log);
        var started = StartActors(system, ports, node, fleet, notices, isOnEc2);
        daemon.Working(ledger);

        using var displayEnds = new CancellationTokenSource();
        var display = new ProgressLine(log, meters, time).RunAsync(displayEnds.Token);
        var pruning = configuration.Settings.Once || options.DryRun ? Task.CompletedTask : PruneAsync(ledger);
        await Task.WhenAny(ended.Task, daemon.Stops.Asked);
        var summary = options.DryRun ? "" : await LeaveAsync(started, ledger);
        await actors.FlushLogAsync();

        await stopping.CancelAsync();
        await pruning;
        await displayEnds.CancelAsync();
        await display;
        await actors.DisposeAsync();

        var report = new RunReport(meters, Stopwatch.GetElapsedTime(begun), ended.Task.IsCompletedSuccessfully ? await ended.Task : null);
        Show(report);
        if (summary.Length > 0)
        {
            log.WriteLine(summary);
        }

        daemon.HasLeft(summary);
        return options.DryRun ? ExitCode.Done : report.ExitCode;
    }

    private static Func<string, string?> ContentTypes()
    {
        var provider = new FileExtensionContentTypeProvider();
        return path => provider.TryGetContentType(path[(path.LastIndexOf('/') + 1)..], out var type) ? type : null;
    }

    // What was blocked when the last run ended is tried afresh; if it still is, it will be said again.
    private async Task ForgetOldBlockagesAsync(ILedger ledger)
    {
        var old = await ledger.BlockagesAsync(CancellationToken.None);
        if (old.Count > 0 && !options.DryRun)
        {
            var now = time.GetUtcNow();
            await ledger.CommitAsync([.. old.Select(b => new BlockageCleared(b.Scope, b.Name, now))], CancellationToken.None);
        }
    }

    private IReadOnlyList<IActorRef> StartActors(ActorSystem system, NodePorts ports, NodeContext node, FleetConnection? fleet, IInstanceNotices? notices, Func<Task<bool>> isOnEc2)
    {
        // A dry run tells what it would do, whoever else may do it.
        IReadOnlyList<RouteContext> shared = options.DryRun ? [] : [.. ports.Routes.Where(route => route.IsShared)];
        IReadOnlyList<RouteContext> own = [.. ports.Routes.Except(shared)];
        pipelines = (own.Count > 0 ? 1 : 0) + (shared.Count > 0 ? 1 : 0);
        if (notices is not null)
        {
            system.ActorOf(SpotActor.Props(new SpotWatching(notices, OnInterrupted), node), "spot");
        }

        var started = new List<IActorRef>();
        if (own.Count > 0)
        {
            started.Add(system.ActorOf(PipelineActor.Props(own, node, OnEnded), "pipeline"));
        }

        if (shared.Count > 0)
        {
            started.Add(system.ActorOf(FleetActor.Props(shared, node, fleet!.Ports, OnEnded), "fleet"));
        }

        return started;

        void OnEnded(RunEnded result) => _ = OnEndedAsync(result, isOnEc2);
    }

    private async Task OnEndedAsync(RunEnded result, Func<Task<bool>> isOnEc2)
    {
        if (result.CredentialsRefused is { } refused && !configuration.Settings.Once && await isOnEc2())
        {
            log.Write(LogLevel.Error, $"{refused.Explanation} The instance may be given its role at any time, so the daemon goes on.");
            return;
        }

        lock (endsGate)
        {
            ends.Add(result);
            if (ends.Count >= pipelines || result.CredentialsRefused is not null)
            {
                ended.TrySetResult(new RunEnded(
                    ends.SelectMany(end => end.Remainders).ToDictionary(StringComparer.Ordinal),
                    ends.Select(end => end.CredentialsRefused).FirstOrDefault(failure => failure is not null),
                    ends.Select(end => end.LedgerFailure).FirstOrDefault(failure => failure is not null)));
            }
        }
    }

    private void OnInterrupted(Interruption interruption)
    {
        var fate = interruption.Fate switch { InstanceFate.Stop => "stopped", InstanceFate.Hibernate => "hibernated", _ => "terminated" };
        log.Write(LogLevel.Warning, $"This instance will be {fate} {StopRequests.Within(interruption.TimeLeft)}: saving what fits into the time.");
        var stops = daemon.Stops;
        stops.Ask(StopRequest.Saving($"the instance will be {fate}", stops.Now, interruption.TimeLeft));
    }

    // The one way out: whoever asked, the actors finish, break off, record and count, and are given no longer than the deadline.
    private async Task<string> LeaveAsync(IReadOnlyList<IActorRef> pipelines, ILedger ledger)
    {
        var stops = daemon.Stops;
        if (stops.Current is not { } request)
        {
            await AskAsync(pipelines, StopRequest.Finishing("done", stops.Now, TimeSpan.Zero), countFor: TimeSpan.Zero);
            return "";
        }

        // A later request brings the actors' cut-off nearer; the answer to the first tells when all is done.
        stops.Hastened = sooner =>
        {
            foreach (var pipeline in pipelines)
            {
                pipeline.Tell(new HastenDrain(sooner.CutOffAt), ActorRefs.NoSender);
            }
        };
        request = stops.Current;
        var wrapUp = request.Deadline - request.CutOffAt;
        if (await AskAsync(pipelines, request, wrapUp / 3 < MostCounting ? wrapUp / 3 : MostCounting) is not { } remaining)
        {
            log.Write(LogLevel.Warning, "Not everything under way came to its end in time. It is looked at again by the next run; nothing is lost.");
            return "What of the node routes remains could not be counted in the time left.";
        }

        return RemainingText.Of(remaining, request.SavesFiles, await ledger.BlockagesAsync(CancellationToken.None));
    }

    private async Task<RemainingFiles?> AskAsync(IReadOnlyList<IActorRef> pipelines, StopRequest request, TimeSpan countFor)
    {
        // The last third of the end is for this process to end.
        var patience = request.CutOffAt + ((request.Deadline - request.CutOffAt) * 2 / 3) - daemon.Stops.Now;
        try
        {
            var drained = await Task.WhenAll(pipelines.Select(pipeline =>
                pipeline.Ask<NodeDrained>(new DrainNode(request.CutOffAt, request.SavesFiles, countFor), patience > LeastPatience ? patience : LeastPatience)));
            return drained.Aggregate(RemainingFiles.None, (all, one) => all.Plus(one.Remaining));
        }
        catch (AskTimeoutException)
        {
            return null;
        }
    }

    private async Task PruneAsync(ILedger ledger)
    {
        try
        {
            while (!stopping.IsCancellationRequested)
            {
                try
                {
                    await ledger.PruneAsync(time.GetUtcNow() - configuration.KeepDone, stopping.Token);
                }
                catch (LedgerException failed)
                {
                    log.Write(LogLevel.Warning, $"Old entries of the ledger could not be removed now: {failed.Failure.Explanation}");
                }

                await Task.Delay(TimeSpan.FromHours(1), time, stopping.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The run ends.
        }
    }

    private void ShowPlanned(PlannedUpload planned)
    {
        var path = SourcePath.ForDisplay(planned.Path);
        if (options.Json)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(
                new PlannedLine(planned.Route, path, planned.SizeBytes, planned.Address?.Bucket, planned.Address?.Key, planned.Failure?.Cause, planned.Failure?.Cure),
                JsonLines.Default.PlannedLine));
        }
        else
        {
            log.WriteLine(planned.Address is { } address
                ? $"would upload {path} ({Amounts.Bytes(planned.SizeBytes)}) to {SourcePath.ForDisplay(address.ToString())}"
                : $"would not upload {path}: {planned.Failure!.Explanation}");
        }
    }

    private void Show(RunReport report)
    {
        if (options.DryRun)
        {
            log.WriteLine("This was a dry run: nothing was sent, removed or recorded.");
            return;
        }

        foreach (var line in report.Lines())
        {
            log.WriteLine(line);
        }

        if (report.Ended?.CredentialsRefused is { } refused)
        {
            log.WriteLine($"{refused.Explanation}");
        }

        if (options.Json)
        {
            Console.Out.WriteLine(report.Json());
        }
    }
}
