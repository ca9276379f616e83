namespace Akka.Pipeline.Actors.Fleet;

using Akka.Actor;
using Akka.Event;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Fleet;
using Akka.Pipeline.Core.Ledger;
using Failure = Akka.Pipeline.Core.Failures.Failure;

/// <summary>Runs the steps of a <see cref="ClaimLoop"/> for one actor, which gets a <see cref="ClaimAnswer{T}"/> for each.</summary>
/// <param name="what">For the log: "batch".</param>
/// <param name="route">Whose work.</param>
/// <param name="session">For whom.</param>
/// <param name="log">Of the actor.</param>
internal sealed class Claiming<T>(string what, string route, SessionContext session, ILoggingAdapter log)
{
    private ClaimLoop loop = ClaimLoop.Start;

    public bool IsUnderWay => loop.IsClaiming;

    public bool IsStopped => loop.IsStopped;

    /// <summary>Nothing more, ever.</summary>
    public void Stop() => loop = loop with { IsStopped = true };

    /// <summary>Nothing more for now, or on again.</summary>
    public void Rest(bool rests) => loop = loop with { IsResting = rests };

    /// <summary>Takes the next step, if there is one.</summary>
    /// <param name="hasRoom">There is room for more work.</param>
    /// <param name="self">Gets the answer.</param>
    /// <param name="recover">What of this kind the session holds.</param>
    /// <param name="claim">Claims more.</param>
    public void Advance(bool hasRoom, IActorRef self, Func<Task<IReadOnlyList<T>>> recover, Func<Task<Claimed<T>>> claim)
    {
        var step = loop.Next(hasRoom);
        if (step == ClaimStep.Wait)
        {
            return;
        }

        loop = loop.Begun();
        Task.Run(async () => step == ClaimStep.Recover ? new Claimed<T>(true, await recover()) : await claim()).PipeTo(
            self,
            success: found => new ClaimAnswer<T>(this, step == ClaimStep.Recover, found, null),
            failure: cause => new ClaimAnswer<T>(this, step == ClaimStep.Recover, null, cause));
    }

    /// <summary>Whether an answer is to a step of this one, and not of an earlier incarnation's.</summary>
    public bool IsMine(ClaimAnswer<T> answer) => ReferenceEquals(answer.Asker, this);

    /// <summary>What an answer brings; null when it brings nothing, now or ever.</summary>
    /// <exception cref="Exception">Whatever is no trouble of the database or the source, as it came.</exception>
    public IReadOnlyList<T>? Take(ClaimAnswer<T> answer)
    {
        if (answer.Cause is { } cause)
        {
            return Fail(cause);
        }

        (loop, var news) = loop.Answered();
        if (news == ClaimNews.Recovered)
        {
            log.Info("Route {0}: a {1} can be claimed again.", route, what);
        }

        if (!answer.Found!.Alive)
        {
            session.Refused();
            return null;
        }

        return answer.Found.Items;
    }

    // The next poll tries again.
    private IReadOnlyList<T>? Fail(Exception cause)
    {
        (loop, var news) = loop.Failed();
        if (((cause as LedgerException)?.Failure ?? (cause as SourceException)?.Failure) is not Failure failure)
        {
            throw cause;
        }

        if (news == ClaimNews.FellIll)
        {
            log.Error("Route {0}: no {1} can be claimed now: {2}", route, what, failure.Explanation);
        }

        return null;
    }
}

/// <summary>The answer to a step.</summary>
/// <param name="Asker">Whose step it was.</param>
/// <param name="WasRecovery">It tells what the session holds; some of it may be known.</param>
/// <param name="Found">What it brought.</param>
/// <param name="Cause">Why it brought nothing.</param>
internal sealed record ClaimAnswer<T>(Claiming<T> Asker, bool WasRecovery, Claimed<T>? Found, Exception? Cause) : IDeadLetterSuppression;
