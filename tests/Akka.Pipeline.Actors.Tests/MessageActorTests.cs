namespace Akka.Pipeline.Actors.Tests;

using Akka.Actor;
using Akka.Event;
using Akka.Pipeline.Actors.Flow;

public sealed class MessageActorTests : PipelineTest
{
    [Fact]
    public void The_first_handler_that_fits_a_message_gets_it()
    {
        var actor = Sys.ActorOf(Props.Create<Sorting>(TestActor));
        actor.Tell(7);
        ExpectMsg("large 7");
        actor.Tell(2);
        ExpectMsg("2");
        actor.Tell("text");
        ExpectMsg("anything text");
    }

    [Fact]
    public void What_nothing_fits_is_unhandled()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(UnhandledMessage));
        var actor = Sys.ActorOf(Props.Create<Sorting>(TestActor));
        actor.Tell(1.5);
        Assert.Equal(1.5, ExpectMsg<UnhandledMessage>().Message);
    }

    private sealed class Sorting : MessageActor
    {
        public Sorting(IActorRef test)
        {
            Receive<int>(number => number > 5, number => test.Tell($"large {number}"));
            Receive<int>(number => test.Tell($"{number}"));
            Receive<IComparable<string>>(text => test.Tell($"anything {text}"));
        }
    }
}
