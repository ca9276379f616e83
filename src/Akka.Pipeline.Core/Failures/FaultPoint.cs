namespace Akka.Pipeline.Core.Failures;

using System.Diagnostics;

/// <summary>
/// The named steps of the write order, for the torture: in a build with -p:FaultPoints=true a process can be made to kill itself, or to pause, at one of
/// them, or to do without one of its guards. In every other build the calls do not exist.
/// </summary>
/// <remarks>
/// PIPELINE_FAULT_POINT=name[:n] kills at the n-th arrival; PIPELINE_FAULT_PAUSE=name:milliseconds[,...] sleeps at each; PIPELINE_MUTATION=skip-guard does
/// without that guard.
/// </remarks>
public static class FaultPoint
{
    private const string Symbol = "FAULT_POINTS";

    /// <summary>A step was reached.</summary>
    [Conditional(Symbol)]
    public static void Reached(string name)
    {
#if FAULT_POINTS
        Armed.Reached(name);
#endif
    }

    /// <summary>Forgets what a guard found, if it is to be done without.</summary>
    [Conditional(Symbol)]
    public static void Disable<T>(string guard, ref T? finding)
    {
#if FAULT_POINTS
        if (Armed.IsDisabled(guard))
        {
            finding = default;
        }
#endif
    }

#if FAULT_POINTS
#pragma warning disable RS0030 // The environment and the kill are what a fault point is.
    private static class Armed
    {
        private static readonly string? Mutation = Environment.GetEnvironmentVariable("PIPELINE_MUTATION");
        private static readonly string[] Kill = (Environment.GetEnvironmentVariable("PIPELINE_FAULT_POINT") ?? "").Split(':');
        private static readonly Dictionary<string, int> Pauses = (Environment.GetEnvironmentVariable("PIPELINE_FAULT_PAUSE") ?? "")
            .Split(',', StringSplitOptions.RemoveEmptyEntries)
            .Select(pause => pause.Split(':'))
            .ToDictionary(pause => pause[0], pause => int.Parse(pause[1]));

        private static int arrivalsLeft = Kill.Length > 1 ? int.Parse(Kill[1]) : 1;

        public static bool IsDisabled(string guard) => Mutation == "skip-" + guard;

        public static void Reached(string name)
        {
            if (Pauses.TryGetValue(name, out var milliseconds))
            {
                Thread.Sleep(milliseconds);
            }

            if (name == Kill[0] && Interlocked.Decrement(ref arrivalsLeft) == 0)
            {
                using var self = Process.GetCurrentProcess();
                self.Kill();
                Thread.Sleep(Timeout.Infinite);
            }
        }
    }
#pragma warning restore RS0030
#endif
}
