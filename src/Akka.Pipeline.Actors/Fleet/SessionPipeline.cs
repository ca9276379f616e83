namespace Akka.Pipeline.Actors.Fleet;

using Akka.Actor;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Actors.Supervision;
using Akka.Pipeline.Core.Fleet;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Uploading;

/// <summary>The pipeline over the shared routes, as one session may run it: what it records is fenced, as its sources and stores are.</summary>
internal static class SessionPipeline
{
    public static Props Props(SessionContext session, ILedger shared, IReadOnlyList<RouteContext> routes, NodeContext node, Action<RunEnded> ended)
    {
        var ledger = new FencedLedger(shared, session.Fleet, session.Session.Id, session.Refused);
        var sharing = new SharedParts(session, ledger, node.Time);
        return PipelineActor.Props(
            routes,
            node with { Ledger = ledger, Parts = sharing },
            ended,
            (route, inner, uploaders, writer) => FleetRouteActor.Props(route, inner, session, sharing, uploaders, writer),
            Leftovers.LongestBeginning);
    }
}
