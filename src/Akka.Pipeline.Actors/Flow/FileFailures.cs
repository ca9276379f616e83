namespace Akka.Pipeline.Actors.Flow;

using Akka.Event;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Ledger;

/// <summary>What follows when an attempt at one file failed: the next attempt, or an operator.</summary>
internal static class FileFailures
{
    public static (FileFailed Change, SettledFile Settled) Conclude(
        NodeContext node, ILoggingAdapter log, string route, string path, Fingerprint fingerprint, int failedBefore, Failure failure)
    {
        var now = node.Now();
        var attempts = failedBefore + 1;
        var schedule = node.Settings.FileRetry;

        var next = now + schedule.DelayAfter(attempts, node.Chance(), failure.RetryAfter);
        var setAside = schedule.IsExhausted(attempts) || string.Equals(failure.Code, "KeyConflict", StringComparison.Ordinal);
        node.Meters.Failed();
        if (setAside)
        {
            node.Meters.SetAside();
            log.Warning("Route {0}: '{1}' is set aside after {2} attempts: {3} Then: pipeline retry.", route, SourcePath.ForDisplay(path), attempts, failure.Explanation);
        }
        else if (attempts == 1)
        {
            log.Warning("Route {0}: '{1}': {2} Trying again.", route, SourcePath.ForDisplay(path), failure.Explanation);
        }

        return (
            new FileFailed(route, path, fingerprint, new Trouble(attempts, next, failure), setAside, now),
            setAside
                ? new SettledFile(path, Settlement.SetAside, default, failure)
                : new SettledFile(path, Settlement.Retry, next, failure));
    }
}
