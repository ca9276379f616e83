namespace Akka.Pipeline.Fleet.Tests.Stage;

using Akka.Pipeline.Core.Fleet;
using Akka.Pipeline.Sandbox;

/// <summary>What a scene came to.</summary>
internal sealed record Figures
{
    public required string Scene { get; init; }

    public required SceneOptions Options { get; init; }

    /// <summary>From the first file to the last.</summary>
    public TimeSpan Took { get; init; }

    public long Bytes { get; init; }

    /// <summary>What each node that ended in order has stored, and what it sent: parts of files that others completed too.</summary>
    public IReadOnlyList<(string Node, long Files, long Bytes)> Shares { get; init; } = [];

    /// <summary>PUT requests for objects, of whatever answer, and completions of uploads, per file.</summary>
    public double PutsPerFile { get; init; }

    /// <summary>Objects that were written more than once, and how often more.</summary>
    public long ObjectsTwice { get; init; }

    /// <summary>Parts that the store took more than once, and how often more.</summary>
    public long PartsTwice { get; init; }

    /// <summary>Parts per part of a file, of whatever answer.</summary>
    public double PartsPerPart { get; init; }

    /// <summary>What is not as it must be.</summary>
    public IReadOnlyList<string> Violations { get; init; } = [];

    /// <summary>What only this scene tells.</summary>
    public IReadOnlyList<string> Remarks { get; init; } = [];

    /// <summary>The smallest share in bytes as part of a fair one.</summary>
    public double LeastShare => Shares.Count == 0 ? 0 : Shares.Min(share => share.Bytes) * Shares.Count / (double)Math.Max(1, Shares.Sum(share => share.Bytes));

    public override string ToString() => string.Join('\n',
    [
        $"{Scene}: {Options}",
        $"  {Options.Files + Options.Large} files, {Bytes / 1e6:0} MB in {Took.TotalSeconds:0.0} s ({(Options.Files + Options.Large) / Took.TotalSeconds:0} files/s, {Bytes / 1e6 / Took.TotalSeconds:0} MB/s)",
        $"  shares: {string.Join(", ", Shares.Select(share => $"{share.Node} {share.Files} files {share.Bytes / 1e6:0} MB"))}{(Shares.Count > 1 ? $"; the least is {LeastShare:0.00} of a fair one" : "")}",
        $"  PUTs per file {PutsPerFile:0.0000}, requests per part {PartsPerPart:0.0000}; done twice: {ObjectsTwice} objects, {PartsTwice} parts",
        .. Remarks.Select(remark => $"  {remark}"),
        .. Violations.Select(violation => $"  VIOLATION {violation}"),
        Violations.Count == 0 ? "  The bucket is exactly right, and nothing is left." : "",
    ]);
}

/// <summary>Looks at the end of a scene whether all is exactly right.</summary>
internal static class Verdict
{
    private const int MostNamed = 5;

    public static async Task<Figures> OfAsync(Theatre theatre, string scene, TimeSpan took, IReadOnlyList<string>? remarks = null, IReadOnlyList<string>? violations = null)
    {
        var requests = theatre.Store.Requests;
        var expected = theatre.Files.All;
        var there = await theatre.Store.ObjectsAsync();
        var wrong = new List<string>(violations ?? []);
        Tell("files are left in the source", theatre.Files.Left().Values);
        Tell("objects are missing", expected.Keys.Except(there.Keys, StringComparer.Ordinal));
        Tell("objects are there that nobody should have made", there.Keys.Except(expected.Keys, StringComparer.Ordinal));
        Tell("objects have other bytes", expected.Values.Where(file => there.TryGetValue(file.Key, out var found) && found != file).Select(file => $"{file} is {there[file.Key]}"));
        Tell("uploads are left open", await theatre.ForgottenUploadsAsync());

        if (theatre.Options.ShowsAudit)
        {
            await ShowAsync(theatre, requests);
        }

        var parts = expected.Values.Where(file => file.ETag.Contains('-', StringComparison.Ordinal)).Sum(file => long.Parse(file.ETag[(file.ETag.IndexOf('-', StringComparison.Ordinal) + 1)..]));
        var puts = requests.Count(request => request.Operation is S3Operation.PutObject or S3Operation.CompleteMultipartUpload);
        return new Figures
        {
            Scene = scene,
            Options = theatre.Options,
            Took = took,
            Bytes = theatre.Files.Bytes,
            Shares = [.. theatre.Nodes.Select(node => (node.Name, Did: node.Did())).Where(node => node.Did is not null).Select(node => (node.Name, node.Did!.Value.Files, node.Did.Value.Bytes))],
            PutsPerFile = puts / (double)expected.Count,
            ObjectsTwice = Twice(requests.Where(request => request is { Status: 200, Operation: S3Operation.PutObject or S3Operation.CompleteMultipartUpload }).Select(request => request.Key!)),
            PartsTwice = Twice(requests.Where(request => request is { Status: 200, Operation: S3Operation.UploadPart }).Select(request => $"{request.PartNumber} of {request.Key}")),
            PartsPerPart = parts == 0 ? 0 : requests.Count(request => request.Operation == S3Operation.UploadPart) / (double)parts,
            Remarks = remarks ?? [],
            Violations = wrong,
        };

        void Tell(string what, IEnumerable<string> which)
        {
            var all = which.ToList();
            if (all.Count > 0)
            {
                wrong.Add($"{all.Count} {what}: {string.Join("; ", all.Take(MostNamed))}");
            }
        }
    }

    private static async Task ShowAsync(Theatre theatre, IReadOnlyList<SandboxRequest> requests)
    {
        var lines = (await theatre.Fleet.AuditAsync(new AuditQuery(Limit: int.MaxValue), CancellationToken.None))
            .Select(record => (record.At, What: $"session {record.Session.Epoch} {record.What} {record.Path} {record.Number}"))
            .Concat(requests.Where(request => request.Operation != S3Operation.PutObject)
                .Select(request => (request.At, What: $"    store: {request.Operation} {request.Key} {request.PartNumber} = {request.Status} {request.ErrorCode} after {request.Duration.TotalSeconds:0.00} s")));
        foreach (var (at, what) in lines.OrderBy(line => line.At))
        {
            Console.WriteLine($"{at:HH:mm:ss.fff} {what}");
        }

        Console.WriteLine(theatre.Logs());
    }

    private static long Twice(IEnumerable<string> done) => done.CountBy(key => key, StringComparer.Ordinal).Sum(count => (long)count.Value - 1);
}
