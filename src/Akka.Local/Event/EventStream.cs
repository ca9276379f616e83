namespace Akka.Event;

using System.Collections.Concurrent;
using Akka.Actor;

/// <summary>What log events are published to.</summary>
public abstract class LoggingBus
{
    private protected LoggingBus()
    {
    }

    /// <summary>Events below this level are not even made.</summary>
    public LogLevel LogLevel { get; private protected set; } = LogLevel.InfoLevel;

    public abstract void Publish(object @event);
}

/// <summary>Where log events end up: the console, a logger factory, a test's output. Called on the thread that logs.</summary>
internal interface ILogSink
{
    void Write(LogEvent logEvent);
}

/// <summary>Tells what is published to all who subscribed to its type, or to a base type or interface of it.</summary>
public sealed class EventStream : LoggingBus
{
    private readonly Lock _lock = new();
    private readonly IReadOnlyList<ILogSink> _sinks;
    private readonly ConcurrentDictionary<Type, IActorRef[]> _subscribersByEvent = new();
    private List<(IActorRef Subscriber, Type Channel)> _subscriptions = [];

    internal EventStream(IReadOnlyList<ILogSink> sinks) => _sinks = sinks;

    /// <summary>False if the subscription is already there.</summary>
    public bool Subscribe(IActorRef subscriber, Type channel)
    {
        ArgumentNullException.ThrowIfNull(subscriber);
        ArgumentNullException.ThrowIfNull(channel);
        lock (_lock)
        {
            if (_subscriptions.Any(s => s.Subscriber.Equals(subscriber) && s.Channel == channel))
            {
                return false;
            }

            _subscriptions = [.. _subscriptions, (subscriber, channel)];
            _subscribersByEvent.Clear();
            return true;
        }
    }

    public bool Unsubscribe(IActorRef subscriber, Type channel)
    {
        ArgumentNullException.ThrowIfNull(subscriber);
        return Remove(s => s.Subscriber.Equals(subscriber) && s.Channel == channel);
    }

    /// <summary>Ends all subscriptions of an actor. An actor that stops is unsubscribed without being asked.</summary>
    public bool Unsubscribe(IActorRef subscriber)
    {
        ArgumentNullException.ThrowIfNull(subscriber);
        return Remove(s => s.Subscriber.Equals(subscriber));
    }

    public override void Publish(object @event)
    {
        if (@event is LogEvent logEvent)
        {
            foreach (var sink in _sinks)
            {
                Write(sink, logEvent);
            }
        }

        if (!_subscribersByEvent.TryGetValue(@event.GetType(), out var subscribers))
        {
            subscribers = FindSubscribers(@event.GetType());
        }

        foreach (var subscriber in subscribers)
        {
            subscriber.Tell(@event);
        }
    }

    // A log that cannot be written must not take down the actor that logs.
    private static void Write(ILogSink sink, LogEvent logEvent)
    {
        try
        {
            sink.Write(logEvent);
        }
        catch (Exception)
        {
            // There is no other place to report it to.
        }
    }

    internal void SetLogLevel(LogLevel level) => LogLevel = level;

    internal void UnsubscribeTerminated(IActorRef actor)
    {
        if (Volatile.Read(ref _subscriptions).Count > 0)
        {
            Remove(s => s.Subscriber.Equals(actor));
        }
    }

    private IActorRef[] FindSubscribers(Type eventType)
    {
        // Under the lock, so that what is cached is never older than the last change.
        lock (_lock)
        {
            return _subscribersByEvent.GetOrAdd(
                eventType,
                type => [.. _subscriptions.Where(s => s.Channel.IsAssignableFrom(type)).Select(s => s.Subscriber).Distinct()]);
        }
    }

    private bool Remove(Predicate<(IActorRef Subscriber, Type Channel)> which)
    {
        lock (_lock)
        {
            var remaining = _subscriptions.Where(s => !which(s)).ToList();
            if (remaining.Count == _subscriptions.Count)
            {
                return false;
            }

            _subscriptions = remaining;
            _subscribersByEvent.Clear();
            return true;
        }
    }
}

public static class EventStreamExtensions
{
    public static bool Subscribe<TChannel>(this EventStream eventStream, IActorRef subscriber) => eventStream.Subscribe(subscriber, typeof(TChannel));

    public static bool Unsubscribe<TChannel>(this EventStream eventStream, IActorRef subscriber) => eventStream.Unsubscribe(subscriber, typeof(TChannel));
}
