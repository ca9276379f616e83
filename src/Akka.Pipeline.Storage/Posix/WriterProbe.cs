namespace Akka.Pipeline.Storage.Posix;

using Akka.Pipeline.Core.Files;

/// <summary>Whether leases work on a file.</summary>
internal enum LeaseSupport
{
    /// <summary>They do.</summary>
    Works,

    /// <summary>The file belongs to another user, and this process lacks CAP_LEASE.</summary>
    NotOurs,

    /// <summary>The file system, or the machine, has none.</summary>
    None,
}

/// <summary>
/// Asks the kernel whether somebody has a file open for writing, by a read lease that is given back at once.
/// </summary>
/// <remarks>
/// What the kernel does (fs/locks.c: generic_setlease, generic_add_lease, check_conflicting_open; fs/open.c: do_dentry_open; Linux 5.15 to 6.12,
/// read 2026-11):
/// <list type="bullet">
/// <item>A read lease is refused with EAGAIN while the inode's i_writecount is above zero: while any open file description on it, by any name (a hard
/// link too), was opened for writing, or a shared writable mapping keeps one alive. Our own handles count, so we never open a source file for writing.</item>
/// <item>EAGAIN also while somebody who opens for writing waits for another lease on the file to be given back: a writer is about to be there.
/// Read leases of others (or of our other threads) are no hindrance.</item>
/// <item>The count is checked again after the lease is in place, and an open for writing is counted before it looks for leases, so no opener slips
/// between: it is either counted and we see it, or it finds the lease and waits until we give it back, microseconds later.</item>
/// <item>EACCES: the file belongs to another user and we lack CAP_LEASE. EINVAL: fs.leases-enable = 0, or the file system has no leases.
/// Then the answer is <see cref="WriterState.Unknown"/>.</item>
/// <item>An opener who meets the lease has the kernel send us a signal, SIGIO unless another is chosen, and SIGIO unhandled ends the process. F_SETSIG
/// chooses SIGURG for this handle: its default is to be ignored, .NET installs no handler for it, and no state of the whole process is touched. It has to be chosen anew for every lease, because
/// giving a lease back forgets it (lease_modify); to choose it once a handle was tried, and SIGIO ended the process.</item>
/// </list>
/// On a network file system a granted lease says nothing about writers on other machines, so there only "yes" is an answer.
/// </remarks>
internal static class WriterProbe
{
    private const int SignalUrgent = 23;

    /// <summary>Asks on a handle that was opened read-only.</summary>
    public static WriterState Ask(Descriptor file, bool isNetwork, out LeaseSupport support)
    {
        support = LeaseSupport.Works;
        if (Libc.Control(file, Libc.FcntlSetSignal, SignalUrgent) != 0)
        {
            support = LeaseSupport.None;
            return WriterState.Unknown;
        }

        if (Libc.Control(file, Libc.FcntlSetLease, Libc.LeaseRead) == 0)
        {
            _ = Libc.Control(file, Libc.FcntlSetLease, Libc.LeaseNone);
            return isNetwork ? WriterState.Unknown : WriterState.None;
        }

        var error = Libc.LastError;
        support = error switch
        {
            Errno.Again or Errno.NoMemory => LeaseSupport.Works,
            Errno.Access => LeaseSupport.NotOurs,
            _ => LeaseSupport.None,
        };
        return error == Errno.Again ? WriterState.Open : WriterState.Unknown;
    }
}
