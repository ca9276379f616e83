namespace Akka.Pipeline.Node.Running;

using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Akka.Actor;
using Akka.Hosting;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Actors.Supervision;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Insight;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;
using Akka.Pipeline.Node.Display;
using Akka.Pipeline.Node.Settings;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

/// <summary>One run of the daemon: opens the ports, starts the actors, waits for the end or a signal, drains.</summary>
public sealed class NodeRun(NodeConfiguration configuration, RunOptions options, LogLines log, TimeProvider time, TransferMeters meters)
{
    private readonly TaskCompletionSource<RunEnded> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource stopping = new();

    /// <summary>Runs until done or asked to stop, and returns the exit code.</summary>
    /// <param name="ledger">The ledger, open for writing.</param>
    /// <param name="ports">Sources and stores.</param>
    /// <param name="isOnEc2">Credentials that are refused do not end the run there: a role may be granted later.</param>
    public async Task<int> RunAsync(ILedger ledger, NodePorts ports, Func<Task<bool>> isOnEc2)
    {
        var started = Stopwatch.GetTimestamp();
        await ForgetOldBlockagesAsync(ledger);
        var node = new NodeContext(configuration.Settings, ledger, meters, time, Random.Shared.NextDouble, ContentTypes(), options.DryRun ? ShowPlanned : null);
        using var host = BuildHost(ports, node, isOnEc2);
        using var signals = new StopSignals(stopping, log);
        await host.StartAsync();

        using var displayEnds = new CancellationTokenSource();
        var display = new ProgressLine(log, meters, time).RunAsync(displayEnds.Token);
        var pruning = configuration.Settings.Once || options.DryRun ? Task.CompletedTask : PruneAsync(ledger);
        var stopped = Task.Delay(Timeout.Infinite, stopping.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        await Task.WhenAny(ended.Task, stopped);

        if (!options.DryRun)
        {
            await DrainAsync(host.Services.GetRequiredService<ActorRegistry>());
        }

        await stopping.CancelAsync();
        await pruning;
        await displayEnds.CancelAsync();
        await display;
        await host.StopAsync();

        var report = new RunReport(meters, Stopwatch.GetElapsedTime(started), ended.Task.IsCompletedSuccessfully ? await ended.Task : null);
        Show(report);
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

    private IHost BuildHost(NodePorts ports, NodeContext node, Func<Task<bool>> isOnEc2)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton<IHostLifetime, SilentLifetime>();
        builder.Logging.AddProvider(new SharedLog(log));
        builder.Services.AddAkka("pipeline", akka => akka
            .ConfigureLoggers(loggers =>
            {
                loggers.ClearLoggers();
                loggers.AddLoggerFactory();
            })
            .WithActors((system, registry) => registry.Register<PipelineActor>(
                system.ActorOf(PipelineActor.Props(ports.Routes, node, result => _ = OnEndedAsync(result, isOnEc2)), "pipeline"))));
        return builder.Build();
    }

    private async Task OnEndedAsync(RunEnded result, Func<Task<bool>> isOnEc2)
    {
        if (result.CredentialsRefused is { } refused && !configuration.Settings.Once && await isOnEc2())
        {
            log.Write(LogLevel.Error, $"{refused.Explanation} The instance may be given its role at any time, so the daemon goes on.");
            return;
        }

        ended.TrySetResult(result);
    }

    private async Task DrainAsync(ActorRegistry registry)
    {
        var pipeline = registry.Get<PipelineActor>();
        try
        {
            await pipeline.Ask<Drained>(new Drain(), ended.Task.IsCompleted ? TimeSpan.FromSeconds(5) : configuration.ShutdownGrace);
        }
        catch (AskTimeoutException)
        {
            log.Write(LogLevel.Warning, $"Some uploads did not finish within {Amounts.Time(configuration.ShutdownGrace)}. Their files stay, and finished parts of large ones are kept.");
        }
    }

    private async Task PruneAsync(ILedger ledger)
    {
        try
        {
            while (!stopping.IsCancellationRequested)
            {
                await ledger.PruneAsync(time.GetUtcNow() - configuration.KeepDone, stopping.Token);
                await Task.Delay(TimeSpan.FromHours(1), time, stopping.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The run ends.
        }
        catch (LedgerException failed)
        {
            log.Write(LogLevel.Warning, $"Old entries of the ledger could not be removed: {failed.Failure.Explanation}");
        }
    }

    private void ShowPlanned(PlannedUpload planned)
    {
        var path = SourcePath.ForDisplay(planned.Path);
        if (options.Json)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(new
            {
                route = planned.Route,
                path,
                sizeBytes = planned.SizeBytes,
                bucket = planned.Address?.Bucket,
                key = planned.Address?.Key,
                problem = planned.Failure?.Cause,
                cure = planned.Failure?.Cure,
            }));
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

    // The log belongs to the program and outlives the host, which disposes of its providers.
    private sealed class SharedLog(LogLines lines) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => lines.CreateLogger(categoryName);

        public void Dispose()
        {
        }
    }

    // Signals are this run's own business: it drains first.
    private sealed class SilentLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class StopSignals : IDisposable
    {
        private readonly List<PosixSignalRegistration> registrations = [];
        private int count;

        public StopSignals(CancellationTokenSource stopping, LogLines log)
        {
            foreach (var signal in new[] { PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGHUP })
            {
                registrations.Add(PosixSignalRegistration.Create(signal, context =>
                {
                    context.Cancel = true;
                    if (Interlocked.Increment(ref count) > 1)
                    {
                        Environment.Exit(ExitCode.Interrupted);
                    }

                    log.Write(LogLevel.Information, "Asked to stop: finishing what is under way. Ask again to stop at once.");
                    stopping.CancelAsync();
                }));
            }
        }

        public void Dispose() => registrations.ForEach(registration => registration.Dispose());
    }
}
