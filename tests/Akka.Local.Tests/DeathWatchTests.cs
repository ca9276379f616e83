namespace Akka.Local.Tests;

using Akka.Actor;
using Akka.TestKit.Xunit2;
using Xunit.Abstractions;

public sealed class DeathWatchTests : TestKit
{
    public DeathWatchTests(ITestOutputHelper output)
        : base(output: output)
    {
    }

    [Fact]
    public void Terminated_comes_once_and_after_the_end_of_the_watched()
    {
        var stopped = false;
        var actor = Sys.ActorOf(Behaving.Props(me => me.Stopped = () =>
        {
            Thread.Sleep(20);
            Volatile.Write(ref stopped, true);
        }));
        Watch(actor);
        Watch(actor);

        Sys.Stop(actor);

        ExpectTerminated(actor);
        Assert.True(Volatile.Read(ref stopped));
        ExpectNoMsg(30);
    }

    [Fact]
    public void Watching_the_dead_brings_terminated_at_once()
    {
        var actor = Sys.ActorOf(Behaving.Props(_ => { }));
        Watch(actor);
        Sys.Stop(actor);
        ExpectTerminated(actor);

        var other = CreateTestProbe();
        other.Watch(actor);

        other.ExpectTerminated(actor);
    }

    [Fact]
    public void Every_watcher_is_told()
    {
        var actor = Sys.ActorOf(Behaving.Props(_ => { }));
        var watchers = Enumerable.Range(0, 5).Select(_ => CreateTestProbe()).ToList();
        watchers.ForEach(w => w.Watch(actor));

        actor.Tell(PoisonPill.Instance);

        watchers.ForEach(w => w.ExpectTerminated(actor));
    }

    [Fact]
    public void After_unwatch_nothing_comes()
    {
        var actor = Sys.ActorOf(Behaving.Props(_ => { }));
        var other = CreateTestProbe();
        Watch(actor);
        other.Watch(actor);
        Unwatch(actor);

        Sys.Stop(actor);

        other.ExpectTerminated(actor);
        ExpectNoMsg(30);
    }

    [Fact]
    public void Unwatch_withdraws_a_terminated_that_is_already_queued()
    {
        var test = TestActor;
        var watched = Sys.ActorOf(Behaving.Props(_ => { }));
        using var proceed = new ManualResetEventSlim();
        var watcher = Sys.ActorOf(Behaving.Props(me =>
        {
            me.Starting = () => me.Surroundings.Watch(watched);
            me.On<string>(s => s == "block", _ =>
            {
                test.Tell("blocked");
                proceed.Wait(TimeSpan.FromSeconds(10));
            });
            me.On<string>(s => s == "unwatch", _ => me.Surroundings.Unwatch(watched));
            me.On<string>(s => test.Tell(s));
            me.On<Terminated>(_ => test.Tell("terminated"));
        }));
        watcher.Tell("block");
        ExpectMsg("blocked");
        watcher.Tell("unwatch");
        Watch(watched);
        Sys.Stop(watched);
        ExpectTerminated(watched);
        watcher.Tell("end");

        proceed.Set();

        ExpectMsg("end");
        ExpectNoMsg(30);
    }

    [Fact]
    public void Watch_with_sends_the_given_message()
    {
        var test = TestActor;
        var watched = Sys.ActorOf(Behaving.Props(_ => { }));
        Sys.ActorOf(Behaving.Props(me =>
        {
            me.Starting = () =>
            {
                me.Surroundings.WatchWith(watched, "it is over");
                test.Tell("watching");
            };
            me.On<string>(s => test.Tell(s));
        }));
        ExpectMsg("watching");

        Sys.Stop(watched);

        ExpectMsg("it is over");
    }

    [Fact]
    public void What_the_watched_sent_before_its_end_comes_before_terminated()
    {
        var test = TestActor;
        var watched = Sys.ActorOf(Behaving.Props(me => me.On<int>(n =>
        {
            for (var i = 0; i < n; i++)
            {
                test.Tell(i);
            }

            me.Surroundings.Stop(me.Me);
        })));
        Watch(watched);

        watched.Tell(100);

        Assert.Equal(Enumerable.Range(0, 100), ReceiveN(100).Cast<int>());
        ExpectTerminated(watched);
    }

    [Fact]
    public void A_restart_is_no_end()
    {
        var actor = Sys.ActorOf(Behaving.Props(me =>
        {
            me.On<Crash>(c => throw c);
            me.On<string>(s => me.From.Tell(s));
        }));
        Watch(actor);

        actor.Tell(new Crash("c"));
        actor.Tell("alive");

        ExpectMsg("alive");
        ExpectNoMsg(30);
    }

    [Fact]
    public void A_watcher_that_does_not_handle_terminated_fails()
    {
        var watched = Sys.ActorOf(Behaving.Props(_ => { }));
        var watcher = Sys.ActorOf(Behaving.Props(me =>
        {
            me.Starting = () => me.Surroundings.Watch(watched);
            me.On<string>(s => me.From.Tell(s));
        }));
        watcher.Tell("ready");
        ExpectMsg("ready");
        Watch(watcher);

        Sys.Stop(watched);

        ExpectTerminated(watcher);
    }

    [Fact]
    public void A_parent_that_watches_its_child_is_told_of_its_failure_end()
    {
        var test = TestActor;
        var parent = Sys.ActorOf(Behaving.Props(
            me =>
            {
                me.Starting = () => me.Surroundings.Watch(me.Surroundings.ActorOf(Behaving.Props(child => child.On<Crash>(c => throw c)), "child"));
                me.On<Crash>(c => me.Surroundings.Child("child").Tell(c));
                me.On<Terminated>(t => test.Tell(t.ActorRef.Path.Name));
            },
            new OneForOneStrategy(_ => Directive.Stop)));

        parent.Tell(new Crash("c"));

        ExpectMsg("child");
    }
}
