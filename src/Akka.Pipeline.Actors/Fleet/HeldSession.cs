namespace Akka.Pipeline.Actors.Fleet;

using Akka.Pipeline.Core.Fleet;

/// <summary>
/// What a node knows of its own session, without asking: until when it surely lives. Read from any thread right before whatever must not happen once
/// others have taken over.
/// </summary>
/// <param name="id">The session.</param>
/// <param name="clock">A monotonic clock that goes on while the machine sleeps.</param>
/// <param name="askedAt">When the node asked for it, by that clock.</param>
/// <param name="goodFor">How long the database keeps it from then on.</param>
public sealed class HeldSession(SessionId id, TimeProvider clock, TimeSpan askedAt, TimeSpan goodFor)
{
    /// <summary>For what is done between the look and its effect.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMilliseconds(500);

    private long sureUntilTicks = (askedAt + goodFor - Margin).Ticks;

    public SessionId Id { get; } = id;

    /// <summary>Whether nobody can have taken over yet.</summary>
    public bool IsSure => Now(clock).Ticks < Interlocked.Read(ref sureUntilTicks);

    /// <summary>A reading of the clock.</summary>
    public static TimeSpan Now(TimeProvider clock) => clock.GetElapsedTime(0, clock.GetTimestamp());

    /// <summary>The database has prolonged it. Without effect once it has ended.</summary>
    public void Renewed(TimeSpan askedAt, TimeSpan goodFor)
    {
        var until = (askedAt + goodFor - Margin).Ticks;
        for (var known = Interlocked.Read(ref sureUntilTicks); known != long.MinValue && known < until;)
        {
            var before = Interlocked.CompareExchange(ref sureUntilTicks, until, known);
            if (before == known)
            {
                return;
            }

            known = before;
        }
    }

    /// <summary>It has ended, or is about to.</summary>
    public void End() => Interlocked.Exchange(ref sureUntilTicks, long.MinValue);
}
