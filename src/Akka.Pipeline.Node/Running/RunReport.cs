namespace Akka.Pipeline.Node.Running;

using System.Text.Json;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Actors.Supervision;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Insight;
using Akka.Pipeline.Node.Display;

/// <summary>What a run did and left, for people and for machines, and the exit code that follows.</summary>
public sealed record RunReport(TransferMeters Meters, TimeSpan Took, RunEnded? Ended)
{
    /// <summary>The exit code.</summary>
    public int ExitCode =>
        Ended?.CredentialsRefused is not null ? Running.ExitCode.NoCredentials
        : Ended is not null && (Ended.LedgerFailure is not null || Ended.Remainders.Values.Any(r => !r.IsEmpty)) ? Running.ExitCode.SomeFailed
        : Running.ExitCode.Done;

    /// <summary>Lines for people.</summary>
    public IEnumerable<string> Lines()
    {
        var seconds = Math.Max(Took.TotalSeconds, 0.001);
        yield return $"Stored {Amounts.Files(Meters.FilesStored)}, {Amounts.Bytes(Meters.BytesStored)} in {Amounts.Time(Took)} ({Amounts.Bytes(Meters.BytesStored / seconds)}/s), "
            + $"{Amounts.Count(Meters.FilesAlreadyStored)} of them were there already; removed {Amounts.Count(Meters.FilesRemoved)}; {Amounts.Count(Meters.Requests)} requests.";
        if (Ended is null)
        {
            yield break;
        }

        foreach (var (route, rest) in Ended.Remainders.Where(r => !r.Value.IsEmpty))
        {
            if (rest.SourceFailure is { } source)
            {
                yield return $"Route {route}: {source.Explanation}";
            }

            var counts = new[] { (rest.SetAside, "set aside"), (rest.GivenUp, "kept back by what is blocked"), (rest.BeingWritten, "still being written"), (rest.Unread, "that could not be looked into") };
            if (counts.Any(c => c.Item1 > 0))
            {
                yield return $"Route {route}, left in the source: {string.Join(", ", counts.Where(c => c.Item1 > 0).Select(c => $"{Amounts.Count(c.Item1)} {c.Item2}"))}.";
            }

            foreach (var file in rest.Examples)
            {
                yield return $"  {SourcePath.ForDisplay(file.Path)}: {(file.Failure is { } failure ? $"{failure.Explanation}" : "still being written")}";
            }

            if (rest.SetAside > 0)
            {
                yield return "  All of them: pipeline files --failed. To try again: pipeline retry.";
            }
        }

        if (Ended.LedgerFailure is { } ledger)
        {
            yield return $"{ledger.Explanation}";
        }
    }

    /// <summary>One JSON object for machines.</summary>
    public string Json() => JsonSerializer.Serialize(
        new RunLine(
            FilesStored: Meters.FilesStored,
            BytesStored: Meters.BytesStored,
            BytesSent: Meters.BytesSent,
            FilesAlreadyStored: Meters.FilesAlreadyStored,
            FilesRemoved: Meters.FilesRemoved,
            FilesSetAside: Meters.FilesSetAside,
            FailedAttempts: Meters.FilesFailed,
            Requests: Meters.Requests,
            Seconds: Math.Round(Took.TotalSeconds, 3),
            ExitCode: ExitCode,
            Left: Ended?.Remainders.Where(r => !r.Value.IsEmpty).ToDictionary(r => r.Key, r => Left(r.Value), StringComparer.Ordinal),
            CredentialsRefused: Ended?.CredentialsRefused?.Cause,
            LedgerFailure: Ended?.LedgerFailure?.Cause),
        JsonLines.Default.RunLine);

    private static LeftLine Left(RouteRemainder rest) => new(
        rest.SetAside,
        rest.GivenUp,
        rest.BeingWritten,
        rest.Unread,
        rest.SourceFailure?.Cause,
        [.. rest.Examples.Select(e => new LeftFileLine(SourcePath.ForDisplay(e.Path), e.How.ToString(), e.Failure?.Cause, e.Failure?.Cure))]);
}
