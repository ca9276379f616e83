namespace Akka.Pipeline.Torture;

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;

/// <summary>A content that a writer finished: it had closed the file, or was about to.</summary>
internal sealed record State(string Hash, long SizeBytes);

/// <summary>One file as an inode, from its creation on, whatever names it had.</summary>
internal sealed class Incarnation(FileIdentity identity)
{
    public FileIdentity Identity { get; } = identity;

    /// <summary>Every name that it had; the last is its present one.</summary>
    public List<string> Paths { get; } = [];

    /// <summary>The digest of its content so far.</summary>
    public IncrementalHash Digest { get; } = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Its content as its writer last closed it; null before.</summary>
    public State? Last { get; set; }

    /// <summary>The ledger was seen to say that it was stored.</summary>
    public bool SeenInLedger { get; set; }

    /// <summary>A writer put another file in its place, or removed it, so that nobody is owed its bytes.</summary>
    public bool Dismissed { get; set; }

    /// <summary>Another name of it, out of the victim's reach: what is written by way of it stays there.</summary>
    public string? OtherName { get; set; }
}

/// <summary>
/// What the files were, as their writers know, and what the store was seen to hold. Writers tell of a state before they close the file, so a state that
/// the store has and the model does not know is one that no writer ever finished.
/// </summary>
internal sealed partial class Model
{
    private readonly Stopwatch clock = Stopwatch.StartNew();
    private readonly ConcurrentDictionary<string, ConcurrentQueue<string>> history = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, List<Incarnation>> files = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Path, string Hash), State> finished = new();
    private readonly ConcurrentDictionary<string, List<(string Hash, bool Corrupted)>> written = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> violations = new();
    private long operations;

    public IReadOnlyCollection<string> Violations => violations;

    public long Operations => Interlocked.Read(ref operations);

    public long Writes => written.Values.Sum(list => (long)list.Count);

    public int Files => files.Values.Sum(list => list.Count);

    public void Note(string path, string what)
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"{clock.Elapsed.TotalSeconds,9:0.0000} {what}");
        history.GetOrAdd(path, _ => new()).Enqueue(line);
    }

    public void Did(string path, string what)
    {
        Interlocked.Increment(ref operations);
        Note(path, what);
    }

    public void Violated(string path, string what) => violations.Enqueue($"{what}\n    history of {path}:\n      {string.Join("\n      ", HistoryOf(path))}");

    public void Violated(string what) => violations.Enqueue(what);

    /// <summary>The file that a writer has just opened; a new one, which must be empty, if nobody knew it.</summary>
    public Incarnation Identify(string path, FileIdentity identity, long sizeBytes)
    {
        var known = files.GetOrAdd(path, _ => []);
        lock (known)
        {
            var file = known.FindLast(file => file.Identity == identity && file.Paths[^1] == path);
            var expectedBytes = file?.Last?.SizeBytes ?? 0;
            if (sizeBytes != expectedBytes)
            {
                Violated(path, $"'{path}' ({identity}) was found with {sizeBytes} bytes, and {(file is null ? "no writer made it" : $"was left with {expectedBytes}")}");
            }

            return file ?? Add(known, path, identity);
        }
    }

    /// <summary>A file that a writer makes under another name, to be renamed to this path.</summary>
    public static Incarnation Prepare(FileIdentity identity) => new(identity);

    /// <summary>The writer is about to close the file with this content.</summary>
    public void Finish(Incarnation file, string path, State state)
    {
        finished[(path, state.Hash)] = state;
        (file.Last, file.Dismissed) = (state, false);

        // The newest is the one that was written last: one that was held while another took its name may have come back since.
        var known = files[path];
        lock (known)
        {
            known.Remove(file);
            known.Add(file);
        }
    }

    /// <summary>A prepared file is about to be renamed over the path.</summary>
    public void Expect(Incarnation prepared, string path, State state)
    {
        finished[(path, state.Hash)] = state;
        prepared.Last = state;
    }

    /// <summary>It was.</summary>
    public void Replaced(Incarnation prepared, string path)
    {
        var known = files.GetOrAdd(path, _ => []);
        lock (known)
        {
            known.ForEach(file => file.Dismissed |= file.Paths[^1] == path);
            prepared.Paths.Add(path);
            known.Add(prepared);
        }
    }

    /// <summary>A writer removes what it has at the path.</summary>
    /// <param name="remove">Does it; false if nothing was there.</param>
    public bool Remove(string path, Func<bool> remove)
    {
        // Before: a file that its writer has removed must at no moment look like one that the victim did.
        var owed = LiveAt(path);
        Array.ForEach(owed, file => file.Dismissed = true);
        if (remove())
        {
            return true;
        }

        Array.ForEach(owed, file => file.Dismissed = false);
        return false;
    }

    /// <summary>The file that a writer made at the path, if it is known.</summary>
    public Incarnation? Find(string path, FileIdentity identity) => LiveAt(path).LastOrDefault(file => file.Identity == identity);

    /// <summary>A file is about to be renamed to a name that nobody had.</summary>
    public void Expect(string from, string to)
    {
        foreach (var state in LiveAt(from).Select(file => file.Last).OfType<State>())
        {
            finished[(to, state.Hash)] = state;
        }
    }

    /// <summary>It was: the file of that inode.</summary>
    public void Renamed(string from, string to, FileIdentity identity)
    {
        if (LiveAt(from).LastOrDefault(file => file.Identity == identity) is not { } moved)
        {
            Violated(from, $"'{to}', renamed from '{from}', is {identity}, which no writer made");
            return;
        }

        var known = files.GetOrAdd(to, _ => []);
        lock (known)
        {
            moved.Paths.Add(to);
            known.Add(moved);
        }
    }

    /// <summary>The store holds this from now on.</summary>
    public void Written(string key, string hash, bool corrupted)
    {
        // A store that was to flip a bit of nothing has spoilt nothing.
        corrupted &= !IsFinished(key, hash);
        var versions = written.GetOrAdd(key, _ => []);
        lock (versions)
        {
            versions.Add((hash, corrupted));
        }

        Note(OriginOf(key), $"      store: {key} = {hash[..12]}{(corrupted ? " (corrupted by the store)" : "")}");
        if (!corrupted && !IsFinished(key, hash))
        {
            Violated(OriginOf(key), $"the store got a content of '{key}' that no writer ever finished: {hash[..12]}");
        }
    }

    /// <summary>Whether the path (or what was put back as its .recovered-N) had this content when a writer closed it.</summary>
    public bool IsFinished(string path, string hash) => finished.ContainsKey((OriginOf(path), hash));

    /// <summary>The name that a put-back file had at first.</summary>
    public static string OriginOf(string path)
    {
        for (var before = ""; before != path;)
        {
            before = path;
            path = Recovered().Replace(path, "");
        }

        return path;
    }

    public string? PresentAt(string key)
    {
        if (!written.TryGetValue(key, out var versions))
        {
            return null;
        }

        lock (versions)
        {
            return versions.Count == 0 ? null : versions[^1].Hash;
        }
    }

    /// <summary>
    /// Whether the store has spoilt what it has there now, told so, and cannot get it again: the file has another name by now, or its writer has
    /// removed it.
    /// </summary>
    public bool IsNobodysAndSpoilt(string key)
    {
        var versions = written[key];
        lock (versions)
        {
            return versions[^1].Corrupted && All(key) is [.., var newest] && (newest.Dismissed || newest.Paths[^1] != key);
        }
    }

    /// <summary>Whether the store ever got this, whole. What was put back counts only while it is there: its name says nothing of what may replace it.</summary>
    public bool WasStored(string path, string hash) =>
        (written.TryGetValue(path, out var versions) && Has(versions, hash))
        || written.Keys.Any(key => key != path && OriginOf(key) == path && PresentAt(key) == hash);

    public IReadOnlyList<(string Path, Incarnation[] Incarnations)> All() => [.. files.Select(entry => (entry.Key, Copy(entry.Value)))];

    public Incarnation[] All(string path) => files.TryGetValue(path, out var known) ? Copy(known) : [];

    /// <summary>The keys that the store was seen to get.</summary>
    public IReadOnlyCollection<string> Keys => [.. written.Keys];

    public static string HashOf(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    private static bool Has(List<(string Hash, bool Corrupted)> versions, string hash)
    {
        lock (versions)
        {
            return versions.Exists(version => version.Hash == hash && !version.Corrupted);
        }
    }

    private static Incarnation Add(List<Incarnation> known, string path, FileIdentity identity)
    {
        var made = new Incarnation(identity);
        made.Paths.Add(path);
        known.Add(made);
        return made;
    }

    private static Incarnation[] Copy(List<Incarnation> known)
    {
        lock (known)
        {
            return [.. known];
        }
    }

    private Incarnation[] LiveAt(string path) => files.TryGetValue(path, out var known) ? [.. Copy(known).Where(file => !file.Dismissed && file.Paths[^1] == path)] : [];

    private string[] HistoryOf(string path) => history.TryGetValue(path, out var lines) ? [.. lines] : ["(none)"];

    [GeneratedRegex(@"\.recovered-\d+(?=\.[^./]*$|$)")]
    private static partial Regex Recovered();
}
