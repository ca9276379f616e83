namespace Akka.Pipeline.Actors.Uploading;

using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Core.Uploading;

/// <summary>What all uploads of a node share, whichever pipeline they belong to: memory for bodies, and bandwidth.</summary>
public sealed class TransferLimits(UploadSettings settings, TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly TokenBucket? bandwidth = settings.BandwidthBytesPerSecond is { } rate ? new TokenBucket(rate, time.GetElapsedTime(0, time.GetTimestamp())) : null;

    /// <summary>Memory for bodies under way.</summary>
    public ByteBudget Buffers { get; } = new(settings.BufferBytes);

    /// <summary>What they are read into.</summary>
    public BodyMemory Memory { get; } = new(settings.BufferBytes);

    public bool LimitsBandwidth => bandwidth is not null;

    /// <summary>Waits until that many bytes may flow.</summary>
    public ValueTask FlowAsync(int bytes, CancellationToken cancellation)
    {
        if (bandwidth is null)
        {
            return ValueTask.CompletedTask;
        }

        TimeSpan wait;
        lock (gate)
        {
            wait = bandwidth.Take(bytes, time.GetElapsedTime(0, time.GetTimestamp()));
        }

        return wait > TimeSpan.Zero ? new ValueTask(Task.Delay(wait, time, cancellation)) : ValueTask.CompletedTask;
    }
}
