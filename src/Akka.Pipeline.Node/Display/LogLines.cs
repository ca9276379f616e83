namespace Akka.Pipeline.Node.Display;

using System.Globalization;
using Microsoft.Extensions.Logging;
using LogLevel = Microsoft.Extensions.Logging.LogLevel;

/// <summary>
/// Writes log lines "[2026-01-31 12:00:00] INFO text" to stderr, whole lines only, and keeps a status line below them where a terminal looks on.
/// </summary>
public sealed class LogLines(TextWriter output, TimeProvider time, bool isTerminal, LogLevel least) : ILoggerProvider
{
    private readonly Lock gate = new();
    private string status = "";

    /// <summary>Whether a person looks on.</summary>
    public bool IsTerminal => isTerminal;

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName.StartsWith("Microsoft.", StringComparison.Ordinal));

    /// <summary>Writes one line.</summary>
    public void Write(LogLevel level, string text)
    {
        if (level < least)
        {
            return;
        }

        var name = level switch
        {
            LogLevel.Warning => "WARN",
            LogLevel.Error => "ERROR",
            LogLevel.Critical => "ERROR",
            LogLevel.Information => "INFO",
            _ => "DEBUG",
        };
        WriteLine(string.Create(CultureInfo.InvariantCulture, $"[{time.GetLocalNow():yyyy-MM-dd HH:mm:ss}] {name} {OneLine(text)}"));
    }

    /// <summary>Writes a line as it is.</summary>
    public void WriteLine(string line)
    {
        lock (gate)
        {
            output.Write(status.Length == 0 ? line + "\n" : $"\r\u001b[K{line}\n{status}");
            output.Flush();
        }
    }

    /// <summary>Shows a status line below the log, or none; without a terminal it does nothing.</summary>
    public void ShowStatus(string line)
    {
        if (!isTerminal)
        {
            return;
        }

        lock (gate)
        {
            if (!string.Equals(line, status, StringComparison.Ordinal))
            {
                status = line;
                output.Write($"\r\u001b[K{line}");
                output.Flush();
            }
        }
    }

    public void Dispose() => ShowStatus("");

    // A log line stays one line, whatever a file is called.
    private static string OneLine(string text) => text.AsSpan().IndexOfAny('\n', '\r') < 0 ? text : text.ReplaceLineEndings(" | ");

    private sealed class Logger(LogLines lines, bool isFramework) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= (isFramework ? LogLevel.Warning : LogLevel.Information);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel))
            {
                return;
            }

            lines.Write(logLevel, exception is null ? formatter(state, exception) : $"{formatter(state, exception)} {exception}");
        }
    }
}
