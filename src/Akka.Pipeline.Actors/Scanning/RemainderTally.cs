namespace Akka.Pipeline.Actors.Scanning;

using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Core.Failures;

/// <summary>Counts what a run leaves in a source, and remembers a few examples.</summary>
internal sealed class RemainderTally
{
    private const int MostExamples = 20;

    private readonly List<SettledFile> examples = [];
    private long setAside, givenUp, beingWritten, unread;

    /// <summary>Why the source could not be read, if so.</summary>
    public Failure? SourceFailure { get; set; }

    public void Add(SettledFile file)
    {
        _ = file.How switch
        {
            Settlement.SetAside => setAside++,
            Settlement.GivenUp => givenUp++,
            Settlement.Unread => unread++,
            _ => beingWritten++,
        };
        if (examples.Count < MostExamples)
        {
            examples.Add(file);
        }
    }

    public void Clear()
    {
        examples.Clear();
        setAside = givenUp = beingWritten = unread = 0;
    }

    public RouteRemainder Snapshot() => new(setAside, givenUp, beingWritten, SourceFailure, [.. examples], unread);
}
