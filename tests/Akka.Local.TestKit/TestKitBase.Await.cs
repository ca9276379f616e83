namespace Akka.TestKit;

using Xunit;

public abstract partial class TestKitBase
{
    private static readonly TimeSpan DefaultInterval = TimeSpan.FromMilliseconds(10);

    /// <summary>Repeats the assertion until it holds; fails with its own error when the time is over.</summary>
    public void AwaitAssert(Action assertion, TimeSpan? duration = null, TimeSpan? interval = null, CancellationToken cancellationToken = default) =>
        AwaitAssertAsync(assertion, duration, interval, cancellationToken).GetAwaiter().GetResult();

    public Task AwaitAssertAsync(Action assertion, TimeSpan? duration = null, TimeSpan? interval = null, CancellationToken cancellationToken = default) =>
        AwaitAssertAsync(
            () =>
            {
                assertion();
                return Task.CompletedTask;
            },
            duration,
            interval,
            cancellationToken);

    public async Task AwaitAssertAsync(Func<Task> assertion, TimeSpan? duration = null, TimeSpan? interval = null, CancellationToken cancellationToken = default)
    {
        var end = Now + RemainingOrDilated(duration);
        while (true)
        {
            try
            {
                await assertion().ConfigureAwait(false);
                return;
            }
            catch (Exception) when (Now < end)
            {
                await Task.Delay(interval ?? DefaultInterval, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public void AwaitCondition(Func<bool> conditionIsFulfilled, CancellationToken cancellationToken = default) =>
        AwaitCondition(conditionIsFulfilled, null, null, null, cancellationToken);

    public void AwaitCondition(Func<bool> conditionIsFulfilled, TimeSpan? max, CancellationToken cancellationToken = default) =>
        AwaitCondition(conditionIsFulfilled, max, null, null, cancellationToken);

    public void AwaitCondition(Func<bool> conditionIsFulfilled, TimeSpan? max, string? message, CancellationToken cancellationToken = default) =>
        AwaitCondition(conditionIsFulfilled, max, null, message, cancellationToken);

    public void AwaitCondition(Func<bool> conditionIsFulfilled, TimeSpan? max, TimeSpan? interval, string? message = null, CancellationToken cancellationToken = default) =>
        AwaitConditionAsync(conditionIsFulfilled, max, interval, message, cancellationToken).GetAwaiter().GetResult();

    public Task AwaitConditionAsync(Func<bool> conditionIsFulfilled, CancellationToken cancellationToken = default) =>
        AwaitConditionAsync(conditionIsFulfilled, null, null, null, cancellationToken);

    public Task AwaitConditionAsync(Func<bool> conditionIsFulfilled, TimeSpan? max, string? message, CancellationToken cancellationToken = default) =>
        AwaitConditionAsync(conditionIsFulfilled, max, null, message, cancellationToken);

    public Task AwaitConditionAsync(Func<Task<bool>> conditionIsFulfilled, CancellationToken cancellationToken = default) =>
        AwaitConditionAsync(conditionIsFulfilled, null, null, null, cancellationToken);

    public Task AwaitConditionAsync(Func<Task<bool>> conditionIsFulfilled, TimeSpan? max, CancellationToken cancellationToken = default) =>
        AwaitConditionAsync(conditionIsFulfilled, max, null, null, cancellationToken);

    public Task AwaitConditionAsync(Func<bool> conditionIsFulfilled, TimeSpan? max, TimeSpan? interval, string? message = null, CancellationToken cancellationToken = default) =>
        AwaitConditionAsync(() => Task.FromResult(conditionIsFulfilled()), max, interval, message, cancellationToken);

    public async Task AwaitConditionAsync(Func<Task<bool>> conditionIsFulfilled, TimeSpan? max, TimeSpan? interval, string? message = null, CancellationToken cancellationToken = default)
    {
        var time = RemainingOrDilated(max);
        var end = Now + time;
        while (!await conditionIsFulfilled().ConfigureAwait(false))
        {
            if (Now >= end)
            {
                Assert.Fail(message ?? $"Timeout {time} expired while waiting for condition.");
            }

            await Task.Delay(interval ?? DefaultInterval, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Limits everything that is awaited inside to the time that is left.</summary>
    public void Within(TimeSpan max, Action action, TimeSpan? epsilonValue = null, CancellationToken cancellationToken = default) =>
        Within(TimeSpan.Zero, max, action, null, epsilonValue, cancellationToken);

    public void Within(TimeSpan min, TimeSpan max, Action action, string? hint = null, TimeSpan? epsilonValue = null, CancellationToken cancellationToken = default) =>
        Within(
            min,
            max,
            () =>
            {
                action();
                return true;
            },
            hint,
            epsilonValue,
            cancellationToken);

    public T Within<T>(TimeSpan max, Func<T> function, TimeSpan? epsilonValue = null, CancellationToken cancellationToken = default) =>
        Within(TimeSpan.Zero, max, function, null, epsilonValue, cancellationToken);

    public T Within<T>(TimeSpan min, TimeSpan max, Func<T> function, string? hint = null, TimeSpan? epsilonValue = null, CancellationToken cancellationToken = default) =>
        WithinAsync(min, max, () => Task.FromResult(function()), hint, epsilonValue, cancellationToken).GetAwaiter().GetResult();

    public Task WithinAsync(TimeSpan max, Func<Task> actionAsync, TimeSpan? epsilonValue = null, CancellationToken cancellationToken = default) =>
        WithinAsync(
            TimeSpan.Zero,
            max,
            async () =>
            {
                await actionAsync().ConfigureAwait(false);
                return true;
            },
            null,
            epsilonValue,
            cancellationToken);

    public async Task<T> WithinAsync<T>(TimeSpan min, TimeSpan max, Func<Task<T>> function, string? hint = null, TimeSpan? epsilonValue = null, CancellationToken cancellationToken = default)
    {
        _ = cancellationToken;
        var start = Now;
        var outer = _end;
        _end = outer is { } enclosing && enclosing < start + max ? enclosing : start + max;
        _lastWasNoMsg = false;
        T result;
        try
        {
            result = await function().ConfigureAwait(false);
        }
        finally
        {
            _end = outer;
        }

        var elapsed = Now - start;
        Assert.True(elapsed >= min, $"Failed: block took {elapsed}, should have at least been {min} {hint}");

        // Expecting nothing uses up the whole time, by its nature.
        Assert.True(_lastWasNoMsg || elapsed <= max + (epsilonValue ?? TimeSpan.Zero), $"Failed: block took {elapsed}, exceeding {max} {hint}");
        return result;
    }
}
