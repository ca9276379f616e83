namespace Akka.Pipeline.Core.Routes;

using Akka.Pipeline.Core.Failures;

/// <summary>A named rule: what to take, when it is finished, where it goes, what becomes of the local file.</summary>
/// <param name="Name">Unique in a node; letters, digits, '-' and '_'.</param>
/// <param name="Source">What is taken.</param>
/// <param name="Target">Where it goes.</param>
/// <param name="ScanInterval">From the start of one walk to the start of the next.</param>
/// <param name="StableAfter">How long a file must not have changed.</param>
/// <param name="Dedupe">What counts as "already stored".</param>
/// <param name="Conflict">What happens when another file's object is in the way.</param>
/// <param name="AfterUpload">What becomes of the local file.</param>
/// <param name="MoveTo">With <see cref="Routes.AfterUpload.Move"/>: an absolute folder.</param>
/// <param name="PruneEmptyFolders">Remove folders that an upload has emptied.</param>
/// <param name="Objects">What every new object of the route gets.</param>
public sealed record RouteSettings(
    string Name,
    SourceSettings Source,
    KeyMapping Target,
    TimeSpan ScanInterval,
    TimeSpan StableAfter,
    DedupeMode Dedupe,
    ConflictMode Conflict,
    AfterUpload AfterUpload,
    string? MoveTo,
    bool PruneEmptyFolders,
    ObjectSettings Objects);

/// <summary>What counts as "already stored".</summary>
public enum DedupeMode
{
    /// <summary>Size and a checksum agree.</summary>
    Checksum,

    /// <summary>The size agrees. Cheaper for huge objects whose checksum the store does not tell; wrong bytes of equal length are never noticed.</summary>
    Size,
}

/// <summary>What happens when a key holds an object that was made from another file.</summary>
public enum ConflictMode
{
    /// <summary>Equal content is fine; different content sets the file aside for an operator.</summary>
    SetAside,

    /// <summary>The file that comes last wins.</summary>
    Overwrite,
}

/// <summary>What becomes of the local file once its bytes are in the store.</summary>
public enum AfterUpload
{
    Delete,
    Keep,
    Move,
}

/// <summary>What every new object of a route gets.</summary>
/// <param name="ContentType">For all files; null to tell it from the file's extension.</param>
/// <param name="StorageClass">Null for the bucket's default.</param>
/// <param name="ServerSideEncryption">Null for the bucket's default.</param>
/// <param name="KmsKeyId">Null for the default key.</param>
/// <param name="Tags">Object tags.</param>
public sealed record ObjectSettings(
    string? ContentType,
    string? StorageClass,
    string? ServerSideEncryption,
    string? KmsKeyId,
    IReadOnlyDictionary<string, string> Tags);
