namespace Akka.TestKit;

using Xunit;

public abstract partial class TestKitBase
{
    /// <summary>The next message, or null when none comes in time.</summary>
    public object? ReceiveOne(TimeSpan? max = null, CancellationToken cancellationToken = default) =>
        ReceiveOneAsync(max, cancellationToken).AsTask().GetAwaiter().GetResult();

    public async ValueTask<object?> ReceiveOneAsync(TimeSpan? max = null, CancellationToken cancellationToken = default)
    {
        var received = await TryReceiveAsync(max ?? RemainingOrDefault, cancellationToken).ConfigureAwait(false);
        return received ? _last.Message : null;
    }

    public IReadOnlyCollection<object> ReceiveN(int numberOfMessages, CancellationToken cancellationToken = default) =>
        ReceiveN(numberOfMessages, RemainingOrDefault, cancellationToken);

    /// <summary>That many messages, within the time for all of them.</summary>
    public IReadOnlyCollection<object> ReceiveN(int numberOfMessages, TimeSpan max, CancellationToken cancellationToken = default)
    {
        var end = Now + max;
        var received = new List<object>(numberOfMessages);
        while (received.Count < numberOfMessages)
        {
            var message = ReceiveOne(end - Now, cancellationToken);
            Assert.True(message is not null, $"Timeout ({max}) while expecting {numberOfMessages} messages. Only got {received.Count} after {max}.");
            received.Add(message!);
        }

        return received;
    }

    /// <summary>Passes over messages until one fits.</summary>
    public object FishForMessage(Predicate<object> isMessage, TimeSpan? max = null, string hint = "", CancellationToken cancellationToken = default) =>
        FishForMessage<object>(isMessage, max, hint, cancellationToken);

    public T FishForMessage<T>(Predicate<T> isMessage, TimeSpan? max = null, string hint = "", CancellationToken cancellationToken = default) =>
        FishForMessageAsync(isMessage, max, hint, cancellationToken).AsTask().GetAwaiter().GetResult();

    public ValueTask<object> FishForMessageAsync(Predicate<object> isMessage, TimeSpan? max = null, string hint = "", CancellationToken cancellationToken = default) =>
        FishForMessageAsync<object>(isMessage, max, hint, cancellationToken);

    public async ValueTask<T> FishForMessageAsync<T>(Predicate<T> isMessage, TimeSpan? max = null, string hint = "", CancellationToken cancellationToken = default)
    {
        var time = max ?? RemainingOrDefault;
        var end = Now + time;
        while (true)
        {
            var message = await ReceiveOneAsync(end - Now, cancellationToken).ConfigureAwait(false);
            Assert.True(message is not null, $"Timeout ({time}) during fishForMessage, hint: {hint}");
            if (message is T typed && isMessage(typed))
            {
                return typed;
            }
        }
    }

    private async ValueTask<bool> TryReceiveAsync(TimeSpan max, CancellationToken cancellationToken)
    {
        MessageEnvelope envelope;
        if (!_queue.Reader.TryRead(out envelope))
        {
            if (max <= TimeSpan.Zero)
            {
                return Nothing();
            }

            using var expiry = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            expiry.CancelAfter(max);
            try
            {
                envelope = await _queue.Reader.ReadAsync(expiry.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                cancellationToken.ThrowIfCancellationRequested();
                return Nothing();
            }
        }

        _lastWasNoMsg = false;
        _last = envelope;
        return true;
    }

    private bool Nothing()
    {
        _lastWasNoMsg = false;
        _last = default;
        return false;
    }
}
