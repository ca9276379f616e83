namespace Akka.Pipeline.Storage.Posix;

/// <summary>
/// A monotonic clock that goes on while the machine sleeps (CLOCK_BOOTTIME, Linux 2.6.39): an instance that hibernates must know that its time is over
/// when it wakes. Its wall clock and timers are the system's.
/// </summary>
public sealed class BootClock : TimeProvider
{
    private const int ClockBootTime = 7;

    private BootClock()
    {
    }

    public static BootClock Instance { get; } = new();

    public override long TimestampFrequency => 1_000_000_000;

    public override long GetTimestamp()
    {
        Span<long> time = stackalloc long[2];
        return Libc.ClockGetTime(ClockBootTime, time) == 0
            ? (time[0] * 1_000_000_000) + time[1]
            : throw new InvalidOperationException($"The clock CLOCK_BOOTTIME cannot be read: error {Libc.LastError}.");
    }
}
