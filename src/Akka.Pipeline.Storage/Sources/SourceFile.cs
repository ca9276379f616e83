namespace Akka.Pipeline.Storage.Sources;

using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Storage.Posix;

/// <summary>A source file open for reading. Any number of threads may read at once.</summary>
internal sealed class SourceFile : ISourceFile
{
    private readonly string path;
    private readonly SourceRoot source;
    private readonly Descriptor file;

    private SourceFile(string path, SourceRoot source, Descriptor file, in FileStatus status)
    {
        this.path = path;
        this.source = source;
        this.file = file;
        OpenedAs = status.Fingerprint;
    }

    public Fingerprint OpenedAs { get; }

    /// <exception cref="SourceException">It cannot be opened.</exception>
    public static SourceFile Open(string path, SourceRoot source, ParentFolders parents)
    {
        var error = parents.OpenFile(path, out var file, out var status);
        return error switch
        {
            0 => new SourceFile(path, source, file!, status),
            Errno.Again => throw new SourceException(
                new Failure(
                    FailureScope.File,
                    FailureNature.Passing,
                    "EAGAIN",
                    $"Cannot open '{SourcePath.ForDisplay(path)}': another program holds it for itself (a write lease, as file servers take).",
                    "Nothing; it is tried again."),
                isGone: false),
            _ => throw FileFailure.Exception("open", path, error),
        };
    }

    public int Read(Span<byte> buffer, long offsetBytes)
    {
        var total = 0;
        while (total < buffer.Length)
        {
            var read = (int)Libc.Read(file, buffer[total..], buffer.Length - total, offsetBytes + total);
            if (read > 0)
            {
                total += read;
            }
            else if (read == 0)
            {
                break;
            }
            else if (Libc.LastError != Errno.Interrupted)
            {
                throw FileFailure.Exception("read", path, Libc.LastError);
            }
        }

        return total;
    }

    public FileCheck Check()
    {
        var error = FileStatus.Of(file, out var status);
        return error == 0 ? new FileCheck(status.Fingerprint, source.AskForWriters(file, status), status.ChangedUnixNs) : throw FileFailure.Exception("look at", path, error);
    }

    public void Dispose() => file.Dispose();
}
