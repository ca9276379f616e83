namespace Akka.Pipeline.Benchmarks.Speed;

using System.Globalization;
using System.Runtime.InteropServices;

/// <summary>Files of one length, evenly in folders. Every file is different, and the same at every making.</summary>
internal sealed partial record DataSet(string Name, int Files, int Folders, long FileBytes)
{
    private const int BlockBytes = 1 << 20;

    // Longer than the quiet time that a file needs by default (2 s), so that nobody waits for it.
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(2.2);

    public long TotalBytes => Files * FileBytes;

    public override string ToString() => $"{Files.ToString("N0", CultureInfo.InvariantCulture)} files of {Size(FileBytes)} in {Folders.ToString("N0", CultureInfo.InvariantCulture)} folders";

    public DataSet Scaled(double scale) => this with { Files = Math.Max(1, (int)(Files * scale)), Folders = Math.Max(1, (int)(Folders * scale)) };

    /// <summary>The first files only, in as few folders.</summary>
    public DataSet Tenth() => Scaled(0.1) with { Name = Name + "-tenth" };

    /// <summary>Makes the files in a folder that has none, brings them to the disk, and waits until they count as settled.</summary>
    public void Make(string folder)
    {
        var random = new byte[2 * BlockBytes];
        new Random(1).NextBytes(random);
        Parallel.For(0, Folders, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, number =>
        {
            var place = Directory.CreateDirectory(Path.Combine(folder, number.ToString("d5", CultureInfo.InvariantCulture))).FullName;
            var block = new byte[Math.Min(FileBytes, BlockBytes)];
            for (var file = number; file < Files; file += Folders)
            {
                using var handle = File.OpenHandle(Path.Combine(place, file.ToString("d7", CultureInfo.InvariantCulture) + ".bin"), FileMode.CreateNew, FileAccess.Write);
                for (long offset = 0; offset < FileBytes; offset += block.Length)
                {
                    var length = (int)Math.Min(block.Length, FileBytes - offset);
                    random.AsSpan((int)(((file * 7919L) + (offset / BlockBytes)) % BlockBytes), length).CopyTo(block);
                    BitConverter.TryWriteBytes(block, file + (offset << 24));
                    RandomAccess.Write(handle, block.AsSpan(0, length), offset);
                }
            }
        });
        Sync(folder);
        Thread.Sleep(Settled);
    }

    private static string Size(long bytes) => bytes switch
    {
        >= 1 << 20 => $"{bytes >> 20} MiB",
        >= 1 << 10 => $"{bytes >> 10} KiB",
        _ => $"{bytes} B",
    };

    private static void Sync(string folder)
    {
        using var handle = OpenFolder(folder, 0x10000, 0);
        if (handle.IsInvalid || SyncFileSystem(handle) != 0)
        {
            throw new IOException($"The files in '{folder}' could not be brought to the disk.");
        }
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial Microsoft.Win32.SafeHandles.SafeFileHandle OpenFolder(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "syncfs")]
    private static partial int SyncFileSystem(Microsoft.Win32.SafeHandles.SafeFileHandle folder);
}
