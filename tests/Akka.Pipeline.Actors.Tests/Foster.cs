namespace Akka.Pipeline.Actors.Tests;

using Akka.Actor;
using Akka.Pipeline.Actors.Flow;

/// <summary>A parent that passes what its child says to a probe, and everything else to its child; a child that fails starts afresh.</summary>
internal sealed class Foster : MessageActor
{
    public Foster(Props child, IActorRef reports)
    {
        var actor = Context.ActorOf(child, "child");
        Receive<object>(message => (Sender.Equals(actor) ? reports : actor).Forward(message));
    }

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Restart);
}
