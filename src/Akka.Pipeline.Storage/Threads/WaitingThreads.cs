namespace Akka.Pipeline.Storage.Threads;

using System.Runtime.CompilerServices;

/// <summary>
/// Threads for work that waits where it stands: for an answer on a socket, for a disk. That costs two switches of the kernel a wait and nothing else, where a wait that lets its thread go
/// costs an object for every method that is waiting, and code for each of them that has to be compiled first. The thread pool's threads are few and not made to wait. These are made as they are
/// needed, and end when they are not.
/// </summary>
/// <param name="most">1 or more; what comes when all are busy waits.</param>
/// <param name="atEase">Called by a thread that ends because there was nothing to do for <see cref="Patience"/>.</param>
internal sealed class WaitingThreads(int most, Action? atEase = null) : IDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    [ThreadStatic]
    private static WaitingThreads? current;

    private readonly object gate = new();
    private readonly Queue<Action> waiting = new();
    private int idle;
    private int running;
    private bool ended;

    public int Most => most;

    /// <summary>Goes on with the caller on one of the threads, at once if it is on one. The caller stays there until it waits for something else.</summary>
    public Entry Enter() => new(this, stays: true);

    /// <summary>Goes on with the caller on one of the threads that waits for work: whoever calls is free meanwhile to begin something else.</summary>
    public Entry EnterAnew() => new(this, stays: false);

    /// <summary>Threads that wait for work end. What is under way is done.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            ended = true;
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>Has work done, which must not throw.</summary>
    public void Run(Action work)
    {
        lock (gate)
        {
            waiting.Enqueue(work);
            if (waiting.Count <= idle || running == most)
            {
                Monitor.Pulse(gate);
                return;
            }

            running++;
        }

        try
        {
            new Thread(Work) { IsBackground = true, Name = "waiting" }.UnsafeStart();
        }
        catch (OutOfMemoryException)
        {
            // The system has no thread for us (a limit of processes): one of the pool's does it.
            ThreadPool.UnsafeQueueUserWorkItem(static threads => threads.Work(), this, preferLocal: false);
        }
    }

    private void Work()
    {
        current = this;
        while (Take() is { } work)
        {
            work();
        }

        current = null;
        atEase?.Invoke();
    }

    private Action? Take()
    {
        lock (gate)
        {
            while (true)
            {
                if (waiting.TryDequeue(out var work))
                {
                    return work;
                }

                idle++;
                var called = !ended && Monitor.Wait(gate, Patience);
                idle--;
                if (!called && waiting.Count == 0)
                {
                    running--;
                    return null;
                }
            }
        }
    }

    /// <summary>What is awaited to get onto a thread.</summary>
    public readonly struct Entry(WaitingThreads threads, bool stays) : ICriticalNotifyCompletion
    {
        public bool IsCompleted => stays && ReferenceEquals(current, threads);

        public Entry GetAwaiter() => this;

        public void OnCompleted(Action continuation) => threads.Run(continuation);

        public void UnsafeOnCompleted(Action continuation) => threads.Run(continuation);

        public void GetResult()
        {
        }
    }
}
