namespace Akka.Event;

using Akka.Actor;

/// <summary>Logs for one source.</summary>
public interface ILoggingAdapter
{
    bool IsDebugEnabled { get; }

    bool IsInfoEnabled { get; }

    bool IsWarningEnabled { get; }

    bool IsErrorEnabled { get; }

    bool IsEnabled(LogLevel logLevel);

    void Log(LogLevel logLevel, Exception? cause, LogMessage message);

    void Log(LogLevel logLevel, Exception? cause, string format);
}

/// <summary>A message with placeholders <c>{0}</c> and its arguments, formatted when somebody reads it.</summary>
public sealed class LogMessage
{
    private readonly object?[] _args;

    internal LogMessage(string format, object?[] args)
    {
        Format = format;
        _args = args;
    }

    public string Format { get; }

    public IEnumerable<object?> Parameters() => _args;

    public override string ToString() => string.Format(global::System.Globalization.CultureInfo.InvariantCulture, Format, _args);
}

/// <summary>Publishes on the event stream.</summary>
internal sealed class BusLogging(LoggingBus bus, string logSource, Type logClass) : ILoggingAdapter
{
    public bool IsDebugEnabled => IsEnabled(LogLevel.DebugLevel);

    public bool IsInfoEnabled => IsEnabled(LogLevel.InfoLevel);

    public bool IsWarningEnabled => IsEnabled(LogLevel.WarningLevel);

    public bool IsErrorEnabled => IsEnabled(LogLevel.ErrorLevel);

    public bool IsEnabled(LogLevel logLevel) => logLevel >= bus.LogLevel;

    public void Log(LogLevel logLevel, Exception? cause, LogMessage message) => Publish(logLevel, cause, message);

    public void Log(LogLevel logLevel, Exception? cause, string format) => Publish(logLevel, cause, format);

    private void Publish(LogLevel logLevel, Exception? cause, object message) => bus.Publish(logLevel switch
    {
        LogLevel.DebugLevel => new Debug(cause, logSource, logClass, message),
        LogLevel.InfoLevel => new Info(cause, logSource, logClass, message),
        LogLevel.WarningLevel => new Warning(cause, logSource, logClass, message),
        LogLevel.ErrorLevel => new Error(cause, logSource, logClass, message),
        _ => throw new NotSupportedException($"Unknown LogLevel {logLevel}"),
    });
}

/// <summary>The class that events carry whose source is a string.</summary>
public sealed class DummyClassForStringSources
{
}

/// <summary>Makes logging adapters.</summary>
public static class Logging
{
    public static ILoggingAdapter GetLogger(this IActorContext context) =>
        new BusLogging(context.System.EventStream, context.Self.Path.ToString(), context.Props.Type);

    /// <summary>The source may be an actor, its context, a string, a type, or anything else, which is named by its type.</summary>
    public static ILoggingAdapter GetLogger(ActorSystem system, object logSourceObj) => logSourceObj switch
    {
        IActorContext context => context.GetLogger(),
        IActorRef actor => new BusLogging(system.EventStream, actor.Path.ToString(), actor.GetType()),
        string source => new BusLogging(system.EventStream, $"{source} ({system})", typeof(DummyClassForStringSources)),
        Type type => new BusLogging(system.EventStream, $"{type.Name} ({system})", type),
        _ => new BusLogging(system.EventStream, $"{logSourceObj.GetType().Name} ({system})", logSourceObj.GetType()),
    };
}

/// <summary>Writes log events to the standard output.</summary>
internal sealed class ConsoleLogSink : ILogSink
{
    public void Write(LogEvent logEvent) => Console.WriteLine(logEvent);
}
