namespace Akka.Pipeline.Core.Files;

/// <summary>
/// What tells that a file still holds the same bytes: two sightings with equal fingerprints are taken for the same version.
/// </summary>
/// <param name="SizeBytes">Length of the file in bytes.</param>
/// <param name="ModifiedUnixNs">Time of the last change of content (mtime), in nanoseconds since the Unix epoch; writers may set it freely.</param>
/// <param name="Device">The file system that holds the file.</param>
/// <param name="Inode">The file's number on that file system; a file replaced by rename has a new one.</param>
public readonly record struct Fingerprint(long SizeBytes, long ModifiedUnixNs, ulong Device, ulong Inode);

/// <summary>One look at a file of a source.</summary>
/// <param name="Path">The path below the source, with '/' between components (see <see cref="SourcePath"/>).</param>
/// <param name="Fingerprint">What the file looked like.</param>
/// <param name="ChangedUnixNs">
/// Time of the last change of content or attributes (ctime), in nanoseconds since the Unix epoch. The kernel sets it, no writer can,
/// so on a local file system it is the proof of age that mtime is not.
/// </param>
public sealed record FileSighting(string Path, Fingerprint Fingerprint, long ChangedUnixNs);

/// <summary>Whether somebody could still change a file through a handle that is open now.</summary>
public enum WriterState
{
    /// <summary>No process of this machine has it open or mapped for writing.</summary>
    None,

    /// <summary>A process has it open or mapped for writing.</summary>
    Open,

    /// <summary>This file system, or this user's rights on the file, do not let us ask: only quiet time counts.</summary>
    Unknown,
}

/// <summary>A look at a named file that also asks for writers.</summary>
/// <param name="Path">The path that was asked for.</param>
/// <param name="Sighting">What was there, or null when there is no regular file of that name now.</param>
/// <param name="Writer">Whether it is open for writing.</param>
public sealed record FileObservation(string Path, FileSighting? Sighting, WriterState Writer);
