namespace Akka.Local.Tests;

using Akka.Actor;
using Akka.Event;
using Akka.TestKit.Xunit2;
using Xunit.Abstractions;

public sealed class EventStreamTests : TestKit
{
    public EventStreamTests(ITestOutputHelper output)
        : base(output: output)
    {
    }

    private interface IMarked;

    [Fact]
    public void A_subscriber_gets_the_class_and_what_derives_from_it()
    {
        Assert.True(Sys.EventStream.Subscribe(TestActor, typeof(Animal)));
        Assert.False(Sys.EventStream.Subscribe(TestActor, typeof(Animal)));

        Sys.EventStream.Publish(new Stone());
        Sys.EventStream.Publish(new Animal());
        Sys.EventStream.Publish(new Dog());

        ExpectMsg<Animal>(a => a.GetType() == typeof(Animal));
        ExpectMsg<Dog>();
        ExpectNoMsg(20);
    }

    [Fact]
    public void A_subscriber_gets_what_has_the_interface()
    {
        Sys.EventStream.Subscribe<IMarked>(TestActor);

        Sys.EventStream.Publish(new Animal());
        Sys.EventStream.Publish(new Dog());

        ExpectMsg<Dog>();
    }

    [Fact]
    public void Who_subscribes_twice_on_the_way_up_gets_it_once()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(Animal));
        Sys.EventStream.Subscribe(TestActor, typeof(Dog));

        Sys.EventStream.Publish(new Dog());

        ExpectMsg<Dog>();
        ExpectNoMsg(20);
    }

    [Fact]
    public void After_unsubscribing_nothing_comes()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(Stone));
        Sys.EventStream.Subscribe(TestActor, typeof(Dog));
        Assert.True(Sys.EventStream.Unsubscribe(TestActor, typeof(Stone)));
        Assert.False(Sys.EventStream.Unsubscribe(TestActor, typeof(Stone)));
        Sys.EventStream.Publish(new Stone());
        Sys.EventStream.Publish(new Dog());
        ExpectMsg<Dog>();

        Assert.True(Sys.EventStream.Unsubscribe(TestActor));
        Sys.EventStream.Publish(new Dog());

        ExpectNoMsg(20);
    }

    [Fact]
    public void A_stopped_subscriber_is_unsubscribed()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(DeadLetter));
        var actor = Sys.ActorOf(Behaving.Props(_ => { }));
        Sys.EventStream.Subscribe(actor, typeof(Stone));
        Watch(actor);
        Sys.Stop(actor);
        ExpectTerminated(actor);

        AwaitAssert(() => Assert.False(Sys.EventStream.Unsubscribe(actor)));
        Sys.EventStream.Publish(new Stone());

        ExpectNoMsg(20);
    }

    [Fact]
    public void What_an_actor_logs_is_published()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(LogEvent));
        var actor = Sys.ActorOf(
            Behaving.Props(me =>
            {
                var log = me.Surroundings.GetLogger();
                me.On<string>(s => log.Warning("careful, {0} of {1}", s, 2));
                me.On<Crash>(c => log.Error(c, "failed"));
                me.On<int>(n => log.Debug("below the level {0}", n));
            }),
            "logging");

        actor.Tell(1);
        actor.Tell("one");
        actor.Tell(new Crash("why"));

        var warning = FishForMessage<Warning>(w => w.LogSource.Contains("logging", StringComparison.Ordinal));
        Assert.Equal("careful, one of 2", warning.Message.ToString());
        Assert.Equal(LogLevel.WarningLevel, warning.LogLevel());
        Assert.StartsWith("akka://test/user/logging", warning.LogSource, StringComparison.Ordinal);
        Assert.Contains("[akka://test/user/logging] careful, one of 2", warning.ToString(), StringComparison.Ordinal);
        var error = FishForMessage<Error>(_ => true);
        Assert.Equal("failed", error.Message.ToString());
        Assert.Equal("why", error.Cause!.Message);
    }

    [Fact]
    public void A_failure_that_a_supervisor_answers_is_logged_with_its_cause()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(Error));
        var actor = Sys.ActorOf(Behaving.Props(me => me.On<Crash>(c => throw c)), "failing");

        actor.Tell(new Crash("the cause"));

        var error = ExpectMsg<Error>();
        Assert.Equal("the cause", error.Cause!.Message);
        Assert.Equal("akka://test/user/failing", error.LogSource);
    }

    [Fact]
    public void A_system_logs_under_its_name_and_a_level_can_be_asked_for()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(Info));
        var log = Logging.GetLogger(Sys, "somewhere");

        log.Info("a {0} b {1} c {2}", 1, "two", 3.5);

        Assert.Equal("a 1 b two c 3.5", FishForMessage<Info>(i => i.LogSource.StartsWith("somewhere", StringComparison.Ordinal)).Message.ToString());
        Assert.True(log.IsInfoEnabled);
        Assert.True(log.IsErrorEnabled);
        Assert.False(log.IsDebugEnabled);
    }

    private class Animal;

    private sealed class Dog : Animal, IMarked;

    private sealed class Stone;
}
