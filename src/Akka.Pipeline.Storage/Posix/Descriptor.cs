namespace Akka.Pipeline.Storage.Posix;

using Microsoft.Win32.SafeHandles;

/// <summary>An open file descriptor; closed when disposed of.</summary>
internal sealed class Descriptor : SafeHandleMinusOneIsInvalid
{
    public Descriptor()
        : base(ownsHandle: true)
    {
    }

    public Descriptor(int number)
        : base(ownsHandle: true) => SetHandle(number);

    /// <summary>For messages to the kernel only (poll, /proc/self/fd): the caller keeps the descriptor open meanwhile.</summary>
    public int Number => (int)handle;

    protected override bool ReleaseHandle() => Libc.Close(handle) == 0;
}
