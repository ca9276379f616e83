namespace Akka.Pipeline.Storage.Posix;

using System.Security.Cryptography;
using System.Text;

/// <summary>A file under a temporary name beside its later one; gone when disposed of before it was placed. Members return 0 or the error number.</summary>
internal sealed class PartialFile : IDisposable
{
    /// <summary>What all temporary names begin with.</summary>
    public const string Prefix = ".pipeline-partial-";

    private readonly Descriptor folder;
    private readonly byte[] name;
    private bool placed;

    private PartialFile(Descriptor folder, byte[] name, Descriptor file)
    {
        this.folder = folder;
        this.name = name;
        File = file;
    }

    public Descriptor File { get; }

    /// <summary>Makes it in an open folder, which the caller keeps open.</summary>
    public static int Create(Descriptor folder, uint mode, out PartialFile? partial)
    {
        partial = null;
        var chosen = Encoding.ASCII.GetBytes($"{Prefix}{RandomNumberGenerator.GetHexString(16, lowercase: true)}\0");
        var number = Libc.OpenAt(
            folder,
            chosen,
            Libc.OpenReadWrite | Libc.OpenCreate | Libc.OpenExclusive | Libc.OpenNoFollow | Libc.OpenCloseOnExec,
            mode);
        if (number < 0)
        {
            return Libc.LastError;
        }

        partial = new PartialFile(folder, chosen, new Descriptor(number));
        return 0;
    }

    public int Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var written = (int)Libc.Write(File, bytes, bytes.Length);
            if (written >= 0)
            {
                bytes = bytes[written..];
            }
            else if (Libc.LastError != Errno.Interrupted)
            {
                return Libc.LastError;
            }
        }

        return 0;
    }

    /// <summary>Makes the bytes durable; a disk that filled up behind a delayed write shows here.</summary>
    public int Sync() => Libc.Sync(File) == 0 ? 0 : Libc.LastError;

    /// <summary>Gives it its name unless that is taken (EEXIST), and makes the name durable.</summary>
    public int PlaceIfFree(ReadOnlySpan<byte> finalName)
    {
        var error = Renaming.IfFree(folder, name, folder, finalName, out var unsupported);
        return Placed(unsupported ? Renaming.ByLink(folder, name, folder, finalName) : error);
    }

    /// <summary>Gives it its name in place of what has it, and makes that durable.</summary>
    public int PlaceOver(ReadOnlySpan<byte> finalName) => Placed(Libc.RenameAt(folder, name, folder, finalName) == 0 ? 0 : Libc.LastError);

    public void Dispose()
    {
        if (!placed)
        {
            _ = Libc.UnlinkAt(folder, name, 0);
        }

        File.Dispose();
    }

    private int Placed(int error)
    {
        placed = error == 0;

        // Some network file systems cannot sync a folder (EINVAL); they make names durable by themselves.
        return error == 0 && Libc.Sync(folder) != 0 && Libc.LastError is Errno.InputOutput or Errno.NoSpace or Errno.Quota ? Libc.LastError : error;
    }
}
