namespace Akka.Pipeline.Actors.Uploading;

using System.Runtime.ExceptionServices;

/// <summary>Work on many items side by side, on as many of them as may be at that moment.</summary>
internal static class ElasticLoop
{
    /// <summary>Returns when all of it is done. After a failure nothing more is begun; what is under way comes to its end, and then the first failure is thrown.</summary>
    /// <param name="items">In the order in which they are begun.</param>
    /// <param name="atOnce">How many may be under way; asked whenever one has ended.</param>
    /// <param name="work">For one item.</param>
    /// <param name="endsOthers">Whether, after such a failure, nothing that is under way is worth its end, and is cancelled.</param>
    /// <param name="cancellation">Ends it early.</param>
    public static async Task RunAsync<T>(
        IReadOnlyList<T> items, Func<int> atOnce, Func<T, CancellationToken, Task> work, Func<Exception, bool> endsOthers, CancellationToken cancellation)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var stop = ending.Token;
        var underWay = new List<Task>();
        ExceptionDispatchInfo? failed = null;
        var next = 0;
        do
        {
            for (var most = Math.Max(1, atOnce()); failed is null && !stop.IsCancellationRequested && next < items.Count && underWay.Count < most; next++)
            {
                var item = items[next];
                underWay.Add(Task.Run(() => work(item, stop), CancellationToken.None));
            }

            if (underWay.Count == 0)
            {
                break;
            }

            var ended = await Task.WhenAny(underWay);
            underWay.Remove(ended);
            try
            {
                await ended;
            }
            catch (Exception cause)
            {
                failed ??= ExceptionDispatchInfo.Capture(cause);
                if (endsOthers(cause))
                {
                    await ending.CancelAsync();
                }
            }
        }
        while (underWay.Count > 0 || (failed is null && next < items.Count));

        failed?.Throw();
        cancellation.ThrowIfCancellationRequested();
    }
}
