namespace Akka.Pipeline.Storage.Governance;

using System.Runtime.ExceptionServices;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Insight;
using Akka.Pipeline.Core.Stores;
using Akka.Pipeline.Core.Uploading;
using Polly;
using Polly.Retry;

/// <summary>
/// Stands between the pipeline and one store: counts requests, bounds how many are under way, repeats what failed in passing a few times with
/// growing jittered delays, and lowers the bound at once when the store asks to slow down.
/// </summary>
public sealed class RequestGovernor
{
    private static readonly ResiliencePropertyKey<bool> RepeatsUnknown = new("repeats-unknown");

    private readonly TimeProvider time;
    private readonly TransferMeters meters;
    private readonly Lazy<ResiliencePipeline> pipeline;
    private readonly int repeats;
    private readonly Lock gate = new();
    private readonly LinkedList<TaskCompletionSource> waiting = new();
    private readonly ConcurrencyLimit limit;
    private int underWay;

    /// <summary>Makes a governor.</summary>
    /// <param name="maximumRequests">Requests at once; 1 or more.</param>
    /// <param name="repeats">How often a request is repeated in place before its caller hears of the failure.</param>
    /// <param name="firstDelay">Before the first repetition; it doubles, up to 30 s.</param>
    /// <param name="meters">Counts the requests.</param>
    /// <param name="time">The clocks.</param>
    /// <param name="chance">0 to 1, for jitter.</param>
    public RequestGovernor(int maximumRequests, int repeats, TimeSpan firstDelay, TransferMeters meters, TimeProvider time, Func<double> chance)
    {
        this.meters = meters;
        this.time = time;
        this.repeats = repeats;
        limit = new ConcurrencyLimit(maximumRequests);

        // Most runs never need it, and the checks that making it brings are long for a start.
        pipeline = new(() => MakePipeline(repeats, firstDelay, time, chance));
    }

    /// <summary>Requests that may be under way at once, now.</summary>
    public int CurrentLimit
    {
        get
        {
            lock (gate)
            {
                return limit.Current;
            }
        }
    }

    /// <summary>Runs a request.</summary>
    /// <param name="request">May be run several times.</param>
    /// <param name="repeatsUnknown">Whether it may be repeated when it may have been carried out already.</param>
    /// <param name="cancellation">Ends the wait and the request.</param>
    /// <param name="bodyBytes">That the request carries.</param>
    public async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> request, bool repeatsUnknown, CancellationToken cancellation, long bodyBytes = 0)
    {
        try
        {
            return await OnceAsync(request, bodyBytes, cancellation);
        }
        catch (StoreException first) when (repeats > 0 && Repeats(first.Failure, repeatsUnknown))
        {
            return await RepeatAsync(first, request, repeatsUnknown, bodyBytes, cancellation);
        }
    }

    // Apart, because most requests succeed at once and need none of this.
    private async Task<T> RepeatAsync<T>(StoreException first, Func<CancellationToken, Task<T>> request, bool repeatsUnknown, long bodyBytes, CancellationToken cancellation)
    {
        var context = ResilienceContextPool.Shared.Get(cancellation);
        context.Properties.Set(RepeatsUnknown, repeatsUnknown);
        StoreException? failed = first;
        try
        {
            return await pipeline.Value.ExecuteAsync(
                async c =>
                {
                    if (Interlocked.Exchange(ref failed, null) is { } before)
                    {
                        ExceptionDispatchInfo.Throw(before);
                    }

                    return await OnceAsync(request, bodyBytes, c.CancellationToken);
                },
                context);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private static ResiliencePipeline MakePipeline(int repeats, TimeSpan firstDelay, TimeProvider time, Func<double> chance)
    {
        var delays = new RetrySchedule(firstDelay, TimeSpan.FromSeconds(30), int.MaxValue);
        return new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = repeats,
                ShouldHandle = arguments => ValueTask.FromResult(
                    arguments.Outcome.Exception is StoreException { Failure: var failure } && Repeats(failure, arguments.Context.Properties.GetValue(RepeatsUnknown, defaultValue: false))),
                DelayGenerator = arguments => ValueTask.FromResult<TimeSpan?>(
                    delays.DelayAfter(arguments.AttemptNumber + 1, chance(), (arguments.Outcome.Exception as StoreException)?.Failure.RetryAfter)),
            })
            .Build();
    }

    private static bool Repeats(Failure failure, bool repeatsUnknown) =>
        failure.Nature is FailureNature.Passing or FailureNature.Throttled
        && failure.Code != "NoSuchUpload" // Only a new upload helps.
        && (!failure.OutcomeUnknown || repeatsUnknown);

    private async Task<T> OnceAsync<T>(Func<CancellationToken, Task<T>> request, long bodyBytes, CancellationToken cancellation)
    {
        await EnterAsync(cancellation);
        var overloaded = false;
        var succeeded = false;
        try
        {
            meters.Requested();
            var answer = await request(cancellation);
            succeeded = true;
            return answer;
        }
        catch (StoreException failed)
        {
            overloaded = failed.Failure.Nature == FailureNature.Throttled || failed.Failure is { Nature: FailureNature.Passing, OutcomeUnknown: true };
            throw;
        }
        finally
        {
            Leave(succeeded, overloaded, bodyBytes);
        }
    }

    private async ValueTask EnterAsync(CancellationToken cancellation)
    {
        LinkedListNode<TaskCompletionSource> place;
        lock (gate)
        {
            if (underWay < limit.Current)
            {
                underWay++;
                return;
            }

            place = waiting.AddLast(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        await using (cancellation.Register(() =>
        {
            lock (gate)
            {
                if (place.List is null)
                {
                    return;
                }

                waiting.Remove(place);
            }

            place.Value.TrySetCanceled(cancellation);
        }))
        {
            await place.Value.Task;
        }
    }

    private void Leave(bool succeeded, bool overloaded, long bodyBytes)
    {
        var now = time.GetElapsedTime(0, time.GetTimestamp());
        lock (gate)
        {
            if (succeeded)
            {
                // Who sends one file after the other reads the next one in between.
                limit.Succeeded(bodyBytes, wasFull: underWay * 5 >= limit.Current * 4, now);
            }
            else if (overloaded)
            {
                limit.Overloaded(now);
            }

            underWay--;
            while (underWay < limit.Current && waiting.First is { } first)
            {
                waiting.RemoveFirst();
                underWay++;
                first.Value.SetResult();
            }
        }
    }
}
