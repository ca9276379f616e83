namespace Akka.Pipeline.Node.Display;

using System.Text.Json.Serialization;

/// <summary>What --json writes, one object a line. The serializers are made when the program is compiled, because a program that is compiled ahead has no reflection to make them from.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(NodeLine))]
[JsonSerializable(typeof(HeldBatchLine))]
[JsonSerializable(typeof(HeldPartLine))]
[JsonSerializable(typeof(BlockageLine))]
[JsonSerializable(typeof(FileLine))]
[JsonSerializable(typeof(RetriedLine))]
[JsonSerializable(typeof(VerifiedLine))]
[JsonSerializable(typeof(FindingLine))]
[JsonSerializable(typeof(RouteLine))]
[JsonSerializable(typeof(PlannedLine))]
[JsonSerializable(typeof(RunLine))]
[JsonSerializable(typeof(StartedLine))]
[JsonSerializable(typeof(RunningLine))]
internal sealed partial class JsonLines : JsonSerializerContext;

/// <summary>A node, of `pipeline nodes`.</summary>
internal sealed record NodeLine(
    string Node,
    string Host,
    long Pid,
    long Session,
    string State,
    DateTimeOffset JoinedAt,
    DateTimeOffset HeardAt,
    DateTimeOffset? EndedAt,
    double FilesPerSecond,
    double BytesPerSecond,
    long Batches,
    long Files,
    long Bytes,
    long Parts,
    IReadOnlyList<string> Walks);

/// <summary>A file of a batch that a node holds, of `pipeline files --held`.</summary>
internal sealed record HeldBatchLine(string Route, string Path, long SizeBytes, long Session, HeldBatch Held);

/// <summary>Which batch.</summary>
internal sealed record HeldBatch(long Batch);

/// <summary>A part that a node holds, of `pipeline files --held`.</summary>
internal sealed record HeldPartLine(string Route, string Path, long SizeBytes, long Session, HeldPart Held);

/// <summary>Which part.</summary>
internal sealed record HeldPart(int Part);

/// <summary>What is blocked, of `pipeline files`.</summary>
internal sealed record BlockageLine(string Blocked, string Name, DateTimeOffset Since, int Attempts, DateTimeOffset? NextAttemptAt, string Code, string Cause, string Cure);

/// <summary>A file, of `pipeline files`.</summary>
internal sealed record FileLine(
    string Route,
    string Path,
    string Progress,
    long SizeBytes,
    string? Bucket,
    string? Key,
    string? ETag,
    string? Crc32c,
    string? Md5,
    string? VersionId,
    DateTimeOffset? StoredAt,
    int? Attempts,
    DateTimeOffset? NextAttemptAt,
    string? Code,
    string? Cause,
    string? Cure,
    DateTimeOffset UpdatedAt);

/// <summary>How many are tried again, of `pipeline retry`.</summary>
internal sealed record RetriedLine(long Retried);

/// <summary>What was found in all, of `pipeline verify`.</summary>
internal sealed record VerifiedLine(long Right, long Missing, long Different, long Unknown);

/// <summary>An object that is not as it was stored, of `pipeline verify`.</summary>
internal sealed record FindingLine(string Route, string Path, string Bucket, string Key, string Finding, string? Why);

/// <summary>A route, of `pipeline routes`.</summary>
internal sealed record RouteLine(
    string Route,
    string Scope,
    string Source,
    string Target,
    string? Endpoint,
    double ScanIntervalSeconds,
    double StableAfterSeconds,
    string Dedupe,
    string AfterUpload,
    IReadOnlyDictionary<string, FilesLine> Files);

/// <summary>How many files, and how long together.</summary>
internal sealed record FilesLine(long Files, long Bytes);

/// <summary>An upload that a dry run would make.</summary>
internal sealed record PlannedLine(string Route, string Path, long SizeBytes, string? Bucket, string? Key, string? Problem, string? Cure);

/// <summary>What a run did and left.</summary>
internal sealed record RunLine(
    long FilesStored,
    long BytesStored,
    long BytesSent,
    long FilesAlreadyStored,
    long FilesRemoved,
    long FilesSetAside,
    long FailedAttempts,
    long Requests,
    double Seconds,
    int ExitCode,
    IReadOnlyDictionary<string, LeftLine>? Left,
    string? CredentialsRefused,
    string? LedgerFailure);

/// <summary>What a run left of a route.</summary>
internal sealed record LeftLine(long SetAside, long Blocked, long BeingWritten, long Unread, string? SourceFailure, IReadOnlyList<LeftFileLine> Examples);

/// <summary>One of the files that a run left.</summary>
internal sealed record LeftFileLine(string Path, string Why, string? Cause, string? Cure);

/// <summary>Whether a daemon was started, of `pipeline start`.</summary>
internal sealed record StartedLine(
    bool Started,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Pid = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? ExitCode = null);

/// <summary>Whether a daemon runs, of `pipeline status`, `stop` and `drain`.</summary>
internal sealed record RunningLine(bool Running, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Summary = null);
