namespace Akka.Pipeline.Actors.Tests.Models;

using System.Collections.Concurrent;

/// <summary>What happened in the models of one test, in the order in which it happened.</summary>
internal sealed class Journal
{
    private readonly ConcurrentQueue<string> entries = new();

    public IReadOnlyList<string> Entries => [.. entries];

    public void Add(string entry) => entries.Enqueue(entry);

    public int Count(string beginning) => entries.Count(entry => entry.StartsWith(beginning, StringComparison.Ordinal));

    /// <summary>Asserts that these entries stand in this order, with anything between them.</summary>
    public void HasInOrder(params string[] expected)
    {
        var all = Entries;
        var at = 0;
        foreach (var entry in all)
        {
            at += at < expected.Length && string.Equals(entry, expected[at], StringComparison.Ordinal) ? 1 : 0;
        }

        Assert.True(at == expected.Length, $"'{(at < expected.Length ? expected[at] : "")}' is missing, or in another order, in:\n{string.Join('\n', all)}");
    }
}
