namespace Akka.Pipeline.Node.Running;

using System.Runtime.InteropServices;
using Akka.Pipeline.Node.Display;
using Microsoft.Extensions.Logging;

/// <summary>SIGTERM, SIGINT and SIGHUP ask a run to finish what is under way; a second one ends it at once.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly List<PosixSignalRegistration> registrations = [];
    private int count;

    public StopSignals(StopRequests stops, TimeSpan grace, LogLines log)
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
                stops.Ask(StopRequest.Finishing("a signal asked for it", stops.Now, grace));
            }));
        }
    }

    public void Dispose() => registrations.ForEach(registration => registration.Dispose());
}
