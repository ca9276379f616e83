namespace Akka.Local.Tests;

using Akka.Actor;
using Akka.Event;
using Akka.TestKit.Xunit2;
using Xunit.Abstractions;

public sealed class MessagingTests : TestKit
{
    public MessagingTests(ITestOutputHelper output)
        : base(output: output)
    {
    }

    [Fact]
    public void A_message_told_in_a_test_has_the_test_actor_as_its_sender()
    {
        var echo = Sys.ActorOf(Behaving.Props(me => me.OnAny(m => me.From.Tell(m))));

        echo.Tell("hello");

        ExpectMsg("hello");
        Assert.Equal(echo, LastSender);
    }

    [Fact]
    public async Task A_message_told_after_an_await_has_the_test_actor_as_its_sender()
    {
        var echo = Sys.ActorOf(Behaving.Props(me => me.OnAny(m => me.From.Tell(m))));
        await Task.Yield();

        echo.Tell("hello");

        await ExpectMsgAsync("hello");
    }

    [Fact]
    public void Without_a_sender_the_sender_is_the_dead_letters()
    {
        var test = TestActor;
        var actor = Sys.ActorOf(Behaving.Props(me => me.OnAny(_ => test.Tell(me.From))));

        actor.Tell("who", ActorRefs.NoSender);

        Assert.Equal(Sys.DeadLetters, ExpectMsg<IActorRef>());
    }

    [Fact]
    public void Forward_keeps_the_first_sender()
    {
        var end = Sys.ActorOf(Behaving.Props(me => me.OnAny(m => me.From.Tell("got " + m))));
        var middle = Sys.ActorOf(Behaving.Props(me => me.OnAny(m => end.Forward(m))));

        middle.Tell("x");

        ExpectMsg("got x");
        Assert.Equal(end, LastSender);
    }

    [Fact]
    public void Become_replaces_the_handlers_and_a_stacked_one_can_be_undone()
    {
        var test = TestActor;
        var actor = Sys.ActorOf(Behaving.Props(me =>
        {
            me.On<string>(s => s == "stack", _ => me.TurnFor(() =>
            {
                me.On<string>(s => s == "back", _ => me.TurnBack());
                me.On<string>(s => test.Tell("stacked " + s));
            }));
            me.On<string>(s => s == "turn", _ => me.Turn(() => me.On<string>(s => test.Tell("turned " + s))));
            me.On<string>(s => test.Tell("first " + s));
        }));

        foreach (var message in new[] { "a", "stack", "b", "back", "c", "turn", "d", "stack" })
        {
            actor.Tell(message);
        }

        ExpectMsg("first a");
        ExpectMsg("stacked b");
        ExpectMsg("first c");
        ExpectMsg("turned d");
        ExpectMsg("turned stack");
    }

    [Fact]
    public void A_message_without_a_handler_is_published_as_unhandled()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(UnhandledMessage));
        var actor = Sys.ActorOf(Behaving.Props(me => me.On<int>(_ => { })));

        actor.Tell("nobody wants this");

        var unhandled = ExpectMsg<UnhandledMessage>();
        Assert.Equal("nobody wants this", unhandled.Message);
        Assert.Equal(actor, unhandled.Recipient);
        Assert.Equal(TestActor, unhandled.Sender);
    }

    [Fact]
    public void A_null_message_is_refused()
    {
        var actor = Sys.ActorOf(Behaving.Props(me => me.OnAny(m => me.From.Tell(m))));
        actor.Tell("started");
        ExpectMsg("started");

        Assert.Throws<ArgumentNullException>(() => actor.Tell(null!));
        Assert.Throws<InvalidMessageException>(() => Sys.DeadLetters.Tell(null!));
    }

    [Fact]
    public void An_actor_is_not_made_with_new()
    {
        Exception? refusal = null;
        var outsideOfActors = new Thread(() => refusal = Record.Exception(() => new Behaving(_ => { }, null)));
        outsideOfActors.Start();
        outsideOfActors.Join();

        Assert.IsType<ActorInitializationException>(refusal);
    }

    [Fact]
    public void The_context_is_not_there_on_another_thread()
    {
        var test = TestActor;
        var actor = Sys.ActorOf(Behaving.Props(me => me.OnAny(m => new Thread(() =>
        {
            try
            {
                test.Tell(me.Me, ActorRefs.NoSender);
            }
            catch (NotSupportedException e)
            {
                test.Tell(e, ActorRefs.NoSender);
            }
        }).Start())));

        actor.Tell("leak", ActorRefs.NoSender);

        Assert.Contains("There is no active ActorContext", ExpectMsg<NotSupportedException>().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Messages_of_each_sender_keep_their_order_among_many_senders()
    {
        const int Senders = 16;
        const int Each = 500;
        var test = TestActor;
        var next = new int[Senders];
        var disorder = 0;
        var total = 0;
        var collector = Sys.ActorOf(Behaving.Props(me => me.On<(int Sender, int Number)>(m =>
        {
            if (next[m.Sender]++ != m.Number)
            {
                disorder++;
            }

            if (++total == Senders * Each)
            {
                test.Tell(disorder);
            }
        })));
        var senders = Enumerable.Range(0, Senders).Select(sender => Sys.ActorOf(Behaving.Props(me => me.On<int>(n =>
        {
            collector.Tell((sender, n));
            if (n + 1 < Each)
            {
                me.Me.Tell(n + 1);
            }
        })))).ToList();

        senders.ForEach(s => s.Tell(0));

        ExpectMsg(0, TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void Of_100_000_messages_from_many_threads_none_is_lost()
    {
        const int Threads = 8;
        const int Each = 12_500;
        var test = TestActor;
        var count = 0;
        long sum = 0;
        var actor = Sys.ActorOf(Behaving.Props(me => me.On<int>(n =>
        {
            sum += n;
            if (++count == Threads * Each)
            {
                test.Tell(sum);
            }
        })));

        var threads = Enumerable.Range(0, Threads).Select(_ => new Thread(() =>
        {
            for (var n = 1; n <= Each; n++)
            {
                actor.Tell(n, ActorRefs.NoSender);
            }
        })).ToList();
        threads.ForEach(t => t.Start());

        ExpectMsg((long)Threads * Each * (Each + 1) / 2, TimeSpan.FromSeconds(20));
    }
}
