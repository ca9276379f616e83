namespace Akka.Pipeline.Storage.Posix;

using System.Globalization;
using System.Runtime.InteropServices;
using Akka.Pipeline.Core.Files;

/// <summary>Finds out on what file system an open folder lies, and what to expect of it.</summary>
internal static class FileSystemKind
{
    private static readonly string[] NetworkNames =
    [
        "nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "lustre", "glusterfs", "gpfs", "beegfs", "ocfs2", "gfs2", "pvfs2", "coda", "ncpfs", "virtiofs", "vboxsf", "prl_fs", "vmhgfs", "fuse",
    ];

    public static SourceTraits Find(Descriptor folder, in FileStatus status)
    {
        var name = FromMountTable(status) ?? FromMagic(folder);

        // What is behind a FUSE mount cannot be known; it may well be the network (s3fs, sshfs, gcsfuse). fuseblk is a local disk (ntfs-3g) but emits no events of the disk's own.
        var isNetwork = NetworkNames.Contains(name, StringComparer.Ordinal) || name.StartsWith("fuse.", StringComparison.Ordinal);
        var isLocal = !isNetwork && name is not ("fuseblk" or "unknown");
        return new SourceTraits(name, isNetwork, CanWatch: isLocal, CanSeeWriters: isLocal && LeasesEnabled());
    }

    private static bool LeasesEnabled()
    {
        try
        {
            return System.IO.File.ReadAllText("/proc/sys/fs/leases-enable").Trim() != "0";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    /// <summary>By mount id (Linux 5.8), else by device; btrfs shows a device there that statx does not.</summary>
    private static string? FromMountTable(in FileStatus status)
    {
        try
        {
            var device = string.Create(CultureInfo.InvariantCulture, $"{status.Device >> 32}:{status.Device & uint.MaxValue}");
            var mount = status.MountId.ToString(CultureInfo.InvariantCulture);
            string? byDevice = null;
            foreach (var line in System.IO.File.ReadLines("/proc/self/mountinfo"))
            {
                var fields = line.Split(' ');
                var dash = Array.IndexOf(fields, "-");
                if (dash < 6 || dash + 1 >= fields.Length)
                {
                    continue;
                }

                if (status.MountId != 0 && fields[0] == mount)
                {
                    return fields[dash + 1];
                }

                if (fields[2] == device)
                {
                    byDevice = fields[dash + 1];
                }
            }

            return byDevice;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Magic numbers of include/uapi/linux/magic.h and the file systems' own headers (Linux 6.12).</summary>
    private static string FromMagic(Descriptor folder)
    {
        Span<byte> raw = stackalloc byte[256];
        return Libc.FileSystemStatus(folder, raw) != 0 ? "unknown" : (MemoryMarshal.Read<long>(raw) & 0xffffffff) switch
        {
            0xef53 => "ext4",
            0x58465342 => "xfs",
            0x9123683e => "btrfs",
            0x01021994 => "tmpfs",
            0x794c7630 => "overlay",
            0xf2f52010 => "f2fs",
            0x2fc12fc1 => "zfs",
            0x6969 => "nfs",
            0xff534d42 or 0xfe534d42 => "cifs",
            0x01021997 => "9p",
            0x65735546 => "fuse",
            0x00c36400 => "ceph",
            0x0bd00bd0 => "lustre",
            _ => "unknown",
        };
    }
}
