namespace Akka.Hosting;

using Akka.Event;

/// <summary>Where the log events of the actor system go besides its event stream: to the standard output, or nowhere.</summary>
public sealed class LoggerConfigBuilder
{
    private bool _console = true;

    internal LoggerConfigBuilder()
    {
    }

    public LogLevel LogLevel { get; set; } = LogLevel.InfoLevel;

    public LoggerConfigBuilder ClearLoggers()
    {
        _console = false;
        return this;
    }

    internal IReadOnlyList<ILogSink> CreateSinks() => _console ? [new ConsoleLogSink()] : [];
}

public static class LoggingExtensions
{
    public static AkkaConfigurationBuilder ConfigureLoggers(this AkkaConfigurationBuilder builder, Action<LoggerConfigBuilder> configurator)
    {
        builder.Loggers = new LoggerConfigBuilder();
        configurator(builder.Loggers);
        return builder;
    }
}
