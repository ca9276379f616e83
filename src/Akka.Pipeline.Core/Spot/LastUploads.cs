namespace Akka.Pipeline.Core.Spot;

/// <summary>
/// Decides, while a node saves what it can before its machine is taken, which files still go. Waiting files are offered in the order of their size, because that saves the most
/// files; a large one goes beside others only if it fits, because one that does not takes the line from them and saves nothing. On an idle line it is tried: nothing is known of
/// what an idle line can carry, and nothing is lost.
/// </summary>
public static class LastUploads
{
    /// <summary>Of the time left, the share that is planned with: rates sink when everybody leaves at once.</summary>
    public const double PlannedShare = 0.8;

    /// <summary>Whether a file may start now.</summary>
    /// <param name="sizeBytes">Of the file.</param>
    /// <param name="smallBytes">Files up to this length are small: they are sent whole, and worth a try at any time.</param>
    /// <param name="timeLeft">Until uploads are cut off.</param>
    /// <param name="bytesPerSecond">What the line has carried lately at best; null while that is not known.</param>
    /// <param name="bytesUnderWay">What is being sent already.</param>
    public static bool MayStart(long sizeBytes, long smallBytes, TimeSpan timeLeft, double? bytesPerSecond, long bytesUnderWay) =>
        timeLeft > TimeSpan.Zero
        && (sizeBytes <= smallBytes
            || bytesUnderWay == 0
            || (bytesPerSecond is { } rate && Fits(sizeBytes + bytesUnderWay, timeLeft, rate)));

    /// <summary>Whether an upload that is under way goes on: one that cannot end in time gives its place to files that can.</summary>
    /// <param name="remainingBytes">What is not sent yet.</param>
    /// <param name="smallBytes">See <see cref="MayStart"/>.</param>
    /// <param name="timeLeft">Until uploads are cut off.</param>
    /// <param name="bytesPerSecond">What the line has carried lately at best; null while that is not known.</param>
    /// <param name="othersWait">Shorter files could use its place; without any nothing is gained by giving it up.</param>
    public static bool GoesOn(long remainingBytes, long smallBytes, TimeSpan timeLeft, double? bytesPerSecond, bool othersWait) =>
        !othersWait || remainingBytes <= smallBytes || bytesPerSecond is not { } rate || Fits(remainingBytes, timeLeft, rate);

    private static bool Fits(long bytes, TimeSpan timeLeft, double bytesPerSecond) => bytes <= bytesPerSecond * timeLeft.TotalSeconds * PlannedShare;
}
