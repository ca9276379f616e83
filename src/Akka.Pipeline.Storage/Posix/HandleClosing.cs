namespace Akka.Pipeline.Storage.Posix;

using Akka.Pipeline.Storage.Threads;

/// <summary>Closes many handles at once, by threads of its own.</summary>
/// <remarks>
/// Closing the last handle of a removed file frees its blocks, and waits for the disk where it is told of free blocks at once (the mount option discard): 0.3 ms a file on the disk that this was
/// seen on (ext4, Linux 6.18, 2026-11).
/// </remarks>
internal static class HandleClosing
{
    public const int MostThreads = 8;

    private const int FilesWorthAThread = 8;

    private static readonly WaitingThreads Threads = new(MostThreads);

    /// <summary>Returns at once.</summary>
    /// <param name="handles">None may be in use.</param>
    /// <param name="then">Done when all are closed, by the last thread that closes; must not throw.</param>
    public static void CloseAll(IReadOnlyList<Descriptor> handles, Action then)
    {
        var next = -1;
        var closing = Math.Clamp(handles.Count / FilesWorthAThread, 1, Threads.Most);
        for (var n = closing; n > 0; n--)
        {
            Threads.Run(CloseNext);
        }

        void CloseNext()
        {
            for (var i = Interlocked.Increment(ref next); i < handles.Count; i = Interlocked.Increment(ref next))
            {
                handles[i].Dispose();
            }

            if (Interlocked.Decrement(ref closing) == 0)
            {
                then();
            }
        }
    }
}
