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

    /// <summary>A lease on it that is broken sends a signal that ends nothing (see <see cref="WriterProbe"/>).</summary>
    public bool SignalsHarmlessly { get; set; }

    protected override bool ReleaseHandle() => Libc.Close(handle) == 0;
}
