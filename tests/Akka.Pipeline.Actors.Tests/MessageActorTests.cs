namespace Akka.Pipeline.Actors.Tests;

using Akka.Actor;
using Akka.Event;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Actors.Tests.Models;

public sealed class MessageActorTests : PipelineTest
{
    [Fact]
    public void The_first_handler_that_fits_takes_the_message()
    {
        var actor = Sys.ActorOf(Props.Create<Sorting>(TestActor));

        foreach (var message in new object[] { 11, 1, "text" })
        {
            actor.Tell(message);
        }

        ExpectMsg("large 11", Deadline);
        ExpectMsg("some 1", Deadline);
        ExpectMsg("text text", Deadline);
    }

    [Fact]
    public void What_no_handler_takes_is_told_to_be_unhandled()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(UnhandledMessage));
        var actor = Sys.ActorOf(Props.Create<Sorting>(TestActor));

        actor.Tell(1.5);

        Assert.Equal(1.5, ExpectMsg<UnhandledMessage>(Deadline).Message);
    }

    private sealed class Sorting : MessageActor
    {
        public Sorting(IActorRef told)
        {
            Receive<int>(n => n > 10, n => told.Tell($"large {n}"));
            Receive<int>(n => told.Tell($"some {n}"));
            Receive<string>(s => told.Tell($"text {s}"));
        }
    }
}
