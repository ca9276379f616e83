namespace Akka.Pipeline.Node.Running;

using Akka.Pipeline.Core.Insight;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Node.Display;

/// <summary>What a node leaves behind, in one line.</summary>
internal static class RemainingText
{
    private const int MostBlockages = 3;

    /// <param name="remaining">What the sources of node routes still hold.</param>
    /// <param name="saved">Files were uploaded until the time was up; otherwise only what was under way was finished.</param>
    /// <param name="blockages">What was blocked at the end.</param>
    public static string Of(RemainingFiles remaining, bool saved, IReadOnlyList<Blockage> blockages)
    {
        if (remaining.Files == 0)
        {
            return remaining.IsComplete ? "Nothing of the node routes remains." : "What of the node routes remains could not be counted in the time left.";
        }

        string[] reasons =
        [
            .. Reason(remaining.Untouched, saved ? "not uploaded in the time there was (finished parts of large ones are kept)" : "not begun or not finished before the stop (finished parts of large ones are kept)"),
            .. Reason(remaining.Failing, "failed and waiting for the next attempt"),
            .. Reason(remaining.SetAside, "set aside (pipeline files --failed)"),
        ];
        var blocked = blockages.Count == 0
            ? ""
            : $"; blocked: {string.Join(", ", blockages.Take(MostBlockages).Select(b => $"{b.Scope.ToString().ToLowerInvariant()} {b.Name} ({b.Trouble.Failure.Code})"))}{(blockages.Count > MostBlockages ? " and more" : "")}";
        return $"{(remaining.IsComplete ? "" : "At least ")}{Amounts.Files(remaining.Files)}, {Amounts.Bytes(remaining.Bytes)} of node routes {(remaining.Files == 1 ? "remains" : "remain")}: {string.Join(", ", reasons)}{blocked}.";
    }

    private static string[] Reason(long files, string what) => files > 0 ? [$"{Amounts.Count(files)} {what}"] : [];
}
