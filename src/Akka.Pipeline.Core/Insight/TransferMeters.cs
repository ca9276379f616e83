namespace Akka.Pipeline.Core.Insight;

/// <summary>What a node has done since it started, as counters that only grow. Written by any thread, read by the display.</summary>
public sealed class TransferMeters
{
    private long filesFound, bytesFound, filesStored, bytesStored, filesAlreadyStored, filesRemoved, filesFailed, filesSetAside, bytesSent, requests, walksEnded;

    /// <summary>Files that became work.</summary>
    public long FilesFound => Interlocked.Read(ref filesFound);

    public long BytesFound => Interlocked.Read(ref bytesFound);

    /// <summary>Files whose bytes are in the store, verified and recorded; those that were there before included.</summary>
    public long FilesStored => Interlocked.Read(ref filesStored);

    public long BytesStored => Interlocked.Read(ref bytesStored);

    /// <summary>Of the stored files, those of which nothing had to be sent.</summary>
    public long FilesAlreadyStored => Interlocked.Read(ref filesAlreadyStored);

    /// <summary>Local files removed or moved after the upload.</summary>
    public long FilesRemoved => Interlocked.Read(ref filesRemoved);

    /// <summary>Attempts that failed.</summary>
    public long FilesFailed => Interlocked.Read(ref filesFailed);

    public long FilesSetAside => Interlocked.Read(ref filesSetAside);

    /// <summary>Bytes handed to the store, those of failed attempts included.</summary>
    public long BytesSent => Interlocked.Read(ref bytesSent);

    /// <summary>Requests to the store.</summary>
    public long Requests => Interlocked.Read(ref requests);

    /// <summary>Walks over any source that came to their end.</summary>
    public long WalksEnded => Interlocked.Read(ref walksEnded);

    public void Found(long files, long bytes)
    {
        Interlocked.Add(ref filesFound, files);
        Interlocked.Add(ref bytesFound, bytes);
    }

    public void Stored(long bytes, bool already)
    {
        Interlocked.Increment(ref filesStored);
        Interlocked.Add(ref bytesStored, bytes);
        if (already)
        {
            Interlocked.Increment(ref filesAlreadyStored);
        }
    }

    public void Removed(long files) => Interlocked.Add(ref filesRemoved, files);

    public void Failed() => Interlocked.Increment(ref filesFailed);

    public void SetAside() => Interlocked.Increment(ref filesSetAside);

    public void Sent(long bytes) => Interlocked.Add(ref bytesSent, bytes);

    public void Requested() => Interlocked.Increment(ref requests);

    public void WalkEnded() => Interlocked.Increment(ref walksEnded);
}
