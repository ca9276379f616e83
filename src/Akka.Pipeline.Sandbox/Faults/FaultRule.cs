namespace Akka.Pipeline.Sandbox;

using System.Text.Json.Serialization;

/// <summary>What goes wrong.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FaultKind>))]
public enum FaultKind
{
    /// <summary>503 SlowDown before the body is read.</summary>
    SlowDown,
    /// <summary>An error of <see cref="FaultRule.Status"/> and <see cref="FaultRule.Code"/> before the body is read.</summary>
    Error,
    /// <summary>Waits <see cref="FaultRule.Before"/> before the commit (of a read: before anything) and <see cref="FaultRule.After"/> between commit and answer. Else all is well.</summary>
    Latency,
    /// <summary>The connection is reset once <see cref="FaultRule.AfterBytes"/> of the body were read. Nothing is committed.</summary>
    ResetBody,
    /// <summary>Commits, and answers <see cref="FaultRule.Status"/> (500 if not given) InternalError.</summary>
    CommitThenError,
    /// <summary>Commits, and resets the connection: the lost response.</summary>
    CommitThenReset,
    /// <summary>Reads the body, answers 503, and commits <see cref="FaultRule.After"/> later.</summary>
    CommitLater,
    /// <summary>Flips a bit of the stored body. By <see cref="FaultRule.ETagOfCorrupted"/> entity tag and checksums are those of the received or of the stored body.</summary>
    Corrupt,
    /// <summary>Carries out the request, and answers 200 with a body that is no XML, and without the headers that belong there.</summary>
    Garbage,
    /// <summary>Carries out the request, and answers 200 with an error document as its body, as CompleteMultipartUpload and CopyObject may.</summary>
    ErrorInside200,
    /// <summary>Answers <see cref="FaultRule.Status"/> (307 or 301) with the region <see cref="FaultRule.Region"/> and, if given, <see cref="FaultRule.Location"/>.</summary>
    Redirect,
    /// <summary>Carries out the request, and sends the body of the answer a byte each <see cref="FaultRule.After"/>.</summary>
    SlowResponse,
    /// <summary>Carries out a read, and breaks the connection after <see cref="FaultRule.AfterBytes"/> of the answer's body.</summary>
    ResetResponse,
}

/// <summary>A rule by which requests fail. The first rule of a list that matches, and is not used up, decides alone.</summary>
public sealed record FaultRule
{
    /// <summary>What goes wrong.</summary>
    public required FaultKind Fault { get; init; }

    /// <summary>Operations that are hit; empty: all.</summary>
    // Where JSON says nothing, what reads it gives `init` properties their type's default and leaves others as they are: this one and Probability have another default.
    [JsonConverter(typeof(OperationsJsonConverter))]
    public IReadOnlyList<S3Operation> Operations { get; set; } = [];

    /// <summary>Bucket that is hit; null: all.</summary>
    public string? Bucket { get; init; }

    /// <summary>Keys that are hit: `*` stands for any characters, also `/`, and `?` for one. Null: all, and requests without a key.</summary>
    public string? Key { get; init; }

    /// <summary>Number of the part that is hit; null: all.</summary>
    public int? PartNumber { get; init; }

    /// <summary>How many matching requests pass before the first is hit. 0 or more.</summary>
    public int Skip { get; init; }

    /// <summary>How many requests are hit; null: all that match from then on.</summary>
    public int? Times { get; init; }

    /// <summary>Chance of a hit, 0 to 1, by the generator that <see cref="SandboxFaults.Seed(int)"/> starts.</summary>
    public double Probability { get; set; } = 1;

    /// <summary>HTTP status of the answer; 0: the usual one of the fault.</summary>
    public int Status { get; init; }

    /// <summary>Code of the error document; null: the usual one of the fault.</summary>
    public string? Code { get; init; }

    /// <summary>Message of the error document.</summary>
    public string? Message { get; init; }

    /// <summary>See <see cref="FaultKind.Latency"/>.</summary>
    public TimeSpan Before { get; init; }

    /// <summary>See <see cref="FaultKind"/>.</summary>
    public TimeSpan After { get; init; }

    /// <summary>Bytes that pass before a connection is broken. 0 or more.</summary>
    public long AfterBytes { get; init; }

    /// <summary>Whether a corrupted object shows the entity tag and checksums of what is stored (so a client can see it) or of what was received.</summary>
    public bool ETagOfCorrupted { get; init; }

    /// <summary>Region that a redirect names.</summary>
    public string? Region { get; init; }

    /// <summary>Where a redirect leads.</summary>
    public string? Location { get; init; }
}
