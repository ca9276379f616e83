namespace Akka.Local.Tests;

using System.Threading.Channels;
using Akka.Actor;
using Akka.Event;

public sealed class ActorSystemTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Log_events_can_be_had_from_the_event_stream_where_there_is_no_logger()
    {
        var written = Channel.CreateUnbounded<LogEvent>();
        var system = ActorSystem.Create("settings", "akka.loggers = []\nakka.stdout-loglevel = OFF\nakka.coordinated-shutdown.run-by-clr-shutdown-hook = off");
        var listener = system.ActorOf(Behaving.Props(me => me.On<LogEvent>(logged => written.Writer.TryWrite(logged))), "listener");
        system.EventStream.Subscribe(listener, typeof(Info));
        system.EventStream.Subscribe(listener, typeof(Error));
        var logging = system.ActorOf(
            Behaving.Props(me =>
            {
                var log = me.Surroundings.GetLogger();
                me.On<string>(s =>
                {
                    log.Debug("detail {0}", s);
                    log.Info("news {0}", s);
                    log.Error(new Crash("cause"), "trouble {0}", s);
                });
            }),
            "logging");

        logging.Tell("x");

        using var late = new CancellationTokenSource(Patience);
        var news = await NextOfAsync(written.Reader, logging, late.Token);
        Assert.Equal("news x", $"{Assert.IsType<Info>(news).Message}");
        var trouble = Assert.IsType<Error>(await NextOfAsync(written.Reader, logging, late.Token));
        Assert.Equal("trouble x", $"{trouble.Message}");
        Assert.IsType<Crash>(trouble.Cause);
        await system.Terminate().WaitAsync(Patience);
    }

    [Fact]
    public async Task Its_end_stops_the_actors_and_is_told()
    {
        var system = ActorSystem.Create("ending", "akka.loggers = []\nakka.scheduler.tick-duration = 100ms\nakka.stdout-loglevel = OFF\nakka.coordinated-shutdown.run-by-clr-shutdown-hook = off");
        var stopped = new TaskCompletionSource();
        var actor = system.ActorOf(Behaving.Props(me =>
        {
            me.Stopped = () => stopped.SetResult();
            me.On<string>(_ => me.From.Tell("here"));
        }));
        Assert.Equal("here", await actor.Ask<string>("?", Patience));

        await system.Terminate().WaitAsync(Patience);

        Assert.True(stopped.Task.IsCompleted);
        Assert.True(system.WhenTerminated.IsCompleted);
    }

    private static async Task<LogEvent> NextOfAsync(ChannelReader<LogEvent> written, IActorRef source, CancellationToken late)
    {
        while (true)
        {
            var logged = await written.ReadAsync(late);
            if (logged.LogSource.Contains(source.Path.Name, StringComparison.Ordinal))
            {
                return logged;
            }
        }
    }
}
