namespace Akka.Pipeline.Sandbox.Store;

using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Win32.SafeHandles;

/// <summary>A file of JSON lines that is only ever added to. A torn last line, as a crash may leave, counts as never written.</summary>
internal sealed class Journal<T> : IDisposable
{
    private readonly SafeFileHandle _handle;
    private readonly JsonTypeInfo<T> _type;
    private readonly bool _flushToDisk;

    private Journal(SafeFileHandle handle, JsonTypeInfo<T> type, bool flushToDisk, long lengthBytes)
    {
        _handle = handle;
        _type = type;
        _flushToDisk = flushToDisk;
        LengthBytes = lengthBytes;
    }

    public long LengthBytes { get; private set; }

    /// <summary>Opens a journal, hands over what is in it, and cuts off a torn end.</summary>
    public static Journal<T> Open(string path, JsonTypeInfo<T> type, bool flushToDisk, Action<T> replay)
    {
        var soundBytes = 0L;
        if (File.Exists(path))
        {
            using var stream = new BufferedStream(File.OpenRead(path), 1 << 16);
            var line = new MemoryStream();
            int octet;
            while ((octet = stream.ReadByte()) >= 0)
            {
                line.WriteByte((byte)octet);
                if (octet != '\n')
                {
                    continue;
                }

                T? entry;
                try
                {
                    entry = JsonSerializer.Deserialize(line.GetBuffer().AsSpan(0, (int)line.Length), type);
                }
                catch (JsonException)
                {
                    break;
                }

                if (entry is null)
                {
                    break;
                }

                replay(entry);
                soundBytes += line.Length;
                line.SetLength(0);
            }
        }

        var handle = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read);
        if (RandomAccess.GetLength(handle) > soundBytes)
        {
            RandomAccess.SetLength(handle, soundBytes);
        }

        return new(handle, type, flushToDisk, soundBytes);
    }

    /// <summary>Writes a journal anew in one step.</summary>
    public static void Rewrite(string path, JsonTypeInfo<T> type, IEnumerable<T> entries)
    {
        var fresh = path + ".new";
        File.Delete(fresh);
        using (var stream = new BufferedStream(File.Create(fresh), 1 << 16))
        {
            foreach (var entry in entries)
            {
                JsonSerializer.Serialize(stream, entry, type);
                stream.WriteByte((byte)'\n');
            }
        }

        File.Move(fresh, path, overwrite: true);
    }

    public void Append(T entry)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(entry, _type);
        Array.Resize(ref json, json.Length + 1);
        json[^1] = (byte)'\n';
        try
        {
            RandomAccess.Write(_handle, json, LengthBytes);
            if (_flushToDisk)
            {
                RandomAccess.FlushToDisk(_handle);
            }
        }
        catch (IOException)
        {
            RandomAccess.SetLength(_handle, LengthBytes);
            throw;
        }

        LengthBytes += json.Length;
    }

    /// <summary>Takes back what was added since the journal had this length.</summary>
    public void CutTo(long lengthBytes)
    {
        RandomAccess.SetLength(_handle, lengthBytes);
        LengthBytes = lengthBytes;
    }

    public void Dispose() => _handle.Dispose();
}
