namespace Akka.Pipeline.Torture;

using Akka.Pipeline.Sandbox;

/// <summary>What is done to the victim, besides being killed.</summary>
internal sealed record Scenario
{
    /// <summary>Names of the mutations, each with the guard that it does without.</summary>
    public static readonly IReadOnlyList<string> Mutations =
    [
        "skip-recheck-before-unlink", "skip-second-look", "skip-fingerprint-after-read", "skip-checksum-comparison", "remove-before-ledger-commit",
    ];

    /// <summary>How late a store may still carry out what it has refused.</summary>
    public static readonly TimeSpan LatestCommit = TimeSpan.FromMilliseconds(700);

    private static readonly TimeSpan LongLife = TimeSpan.FromSeconds(3);

    public IReadOnlyList<FaultRule> Faults { get; init; } = [];

    /// <summary>Every step once, before chance decides.</summary>
    public bool EachStepFirst { get; init; }

    /// <summary>Every life is this one.</summary>
    public Life? FixedLife { get; init; }

    /// <summary>The guard that the victim does without.</summary>
    public string? Mutation { get; init; }

    public WriterHabits Habits { get; init; } = new();

    /// <summary>After how many failed attempts a file is set aside.</summary>
    public int Attempts { get; init; } = 1000;

    /// <summary>How the program proves that a store got the right bytes (store.checksum).</summary>
    public string Checksum { get; init; } = "md5";

    /// <summary>Everything that stores and networks do, now and then.</summary>
    public static Scenario Everything(int seed) => new()
    {
        EachStepFirst = true,
        Checksum = seed % 2 == 0 ? "md5" : "crc32c",
        Attempts = seed % 3 == 0 ? 1 : 1000,
        Faults =
        [
            new() { Fault = FaultKind.SlowDown, Probability = 0.02 },
            new() { Fault = FaultKind.Error, Status = 500, Code = "InternalError", Probability = 0.02 },
            new() { Fault = FaultKind.ResetBody, AfterBytes = 1000, Operations = [S3Operation.PutObject, S3Operation.UploadPart], Probability = 0.03 },
            new() { Fault = FaultKind.CommitThenError, Probability = 0.03 },
            new() { Fault = FaultKind.CommitThenReset, Probability = 0.03 },
            new() { Fault = FaultKind.CommitLater, After = LatestCommit, Operations = [S3Operation.PutObject, S3Operation.UploadPart, S3Operation.CompleteMultipartUpload], Probability = 0.03 },
            new() { Fault = FaultKind.CommitLater, After = LatestCommit, Operations = [S3Operation.CreateMultipartUpload], Probability = 0.1 },
            new() { Fault = FaultKind.Corrupt, ETagOfCorrupted = true, Operations = [S3Operation.PutObject, S3Operation.UploadPart], Probability = 0.02 },
            new() { Fault = FaultKind.ErrorInside200, Operations = [S3Operation.CompleteMultipartUpload], Probability = 0.05 },
            new() { Fault = FaultKind.Garbage, Operations = [S3Operation.PutObject, S3Operation.HeadObject, S3Operation.CreateMultipartUpload], Probability = 0.01 },
            new() { Fault = FaultKind.Latency, Before = TimeSpan.FromMilliseconds(150), After = TimeSpan.FromMilliseconds(100), Probability = 0.15 },
        ],
    };

    /// <summary>On a real server. Ceph 16 knows no CRC-32C (2026-11), and what fails is the wire to it.</summary>
    public static Scenario OnCeph(int seed) => Everything(seed) with { Checksum = "md5", Faults = [] };

    /// <summary>What a missing guard lets through, made likely.</summary>
    public static Scenario For(string mutation)
    {
        // Few files, touched again soon after they have become quiet.
        var habits = new WriterHabits(Files: 2, LongestRestMilliseconds: 250, LongestHoldMilliseconds: 600);
        return mutation switch
        {
            "skip-recheck-before-unlink" => new() { Mutation = mutation, Habits = habits, FixedLife = Paused("recorded", 300) },
            "skip-second-look" => new() { Mutation = mutation, Habits = habits with { Slow = true }, FixedLife = Paused("looked", 300) with { Limit = LongLife + LongLife } },
            "skip-fingerprint-after-read" => new() { Mutation = mutation, Habits = habits, FixedLife = Paused("opened", 300) },
            "skip-checksum-comparison" => new()
            {
                Mutation = mutation,
                Habits = habits,
                FixedLife = Paused("read", 1),
                Faults = [new() { Fault = FaultKind.Corrupt, ETagOfCorrupted = true, Operations = [S3Operation.PutObject], Probability = 0.4 }],
            },
            "remove-before-ledger-commit" => new()
            {
                Mutation = "skip-ledger-commit-before-removal",
                Habits = habits,
                FixedLife = Paused("committing", 300) with { KillAt = "unlinked", KillAtArrival = 2 },
            },
            _ => throw new TortureException($"There is no mutation '{mutation}'. There are {string.Join(", ", Mutations)}."),
        };
    }

    private static Life Paused(string step, int milliseconds) => new(null, 0, LongLife, new Dictionary<string, int> { [step] = milliseconds });
}
