namespace Akka.Hosting;

using Akka.Actor;
using Akka.DependencyInjection;
using Akka.Event;
using Microsoft.Extensions.DependencyInjection;

public delegate Task ActorStarter(ActorSystem system, IActorRegistry registry);

public delegate Task ActorStarterWithResolver(ActorSystem system, IActorRegistry registry, IDependencyResolver resolver);

/// <summary>Collects how an actor system is to be started with its host.</summary>
public sealed class AkkaConfigurationBuilder
{
    private readonly List<ActorStarter> _starters = [];
    private bool _started;

    public AkkaConfigurationBuilder(IServiceCollection serviceCollection, string actorSystemName)
    {
        ServiceCollection = serviceCollection;
        ActorSystemName = actorSystemName;
    }

    internal IServiceCollection ServiceCollection { get; }

    internal string ActorSystemName { get; }

    internal bool HasLoggers { get; set; } = true;

    public AkkaConfigurationBuilder StartActors(Action<ActorSystem, IActorRegistry> starter) => StartActors((system, registry) =>
    {
        starter(system, registry);
        return Task.CompletedTask;
    });

    public AkkaConfigurationBuilder StartActors(Action<ActorSystem, IActorRegistry, IDependencyResolver> starter) => StartActors((system, registry) =>
    {
        starter(system, registry, DependencyResolver.For(system).Resolver);
        return Task.CompletedTask;
    });

    public AkkaConfigurationBuilder StartActors(ActorStarterWithResolver starter) =>
        StartActors((system, registry) => starter(system, registry, DependencyResolver.For(system).Resolver));

    public AkkaConfigurationBuilder StartActors(ActorStarter starter)
    {
        _starters.Add(starter);
        return this;
    }

    internal ActorSystem CreateSystem(IServiceProvider services)
    {
        IReadOnlyList<ILogSink> sinks = HasLoggers ? [new ConsoleLogSink()] : [];
        return ActorSystem.Create(ActorSystemName, sinks, LogLevel.InfoLevel, services);
    }

    internal async Task StartAsync(ActorSystem system)
    {
        if (_started)
        {
            return;
        }

        _started = true;
        foreach (var starter in _starters)
        {
            await starter(system, system.Registry).ConfigureAwait(false);
        }
    }
}
