namespace Akka.DependencyInjection;

using System.Runtime.CompilerServices;
using Akka.Actor;
using Microsoft.Extensions.DependencyInjection;

/// <summary>Makes props whose actors get constructor arguments from the service provider.</summary>
public interface IDependencyResolver
{
    T? GetService<T>();

    object? GetService(Type type);

    /// <summary>Props of an actor type; the given arguments go before the services. The actor's scoped services live as long as the actor instance is referenced.</summary>
    Props Props(Type type, params object[] args);

    Props Props(Type type);

    Props Props<T>(params object[] args)
        where T : ActorBase;
}

/// <summary>The resolver of an actor system that was made by the hosting.</summary>
public sealed class DependencyResolver
{
    private DependencyResolver(IDependencyResolver resolver) => Resolver = resolver;

    public IDependencyResolver Resolver { get; }

    public static DependencyResolver For(ActorSystem actorSystem) => new(new ServiceProviderDependencyResolver(
        actorSystem.Services ?? throw new InvalidOperationException($"The actor system [{actorSystem.Name}] was made without a service provider; make it with AddAkka.")));

    public Props Props<T>(params object[] args)
        where T : ActorBase => Resolver.Props<T>(args);
}

internal sealed class ServiceProviderDependencyResolver(IServiceProvider services) : IDependencyResolver
{
    // An actor's scope is let go together with the actor.
    private readonly ConditionalWeakTable<ActorBase, IServiceScope> _scopes = [];

    public T? GetService<T>() => services.GetService<T>();

    public object? GetService(Type type) => services.GetService(type);

    public Props Props(Type type, params object[] args) => new(type, args, () =>
    {
        var scope = services.CreateScope();
        var actor = (ActorBase)ActivatorUtilities.CreateInstance(scope.ServiceProvider, type, args);
        _scopes.Add(actor, scope);
        return actor;
    });

    public Props Props(Type type) => Props(type, []);

    public Props Props<T>(params object[] args)
        where T : ActorBase => Props(typeof(T), args);
}
