namespace Akka.Local.Tests;

using Akka.Actor;
using Akka.Event;
using Akka.TestKit.Xunit2;
using Xunit.Abstractions;

public sealed class AskingTests : TestKit
{
    public AskingTests(ITestOutputHelper output)
        : base(output: output)
    {
    }

    [Fact]
    public async Task An_answer_completes_the_question()
    {
        var actor = Sys.ActorOf(Behaving.Props(me => me.On<int>(n => me.From.Tell(n * 2))));

        Assert.Equal(42, await actor.Ask<int>(21, TimeSpan.FromSeconds(3)));
    }

    [Fact]
    public async Task Without_an_answer_in_time_it_fails()
    {
        var actor = Sys.ActorOf(Behaving.Props(me => me.OnAny(_ => { })));

        await Assert.ThrowsAsync<AskTimeoutException>(() => actor.Ask<int>("?", TimeSpan.FromMilliseconds(20)));
    }

    [Fact]
    public async Task A_cancelled_question_is_cancelled()
    {
        var actor = Sys.ActorOf(Behaving.Props(me => me.OnAny(_ => { })));
        using var cancel = new CancellationTokenSource();
        var question = actor.Ask<int>("?", cancel.Token);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => question);
    }

    [Fact]
    public async Task A_failure_as_the_answer_becomes_its_exception()
    {
        var actor = Sys.ActorOf(Behaving.Props(me => me.OnAny(_ => me.From.Tell(new Status.Failure(new Crash("no"))))));

        var crash = await Assert.ThrowsAsync<Crash>(() => actor.Ask<int>("?", TimeSpan.FromSeconds(3)));
        Assert.Equal("no", crash.Message);
    }

    [Fact]
    public async Task An_answer_of_another_type_is_an_argument_exception()
    {
        var actor = Sys.ActorOf(Behaving.Props(me => me.OnAny(_ => me.From.Tell("text"))));

        await Assert.ThrowsAsync<ArgumentException>(() => actor.Ask<int>("?", TimeSpan.FromSeconds(3)));
    }

    [Fact]
    public async Task A_second_answer_is_a_dead_letter()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(DeadLetter));
        var actor = Sys.ActorOf(Behaving.Props(me => me.OnAny(_ =>
        {
            me.From.Tell(1);
            me.From.Tell(2);
        })));

        Assert.Equal(1, await actor.Ask<int>("?", TimeSpan.FromSeconds(3)));
        Assert.Equal(2, ExpectMsg<DeadLetter>().Message);
    }

    [Fact]
    public void A_piped_result_is_a_message_with_the_given_sender()
    {
        var other = CreateTestProbe();

        _ = Task.Run(() => 42).PipeTo(TestActor, other.Ref);

        ExpectMsg(42);
        Assert.Equal(other.Ref, LastSender);
    }

    [Fact]
    public void A_piped_failure_is_a_status_failure()
    {
        _ = Task.FromException<int>(new Crash("x")).PipeTo(TestActor);
        Assert.Equal("x", Assert.IsType<Crash>(ExpectMsg<Status.Failure>().Cause).Message);

        _ = Task.FromException(new Crash("y")).PipeTo(TestActor);
        Assert.Equal("y", Assert.IsType<Crash>(ExpectMsg<Status.Failure>().Cause).Message);
    }

    [Fact]
    public void A_piped_cancellation_is_a_status_failure_too()
    {
        _ = Task.FromCanceled<int>(new CancellationToken(true)).PipeTo(TestActor);

        Assert.IsAssignableFrom<OperationCanceledException>(ExpectMsg<Status.Failure>().Cause);
    }

    [Fact]
    public void Outcomes_are_mapped_where_mappers_are_given()
    {
        _ = Task.FromResult(1).PipeTo(TestActor, success: n => n + 1, failure: e => e.Message);
        ExpectMsg(2);

        _ = Task.FromException<int>(new Crash("x")).PipeTo(TestActor, success: n => n + 1, failure: e => e.Message);
        ExpectMsg("x");

        _ = Task.CompletedTask.PipeTo(TestActor, success: () => "done");
        ExpectMsg("done");
    }

    [Fact]
    public void A_task_without_a_result_tells_nothing_unless_asked_to()
    {
        _ = Task.CompletedTask.PipeTo(TestActor);

        ExpectNoMsg(30);
    }

    [Fact]
    public void A_success_mapper_that_fails_leads_to_a_failure()
    {
        _ = Task.FromResult(1).PipeTo(TestActor, success: _ => throw new Crash("mapper"));

        Assert.Equal("mapper", ExpectMsg<Status.Failure>().Cause.Message);
    }
}
