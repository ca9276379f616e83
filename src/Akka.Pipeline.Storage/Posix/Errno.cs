namespace Akka.Pipeline.Storage.Posix;

/// <summary>Error numbers of Linux; the same on x64 and arm64 (include/uapi/asm-generic/errno*.h, Linux 6.12).</summary>
internal static class Errno
{
    public const int NotPermitted = 1;
    public const int NoEntry = 2;
    public const int Interrupted = 4;
    public const int InputOutput = 5;
    public const int NoDevice = 6;
    public const int BadDescriptor = 9;
    public const int Again = 11;
    public const int NoMemory = 12;
    public const int Access = 13;
    public const int Busy = 16;
    public const int Exists = 17;
    public const int CrossDevice = 18;
    public const int NoSuchDevice = 19;
    public const int NotDirectory = 20;
    public const int IsDirectory = 21;
    public const int Invalid = 22;
    public const int SystemTableFull = 23;
    public const int ProcessTableFull = 24;
    public const int FileTooLarge = 27;
    public const int NoSpace = 28;
    public const int ReadOnly = 30;
    public const int TooManyLinks = 31;
    public const int NameTooLong = 36;
    public const int NotImplemented = 38;
    public const int NotEmpty = 39;
    public const int LinkLoop = 40;
    public const int NotSupported = 95;
    public const int TimedOut = 110;
    public const int HostDown = 112;
    public const int Stale = 116;
    public const int Quota = 122;

    /// <summary>True when it says that nothing of that name is there, or nothing that may be followed.</summary>
    public static bool MeansGone(int error) => error is NoEntry or NotDirectory or LinkLoop;

    /// <summary>True when the call failed for want of something the whole process or machine shares, not because of the file.</summary>
    public static bool MeansNode(int error) => error is ProcessTableFull or SystemTableFull or NoMemory or NoSpace or Quota;

    /// <summary>The usual name ("ENOENT"), or the number where it is a rare one.</summary>
    public static string Name(int error) => error switch
    {
        NotPermitted => "EPERM",
        NoEntry => "ENOENT",
        Interrupted => "EINTR",
        InputOutput => "EIO",
        NoDevice => "ENXIO",
        BadDescriptor => "EBADF",
        Again => "EAGAIN",
        NoMemory => "ENOMEM",
        Access => "EACCES",
        Busy => "EBUSY",
        Exists => "EEXIST",
        CrossDevice => "EXDEV",
        NoSuchDevice => "ENODEV",
        NotDirectory => "ENOTDIR",
        IsDirectory => "EISDIR",
        Invalid => "EINVAL",
        SystemTableFull => "ENFILE",
        ProcessTableFull => "EMFILE",
        FileTooLarge => "EFBIG",
        NoSpace => "ENOSPC",
        ReadOnly => "EROFS",
        TooManyLinks => "EMLINK",
        NameTooLong => "ENAMETOOLONG",
        NotImplemented => "ENOSYS",
        NotEmpty => "ENOTEMPTY",
        LinkLoop => "ELOOP",
        NotSupported => "EOPNOTSUPP",
        TimedOut => "ETIMEDOUT",
        HostDown => "EHOSTDOWN",
        Stale => "ESTALE",
        Quota => "EDQUOT",
        _ => $"errno {error}",
    };
}
