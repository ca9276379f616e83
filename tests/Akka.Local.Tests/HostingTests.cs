namespace Akka.Local.Tests;

using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Event;
using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

public sealed class HostingTests
{
    [Fact]
    public async Task Actors_are_started_with_the_host_in_order_and_found_by_key()
    {
        using var host = Host((akka, _) => akka
            .WithActors((system, registry) => registry.Register<FirstKey>(system.ActorOf(Echo("first"), "first")))
            .WithActors((system, registry, resolver) =>
            {
                Assert.Equal("first", registry.Get<FirstKey>().Path.Name);
                registry.Register<SecondKey>(system.ActorOf(resolver.Props<Injected>("second"), "second"));
            }));
        await host.StartAsync();

        var registry = host.Services.GetRequiredService<IActorRegistry>();
        Assert.Equal("first a", await registry.Get<FirstKey>().Ask<string>("a", TimeSpan.FromSeconds(3)));
        Assert.Equal("second injected b", await registry.Get<SecondKey>().Ask<string>("b", TimeSpan.FromSeconds(3)));
        Assert.Same(registry, ActorRegistry.For(host.Services.GetRequiredService<ActorSystem>()));
        Assert.Equal("hosted", host.Services.GetRequiredService<ActorSystem>().Name);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_required_actor_can_be_injected_and_waited_for()
    {
        using var host = Host((akka, _) => akka.WithActors((system, registry) => registry.Register<FirstKey>(system.ActorOf(Echo("x")))));
        var required = host.Services.GetRequiredService<IRequiredActor<FirstKey>>();
        var waiting = host.Services.GetRequiredService<IRequiredActor<FirstKey>>().GetAsync();
        Assert.False(waiting.IsCompleted);
        Assert.Throws<MissingActorRegistryEntryException>(() => host.Services.GetRequiredService<IRequiredActor<SecondKey>>().ActorRef);

        await host.StartAsync();

        Assert.Equal(required.ActorRef, await waiting);
        await host.StopAsync();
    }

    [Fact]
    public async Task The_registry_refuses_a_second_actor_for_a_key_unless_it_is_to_be_overwritten()
    {
        var system = ActorSystem.Create("registry");
        var registry = ActorRegistry.For(system);
        var one = system.ActorOf(Echo("1"));
        var two = system.ActorOf(Echo("2"));

        registry.Register<FirstKey>(one);
        Assert.Throws<DuplicateActorRegistryException>(() => registry.Register<FirstKey>(two));
        Assert.False(registry.TryRegister<FirstKey>(two));
        Assert.Equal(one, registry.Get<FirstKey>());
        registry.Register<FirstKey>(two, overwrite: true);
        Assert.True(registry.TryGet<FirstKey>(out var found));
        Assert.Equal(two, found);
        Assert.False(registry.TryGet<SecondKey>(out _));
        Assert.Throws<MissingActorRegistryEntryException>(() => registry.Get<SecondKey>());
        await system.Terminate();
    }

    [Fact]
    public async Task Stopping_the_host_runs_the_coordinated_shutdown()
    {
        var ran = new ConcurrentQueue<string>();
        using var host = Host((akka, _) => akka.WithActors((system, _) =>
        {
            system.ActorOf(Behaving.Props(me => me.Stopped = () => ran.Enqueue("actor")));
            CoordinatedShutdown.Get(system).AddTask(CoordinatedShutdown.PhaseServiceUnbind, "note", () =>
            {
                ran.Enqueue("phase");
                return Task.FromResult(Done.Instance);
            });
        }));
        await host.StartAsync();
        var system = host.Services.GetRequiredService<ActorSystem>();

        await host.StopAsync();

        Assert.Equal(["phase", "actor"], ran);
        Assert.True(system.WhenTerminated.IsCompleted);
        Assert.Same(CoordinatedShutdown.ClrExitReason.Instance, CoordinatedShutdown.Get(system).ShutdownReason);
    }

    [Fact]
    public async Task The_host_stops_when_the_system_ends_by_itself()
    {
        using var host = Host((_, _) => { });
        await host.StartAsync();
        var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(() => stopping.TrySetResult());

        _ = host.Services.GetRequiredService<ActorSystem>().Terminate();

        await stopping.Task.WaitAsync(TimeSpan.FromSeconds(10));
        await host.StopAsync();
    }

    [Fact]
    public async Task A_start_that_fails_fails_the_host()
    {
        using var host = Host((akka, _) => akka.WithActors((_, _) => throw new Crash("cannot start")));

        await Assert.ThrowsAsync<Crash>(() => host.StartAsync());
    }

    [Fact]
    public async Task Log_events_can_be_had_from_the_event_stream_where_there_is_no_logger()
    {
        var written = new ConcurrentQueue<LogEvent>();
        using var host = Host((akka, _) => akka
            .AddHocon("akka.loggers = []\nakka.stdout-loglevel = OFF\nakka.coordinated-shutdown.run-by-clr-shutdown-hook = off", HoconAddMode.Prepend)
            .WithActors((system, registry) =>
            {
                var listener = system.ActorOf(Behaving.Props(me => me.On<LogEvent>(written.Enqueue)), "listener");
                system.EventStream.Subscribe(listener, typeof(Info));
                system.EventStream.Subscribe(listener, typeof(Error));
                registry.Register<FirstKey>(system.ActorOf(
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
                    "logging"));
            }));
        await host.StartAsync();

        host.Services.GetRequiredService<IActorRegistry>().Get<FirstKey>().Tell("x");

        await Until(() => written.OfType<Error>().Any());
        Assert.DoesNotContain(written, w => w is Debug);
        Assert.Equal("news x", $"{written.OfType<Info>().Single(w => w.LogSource.Contains("/user/logging", StringComparison.Ordinal)).Message}");
        var error = written.OfType<Error>().Single();
        Assert.Equal("trouble x", $"{error.Message}");
        Assert.IsType<Crash>(error.Cause);
        await host.StopAsync();
    }

    private static async Task Until(Func<bool> condition)
    {
        var end = DateTime.UtcNow.AddSeconds(10);
        while (!condition())
        {
            Assert.True(DateTime.UtcNow < end, "The condition was not met within 10 s.");
            await Task.Delay(5);
        }
    }

    private static Props Echo(string name) => Behaving.Props(me => me.On<string>(s => me.From.Tell($"{name} {s}")));

    private static IHost Host(Action<AkkaConfigurationBuilder, IServiceProvider> configure) =>
        new HostBuilder()
            .ConfigureServices(services => services
                .AddLogging()
                .AddSingleton(new Service("injected"))
                .AddAkka("hosted", configure))
            .Build();

    private sealed class FirstKey;

    private sealed class SecondKey;

    private sealed record Service(string Text);

    private sealed class Injected : ReceiveActor
    {
        public Injected(string name, Service service) => Receive<string>(s => Sender.Tell($"{name} {service.Text} {s}"));
    }
}
