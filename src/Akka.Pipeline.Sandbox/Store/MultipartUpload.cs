namespace Akka.Pipeline.Sandbox.Store;

using Akka.Pipeline.Sandbox.Protocol;

/// <summary>An upload in progress and its parts. What changes it does so under <see cref="Gate"/>.</summary>
internal sealed class MultipartUpload(UploadRecord record, string? folder, Journal<PartRecord>? journal) : IDisposable
{
    private readonly SortedDictionary<int, PartRecord> _parts = [];
    private int _lastFile;

    public UploadRecord Record => record;

    public SemaphoreSlim Gate { get; } = new(1, 1);

    /// <summary>Completed or aborted.</summary>
    public bool IsClosed { get; private set; }

    public IReadOnlyList<PartRecord> Parts
    {
        get
        {
            lock (_parts)
            {
                return [.. _parts.Values];
            }
        }
    }

    public PartRecord? Find(int number)
    {
        lock (_parts)
        {
            return _parts.GetValueOrDefault(number);
        }
    }

    public string? PathOf(PartRecord part) => folder is null ? null : Path.Combine(folder, part.File!);

    /// <summary>Takes a part; one of the same number is replaced.</summary>
    /// <exception cref="S3Exception">NoSuchUpload, where the upload was closed meanwhile.</exception>
    public void Add(PartRecord part, TemporaryFile body)
    {
        if (IsClosed)
        {
            throw S3Errors.NoSuchUpload();
        }

        if (folder is not null)
        {
            part = part with { File = $"{part.Number:D5}.{++_lastFile}" };
            body.MoveTo(Path.Combine(folder, part.File));
            journal!.Append(part);
        }

        var replaced = Replace(part);
        if (replaced is not null && folder is not null)
        {
            File.Delete(PathOf(replaced)!);
        }
    }

    /// <summary>Takes a part that a former run had received.</summary>
    public void Restore(PartRecord part)
    {
        Replace(part);
        _lastFile = Math.Max(_lastFile, int.Parse(Path.GetExtension(part.File!).AsSpan(1)));
    }

    public void Close()
    {
        IsClosed = true;
        journal?.Dispose();
        if (folder is not null)
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public void Dispose()
    {
        journal?.Dispose();
        Gate.Dispose();
    }

    private PartRecord? Replace(PartRecord part)
    {
        lock (_parts)
        {
            _parts.Remove(part.Number, out var replaced);
            _parts[part.Number] = part;
            return replaced;
        }
    }
}
