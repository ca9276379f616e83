namespace Akka.Pipeline.Storage.Tests.Threads;

using Akka.Pipeline.Storage.Threads;

public sealed class Waiting_on_threads
{
    [Fact]
    public async Task Who_is_on_a_thread_stays_there_and_who_enters_anew_does_not()
    {
        using var threads = new WaitingThreads(4);
        await threads.Enter();
        var first = Environment.CurrentManagedThreadId;
        await threads.Enter();
        Assert.Equal(first, Environment.CurrentManagedThreadId);
        Assert.False(threads.EnterAnew().IsCompleted);
        Assert.False(Thread.CurrentThread.IsThreadPoolThread);
    }

    [Fact]
    public async Task No_more_work_is_under_way_than_there_may_be_threads_and_all_of_it_is_done()
    {
        using var threads = new WaitingThreads(3);
        int now = 0, most = 0;
        var gate = new Lock();
        await Task.WhenAll(Enumerable.Range(0, 200).Select(async _ =>
        {
            await threads.EnterAnew();
            lock (gate)
            {
                most = Math.Max(most, ++now);
            }

            Thread.Yield();
            lock (gate)
            {
                now--;
            }
        }));
        Assert.InRange(most, 1, 3);
    }

    [Fact]
    public async Task A_disposed_one_still_does_what_it_is_given()
    {
        var threads = new WaitingThreads(2);
        await threads.Enter();
        threads.Dispose();
        await threads.EnterAnew();
    }
}
