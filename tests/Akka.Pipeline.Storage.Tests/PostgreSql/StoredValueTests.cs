namespace Akka.Pipeline.Storage.Tests.PostgreSql;

using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Fleet;
using Akka.Pipeline.Storage.PostgreSql;

/// <summary>Values that stand in single columns come back as they were, whatever they are.</summary>
public sealed class StoredValueTests
{
    private static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable("STORED_SEED"), out var given) ? given : Random.Shared.Next();

    [Fact]
    public void Names_of_any_characters_come_back()
    {
        var random = new Random(Seed);
        char[] picks = ['a', '\0', 'é', '\uD83D', '\uDE00', '\uDCFF', '\uD800', '\uDFFF', '\uFFFF', '\uFFFD', '\u0080'];
        for (var i = 0; i < 5_000; i++)
        {
            var name = new string(random.GetItems(picks, random.Next(8)));
            Assert.True(name == StoredText.ToName(StoredText.OfName(name)), $"{string.Join(' ', name.Select(c => $"{(int)c:x4}"))}, STORED_SEED={Seed}");
            Assert.Equal(name, StoredText.ToDigest(StoredText.OfDigest(name)!));
        }
    }

    [Fact]
    public void Different_names_have_different_bytes() =>
        Assert.Equal(4, new[] { "\uD83D\uDE00", "\uD83D", "\uDE00", "\uFFFD" }.Select(name => Convert.ToHexString(StoredText.OfName(name))).Distinct().Count());

    [Fact]
    public void Batches_of_any_files_come_back()
    {
        var random = new Random(Seed);
        for (var i = 0; i < 500; i++)
        {
            BatchFile[] files = [.. Enumerable.Range(0, random.Next(20)).Select(_ => new BatchFile(PathOf(random), new Fingerprint(NumberOf(random), NumberOf(random), (ulong)NumberOf(random), (ulong)NumberOf(random))))];
            Assert.True(files.SequenceEqual(BatchContent.Read(BatchContent.Write(files))), $"round {i}, STORED_SEED={Seed}");
        }
    }

    [Fact]
    public void A_batch_that_was_cut_short_or_changed_is_refused_or_read_and_never_hangs()
    {
        var random = new Random(Seed);
        var whole = BatchContent.Write([.. Enumerable.Range(0, 50).Select(i => new BatchFile($"folder/{i}", new Fingerprint(i, i, 1, 2)))]);
        for (var cut = 0; cut < whole.Length; cut++)
        {
            Assert.Throws<InvalidDataException>(() => BatchContent.Read(whole.AsSpan(0, cut)));
        }

        for (var i = 0; i < 2_000; i++)
        {
            var changed = whole.ToArray();
            changed[random.Next(changed.Length)] = (byte)random.Next(256);
            if (Record.Exception(() => BatchContent.Read(changed)) is { } exception)
            {
                Assert.IsType<InvalidDataException>(exception);
            }
        }
    }

    [Fact]
    public void A_file_of_a_batch_takes_few_bytes()
    {
        BatchFile[] files = [.. Enumerable.Range(0, 300).Select(i => new BatchFile($"camera-001/2026-11-20/image_{i:d8}.jpeg", new Fingerprint(3_000_000 + i, 1_700_000_000_000_000_000 + (i * 20_000_000L), 66_306, 1_000_000 + (ulong)i)))];
        Assert.InRange(BatchContent.Write(files).Length / files.Length, 5, 30);
    }

    private static string PathOf(Random random)
    {
        var bytes = new byte[random.Next(12)];
        random.NextBytes(bytes);
        return SourcePath.FromBytes(bytes);
    }

    private static long NumberOf(Random random) => random.Next(4) switch
    {
        0 => random.Next(),
        1 => long.MaxValue,
        2 => long.MinValue,
        _ => random.NextInt64(long.MinValue, long.MaxValue),
    };
}
