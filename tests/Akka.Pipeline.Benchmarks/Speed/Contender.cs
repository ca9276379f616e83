namespace Akka.Pipeline.Benchmarks.Speed;

/// <summary>Whose program it is.</summary>
internal enum Maker
{
    Ours,
    Floor,
    Rclone,
    Aws,
    S3cmd,
}

/// <summary>A program in a race.</summary>
/// <param name="Label">As the table shows it.</param>
/// <param name="Removes">Whether it removes what it has uploaded.</param>
/// <param name="AtOnce">Files, transfers or requests at once; 0 where the program decides.</param>
/// <param name="IsSlow">It runs in the first round only.</param>
/// <param name="OnTenth">It is so slow that it gets a tenth of the files.</param>
internal sealed record Contender(Maker Maker, string Label, bool Removes, int AtOnce = 0, bool IsSlow = false, bool OnTenth = false)
{
    public static Contender Ours(bool removes) => new(Maker.Ours, removes ? "this pipeline" : "this pipeline, `after-upload = keep`", removes);

    public static Contender Floor(bool removes, int atOnce) => new(Maker.Floor, $"floor: PUT{(removes ? " + unlink" : "")}, {atOnce} in flight", removes, atOnce);

    public static Contender Rclone(bool moves, int transfers) => new(Maker.Rclone, $"rclone {(moves ? "move" : "copy")}, {transfers} transfers", moves, transfers);

    public static Contender Aws() => new(Maker.Aws, "aws s3 cp, 32 at once", Removes: false, 32, IsSlow: true);

    public static Contender S3cmd() => new(Maker.S3cmd, "s3cmd put, a tenth of the files", Removes: false, IsSlow: true, OnTenth: true);
}

/// <summary>One race: the same data for everybody.</summary>
/// <param name="EveryNthRound">Those that take long are not run in every round.</param>
internal sealed record Scenario(string Name, string Title, DataSet Data, TimeSpan Latency, IReadOnlyList<Contender> Contenders, int EveryNthRound = 1)
{
    private static readonly DataSet Small = new("S", 20_000, 200, 4 << 10);
    private static readonly DataSet Medium = new("M", 2_000, 20, 256 << 10);
    private static readonly DataSet Large = new("L", 4, 1, 512 << 20);
    private static readonly DataSet Numerous = new("N", 200_000, 2_000, 200);

    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("S", "S", Small, TimeSpan.Zero,
            [Contender.Ours(removes: false), Contender.Floor(removes: false, 32), Contender.Rclone(moves: false, 32), Contender.Aws(), Contender.S3cmd()]),
        new("move", "S as a move", Small, TimeSpan.Zero, [Contender.Ours(removes: true), Contender.Floor(removes: true, 32), Contender.Rclone(moves: true, 32)]),
        new("S20", "S, 20 ms latency", Small, TimeSpan.FromMilliseconds(20),
            [Contender.Ours(removes: true), Contender.Floor(removes: true, 256), Contender.Rclone(moves: false, 64), Contender.Rclone(moves: true, 64)]),
        new("M", "M", Medium, TimeSpan.Zero,
            [Contender.Ours(removes: true), Contender.Floor(removes: true, 32), Contender.Rclone(moves: true, 32), Contender.Rclone(moves: false, 32), Contender.Aws()]),
        new("L", "L", Large, TimeSpan.Zero,
            [Contender.Ours(removes: true), Contender.Floor(removes: true, 4), Contender.Rclone(moves: true, 4), Contender.Rclone(moves: false, 4), Contender.Aws()]),
        new("N", "N", Numerous, TimeSpan.Zero,
            [Contender.Ours(removes: true), Contender.Floor(removes: true, 32), Contender.Rclone(moves: true, 32), Contender.Rclone(moves: false, 32)], EveryNthRound: 3),
    ];
}
