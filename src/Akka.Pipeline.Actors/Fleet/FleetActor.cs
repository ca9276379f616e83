namespace Akka.Pipeline.Actors.Fleet;

using Akka.Actor;
using Akka.Event;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Actors.Supervision;
using Akka.Pipeline.Core.Fleet;
using Akka.Pipeline.Core.Ledger;
using Failure = Akka.Pipeline.Core.Failures.Failure;

/// <summary>
/// This node's part in the fleet: joins, renews its session, and runs a pipeline over the shared routes for as long as the session lives. When that ends
/// against its will, everything under way is dropped, and the node joins afresh.
/// </summary>
public sealed partial class FleetActor : MessageActor, IWithTimers
{
    private readonly IReadOnlyList<RouteContext> routes;
    private readonly NodeContext node;
    private readonly FleetPorts ports;
    private readonly Action<RunEnded> ended;
    private readonly ILoggingAdapter log = Context.GetLogger();
    private readonly CancellationTokenSource stopping = new();
    private readonly StoreWatch stores;
    private FleetAccess? access;
    private SessionContext? session;
    private IActorRef pipeline = ActorRefs.Nobody;
    private IActorRef? drainAsker;
    private (long Files, long Bytes, TimeSpan At) metersBefore;
    private int failures;
    private bool joining;
    private bool renewing;
    private bool leaving;

    public FleetActor(IReadOnlyList<RouteContext> routes, NodeContext node, FleetPorts ports, Action<RunEnded> ended)
    {
        this.routes = routes;
        this.node = node;
        this.ports = ports;
        this.ended = ended;
        stores = new StoreWatch(ports.Clock, ports.Settings.SessionTimeout);

        Receive<Join>(_ => BeginJoin());
        Receive<Joined>(OnJoined);
        Receive<Renew>(_ => BeginRenewal());
        Receive<Renewed>(OnRenewed);
        Receive<SessionRefused>(refused => refused.Session.Equals(session?.Session.Id), _ => Drop("the fleet has given its work to others"));
        Receive<SessionRefused>(_ => { });
        Receive<Terminated>(_ => OnPipelineStopped());
        ReceiveLeaving();
        ReceiveNewsOfStores();
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(IReadOnlyList<RouteContext> routes, NodeContext node, FleetPorts ports, Action<RunEnded> ended) =>
        Actor.Props.Create<FleetActor>(routes, node, ports, ended);

    protected override void PreStart() => BeginJoin();

    protected override void PostStop()
    {
        session?.Session.End();
        stopping.Cancel();
        stopping.Dispose();
    }

    private TimeSpan Now() => HeldSession.Now(ports.Clock);

    private void BeginJoin()
    {
        if (joining || session is not null || drainAsker is not null || routes.All(stores.IsSilent))
        {
            return;
        }

        joining = true;

        var stop = stopping.Token;
        var known = access;
        Task.Run(async () =>
        {
            var opened = known ?? await ports.OpenAsync(stop);
            var askedAt = Now();
            return new Joined(askedAt, await opened.Fleet.JoinAsync(ports.Identity, ports.Settings.SessionTimeout, stop), opened, null);
        }).PipeTo(Self, success: joined => joined, failure: cause => new Joined(default, null, null, cause));
    }

    private void OnJoined(Joined joined)
    {
        joining = false;
        if (joined.Grant is not { } grant)
        {
            OnJoinFailed(joined.Cause!);
            return;
        }

        failures = 0;
        if (access is null)
        {
            access = joined.Access!;
            Context.ActorOf(NewsActor.Props(access.Fleet, ports.Settings), "news");
        }

        var (fleet, shared) = access;
        var self = Self;
        var held = new HeldSession(grant.Id, ports.Clock, joined.AskedAt, grant.GoodFor);
        session = new SessionContext(fleet, held, ports.Settings, () => self.Tell(new SessionRefused(grant.Id), ActorRefs.NoSender));
        if (drainAsker is not null)
        {
            Leave();
            return;
        }

        log.Info("Joined the fleet as {0}, session {1}.", ports.Identity.Name, grant.Id.Epoch);
        IReadOnlyList<RouteContext> answering =
        [
            .. routes.Where(route => !stores.IsSilent(route))
                .Select(route => new RouteContext(route.Settings, new FencedSource(route.Source, held), stores.Fence(route, held)) { IsShared = true }),
        ];
        pipeline = Context.ActorOf(SessionPipeline.Props(session, shared, answering, node, ended), $"session-{grant.Id.Epoch}");
        Context.Watch(pipeline);
        metersBefore = (node.Meters.FilesStored, node.Meters.BytesSent, Now());
        Timers.StartPeriodicTimer("renew", new Renew(), grant.GoodFor / 5);
    }

    private void OnJoinFailed(Exception cause)
    {
        if (cause is OperationCanceledException)
        {
            return;
        }

        failures++;
        var failure = (cause as LedgerException)?.Failure
            ?? new Failure(Core.Failures.FailureScope.Node, Core.Failures.FailureNature.Passing, cause.GetType().Name, $"The fleet could not be joined: {cause.Message}", "See the log for details.");
        if (failures == 1)
        {
            log.Error("{0} The shared routes wait.", failure.Explanation);
        }

        if (node.Settings.Once && node.Settings.BlockageRetry.IsExhausted(failures))
        {
            // Once: a second end would be taken for that of the node's own routes.
            ended(new RunEnded(new Dictionary<string, RouteRemainder>(), null, failure));
            return;
        }

        Timers.StartSingleTimer("join", new Join(), node.Settings.BlockageRetry.DelayAfter(failures, node.Chance(), failure.RetryAfter));
    }

    private void BeginRenewal()
    {
        if (session is not { } current)
        {
            return;
        }

        if (!current.Session.IsSure)
        {
            Drop("it could not be renewed in time, because the database did not answer or this node stood still");
            return;
        }

        SuspectStores();
        if (renewing)
        {
            return;
        }

        renewing = true;
        var askedAt = Now();
        var seconds = Math.Max((askedAt - metersBefore.At).TotalSeconds, 0.001);
        var (files, bytes) = (node.Meters.FilesStored, node.Meters.BytesSent);
        var rates = new NodeRates((files - metersBefore.Files) / seconds, (bytes - metersBefore.Bytes) / seconds);
        metersBefore = (files, bytes, askedAt);
        access!.Fleet.RenewAsync(current.Session.Id, rates, stopping.Token)
            .PipeTo(Self, success: renewal => new Renewed(current.Session, askedAt, renewal, null), failure: cause => new Renewed(current.Session, askedAt, null, cause));
    }

    private void OnRenewed(Renewed renewed)
    {
        renewing = false;
        if (!ReferenceEquals(renewed.Session, session?.Session))
        {
            return;
        }

        if (renewed.Answer is not { } answer)
        {
            // As long as the session is sure, the next one may succeed.
            if (failures++ == 0 && renewed.Cause is LedgerException failed)
            {
                log.Warning("The session could not be renewed: {0}", failed.Failure.Explanation);
            }

            return;
        }

        failures = 0;
        if (answer.Alive)
        {
            renewed.Session.Renewed(renewed.AskedAt, answer.GoodFor);
        }
        else
        {
            Drop("it was not renewed in time");
        }
    }

    private void Drop(string why)
    {
        if (session is not { } lost || leaving)
        {
            return;
        }

        log.Warning("Session {0} is over: {1}. What was under way is dropped, and the node joins again.", lost.Session.Id.Epoch, why);
        lost.Session.End();
        session = null;
        failures = 0;
        Timers.Cancel("renew");
        Context.Stop(pipeline);
    }

    private void OnPipelineStopped()
    {
        pipeline = ActorRefs.Nobody;
        if (drainAsker is not null)
        {
            Answer();
        }
        else
        {
            BeginJoin();
        }
    }

    private sealed record Join;

    private sealed record Joined(TimeSpan AskedAt, SessionGrant? Grant, FleetAccess? Access, Exception? Cause) : IDeadLetterSuppression;

    private sealed record Renew;

    private sealed record Renewed(HeldSession Session, TimeSpan AskedAt, Renewal? Answer, Exception? Cause) : IDeadLetterSuppression;

    private sealed record SessionRefused(SessionId Session) : IDeadLetterSuppression;
}
