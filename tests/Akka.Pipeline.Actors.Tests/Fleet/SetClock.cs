namespace Akka.Pipeline.Actors.Tests.Fleet;

/// <summary>A clock that is set by hand.</summary>
internal sealed class SetClock : TimeProvider
{
    public TimeSpan Now { get; set; } = TimeSpan.FromHours(1);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Now.Ticks;
}
