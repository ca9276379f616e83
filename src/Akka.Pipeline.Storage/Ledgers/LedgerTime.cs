namespace Akka.Pipeline.Storage.Ledgers;

/// <summary>Times as they stand in rows: Unix time in units of 100 ns, which is all that a <see cref="DateTimeOffset"/> holds, in UTC.</summary>
internal static class LedgerTime
{
    public static long From(DateTimeOffset time) => time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks;

    public static DateTimeOffset ToTime(long value) => new(value + DateTimeOffset.UnixEpoch.Ticks, TimeSpan.Zero);
}
