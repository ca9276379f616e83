namespace Akka.Pipeline.Storage.Sources;

using System.Buffers;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Storage.Posix;

/// <summary>The folder that receives files after their upload, under their paths below the source. It never loses a file that it has.</summary>
internal sealed class MoveTarget : IDisposable
{
    private const int MaximumTries = 10_000;

    private readonly string path;
    private readonly Descriptor? root;
    private readonly int error;

    public MoveTarget(string path)
    {
        this.path = path;
        error = Beneath.OpenRoot(path, out root);
        if (error == Errno.NoEntry)
        {
            try
            {
                Directory.CreateDirectory(path);
                error = Beneath.OpenRoot(path, out root);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                error = e is UnauthorizedAccessException ? Errno.Access : Errno.InputOutput;
            }
        }
    }

    /// <summary>Moves a held file to its place; a file of other content there stays, and this one becomes "name.recovered-1.ext".</summary>
    /// <param name="holding">Where it is; it stays there unless all went well.</param>
    /// <param name="heldName">Its name there.</param>
    /// <param name="file">Its open handle.</param>
    /// <param name="status">What the handle showed.</param>
    /// <param name="relativePath">Its path below the source.</param>
    /// <param name="isUntouched">Whether it is still the version that was uploaded; asked after a copy.</param>
    /// <param name="changed">True when it is not, so that it must be put back.</param>
    /// <returns>Why it failed, or null.</returns>
    public Failure? Place(HoldingFolder holding, ReadOnlySpan<byte> heldName, Descriptor file, in FileStatus status, string relativePath, Func<bool> isUntouched, out bool changed)
    {
        changed = false;
        if (error != 0)
        {
            return Failed(relativePath, error);
        }

        var name = ParentFolders.NameOf(relativePath).ToString();
        var failed = Beneath.MakeFolders(root!, ParentFolders.ParentOf(relativePath), out var folder);
        using (folder)
        {
            if (failed != 0)
            {
                return Failed(relativePath, failed);
            }

            failed = Rename(holding, heldName, folder!, name, file, status);
            if (failed == Errno.CrossDevice)
            {
                failed = Copy(holding, heldName, folder!, name, file, status, isUntouched, out changed);
            }
        }

        return failed == 0 ? null : Failed(relativePath, failed);
    }

    public void Dispose() => root?.Dispose();

    private static int Rename(HoldingFolder holding, ReadOnlySpan<byte> name, Descriptor folder, string wanted, Descriptor file, in FileStatus status)
    {
        Span<byte> buffer = stackalloc byte[NativeName.BufferBytes];
        for (var number = 0; number < MaximumTries; number++)
        {
            if (!NativeName.TryWrite(number == 0 ? wanted : RecoveredName.Of(wanted, number), buffer, out var placed))
            {
                return Errno.NameTooLong;
            }

            var failed = Renaming.IfFree(holding.Handle, name, folder, placed, out var unsupported);
            if (unsupported)
            {
                failed = Renaming.ByLink(holding.Handle, name, folder, placed);
            }

            if (failed != Errno.Exists)
            {
                return failed;
            }

            if (IsEqual(folder, placed, file, status))
            {
                return holding.Remove(name);
            }
        }

        return Errno.Exists;
    }

    private static int Copy(HoldingFolder holding, ReadOnlySpan<byte> name, Descriptor folder, string wanted, Descriptor file, in FileStatus status, Func<bool> isUntouched, out bool changed)
    {
        changed = false;
        var failed = PartialFile.Create(folder, status.Mode & 0x1ff, out var partial);
        if (failed != 0)
        {
            return failed;
        }

        using (partial)
        {
            failed = CopyBytes(file, partial!);
            if (failed == 0)
            {
                SetTime(partial!.File, status.ModifiedUnixNs);
                failed = partial.Sync();
            }

            if (failed != 0)
            {
                return failed;
            }

            // Copying took time; the copy counts only if it is a copy of what was uploaded.
            if (!isUntouched())
            {
                changed = true;
                return 0;
            }

            Span<byte> buffer = stackalloc byte[NativeName.BufferBytes];
            for (var number = 0; number < MaximumTries; number++)
            {
                if (!NativeName.TryWrite(number == 0 ? wanted : RecoveredName.Of(wanted, number), buffer, out var placed))
                {
                    return Errno.NameTooLong;
                }

                failed = partial!.PlaceIfFree(placed);
                if (failed == Errno.Exists && IsEqual(folder, placed, file, status))
                {
                    failed = 0;
                }

                if (failed != Errno.Exists)
                {
                    return failed == 0 ? holding.Remove(name) : failed;
                }
            }

            return Errno.Exists;
        }
    }

    private static int CopyBytes(Descriptor file, PartialFile partial)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(256 * 1024);
        try
        {
            for (long offset = 0; ;)
            {
                var read = (int)Libc.Read(file, buffer, buffer.Length, offset);
                if (read == 0)
                {
                    return 0;
                }

                if (read < 0)
                {
                    if (Libc.LastError == Errno.Interrupted)
                    {
                        continue;
                    }

                    return Libc.LastError;
                }

                var failed = partial.Write(buffer.AsSpan(0, read));
                if (failed != 0)
                {
                    return failed;
                }

                offset += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static void SetTime(Descriptor file, long modifiedUnixNs)
    {
        const long billion = 1_000_000_000;
        var seconds = Math.DivRem(modifiedUnixNs, billion, out var nanoseconds);
        if (nanoseconds < 0)
        {
            seconds--;
            nanoseconds += billion;
        }

        // A copy without its time is still a copy.
        _ = Libc.SetTimes(file, [seconds, nanoseconds, seconds, nanoseconds]);
    }

    private static bool IsEqual(Descriptor folder, ReadOnlySpan<byte> name, Descriptor file, in FileStatus status)
    {
        if (FileStatus.Of(folder, name, follow: false, out var there) != 0 || there.Kind != EntryKind.File || there.SizeBytes != status.SizeBytes
            || Beneath.OpenFile(folder, folder, name, followLinks: false, out var other) != 0)
        {
            return false;
        }

        var mine = ArrayPool<byte>.Shared.Rent(128 * 1024);
        var theirs = ArrayPool<byte>.Shared.Rent(mine.Length);
        try
        {
            using (other)
            {
                for (long offset = 0; offset < status.SizeBytes;)
                {
                    var read = (int)Libc.Read(file, mine, mine.Length, offset);
                    if (read <= 0 || ReadFully(other!, theirs.AsSpan(0, read), offset) != read || !mine.AsSpan(0, read).SequenceEqual(theirs.AsSpan(0, read)))
                    {
                        return false;
                    }

                    offset += read;
                }

                return true;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(mine);
            ArrayPool<byte>.Shared.Return(theirs);
        }
    }

    private static int ReadFully(Descriptor file, Span<byte> buffer, long offset)
    {
        var total = 0;
        while (total < buffer.Length)
        {
            var read = (int)Libc.Read(file, buffer[total..], buffer.Length - total, offset + total);
            if (read <= 0)
            {
                break;
            }

            total += read;
        }

        return total;
    }

    private Failure Failed(string relativePath, int failed) => FileFailure.From("move", $"{path}/{relativePath}", failed);
}
