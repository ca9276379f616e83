namespace Akka.Pipeline.Sandbox.Store;

using Microsoft.Win32.SafeHandles;

/// <summary>Where bodies lie until they are committed. What a crash leaves here is removed at the next start.</summary>
/// <param name="folder">Null in null mode, where bodies are thrown away.</param>
internal sealed class TemporaryFiles(string? folder, bool flushToDisk)
{
    private readonly string _run = Path.GetRandomFileName().Replace(".", "", StringComparison.Ordinal);
    private long _last;

    public TemporaryFile Create()
    {
        if (folder is null)
        {
            return new(null, flushToDisk);
        }

        return new(Path.Combine(folder, $"{_run}-{Interlocked.Increment(ref _last)}"), flushToDisk);
    }

    public string PathOf(string name) => Path.Combine(folder!, name);
}

/// <summary>A file under construction; gone with <see cref="Dispose"/> unless it was moved away before.</summary>
internal sealed class TemporaryFile : IDisposable
{
    private readonly bool _flushToDisk;
    private SafeFileHandle? _handle;
    private long _sizeBytes;

    public TemporaryFile(string? path, bool flushToDisk)
    {
        FullPath = path;
        _flushToDisk = flushToDisk;
        _handle = path is null ? null : File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
    }

    /// <summary>Null in null mode.</summary>
    public string? FullPath { get; private set; }

    public string? Name => FullPath is null ? null : Path.GetFileName(FullPath);

    public void Append(ReadOnlySpan<byte> data)
    {
        if (_handle is not null)
        {
            RandomAccess.Write(_handle, data, _sizeBytes);
            _sizeBytes += data.Length;
        }
    }

    public void Finish()
    {
        if (_flushToDisk && _handle is not null)
        {
            RandomAccess.FlushToDisk(_handle);
        }

        _handle?.Dispose();
        _handle = null;
    }

    public void MoveTo(string path)
    {
        File.Move(FullPath!, path, overwrite: true);
        FullPath = null;
    }

    public void Dispose()
    {
        _handle?.Dispose();
        _handle = null;
        if (FullPath is not null)
        {
            File.Delete(FullPath);
            FullPath = null;
        }
    }
}
