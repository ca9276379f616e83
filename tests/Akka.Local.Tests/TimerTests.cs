namespace Akka.Local.Tests;

using Akka.Actor;
using Akka.TestKit.Xunit2;
using Xunit.Abstractions;

public sealed class TimerTests : TestKit
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Never = TimeSpan.FromMinutes(10);

    public TimerTests(ITestOutputHelper output)
        : base(output: output)
    {
    }

    [Fact]
    public void A_single_timer_fires_once_and_is_then_no_longer_active()
    {
        var actor = Timed((me, timers) => timers.StartSingleTimer("k", "fired", Soon));

        ExpectMsg("fired");
        ExpectNoMsg(60);
        actor.Tell((Func<ITimerScheduler, bool>)(timers => timers.IsTimerActive("k")));
        ExpectMsg(false);
    }

    [Fact]
    public void A_periodic_timer_fires_until_it_is_cancelled()
    {
        var actor = Timed((_, timers) => timers.StartPeriodicTimer("k", "tick", TimeSpan.Zero, Soon));

        ExpectMsg("tick");
        ExpectMsg("tick");
        ExpectMsg("tick");
        actor.Tell((Func<ITimerScheduler, bool>)(timers =>
        {
            timers.Cancel("k");
            return timers.IsTimerActive("k");
        }));
        Assert.False((bool)FishForMessage(m => m is bool));
        ExpectNoMsg(60);
    }

    [Fact]
    public void A_new_timer_replaces_the_one_of_the_same_key_even_if_that_one_has_already_fired()
    {
        var actor = Timed((_, _) => { });

        actor.Tell((Func<ITimerScheduler, bool>)(timers =>
        {
            timers.StartSingleTimer("k", "old", TimeSpan.FromMilliseconds(1));

            // The old one's message is in the mailbox by now, behind this one.
            Thread.Sleep(50);
            timers.StartSingleTimer("k", "new", Soon);
            return true;
        }));

        ExpectMsg(true);
        ExpectMsg("new");
        ExpectNoMsg(30);
    }

    [Fact]
    public void The_message_of_a_cancelled_timer_is_not_delivered_even_if_it_is_already_queued()
    {
        var actor = Timed((_, _) => { });

        actor.Tell((Func<ITimerScheduler, bool>)(timers =>
        {
            timers.StartSingleTimer("k", "old", TimeSpan.FromMilliseconds(1));
            Thread.Sleep(50);
            timers.CancelAll();
            return true;
        }));

        ExpectMsg(true);
        ExpectNoMsg(30);
    }

    [Fact]
    public void A_restart_cancels_the_timers_and_drops_their_queued_messages()
    {
        var instances = 0;
        var actor = Timed((_, timers) =>
        {
            if (++instances == 1)
            {
                timers.StartPeriodicTimer("k", "from the first", TimeSpan.FromMilliseconds(1));
            }
        });
        ExpectMsg("from the first");

        actor.Tell((Func<ITimerScheduler, bool>)(timers =>
        {
            Thread.Sleep(20);
            throw new Crash("now");
        }));
        actor.Tell((Func<ITimerScheduler, bool>)(timers => timers.IsTimerActive("k")));

        Assert.False((bool)FishForMessage(m => m is bool));
        ExpectNoMsg(40);
    }

    [Fact]
    public void A_stop_cancels_the_timers()
    {
        var late = Sys.ActorOf(Behaving.Props(me => me.On<Akka.Event.AllDeadLetters>(letter => letter.Message is "tick", TestActor.Tell)));
        Sys.EventStream.Subscribe(late, typeof(Akka.Event.AllDeadLetters));
        var actor = Timed((_, timers) => timers.StartPeriodicTimer("k", "tick", Never, Soon));
        Watch(actor);

        Sys.Stop(actor);

        ExpectTerminated(actor);
        ExpectNoMsg(60);
    }

    [Fact]
    public void The_scheduler_tells_once_and_repeatedly_until_cancelled()
    {
        var sender = CreateTestProbe();
        var never = Sys.Scheduler.ScheduleTellOnceCancelable(Soon, TestActor, "never", sender.Ref);
        never.Cancel();
        Sys.Scheduler.ScheduleTellOnce(Soon, TestActor, "once", sender.Ref);

        ExpectMsg("once");
        Assert.Equal(sender.Ref, LastSender);
        Assert.True(never.IsCancellationRequested);

        var repeated = Sys.Scheduler.ScheduleTellRepeatedlyCancelable(TimeSpan.Zero, Soon, TestActor, "again", ActorRefs.NoSender);
        ExpectMsg("again");
        ExpectMsg("again");
        repeated.Cancel();
        while (HasMessages)
        {
            ReceiveOne(TimeSpan.Zero);
        }

        ExpectNoMsg(60);
    }

    private IActorRef Timed(Action<TimedActor, ITimerScheduler> start)
    {
        var test = TestActor;
        return Sys.ActorOf(Props.Create(() => new TimedActor(test, start)));
    }

    private sealed class TimedActor : HandlingActor, IWithTimers
    {
        private readonly Action<TimedActor, ITimerScheduler> _start;

        public TimedActor(IActorRef test, Action<TimedActor, ITimerScheduler> start)
        {
            _start = start;
            Receive<string>(s => test.Tell(s));
            Receive<Func<ITimerScheduler, bool>>(run => test.Tell(run(Timers)));
        }

        public ITimerScheduler Timers { get; set; } = null!;

        protected override void PreStart() => _start(this, Timers);
    }
}
