namespace Akka.Local.Tests;

using Akka.Actor;
using Akka.TestKit.Xunit2;
using Xunit.Abstractions;

public sealed class SupervisionTests : TestKit
{
    public SupervisionTests(ITestOutputHelper output)
        : base(output: output)
    {
    }

    [Fact]
    public void A_restart_keeps_the_mailbox_the_path_and_the_reference_but_not_the_state()
    {
        var (_, child) = Family(new OneForOneStrategy(_ => Directive.Restart), Counting);

        child.Tell(1);
        child.Tell(new Crash("now"));
        child.Tell(2);
        child.Tell(3);

        ExpectMsg("1 of 1");
        ExpectMsg("2 of 1");
        ExpectMsg("3 of 2");
    }

    [Fact]
    public void Resume_keeps_the_state()
    {
        var (_, child) = Family(new OneForOneStrategy(_ => Directive.Resume), Counting);

        child.Tell(1);
        child.Tell(new Crash("now"));
        child.Tell(2);

        ExpectMsg("1 of 1");
        ExpectMsg("2 of 2");
    }

    [Fact]
    public void Stop_stops_the_child()
    {
        var (_, child) = Family(new OneForOneStrategy(_ => Directive.Stop), Counting);
        Watch(child);

        child.Tell(new Crash("now"));

        ExpectTerminated(child);
    }

    [Fact]
    public void An_escalated_failure_is_judged_by_the_grandparent()
    {
        var test = TestActor;
        var grandparent = Sys.ActorOf(Behaving.Props(
            me => me.Starting = () => me.Surroundings.ActorOf(
                Behaving.Props(
                    parent =>
                    {
                        parent.Starting = () =>
                        {
                            var child = parent.Surroundings.ActorOf(Behaving.Props(Failing), "child");
                            test.Tell(child);
                        };
                        parent.Restarting = (cause, _) => test.Tell("parent restarts for " + cause.Message);
                    },
                    new OneForOneStrategy(_ => Directive.Escalate)),
                "parent"),
            new OneForOneStrategy(cause =>
            {
                test.Tell("grandparent judges " + cause.Message);
                return Directive.Restart;
            })));

        var child = ExpectMsg<IActorRef>();
        Watch(child);
        child.Tell(new Crash("deep"));

        ExpectMsg("grandparent judges deep");
        ExpectMsg("parent restarts for deep");

        // The restarted parent has stopped its child, and makes another.
        var rest = ReceiveN(2);
        Assert.Contains(rest, m => m is Terminated t && t.ActorRef.Equals(child));
        Assert.Contains(rest, m => m is IActorRef other && !other.Equals(child) && other.Path.Equals(child.Path));
        Assert.NotNull(grandparent);
    }

    [Fact]
    public void An_escalated_failure_that_is_resumed_resumes_the_child()
    {
        var test = TestActor;
        Sys.ActorOf(Behaving.Props(
            me => me.Starting = () => me.Surroundings.ActorOf(Behaving.Props(
                parent => parent.Starting = () => test.Tell(parent.Surroundings.ActorOf(Behaving.Props(Counting))),
                new OneForOneStrategy(_ => Directive.Escalate))),
            new OneForOneStrategy(_ => Directive.Resume)));
        var child = ExpectMsg<IActorRef>();

        child.Tell(1);
        child.Tell(new Crash("deep"));
        child.Tell(2);

        ExpectMsg("1 of 1");
        ExpectMsg("2 of 2");
    }

    [Fact]
    public void The_hooks_of_a_restart_run_in_order_and_know_the_cause_and_the_message()
    {
        var test = TestActor;
        var instances = 0;
        var (_, child) = Family(SupervisorStrategy.DefaultStrategy, me =>
        {
            var instance = ++instances;
            me.Starting = () => test.Tell($"{instance} starts");
            me.Stopped = () => test.Tell($"{instance} stops");
            me.Restarting = (cause, message) => test.Tell($"{instance} restarting: {cause.Message}, {message.GetType().Name}");
            me.Restarted = cause => test.Tell($"{instance} restarted: {cause.Message}");
            Failing(me);
        });

        child.Tell(new Crash("c"));

        ExpectMsg("1 starts");
        ExpectMsg("1 restarting: c, Crash");
        ExpectMsg("1 stops");
        ExpectMsg("2 restarted: c");
        ExpectMsg("2 starts");
    }

    [Fact]
    public void A_restart_stops_the_children_before_the_new_instance_is_made()
    {
        var test = TestActor;
        var instances = 0;
        var (_, child) = Family(SupervisorStrategy.DefaultStrategy, me =>
        {
            test.Tell($"made {++instances}");
            me.Starting = () => me.Surroundings.ActorOf(Behaving.Props(grandchild => grandchild.Stopped = () => test.Tell("grandchild stops")), "same%20name");
            Failing(me);
        });
        ExpectMsg("made 1");

        child.Tell(new Crash("c"));

        ExpectMsg("grandchild stops");
        ExpectMsg("made 2");
    }

    [Fact]
    public void Children_that_a_restart_keeps_are_restarted_too()
    {
        var test = TestActor;
        var (_, child) = Family(SupervisorStrategy.DefaultStrategy, me =>
        {
            me.KeepsChildrenOnRestart = true;
            me.Starting = () =>
            {
                if (me.Surroundings.Child("kept").IsNobody())
                {
                    me.Surroundings.ActorOf(
                        Behaving.Props(kept =>
                        {
                            kept.Restarted = cause => test.Tell("kept restarted for " + cause.Message);
                            kept.On<string>(s => test.Tell("kept " + s));
                        }),
                        "kept");
                }
            };
            me.On<string>(s => me.Surroundings.Child("kept").Tell(s));
            Failing(me);
        });

        child.Tell("a");
        ExpectMsg("kept a");
        child.Tell(new Crash("c"));
        child.Tell("b");

        ExpectMsg("kept restarted for c");
        ExpectMsg("kept b");
    }

    [Fact]
    public void A_failing_actor_handles_nothing_until_its_supervisor_has_decided()
    {
        using var decide = new ManualResetEventSlim();
        var (_, child) = Family(
            new OneForOneStrategy(_ =>
            {
                decide.Wait(TimeSpan.FromSeconds(10));
                return Directive.Resume;
            }),
            Counting);

        child.Tell(new Crash("now"));
        child.Tell(1);

        ExpectNoMsg(50);
        decide.Set();
        ExpectMsg("1 of 1");
    }

    [Fact]
    public void The_children_of_a_failing_actor_are_suspended_with_it()
    {
        var test = TestActor;
        using var decide = new ManualResetEventSlim();
        using var failed = new ManualResetEventSlim();
        var (_, child) = Family(
            new OneForOneStrategy(_ =>
            {
                failed.Set();
                decide.Wait(TimeSpan.FromSeconds(10));
                return Directive.Resume;
            }),
            me =>
            {
                me.Starting = () => test.Tell(me.Surroundings.ActorOf(Behaving.Props(grandchild => grandchild.On<string>(s => test.Tell(s)))));
                Failing(me);
            });
        var grandchild = ExpectMsg<IActorRef>();

        child.Tell(new Crash("now"));
        Assert.True(failed.Wait(TimeSpan.FromSeconds(10)));
        grandchild.Tell("waits");

        ExpectNoMsg(50);
        decide.Set();
        ExpectMsg("waits");
    }

    [Fact]
    public void After_the_allowed_restarts_the_child_is_stopped()
    {
        var (_, child) = Family(new OneForOneStrategy(2, TimeSpan.FromMinutes(1), _ => Directive.Restart), Counting);
        Watch(child);

        child.Tell(new Crash("1"));
        child.Tell(1);
        ExpectMsg("1 of 1");
        child.Tell(new Crash("2"));
        child.Tell(2);
        ExpectMsg("2 of 1");
        child.Tell(new Crash("3"));

        ExpectTerminated(child);
    }

    [Fact]
    public void With_no_restart_allowed_the_first_failure_stops_the_child()
    {
        var (_, child) = Family(new OneForOneStrategy(0, TimeSpan.FromMinutes(1), _ => Directive.Restart), Counting);
        Watch(child);

        child.Tell(new Crash("1"));

        ExpectTerminated(child);
    }

    [Fact]
    public void Restarts_are_counted_within_the_window_only()
    {
        var (_, child) = Family(new OneForOneStrategy(1, 20, _ => Directive.Restart), Counting);

        for (var i = 1; i <= 3; i++)
        {
            child.Tell(new Crash("c"));
            child.Tell(i);
            ExpectMsg($"{i} of 1");
            Thread.Sleep(60);
        }
    }

    [Theory]
    [InlineData(Directive.Restart)]
    [InlineData(Directive.Stop)]
    public void All_for_one_treats_the_siblings_alike(Directive directive)
    {
        var test = TestActor;
        var parent = Sys.ActorOf(Behaving.Props(
            me => me.Starting = () =>
            {
                foreach (var name in new[] { "a", "b", "c" })
                {
                    test.Tell(me.Surroundings.ActorOf(Behaving.Props(child =>
                    {
                        child.Restarting = (_, _) => test.Tell(name);
                        child.Stopped = () => test.Tell(directive == Directive.Stop ? name : "stop hook");
                        child.On<string>(s => test.Tell(s));
                        Failing(child);
                    })));
                }
            },
            new AllForOneStrategy(_ => directive)));
        var children = ReceiveN(3).Cast<IActorRef>().ToList();

        children[1].Tell(new Crash("one of them"));

        var heard = ReceiveN(directive == Directive.Stop ? 3 : 6).Cast<string>().Where(s => s != "stop hook").Order();
        Assert.Equal(["a", "b", "c"], heard);
        Assert.NotNull(parent);
        if (directive == Directive.Restart)
        {
            children.ForEach(c => c.Tell("alive"));
            ReceiveN(3);
        }
    }

    [Fact]
    public void One_for_one_leaves_the_siblings_alone()
    {
        var test = TestActor;
        Sys.ActorOf(Behaving.Props(
            me => me.Starting = () =>
            {
                for (var i = 0; i < 2; i++)
                {
                    test.Tell(me.Surroundings.ActorOf(Behaving.Props(Failing)));
                }
            },
            new OneForOneStrategy(_ => Directive.Stop)));
        var first = ExpectMsg<IActorRef>();
        var second = ExpectMsg<IActorRef>();
        Watch(first);
        Watch(second);

        first.Tell(new Crash("c"));

        ExpectTerminated(first);
        ExpectNoMsg(30);
    }

    [Fact]
    public void An_actor_whose_constructor_fails_is_stopped_by_default()
    {
        var actor = Sys.ActorOf(Behaving.Props(_ => throw new Crash("cannot be made")));
        Watch(actor);

        ExpectTerminated(actor);
    }

    [Fact]
    public void An_actor_whose_start_fails_is_made_again_where_the_supervisor_says_restart()
    {
        var test = TestActor;
        var attempts = 0;
        Exception? seen = null;
        var (_, child) = Family(
            new OneForOneStrategy(cause =>
            {
                seen = cause;
                return Directive.Restart;
            }),
            me =>
            {
                me.Starting = () =>
                {
                    if (++attempts < 3)
                    {
                        throw new Crash("not yet");
                    }
                };
                me.On<string>(s => test.Tell(s + attempts));
            });

        child.Tell("attempt ");

        ExpectMsg("attempt 3");
        var failure = Assert.IsType<ActorInitializationException>(seen);
        Assert.IsType<Crash>(failure.InnerException);
    }

    [Fact]
    public void A_restart_whose_constructor_fails_stops_the_actor_by_default()
    {
        var test = TestActor;
        var instances = 0;
        var (_, child) = Family(SupervisorStrategy.DefaultStrategy, me =>
        {
            if (++instances == 2)
            {
                throw new Crash("constructor");
            }

            me.Stopped = () => test.Tell("stopped");
            Failing(me);
        });
        Watch(child);

        child.Tell(new Crash("c"));

        ExpectMsg("stopped");
        FishForMessage<Terminated>(t => t.ActorRef.Equals(child));
        Assert.Equal(2, instances);
    }

    [Fact]
    public void A_restart_whose_constructor_fails_can_be_tried_again()
    {
        var test = TestActor;
        var instances = 0;
        var causes = new List<Type>();
        var (_, child) = Family(
            new OneForOneStrategy(cause =>
            {
                causes.Add(cause.GetType());
                return Directive.Restart;
            }),
            me =>
            {
                if (++instances == 2)
                {
                    throw new Crash("constructor");
                }

                me.On<string>(s => test.Tell($"{s} {instances}"));
                Failing(me);
            });

        child.Tell(new Crash("c"));
        child.Tell("instance");

        ExpectMsg("instance 3");
        Assert.Equal([typeof(Crash), typeof(PostRestartException)], causes);
    }

    [Fact]
    public void An_actor_that_waits_for_its_supervisor_can_be_stopped()
    {
        using var decide = new ManualResetEventSlim();
        using var failed = new ManualResetEventSlim();
        var (_, child) = Family(
            new OneForOneStrategy(_ =>
            {
                failed.Set();
                decide.Wait(TimeSpan.FromSeconds(10));
                return Directive.Restart;
            }),
            Failing);
        Watch(child);
        child.Tell(new Crash("c"));
        Assert.True(failed.Wait(TimeSpan.FromSeconds(10)));

        Sys.Stop(child);

        ExpectTerminated(child);
        decide.Set();
    }

    [Fact]
    public void A_child_that_fails_while_its_parent_waits_for_a_decision_is_judged_afterwards()
    {
        var test = TestActor;
        using var decide = new ManualResetEventSlim();
        using var failed = new ManualResetEventSlim();
        using var crash = new ManualResetEventSlim();
        var grandchildSuspended = new OneForOneStrategy(cause =>
        {
            test.Tell("judged " + cause.Message);
            return Directive.Resume;
        });
        var (_, child) = Family(
            new OneForOneStrategy(_ =>
            {
                failed.Set();
                decide.Wait(TimeSpan.FromSeconds(10));
                return Directive.Resume;
            }),
            Behaving.Props(
                me =>
                {
                    me.Starting = () => test.Tell(me.Surroundings.ActorOf(Behaving.Props(grandchild =>
                    {
                        grandchild.On<Crash>(c =>
                        {
                            test.Tell("grandchild busy");
                            crash.Wait(TimeSpan.FromSeconds(10));
                            throw c;
                        });
                        grandchild.On<string>(s => test.Tell(s));
                    })));
                    Failing(me);
                },
                grandchildSuspended));
        var grandchild = ExpectMsg<IActorRef>();
        grandchild.Tell(new Crash("grandchild"));
        ExpectMsg("grandchild busy");
        child.Tell(new Crash("child"));
        Assert.True(failed.Wait(TimeSpan.FromSeconds(10)));

        crash.Set();
        ExpectNoMsg(50);
        decide.Set();

        ExpectMsg("judged grandchild");
        grandchild.Tell("goes on");
        ExpectMsg("goes on");
    }

    [Fact]
    public void A_decider_that_fails_escalates_its_own_failure()
    {
        var test = TestActor;
        Sys.ActorOf(Behaving.Props(
            me => me.Starting = () => me.Surroundings.ActorOf(Behaving.Props(
                parent => parent.Starting = () => test.Tell(parent.Surroundings.ActorOf(Behaving.Props(Failing))),
                new OneForOneStrategy(_ => throw new Crash("decider")))),
            new OneForOneStrategy(cause =>
            {
                test.Tell(cause.Message);
                return Directive.Stop;
            })));
        var child = ExpectMsg<IActorRef>();

        child.Tell(new Crash("child"));

        ExpectMsg("decider");
    }

    [Fact]
    public void The_strategy_of_the_props_goes_before_the_actors_own()
    {
        var test = TestActor;
        Sys.ActorOf(Behaving
            .Props(me => me.Starting = () => test.Tell(me.Surroundings.ActorOf(Behaving.Props(Counting))), new OneForOneStrategy(_ => Directive.Restart))
            .WithSupervisorStrategy(new OneForOneStrategy(_ => Directive.Resume)));
        var child = ExpectMsg<IActorRef>();

        child.Tell((TestActor, 1));
        child.Tell(new Crash("c"));
        child.Tell((TestActor, 2));

        ExpectMsg("1 of 1");
        ExpectMsg("2 of 2");
    }

    [Fact]
    public void A_decider_of_types_takes_the_first_that_fits()
    {
        var decider = Decider.From(
            Directive.Escalate,
            Directive.Stop.When<ArgumentNullException>(),
            Directive.Resume.When<ArgumentException>());

        Assert.Equal(Directive.Stop, decider.Decide(new ArgumentNullException()));
        Assert.Equal(Directive.Resume, decider.Decide(new ArgumentException("x")));
        Assert.Equal(Directive.Escalate, decider.Decide(new InvalidOperationException()));
    }

    [Fact]
    public void The_arguments_of_props_are_evaluated_once()
    {
        var made = 0;
        var test = TestActor;
        Func<object> make = () =>
        {
            made++;
            return new object();
        };
        var (_, child) = Family(new OneForOneStrategy(_ => Directive.Restart), Props.Create(() => new Holder(make(), test)));
        child.Tell(new Crash("c"));
        child.Tell("which");
        child.Tell("which");

        Assert.Same(ExpectMsg<object>(), ExpectMsg<object>());
        Assert.Equal(1, made);
    }

    private static void Failing(Behaving me) => me.On<Crash>(c => throw c);

    private void Counting(Behaving me)
    {
        var test = TestActor;
        var handled = 0;
        me.On<int>(n => test.Tell($"{n} of {++handled}"));
        me.On<(IActorRef To, int Number)>(m => m.To.Tell($"{m.Number} of {++handled}"));
        Failing(me);
    }

    private (IActorRef Parent, IActorRef Child) Family(SupervisorStrategy strategy, Action<Behaving> child, string? name = null) =>
        Family(strategy, Behaving.Props(child), name);

    private (IActorRef Parent, IActorRef Child) Family(SupervisorStrategy strategy, Props child, string? name = null)
    {
        var born = new TaskCompletionSource<IActorRef>(TaskCreationOptions.RunContinuationsAsynchronously);
        var parent = Sys.ActorOf(Behaving.Props(me => me.Starting = () => born.SetResult(me.Surroundings.ActorOf(child, name)), strategy));
        return (parent, born.Task.GetAwaiter().GetResult());
    }

    private sealed class Holder : HandlingActor
    {
        public Holder(object held, IActorRef tell)
        {
            Receive<string>(_ => tell.Tell(held));
            Receive<Crash>(c => throw c);
        }
    }
}
