namespace Akka.Pipeline.Node.Running;

using Akka.Actor;
using Akka.Pipeline.Node.Display;

/// <summary>
/// The actor system. It has much to load before it does anything, so it starts in the background while the program reads its configuration and opens what the actors will need.
/// </summary>
internal sealed class ActorHost : IAsyncDisposable
{
    private readonly Task<ActorSystem> starting;
    private ActorSystem? system;
    private IActorRef? shownBy;
    private int isStopped;

    private ActorHost(Task<ActorSystem> starting) => this.starting = starting;

    /// <summary>Begins to start it.</summary>
    public static ActorHost Start() => new(Task.Run(() => ActorSystem.Create("pipeline", ActorRuntime.Settings)));

    /// <summary>The actor system, once it has started.</summary>
    /// <param name="log">Shows what actors log from then on.</param>
    public async Task<ActorSystem> SystemAsync(LogLines log)
    {
        system = await starting;
        shownBy = ActorLog.Start(system, log);
        return system;
    }

    /// <summary>Returns once what actors logged is shown, or it is late.</summary>
    public Task FlushLogAsync() => shownBy is null ? Task.CompletedTask : ActorLog.FlushAsync(shownBy);

    /// <summary>Stops all actors, once. Where there were none yet, because something was wrong before, nobody waits for it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref isStopped, 1) == 0)
        {
            var stopped = StopAsync();
            if (system is not null)
            {
                await stopped;
            }
        }
    }

    private async Task StopAsync() => await (await starting).Terminate();
}
