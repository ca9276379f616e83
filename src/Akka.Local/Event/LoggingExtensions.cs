namespace Akka.Event;

/// <summary>Logging by level. Arguments are formatted only if the event is read; below the level nothing is allocated for value types but the call itself.</summary>
public static class LoggingExtensions
{
    public static void Debug(this ILoggingAdapter log, string format)
    {
        if (log.IsDebugEnabled)
        {
            log.Log(LogLevel.DebugLevel, null, format);
        }
    }

    public static void Debug(this ILoggingAdapter log, Exception? cause, string format)
    {
        if (log.IsDebugEnabled)
        {
            log.Log(LogLevel.DebugLevel, cause, format);
        }
    }

    public static void Debug(this ILoggingAdapter log, string format, object?[] args) => log.Debug((Exception?)null, format, args);

    public static void Debug(this ILoggingAdapter log, Exception? cause, string format, object?[] args)
    {
        if (log.IsDebugEnabled)
        {
            log.Log(LogLevel.DebugLevel, cause, new LogMessage(format, args));
        }
    }

    public static void Debug<T1>(this ILoggingAdapter log, string format, T1 arg1) => log.Debug<T1>((Exception?)null, format, arg1);

    public static void Debug<T1>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1)
    {
        if (log.IsDebugEnabled)
        {
            log.Log(LogLevel.DebugLevel, cause, new LogMessage(format, [arg1]));
        }
    }

    public static void Debug<T1, T2>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2) => log.Debug<T1, T2>((Exception?)null, format, arg1, arg2);

    public static void Debug<T1, T2>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1, T2 arg2)
    {
        if (log.IsDebugEnabled)
        {
            log.Log(LogLevel.DebugLevel, cause, new LogMessage(format, [arg1, arg2]));
        }
    }

    public static void Debug<T1, T2, T3>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3) => log.Debug<T1, T2, T3>((Exception?)null, format, arg1, arg2, arg3);

    public static void Debug<T1, T2, T3>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1, T2 arg2, T3 arg3)
    {
        if (log.IsDebugEnabled)
        {
            log.Log(LogLevel.DebugLevel, cause, new LogMessage(format, [arg1, arg2, arg3]));
        }
    }

    public static void Debug<T1, T2, T3, T4>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4) => log.Debug<T1, T2, T3, T4>((Exception?)null, format, arg1, arg2, arg3, arg4);

    public static void Debug<T1, T2, T3, T4>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4)
    {
        if (log.IsDebugEnabled)
        {
            log.Log(LogLevel.DebugLevel, cause, new LogMessage(format, [arg1, arg2, arg3, arg4]));
        }
    }

    public static void Debug<T1, T2, T3, T4, T5>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5) => log.Debug<T1, T2, T3, T4, T5>((Exception?)null, format, arg1, arg2, arg3, arg4, arg5);

    public static void Debug<T1, T2, T3, T4, T5>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5)
    {
        if (log.IsDebugEnabled)
        {
            log.Log(LogLevel.DebugLevel, cause, new LogMessage(format, [arg1, arg2, arg3, arg4, arg5]));
        }
    }

    public static void Debug<T1, T2, T3, T4, T5, T6>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6) => log.Debug<T1, T2, T3, T4, T5, T6>((Exception?)null, format, arg1, arg2, arg3, arg4, arg5, arg6);

    public static void Debug<T1, T2, T3, T4, T5, T6>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6)
    {
        if (log.IsDebugEnabled)
        {
            log.Log(LogLevel.DebugLevel, cause, new LogMessage(format, [arg1, arg2, arg3, arg4, arg5, arg6]));
        }
    }

    public static void Info(this ILoggingAdapter log, string format)
    {
        if (log.IsInfoEnabled)
        {
            log.Log(LogLevel.InfoLevel, null, format);
        }
    }

    public static void Info(this ILoggingAdapter log, Exception? cause, string format)
    {
        if (log.IsInfoEnabled)
        {
            log.Log(LogLevel.InfoLevel, cause, format);
        }
    }

    public static void Info(this ILoggingAdapter log, string format, object?[] args) => log.Info((Exception?)null, format, args);

    public static void Info(this ILoggingAdapter log, Exception? cause, string format, object?[] args)
    {
        if (log.IsInfoEnabled)
        {
            log.Log(LogLevel.InfoLevel, cause, new LogMessage(format, args));
        }
    }

    public static void Info<T1>(this ILoggingAdapter log, string format, T1 arg1) => log.Info<T1>((Exception?)null, format, arg1);

    public static void Info<T1>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1)
    {
        if (log.IsInfoEnabled)
        {
            log.Log(LogLevel.InfoLevel, cause, new LogMessage(format, [arg1]));
        }
    }

    public static void Info<T1, T2>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2) => log.Info<T1, T2>((Exception?)null, format, arg1, arg2);

    public static void Info<T1, T2>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1, T2 arg2)
    {
        if (log.IsInfoEnabled)
        {
            log.Log(LogLevel.InfoLevel, cause, new LogMessage(format, [arg1, arg2]));
        }
    }

    public static void Info<T1, T2, T3>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3) => log.Info<T1, T2, T3>((Exception?)null, format, arg1, arg2, arg3);

    public static void Info<T1, T2, T3>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1, T2 arg2, T3 arg3)
    {
        if (log.IsInfoEnabled)
        {
            log.Log(LogLevel.InfoLevel, cause, new LogMessage(format, [arg1, arg2, arg3]));
        }
    }

    public static void Info<T1, T2, T3, T4>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4) => log.Info<T1, T2, T3, T4>((Exception?)null, format, arg1, arg2, arg3, arg4);

    public static void Info<T1, T2, T3, T4>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4)
    {
        if (log.IsInfoEnabled)
        {
            log.Log(LogLevel.InfoLevel, cause, new LogMessage(format, [arg1, arg2, arg3, arg4]));
        }
    }

    public static void Info<T1, T2, T3, T4, T5>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5) => log.Info<T1, T2, T3, T4, T5>((Exception?)null, format, arg1, arg2, arg3, arg4, arg5);

    public static void Info<T1, T2, T3, T4, T5>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5)
    {
        if (log.IsInfoEnabled)
        {
            log.Log(LogLevel.InfoLevel, cause, new LogMessage(format, [arg1, arg2, arg3, arg4, arg5]));
        }
    }

    public static void Info<T1, T2, T3, T4, T5, T6>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6) => log.Info<T1, T2, T3, T4, T5, T6>((Exception?)null, format, arg1, arg2, arg3, arg4, arg5, arg6);

    public static void Info<T1, T2, T3, T4, T5, T6>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6)
    {
        if (log.IsInfoEnabled)
        {
            log.Log(LogLevel.InfoLevel, cause, new LogMessage(format, [arg1, arg2, arg3, arg4, arg5, arg6]));
        }
    }

    public static void Warning(this ILoggingAdapter log, string format)
    {
        if (log.IsWarningEnabled)
        {
            log.Log(LogLevel.WarningLevel, null, format);
        }
    }

    public static void Warning(this ILoggingAdapter log, Exception? cause, string format)
    {
        if (log.IsWarningEnabled)
        {
            log.Log(LogLevel.WarningLevel, cause, format);
        }
    }

    public static void Warning(this ILoggingAdapter log, string format, object?[] args) => log.Warning((Exception?)null, format, args);

    public static void Warning(this ILoggingAdapter log, Exception? cause, string format, object?[] args)
    {
        if (log.IsWarningEnabled)
        {
            log.Log(LogLevel.WarningLevel, cause, new LogMessage(format, args));
        }
    }

    public static void Warning<T1>(this ILoggingAdapter log, string format, T1 arg1) => log.Warning<T1>((Exception?)null, format, arg1);

    public static void Warning<T1>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1)
    {
        if (log.IsWarningEnabled)
        {
            log.Log(LogLevel.WarningLevel, cause, new LogMessage(format, [arg1]));
        }
    }

    public static void Warning<T1, T2>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2) => log.Warning<T1, T2>((Exception?)null, format, arg1, arg2);

    public static void Warning<T1, T2>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1, T2 arg2)
    {
        if (log.IsWarningEnabled)
        {
            log.Log(LogLevel.WarningLevel, cause, new LogMessage(format, [arg1, arg2]));
        }
    }

    public static void Warning<T1, T2, T3>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3) => log.Warning<T1, T2, T3>((Exception?)null, format, arg1, arg2, arg3);

    public static void Warning<T1, T2, T3>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1, T2 arg2, T3 arg3)
    {
        if (log.IsWarningEnabled)
        {
            log.Log(LogLevel.WarningLevel, cause, new LogMessage(format, [arg1, arg2, arg3]));
        }
    }

    public static void Warning<T1, T2, T3, T4>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4) => log.Warning<T1, T2, T3, T4>((Exception?)null, format, arg1, arg2, arg3, arg4);

    public static void Warning<T1, T2, T3, T4>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4)
    {
        if (log.IsWarningEnabled)
        {
            log.Log(LogLevel.WarningLevel, cause, new LogMessage(format, [arg1, arg2, arg3, arg4]));
        }
    }

    public static void Warning<T1, T2, T3, T4, T5>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5) => log.Warning<T1, T2, T3, T4, T5>((Exception?)null, format, arg1, arg2, arg3, arg4, arg5);

    public static void Warning<T1, T2, T3, T4, T5>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5)
    {
        if (log.IsWarningEnabled)
        {
            log.Log(LogLevel.WarningLevel, cause, new LogMessage(format, [arg1, arg2, arg3, arg4, arg5]));
        }
    }

    public static void Warning<T1, T2, T3, T4, T5, T6>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6) => log.Warning<T1, T2, T3, T4, T5, T6>((Exception?)null, format, arg1, arg2, arg3, arg4, arg5, arg6);

    public static void Warning<T1, T2, T3, T4, T5, T6>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6)
    {
        if (log.IsWarningEnabled)
        {
            log.Log(LogLevel.WarningLevel, cause, new LogMessage(format, [arg1, arg2, arg3, arg4, arg5, arg6]));
        }
    }

    public static void Error(this ILoggingAdapter log, string format)
    {
        if (log.IsErrorEnabled)
        {
            log.Log(LogLevel.ErrorLevel, null, format);
        }
    }

    public static void Error(this ILoggingAdapter log, Exception? cause, string format)
    {
        if (log.IsErrorEnabled)
        {
            log.Log(LogLevel.ErrorLevel, cause, format);
        }
    }

    public static void Error(this ILoggingAdapter log, string format, object?[] args) => log.Error((Exception?)null, format, args);

    public static void Error(this ILoggingAdapter log, Exception? cause, string format, object?[] args)
    {
        if (log.IsErrorEnabled)
        {
            log.Log(LogLevel.ErrorLevel, cause, new LogMessage(format, args));
        }
    }

    public static void Error<T1>(this ILoggingAdapter log, string format, T1 arg1) => log.Error<T1>((Exception?)null, format, arg1);

    public static void Error<T1>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1)
    {
        if (log.IsErrorEnabled)
        {
            log.Log(LogLevel.ErrorLevel, cause, new LogMessage(format, [arg1]));
        }
    }

    public static void Error<T1, T2>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2) => log.Error<T1, T2>((Exception?)null, format, arg1, arg2);

    public static void Error<T1, T2>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1, T2 arg2)
    {
        if (log.IsErrorEnabled)
        {
            log.Log(LogLevel.ErrorLevel, cause, new LogMessage(format, [arg1, arg2]));
        }
    }

    public static void Error<T1, T2, T3>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3) => log.Error<T1, T2, T3>((Exception?)null, format, arg1, arg2, arg3);

    public static void Error<T1, T2, T3>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1, T2 arg2, T3 arg3)
    {
        if (log.IsErrorEnabled)
        {
            log.Log(LogLevel.ErrorLevel, cause, new LogMessage(format, [arg1, arg2, arg3]));
        }
    }

    public static void Error<T1, T2, T3, T4>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4) => log.Error<T1, T2, T3, T4>((Exception?)null, format, arg1, arg2, arg3, arg4);

    public static void Error<T1, T2, T3, T4>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4)
    {
        if (log.IsErrorEnabled)
        {
            log.Log(LogLevel.ErrorLevel, cause, new LogMessage(format, [arg1, arg2, arg3, arg4]));
        }
    }

    public static void Error<T1, T2, T3, T4, T5>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5) => log.Error<T1, T2, T3, T4, T5>((Exception?)null, format, arg1, arg2, arg3, arg4, arg5);

    public static void Error<T1, T2, T3, T4, T5>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5)
    {
        if (log.IsErrorEnabled)
        {
            log.Log(LogLevel.ErrorLevel, cause, new LogMessage(format, [arg1, arg2, arg3, arg4, arg5]));
        }
    }

    public static void Error<T1, T2, T3, T4, T5, T6>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6) => log.Error<T1, T2, T3, T4, T5, T6>((Exception?)null, format, arg1, arg2, arg3, arg4, arg5, arg6);

    public static void Error<T1, T2, T3, T4, T5, T6>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6)
    {
        if (log.IsErrorEnabled)
        {
            log.Log(LogLevel.ErrorLevel, cause, new LogMessage(format, [arg1, arg2, arg3, arg4, arg5, arg6]));
        }
    }
}
