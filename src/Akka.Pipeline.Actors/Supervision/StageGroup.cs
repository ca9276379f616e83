namespace Akka.Pipeline.Actors.Supervision;

using Akka.Actor;
using Akka.Event;

/// <summary>
/// Stages of a route that share what is on its way: when one of them fails, all start afresh together. When that happens too often in a row they stop, and their parent makes
/// them anew after a rest: a route never gives up, and never takes others with it. Their parent watches the first one.
/// </summary>
/// <param name="what">For the log: "Route shots".</param>
/// <param name="log">Of the parent.</param>
internal sealed class StageGroup(string what, ILoggingAdapter log)
{
    /// <summary>How long a group rests that failed too often.</summary>
    public static readonly TimeSpan Rest = TimeSpan.FromSeconds(30);

    private const int MostRestarts = 10;
    private static readonly TimeSpan RestartWindow = TimeSpan.FromMinutes(1);

    private IReadOnlyList<IActorRef> stages = [];

    /// <summary>For the parent.</summary>
    public SupervisorStrategy Strategy => new AllForOneStrategy(MostRestarts, RestartWindow, cause =>
    {
        log.Error(cause, "{0}: a stage failed; the stages start afresh.", what);
        return Directive.Restart;
    });

    /// <summary>These are the group now.</summary>
    public void Watch(IActorContext parent, params IActorRef[] together)
    {
        stages = together;
        parent.Watch(together[0]);
    }

    /// <summary>Stops what is left of it.</summary>
    public void Stop(IActorContext parent)
    {
        foreach (var stage in stages)
        {
            parent.Unwatch(stage);
            parent.Stop(stage);
        }

        stages = [];
    }

    /// <summary>The first one was stopped, by too many restarts: the others are stopped too.</summary>
    public void GaveUp(IActorContext parent)
    {
        log.Error("{0} failed too often in a row and rests for {1} s.", what, (int)Rest.TotalSeconds);
        Stop(parent);
    }
}
