namespace Akka.Pipeline.Fleet.Tests.Stage;

using System.Diagnostics;

/// <summary>Waits for conditions, with a deadline that only a broken fleet reaches.</summary>
internal static class Until
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);

    public static Task TrueAsync(Func<bool> condition, string what, TimeSpan limit, Func<string> details) =>
        TrueAsync(() => Task.FromResult(condition()), what, limit, details);

    /// <inheritdoc cref="TrueAsync(Func{bool}, string, TimeSpan, Func{string})"/>
    public static async Task TrueAsync(Func<Task<bool>> condition, string what, TimeSpan limit, Func<string> details)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(started) > limit)
            {
                throw new SceneException($"Waited {limit.TotalSeconds:0} s for {what}.\n{details()}");
            }

            await Task.Delay(Pause);
        }
    }
}

/// <summary>A scene did not go as it must.</summary>
internal sealed class SceneException(string message) : Exception(message);
