namespace Akka.Pipeline.Torture;

using System.Globalization;
using System.Text;

/// <summary>
/// One program that writes: files of its own, in every way that programs write. Each operation is drawn from its own seeded generator, and told to the
/// model before the file is closed.
/// </summary>
internal sealed class Writer
{
    private const int LargeBytes = 5 << 20;
    private const int SmallFileLimitBytes = 3 << 20;
    private static readonly string[] Folders = ["", "a/", "a/b/", "logs/"];
    private static readonly string[] Extensions = [".log", ".bin", "", ".tar.gz"];

    private readonly Model model;
    private readonly Random chance;
    private readonly string source;
    private readonly string outside;
    private readonly int number;
    private readonly WriterHabits habits;
    private readonly string[] paths;
    private readonly Thread thread;
    private int names;
    private long lines;
    private volatile bool stopping;
    private int largeWanted;

    public Writer(Model model, string source, string outside, int number, int seed, WriterHabits habits)
    {
        (this.model, this.source, this.outside, this.number, this.habits) = (model, source, outside, number, habits);
        chance = new Random(seed);
        paths = new string[habits.Files];
        for (var slot = 0; slot < paths.Length; slot++)
        {
            paths[slot] = NewPath();
        }

        thread = new Thread(Run) { IsBackground = true, Name = $"writer-{number}" };
    }

    public void Start() => thread.Start();

    public void WantLarge() => Interlocked.Exchange(ref largeWanted, 1);

    public void Stop() => stopping = true;

    public void Join() => thread.Join();

    private void Run()
    {
        try
        {
            while (!stopping)
            {
                Step();
                Thread.Sleep(chance.Next(habits.LongestRestMilliseconds));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            model.Violated($"writer {number} was refused: {e.Message}");
        }
    }

    private void Step()
    {
        var slot = chance.Next(paths.Length);
        if (Interlocked.Exchange(ref largeWanted, 0) == 1)
        {
            paths[slot] = NewPath();
            Append(paths[slot], LargeBytes + chance.Next(LargeBytes), slow: false);
            return;
        }

        var path = paths[slot];
        if (habits.Slow && chance.Next(4) > 0)
        {
            Append(path, Length(), slow: true);
            return;
        }

        switch (chance.Next(100))
        {
            case < 30:
                Append(path, Length(), slow: false);
                break;
            case < 45:
                Append(path, Length(), slow: true);
                break;
            case < 52:
                Rewrite(path, slow: chance.Next(2) == 0);
                break;
            case < 62:
                RewriteInPlace(path, mapped: false);
                break;
            case < 68:
                RewriteInPlace(path, mapped: true);
                break;
            case < 74:
                Replace(path, Length());
                break;
            case < 80:
                Replace(path, null);
                break;
            case < 86:
                RenameAway(slot);
                break;
            case < 89:
                Remove(path);
                break;
            case < 92:
                WriteByOtherName(path);
                break;
            default:
                paths[slot] = NewPath();
                Append(paths[slot], Length(), slow: chance.Next(4) == 0);
                break;
        }
    }

    private void Append(string path, int length, bool slow)
    {
        using var file = WrittenFile.Open(Full(path), create: true)!;
        var (identity, size) = file.Status();
        var known = model.Identify(path, identity, size);
        if (size > SmallFileLimitBytes)
        {
            length = chance.Next(4096);
        }

        var bytes = Content(path, length);
        WriteOut(file, bytes, size, slow);
        Close(file, known, path, bytes, $"append{(slow ? " slowly" : "")} {length} to {size} ({identity})");
    }

    private void Rewrite(string path, bool slow)
    {
        using var file = WrittenFile.Open(Full(path), create: true)!;
        var (identity, size) = file.Status();
        var known = model.Identify(path, identity, size);
        file.Truncate();
        _ = known.Digest.GetHashAndReset();
        var bytes = Content(path, Length());
        WriteOut(file, bytes, 0, slow);
        Close(file, known, path, bytes, $"truncate {size} and write {bytes.Length}{(slow ? " slowly" : "")} ({identity})");
    }

    /// <summary>Writes over the content without a change of size: in between the file is half old, half new.</summary>
    private void RewriteInPlace(string path, bool mapped)
    {
        using var file = WrittenFile.Open(Full(path), create: false);
        if (file is null)
        {
            Append(path, Length(), slow: false);
            return;
        }

        var (identity, size) = file.Status();
        var known = model.Identify(path, identity, size);
        _ = known.Digest.GetHashAndReset();
        var bytes = Content(path, (int)size);
        if (mapped)
        {
            file.WriteMapped(bytes, Hold);
        }
        else
        {
            WriteOut(file, bytes, 0, slow: true);
        }

        Close(file, known, path, bytes, $"write over {size} in place{(mapped ? " by way of memory" : "")} ({identity})");
    }

    private void Remove(string path)
    {
        if (model.Remove(path, () => WrittenFile.Remove(Full(path))))
        {
            model.Did(path, "remove");
        }
    }

    /// <summary>
    /// Gives the file another name outside, and appends by way of that. Nothing of it may be lost either: it stays under that name, and if it is still
    /// in the source under its own it is uploaded.
    /// </summary>
    private void WriteByOtherName(string path)
    {
        var other = Path.Combine(outside, $"w{number}-{names++}");
        if (!WrittenFile.Link(Full(path), other))
        {
            return;
        }

        using var file = WrittenFile.Open(other, create: false)!;
        var (identity, size) = file.Status();
        if (model.Find(path, identity) is not { } known)
        {
            model.Violated(path, $"'{path}' ({identity}) was made by no writer");
            return;
        }

        known.OtherName = other;
        var bytes = Content(path, Length());
        WriteOut(file, bytes, size, slow: chance.Next(2) == 0);
        Close(file, known, path, bytes, $"append {bytes.Length} to {size} by another name ({identity})");
    }

    /// <param name="length">Null: as long as the present one.</param>
    private void Replace(string path, int? length)
    {
        var size = length ?? (File.Exists(Full(path)) ? SizeOf(path) : 0);
        var temporary = chance.Next(2) == 0 ? Full(path) + ".tmp" : Path.Combine(outside, $"w{number}-{names++}");
        var bytes = Content(path, size);
        Incarnation made;
        using (var file = WrittenFile.Open(temporary, create: true, exclusive: true)!)
        {
            made = Model.Prepare(file.Status().Identity);
            WriteOut(file, bytes, 0, slow: false);
            made.Digest.AppendData(bytes);
            model.Expect(made, path, new State(Convert.ToHexStringLower(made.Digest.GetCurrentHash()), bytes.Length));
        }

        if (WrittenFile.Rename(temporary, Full(path)))
        {
            model.Replaced(made, path);
            model.Did(path, $"replace by rename with {bytes.Length} ({made.Identity}) = {made.Last!.Hash[..12]}");
        }
    }

    private void RenameAway(int slot)
    {
        var (from, to) = (paths[slot], NewPath());
        if (WrittenFile.IdentityOf(Full(from)) is not { } identity)
        {
            return;
        }

        model.Expect(from, to);
        if (WrittenFile.Rename(Full(from), Full(to)))
        {
            model.Renamed(from, to, identity);
            model.Did(from, $"rename to {to} ({identity})");
            model.Did(to, $"renamed from {from} ({identity})");
            paths[slot] = to;
        }
    }

    private void WriteOut(WrittenFile file, byte[] bytes, long offset, bool slow)
    {
        var first = slow ? bytes.Length / 2 : bytes.Length;
        file.Write(bytes.AsSpan(0, first), offset);
        if (slow)
        {
            Hold();
            file.Write(bytes.AsSpan(first), offset + first);
        }
    }

    private void Hold() => Thread.Sleep(chance.Next(50, habits.LongestHoldMilliseconds));

    private void Close(WrittenFile file, Incarnation known, string path, byte[] added, string what)
    {
        known.Digest.AppendData(added);
        var state = new State(Convert.ToHexStringLower(known.Digest.GetCurrentHash()), file.Status().SizeBytes);
        if (chance.Next(8) == 0)
        {
            file.Flush();
        }

        // Noted before the close: from then on the uploader may have it.
        model.Finish(known, path, state);
        model.Did(path, $"{what} = {state.Hash[..12]}");
    }

    private byte[] Content(string path, int length)
    {
        var bytes = new byte[length];
        chance.NextBytes(bytes);
        var line = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{path} line {++lines} of writer {number}\n"));
        line.AsSpan(0, Math.Min(line.Length, length)).CopyTo(bytes);
        return bytes;
    }

    private int Length() => chance.Next(100) switch
    {
        < 4 => 0,
        < 66 => chance.Next(40, 4_000),
        < 92 => chance.Next(4_000, 200_000),
        < 99 => chance.Next(200_000, SmallFileLimitBytes),
        _ => LargeBytes + chance.Next(-1, 2),
    };

    private int SizeOf(string path)
    {
        try
        {
            return (int)new FileInfo(Full(path)).Length;
        }
        catch (FileNotFoundException)
        {
            return 0;
        }
    }

    private string NewPath() => $"{Folders[chance.Next(Folders.Length)]}w{number}-{names++}{Extensions[chance.Next(Extensions.Length)]}";

    private string Full(string path) => Path.Combine(source, path);
}

/// <param name="Files">Of one writer, at one time.</param>
/// <param name="LongestRestMilliseconds">Between two operations.</param>
/// <param name="LongestHoldMilliseconds">For which a slow operation keeps its file half written.</param>
/// <param name="Slow">Most operations are slow appends.</param>
internal sealed record WriterHabits(int Files = 6, int LongestRestMilliseconds = 60, int LongestHoldMilliseconds = 400, bool Slow = false);
