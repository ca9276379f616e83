namespace Akka.Pipeline.Storage.Sqlite;

using System.Diagnostics;
using Akka.Pipeline.Storage.Posix;

/// <summary>
/// A file beside the ledger that holds nothing but space on its disk. Where source and ledger share a disk and it is full, the ledger could
/// record nothing, so nothing could be removed, and the disk would stay full for ever. Then this space is given back, a quarter at a time, because
/// other programs that wait for space may be faster than the ledger; and taken again when there is some.
/// </summary>
/// <remarks>It is made as well as it can be: no reserve is no error, and a failing one never fails the ledger. Safe for several threads.</remarks>
internal sealed class LedgerReserve
{
    /// <summary>The log before it is copied into the ledger (32 MiB) may all be new pages there.</summary>
    private const long MostBytes = 32L << 20;

    /// <summary>Less would not last for one commit.</summary>
    private const long LeastBytes = 64L << 10;

    /// <summary>It takes no more than this part of what is free.</summary>
    private const int PartOfFree = 8;

    private const int Steps = 4;

    private static readonly TimeSpan RefillEvery = TimeSpan.FromSeconds(1);

    private readonly string file;
    private readonly Lock gate = new();
    private long length;
    private long whole;
    private long triedAt;

    /// <param name="ledger">The ledger's file.</param>
    public LedgerReserve(string ledger)
    {
        file = $"{ledger}-reserve";
        length = whole = LengthNow();
    }

    /// <summary>True from the first release until the space is back: the ledger must be sparing.</summary>
    public bool IsTapped
    {
        get
        {
            lock (gate)
            {
                return length < whole;
            }
        }
    }

    /// <summary>Gives some space back; false when there is none left to give.</summary>
    public bool Release()
    {
        lock (gate)
        {
            if (length == 0)
            {
                return false;
            }

            var step = Math.Max(LeastBytes, whole / Steps);
            triedAt = Stopwatch.GetTimestamp();
            return TrySetLength(length <= step ? 0 : length - step);
        }
    }

    /// <summary>Takes what was given back, as far as there is room, and not more often than once a second.</summary>
    public void Refill()
    {
        lock (gate)
        {
            if (length < whole && Stopwatch.GetElapsedTime(triedAt) >= RefillEvery)
            {
                triedAt = Stopwatch.GetTimestamp();
                Grow(whole);
            }
        }
    }

    /// <summary>Makes it as long as it should be, as far as there is room.</summary>
    public void Fill()
    {
        lock (gate)
        {
            Grow(MostBytes);
            whole = Math.Max(whole, length);
        }
    }

    private void Grow(long wanted)
    {
        try
        {
            var free = new DriveInfo(Path.GetDirectoryName(file)!).AvailableFreeSpace;
            var grown = Math.Min(wanted, length + (free / PartOfFree));
            if (grown < LeastBytes || grown <= length)
            {
                return;
            }

            using var handle = File.OpenHandle(file, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
            if (Libc.Allocate(handle, length, grown - length) == 0)
            {
                length = grown;
            }
            else
            {
                RandomAccess.SetLength(handle, length);
            }
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            length = LengthNow();
        }
    }

    private bool TrySetLength(long bytes)
    {
        try
        {
            using var handle = File.OpenHandle(file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            RandomAccess.SetLength(handle, bytes);
            length = bytes;
            return true;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            length = 0;
            return false;
        }
    }

    private long LengthNow()
    {
        try
        {
            var found = new FileInfo(file);
            return found.Exists ? found.Length : 0;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }
}
