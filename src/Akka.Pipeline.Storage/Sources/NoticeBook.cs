namespace Akka.Pipeline.Storage.Sources;

using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Files;

/// <summary>Sees to it that a path is reported once in the life of a source, in bounded memory. Safe for several threads.</summary>
internal sealed class NoticeBook(int maximumPaths = 10_000)
{
    // Hashes instead of paths: eight bytes each. Two paths with one hash cost a notice, nothing more.
    private readonly HashSet<long> reported = [];
    private readonly Lock gate = new();
    private readonly List<WalkNotice> deferred = [];
    private bool full;

    /// <summary>Keeps notices for the next walk.</summary>
    public void Defer(List<WalkNotice> notices)
    {
        lock (gate)
        {
            deferred.AddRange(notices.Take(maximumPaths - deferred.Count));
        }
    }

    /// <summary>Hands over what was kept.</summary>
    public void TakeDeferred(List<WalkNotice> notices)
    {
        lock (gate)
        {
            notices.AddRange(deferred);
            deferred.Clear();
        }
    }

    /// <summary>Adds a notice unless the path had one.</summary>
    public void Add(List<WalkNotice> notices, string path, Failure failure)
    {
        lock (gate)
        {
            if (full || !reported.Add(Hash(path, failure.Code)))
            {
                return;
            }

            if (reported.Count > maximumPaths)
            {
                full = true;
                reported.Clear();
                failure = new Failure(
                    FailureScope.Source,
                    FailureNature.Lasting,
                    "TooManyNotices",
                    $"More than {maximumPaths} paths of this source are passed over; further ones are not listed.",
                    "Exclude them from the route, or clear their causes and restart.");
                path = "";
            }
        }

        notices.Add(new WalkNotice(path, failure));
    }

    private static long Hash(string path, string code) => ((long)path.GetHashCode(StringComparison.Ordinal) << 32) ^ (uint)HashCode.Combine(code, path.Length, path);
}
