namespace Akka.Pipeline.Node.Running;

using Akka.Actor;
using Akka.Pipeline.Node.Display;

/// <summary>
/// The actor system. It has much to load before it does anything, so it starts in the background while the rest of the program opens what the actors will need.
/// </summary>
internal sealed class ActorHost : IAsyncDisposable
{
    private readonly Task<(ActorSystem System, IActorRef Log)> starting;
    private int isStopped;

    private ActorHost(Task<(ActorSystem System, IActorRef Log)> starting) => this.starting = starting;

    /// <summary>Begins to start it.</summary>
    /// <param name="log">Shows what actors log.</param>
    public static ActorHost Start(LogLines log) => new(Task.Run(() =>
    {
        var system = ActorSystem.Create("pipeline", ActorRuntime.Settings);
        return (system, ActorLog.Start(system, log));
    }));

    /// <summary>The actor system, once it has started.</summary>
    public async Task<ActorSystem> SystemAsync() => (await starting).System;

    /// <summary>Returns once what actors logged is shown, or it is late.</summary>
    public async Task FlushLogAsync() => await ActorLog.FlushAsync((await starting).Log);

    /// <summary>Stops all actors, once.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref isStopped, 1) == 0)
        {
            await (await starting).System.Terminate();
        }
    }
}
