namespace Akka.Pipeline.Node.Tests.Programs;

using System.Diagnostics;

/// <summary>Waits for conditions, with a deadline that only a broken program reaches.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    /// <summary>Waits until it is true; returns how long that took.</summary>
    public static Task<TimeSpan> TrueAsync(Func<bool> condition, string what, Func<string>? details = null) =>
        TrueAsync(() => Task.FromResult(condition()), what, details);

    /// <inheritdoc cref="TrueAsync(Func{bool}, string, Func{string})"/>
    public static async Task<TimeSpan> TrueAsync(Func<Task<bool>> condition, string what, Func<string>? details = null)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(started) > Deadline)
            {
                throw new TimeoutException($"Waited {Deadline.TotalSeconds} s for {what}.\n{details?.Invoke()}");
            }

            await Task.Delay(Pause);
        }

        return Stopwatch.GetElapsedTime(started);
    }
}
