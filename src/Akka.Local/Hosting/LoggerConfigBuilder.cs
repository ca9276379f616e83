namespace Akka.Hosting;

using Akka.Actor;
using Akka.Event;
using Microsoft.Extensions.Logging;
using AkkaLogLevel = Akka.Event.LogLevel;
using HostLogLevel = Microsoft.Extensions.Logging.LogLevel;

/// <summary>Where the log events of the actor system go. Without any choice they go to the standard output.</summary>
public sealed class LoggerConfigBuilder
{
    private bool _console = true;
    private bool _loggerFactory;
    private ILoggerFactory? _givenFactory;

    internal LoggerConfigBuilder()
    {
    }

    public AkkaLogLevel LogLevel { get; set; } = AkkaLogLevel.InfoLevel;

    public LoggerConfigBuilder ClearLoggers()
    {
        _console = false;
        _loggerFactory = false;
        return this;
    }

    internal void UseLoggerFactory(ILoggerFactory? factory)
    {
        _loggerFactory = true;
        _givenFactory = factory;
    }

    internal IReadOnlyList<ILogSink> CreateSinks(ILoggerFactory? hostFactory)
    {
        var sinks = new List<ILogSink>();
        if (_console)
        {
            sinks.Add(new ConsoleLogSink());
        }

        if (_loggerFactory)
        {
            var factory = _givenFactory ?? hostFactory
                ?? throw new Akka.Configuration.ConfigurationException("AddLoggerFactory needs an ILoggerFactory, and the services have none. Call services.AddLogging().");
            sinks.Add(new LoggerFactorySink(factory));
        }

        return sinks;
    }

    private sealed class LoggerFactorySink(ILoggerFactory factory) : ILogSink
    {
        private readonly ILogger _logger = factory.CreateLogger<ActorSystem>();

        public void Write(LogEvent logEvent) => _logger.Log(
            logEvent.LogLevel() switch
            {
                AkkaLogLevel.DebugLevel => HostLogLevel.Debug,
                AkkaLogLevel.InfoLevel => HostLogLevel.Information,
                AkkaLogLevel.WarningLevel => HostLogLevel.Warning,
                _ => HostLogLevel.Error,
            },
            default,
            logEvent,
            logEvent.Cause,
            static (written, _) => written.ToString());
    }
}

public static class LoggingExtensions
{
    public static AkkaConfigurationBuilder ConfigureLoggers(this AkkaConfigurationBuilder builder, Action<LoggerConfigBuilder> configurator)
    {
        builder.Loggers = new LoggerConfigBuilder();
        configurator(builder.Loggers);
        return builder;
    }

    /// <summary>Sends the log events to the host's logger factory, under the category of <see cref="ActorSystem"/>.</summary>
    public static LoggerConfigBuilder AddLoggerFactory(this LoggerConfigBuilder configBuilder)
    {
        configBuilder.UseLoggerFactory(null);
        return configBuilder;
    }

    public static LoggerConfigBuilder AddLoggerFactory(this LoggerConfigBuilder configBuilder, ILoggerFactory loggerFactory)
    {
        configBuilder.UseLoggerFactory(loggerFactory);
        return configBuilder;
    }
}
