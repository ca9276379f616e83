namespace Akka.Pipeline.Storage.Posix;

using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Files;

/// <summary>Turns an error number into words for an operator.</summary>
internal static class FileFailure
{
    /// <summary>What a failed call on one file means.</summary>
    /// <param name="action">What was tried, as a verb ("open", "remove").</param>
    /// <param name="path">What it was tried on; shown as one printable line.</param>
    /// <param name="error">The error number.</param>
    /// <param name="scope">How far it reaches, where the number does not say that itself.</param>
    public static Failure From(string action, string path, int error, FailureScope scope = FailureScope.File)
    {
        var shown = SourcePath.ForDisplay(path);
        var code = Errno.Name(error);
        Failure Of(FailureScope reach, FailureNature nature, string because, string cure) =>
            new(reach, nature, code, $"Cannot {action} '{shown}': {because} ({code}).", cure);

        return error switch
        {
            Errno.NoEntry or Errno.NotDirectory => Of(scope, FailureNature.Passing, "it is not there", "Nothing, if somebody else removed it; else restore it."),
            Errno.LinkLoop => Of(scope, FailureNature.Lasting, "a symbolic link is in the way", "Replace the link by the file or folder itself, or set follow-links = true on the route."),
            Errno.Access or Errno.NotPermitted => Of(
                scope,
                FailureNature.Lasting,
                $"user {User} may not",
                action is "remove" or "move" or "store" or "make the folder of"
                    ? $"Let {User} write to the folder that holds it: chmod u+rwx or chown {User} on the folder, or setfacl -m u:{User}:rwx; a sticky folder (chmod +t) also wants the file's owner."
                    : $"Let {User} read it: chmod a+r on the file (a+rx on a folder), or chown {User}, or setfacl -m u:{User}:rX."),
            Errno.ReadOnly => Of(scope, FailureNature.Lasting, "the file system is mounted read-only", "Mount it read-write (mount -o remount,rw); if the kernel switched it after an error, check the disk first (dmesg)."),
            Errno.ProcessTableFull => Of(FailureScope.Node, FailureNature.Passing, "this process has too many files open", "Raise the limit (ulimit -n, or LimitNOFILE= in the systemd unit), or lower the number of upload slots."),
            Errno.SystemTableFull => Of(FailureScope.Node, FailureNature.Passing, "this machine has too many files open", "Raise fs.file-max (sysctl), or end what holds so many files."),
            Errno.NoMemory => Of(FailureScope.Node, FailureNature.Passing, "the kernel is out of memory", "Free memory, or give the machine more."),
            Errno.NoSpace => Of(FailureScope.Node, FailureNature.Passing, "the disk is full", "Free space or inodes on that disk (df -h, df -i)."),
            Errno.Quota => Of(FailureScope.Node, FailureNature.Passing, $"the disk quota of user {User} is used up", "Raise the quota, or free space (quota -s)."),
            Errno.InputOutput => Of(scope, FailureNature.Lasting, "the disk cannot read or write it", "Look at the kernel's log (dmesg) and check the disk; restore the file from another copy if it is damaged."),
            Errno.Stale => Of(scope, FailureNature.Passing, "the file server no longer knows this handle", "Nothing, if it passes; else mount the network file system anew."),
            Errno.TimedOut or Errno.HostDown or Errno.NoDevice or Errno.NoSuchDevice => Of(FailureScope.Source, FailureNature.Passing, "the file system does not answer", "Check the network or the device behind the mount."),
            Errno.NameTooLong => Of(scope, FailureNature.Lasting, "the name or the path is too long", "Shorten it: 255 bytes for a component, 4,095 for a path."),
            Errno.Busy => Of(scope, FailureNature.Passing, "it is in use by the system", "Nothing, if it passes; else find what mounts or holds it."),
            Errno.CrossDevice => Of(scope, FailureNature.Lasting, "it is a mount point or lies on another file system", "Unmount it, or exclude it from the route."),
            Errno.FileTooLarge => Of(scope, FailureNature.Lasting, "it is longer than the file system or the limit of this process allows", "Use a file system for large files, or raise ulimit -f."),
            _ => Of(scope, FailureNature.Passing, "the file system refused", "Look at the kernel's log (dmesg); it is tried again."),
        };
    }

    /// <summary>The same, to throw.</summary>
    public static SourceException Exception(string action, string path, int error, FailureScope scope = FailureScope.File) =>
        new(From(action, path, error, scope), isGone: scope == FailureScope.File && Errno.MeansGone(error));

    private static string User { get; } = FindUser();

    private static string FindUser()
    {
        var name = System.Environment.UserName;
        return string.IsNullOrEmpty(name) ? $"{Libc.EffectiveUser()}" : name;
    }
}
