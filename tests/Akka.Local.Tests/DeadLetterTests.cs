namespace Akka.Local.Tests;

using Akka.Actor;
using Akka.Event;
using Akka.TestKit.Xunit2;
using Xunit.Abstractions;

public sealed class DeadLetterTests : TestKit
{
    public DeadLetterTests(ITestOutputHelper output)
        : base(output: output) => Sys.EventStream.Subscribe(TestActor, typeof(DeadLetter));

    [Fact]
    public void A_message_to_a_stopped_actor_becomes_a_dead_letter()
    {
        var actor = Stopped();

        actor.Tell("too late");

        var letter = ExpectMsg<DeadLetter>();
        Assert.Equal("too late", letter.Message);
        Assert.Equal(TestActor, letter.Sender);
        Assert.Equal(actor.Path, letter.Recipient.Path);
    }

    [Fact]
    public void What_is_in_the_mailbox_at_the_end_becomes_dead_letters_in_order()
    {
        using var proceed = new ManualResetEventSlim();
        var actor = Sys.ActorOf(Behaving.Props(me => me.On<string>(_ =>
        {
            proceed.Wait(TimeSpan.FromSeconds(10));
            me.Surroundings.Stop(me.Me);
        })));
        actor.Tell("stop");
        for (var i = 0; i < 20; i++)
        {
            actor.Tell(i);
        }

        proceed.Set();

        Assert.Equal(Enumerable.Range(0, 20), ReceiveN(20).Cast<DeadLetter>().Select(l => (int)l.Message));
    }

    [Fact]
    public void What_is_told_to_the_dead_letters_is_published()
    {
        Sys.DeadLetters.Tell("nowhere");

        Assert.Equal("nowhere", ExpectMsg<DeadLetter>().Message);
    }

    [Fact]
    public void Poison_for_the_dead_is_not_reported()
    {
        var actor = Stopped();

        actor.Tell(PoisonPill.Instance);
        actor.Tell("next");

        Assert.Equal("next", ExpectMsg<DeadLetter>().Message);
    }

    [Fact]
    public void What_is_told_to_nobody_vanishes()
    {
        ActorRefs.Nobody.Tell("into the void");

        ExpectNoMsg(30);
    }

    private IActorRef Stopped()
    {
        var actor = Sys.ActorOf(Behaving.Props(_ => { }));
        Watch(actor);
        Sys.Stop(actor);
        ExpectTerminated(actor);
        return actor;
    }
}
