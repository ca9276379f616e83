namespace Akka.Pipeline.Actors.Fleet;

using Akka.Actor;
using Akka.Pipeline.Actors.Flow;
using Akka.Event;
using Akka.Pipeline.Core.Fleet;
using Akka.Pipeline.Core.Ledger;

/// <summary>Waits for news of the fleet and passes them on by the event stream. Whoever needs them looks from time to time as well.</summary>
public sealed class NewsActor : MessageActor, IWithTimers
{
    private readonly IFleet fleet;
    private readonly FleetSettings settings;
    private readonly CancellationTokenSource stopping = new();

    public NewsActor(IFleet fleet, FleetSettings settings)
    {
        this.fleet = fleet;
        this.settings = settings;
        Receive<Heard>(heard =>
        {
            if (heard.News != FleetNews.None)
            {
                Context.System.EventStream.Publish(new FleetNewsHeard(heard.News));
            }

            Listen();
        });
        Receive<Failed>(failed =>
        {
            // Those who look anyway say what is wrong.
            if (failed.Cause is LedgerException)
            {
                Timers.StartSingleTimer("listen", new Heard(FleetNews.None), settings.Poll);
            }
            else if (failed.Cause is not OperationCanceledException)
            {
                throw failed.Cause;
            }
        });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(IFleet fleet, FleetSettings settings) => Actor.Props.Create<NewsActor>(fleet, settings);

    protected override void PreStart() => Listen();

    protected override void PostStop()
    {
        stopping.Cancel();
        stopping.Dispose();
    }

    private void Listen() => fleet.WaitForNewsAsync(TimeSpan.FromMinutes(1), stopping.Token)
        .PipeTo(Self, success: news => new Heard(news), failure: cause => new Failed(cause));

    private sealed record Heard(FleetNews News) : IDeadLetterSuppression;

    private sealed record Failed(Exception Cause) : IDeadLetterSuppression;
}
