namespace Akka.Local.Tests;

using Akka.Actor;
using Akka.TestKit.Xunit2;
using Xunit.Abstractions;

public sealed class LifecycleTests : TestKit
{
    public LifecycleTests(ITestOutputHelper output)
        : base(output: output)
    {
    }

    [Fact]
    public void A_path_tells_the_place_in_the_tree()
    {
        var parent = Sys.ActorOf(Behaving.Props(me => me.On<string>(name => me.From.Tell(me.Surroundings.ActorOf(Behaving.Props(_ => { }), name)))), "a");
        parent.Tell("b");

        var child = ExpectMsg<IActorRef>();

        Assert.Equal("akka://test/user/a/b", child.Path.ToString());
        Assert.Equal("/user/a/b", child.Path.ToStringWithoutAddress());
        Assert.Equal("b", child.Path.Name);
        Assert.Equal(parent.Path, child.Path.Parent);
        Assert.Equal(parent.Path / "b", child.Path);
        Assert.Equal(["user", "a", "b"], child.Path.Elements);
    }

    [Theory]
    [InlineData("")]
    [InlineData("$a")]
    [InlineData("a/b")]
    [InlineData("a b")]
    [InlineData("ä")]
    [InlineData("100%")]
    public void A_bad_name_is_refused(string name) =>
        Assert.Throws<InvalidActorNameException>(() => Sys.ActorOf(Behaving.Props(_ => { }), name));

    [Theory]
    [InlineData("a-b_c.d*e")]
    [InlineData("a%20b")]
    [InlineData("0")]
    public void A_good_name_is_taken(string name) =>
        Assert.Equal(name, Sys.ActorOf(Behaving.Props(_ => { }), name).Path.Name);

    [Fact]
    public void A_name_is_given_once_and_free_again_after_the_end()
    {
        var first = Sys.ActorOf(Behaving.Props(_ => { }), "only");
        Assert.Throws<InvalidActorNameException>(() => Sys.ActorOf(Behaving.Props(_ => { }), "only"));

        Watch(first);
        Sys.Stop(first);
        ExpectTerminated(first);

        // The parent may hear of the end a moment after the watchers.
        IActorRef? second = null;
        AwaitAssert(() => second = Sys.ActorOf(Behaving.Props(_ => { }), "only"));
        Assert.NotEqual(first, second);
        Assert.Equal(first.Path, second!.Path);
    }

    [Fact]
    public void A_parent_can_reuse_a_childs_name_as_soon_as_it_hears_of_its_end()
    {
        var parent = Sys.ActorOf(Behaving.Props(me =>
        {
            var asker = ActorRefs.Nobody as IActorRef;
            me.On<string>(_ =>
            {
                asker = me.From;
                var child = me.Surroundings.ActorOf(Behaving.Props(_ => { }), "child");
                me.Surroundings.Watch(child);
                me.Surroundings.Stop(child);
            });
            me.On<Terminated>(t => asker.Tell(me.Surroundings.ActorOf(Behaving.Props(_ => { }), t.ActorRef.Path.Name)));
        }));

        parent.Tell("go");

        Assert.Equal("child", ExpectMsg<IActorRef>().Path.Name);
    }

    [Fact]
    public void Children_are_known_by_name()
    {
        var parent = Sys.ActorOf(Behaving.Props(me =>
        {
            me.Starting = () =>
            {
                me.Surroundings.ActorOf(Behaving.Props(_ => { }), "one");
                me.Surroundings.ActorOf(Behaving.Props(_ => { }), "two");
            };
            me.On<string>(name =>
            {
                me.From.Tell(me.Surroundings.Child(name));
                me.From.Tell(me.Surroundings.GetChildren().Select(c => c.Path.Name).Order().ToList());
            });
        }));

        parent.Tell("two");
        parent.Tell("three");

        Assert.Equal("two", ExpectMsg<IActorRef>().Path.Name);
        Assert.Equal(["one", "two"], ExpectMsg<List<string>>());
        Assert.True(ExpectMsg<IActorRef>().IsNobody());
    }

    [Fact]
    public void Stopping_a_parent_stops_its_children_first()
    {
        var test = TestActor;
        var parent = Sys.ActorOf(Behaving.Props(me =>
        {
            me.Starting = () => me.Surroundings.ActorOf(
                Behaving.Props(child =>
                {
                    child.Starting = () => child.Surroundings.ActorOf(Behaving.Props(grandchild => grandchild.Stopped = () => test.Tell("grandchild")));
                    child.Stopped = () => test.Tell("child");
                    child.On<string>(_ => test.Tell("ready"));
                }),
                "child");
            me.Stopped = () => test.Tell("parent");
            me.On<string>(s => me.Surroundings.Child("child").Forward(s));
        }));
        parent.Tell("ready?");
        ExpectMsg("ready");

        Watch(parent);
        Sys.Stop(parent);

        ExpectMsg("grandchild");
        ExpectMsg("child");
        ExpectMsg("parent");
        ExpectTerminated(parent);
    }

    [Fact]
    public void Poison_comes_after_what_was_sent_before_and_stop_does_not_wait()
    {
        var test = TestActor;
        var actor = Sys.ActorOf(Behaving.Props(me =>
        {
            me.On<int>(n => test.Tell(n));
            me.Stopped = () => test.Tell("stopped");
        }));

        actor.Tell(1);
        actor.Tell(2);
        actor.Tell(PoisonPill.Instance);
        actor.Tell(3);

        ExpectMsg(1);
        ExpectMsg(2);
        ExpectMsg("stopped");
        ExpectNoMsg(30);
    }

    [Fact]
    public void An_actor_that_stops_itself_finishes_its_message_and_takes_no_other()
    {
        var test = TestActor;
        var actor = Sys.ActorOf(Behaving.Props(me =>
        {
            me.On<int>(n =>
            {
                me.Surroundings.Stop(me.Me);
                test.Tell(n);
            });
            me.Stopped = () => test.Tell("stopped");
        }));

        actor.Tell(1);
        actor.Tell(2);

        ExpectMsg(1);
        ExpectMsg("stopped");
        ExpectNoMsg(30);
    }

    [Fact]
    public void Kill_stops_an_actor_under_the_default_strategy()
    {
        var actor = Sys.ActorOf(Behaving.Props(_ => { }));
        Watch(actor);

        actor.Tell(Kill.Instance);

        ExpectTerminated(actor);
    }

    [Fact]
    public async Task Graceful_stop_waits_for_the_end()
    {
        var stopped = false;
        var actor = Sys.ActorOf(Behaving.Props(me => me.Stopped = () => stopped = true));

        Assert.True(await actor.GracefulStop(TimeSpan.FromSeconds(3)));
        Assert.True(stopped);
    }

    [Fact]
    public async Task Graceful_stop_of_an_actor_that_does_not_stop_is_false_in_the_end()
    {
        var actor = Sys.ActorOf(Behaving.Props(me => me.OnAny(_ => { })));

        Assert.False(await actor.GracefulStop(TimeSpan.FromMilliseconds(30), "no reason to stop"));
    }

    [Fact]
    public void Self_is_the_dead_letters_after_the_end()
    {
        Behaving? instance = null;
        var actor = Sys.ActorOf(Behaving.Props(me => instance = me));
        Watch(actor);
        Sys.Stop(actor);
        ExpectTerminated(actor);

        AwaitAssert(() => Assert.Equal(Sys.DeadLetters, instance!.Me));
    }

    [Fact]
    public void An_instance_that_is_disposable_is_disposed_at_its_end()
    {
        var test = TestActor;
        var actor = Sys.ActorOf(Props.Create(() => new Disposed(test)));

        actor.Tell(new Crash("restart"));
        ExpectMsg("stopped");
        ExpectMsg("disposed");
        Sys.Stop(actor);
        ExpectMsg("stopped");
        ExpectMsg("disposed");
    }

    [Fact]
    public void Stop_reaches_an_actor_at_any_depth()
    {
        var parent = Sys.ActorOf(Behaving.Props(me => me.OnAny(_ => me.From.Tell(me.Surroundings.ActorOf(Behaving.Props(_ => { }))))));
        parent.Tell("child");
        var child = ExpectMsg<IActorRef>();
        Watch(child);

        Sys.Stop(child);

        ExpectTerminated(child);
    }

    [Fact]
    public void A_system_needs_a_good_name() =>
        Assert.Throws<ArgumentException>(() => ActorSystem.Create("no spaces"));

    [Fact]
    public async Task Terminate_stops_all_actors()
    {
        var stopped = 0;
        var system = ActorSystem.Create("other");
        for (var i = 0; i < 10; i++)
        {
            system.ActorOf(Behaving.Props(me => me.Stopped = () => Interlocked.Increment(ref stopped)));
        }

        Assert.False(system.WhenTerminated.IsCompleted);
        await system.Terminate();

        Assert.Equal(10, stopped);
        Assert.True(system.WhenTerminated.IsCompletedSuccessfully);
        Assert.Throws<InvalidOperationException>(() => system.ActorOf(Behaving.Props(_ => { })));
    }

    [Fact]
    public async Task No_actor_outlives_a_system_that_ends_while_actors_are_made()
    {
        var alive = 0;
        var system = ActorSystem.Create("ending");
        var makers = Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            try
            {
                while (true)
                {
                    system.ActorOf(Behaving.Props(me =>
                    {
                        me.Starting = () => Interlocked.Increment(ref alive);
                        me.Stopped = () => Interlocked.Decrement(ref alive);
                    }));
                }
            }
            catch (InvalidOperationException)
            {
                // The system takes no more actors.
            }
        })).ToList();

        await system.Terminate();

        Assert.Equal(0, Volatile.Read(ref alive));
        await Task.WhenAll(makers).WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(0, Volatile.Read(ref alive));
    }

    private sealed class Disposed : HandlingActor, IDisposable
    {
        private readonly IActorRef _test;

        public Disposed(IActorRef test)
        {
            _test = test;
            Receive<Crash>(c => throw c);
        }

        public void Dispose() => _test.Tell("disposed");

        protected override void PostStop() => _test.Tell("stopped");
    }
}
