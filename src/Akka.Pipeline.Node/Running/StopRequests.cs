namespace Akka.Pipeline.Node.Running;

using Akka.Pipeline.Core.Spot;
using Akka.Pipeline.Node.Display;

/// <summary>Why and until when a node leaves.</summary>
/// <param name="Reason">For people, such as "asked to stop".</param>
/// <param name="CutOffAt">Monotonic clock: uploads under way then are broken off.</param>
/// <param name="Deadline">Monotonic clock: the process is to be gone then.</param>
/// <param name="SavesFiles">Until the cut-off files of node routes go on being uploaded; otherwise only what is under way is finished.</param>
public sealed record StopRequest(string Reason, TimeSpan CutOffAt, TimeSpan Deadline, bool SavesFiles)
{
    private static readonly TimeSpan WrapUp = TimeSpan.FromSeconds(5);

    /// <summary>Finish what is under way, for so long at most.</summary>
    public static StopRequest Finishing(string reason, TimeSpan now, TimeSpan grace) => new(reason, now + grace, now + grace + WrapUp, SavesFiles: false);

    /// <summary>The machine is about to be taken, or somebody wants it to be done as if it were.</summary>
    public static StopRequest Saving(string reason, TimeSpan now, TimeSpan timeLeft) =>
        new(reason, now + timeLeft - Departure.Reserve(timeLeft), now + timeLeft, SavesFiles: true);
}

/// <summary>
/// Everything that makes a node leave comes together here: signals, the control socket, the cloud. The first one starts it; a later one can only bring the end nearer.
/// </summary>
public sealed class StopRequests(TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes with the first request.</summary>
    public Task Asked => asked.Task;

    /// <summary>What counts now, or null.</summary>
    public StopRequest? Current { get; private set; }

    /// <summary>Called when a later request has brought the end nearer.</summary>
    public Action<StopRequest>? Hastened { get; set; }

    /// <summary>A reading of the monotonic clock, the one that the actors use.</summary>
    public TimeSpan Now => time.GetElapsedTime(0, time.GetTimestamp());

    /// <summary>Asks the node to leave; true when that changed anything.</summary>
    public bool Ask(StopRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        lock (gate)
        {
            if (Current is { } before)
            {
                if (request.CutOffAt >= before.CutOffAt)
                {
                    return false;
                }

                Current = before with { CutOffAt = request.CutOffAt, Deadline = request.Deadline < before.Deadline ? request.Deadline : before.Deadline };
                Hastened?.Invoke(Current);
                return true;
            }

            Current = request;
        }

        asked.TrySetResult();
        return true;
    }

    /// <summary>"within 2 min 0 s".</summary>
    public static string Within(TimeSpan time) => $"within {Amounts.Time(time)}";
}
