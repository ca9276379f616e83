namespace Akka.DependencyInjection;

using Akka.Actor;
using Akka.Configuration;
using Microsoft.Extensions.DependencyInjection;

/// <summary>Makes props whose actors get constructor arguments from the service provider.</summary>
public interface IDependencyResolver
{
    T? GetService<T>();

    object? GetService(Type type);

    /// <summary>Props of an actor type; the given arguments go before the services.</summary>
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
        actorSystem.Services ?? throw new ConfigurationException($"The actor system [{actorSystem.Name}] was made without a service provider; make it with AddAkka.")));

    public Props Props<T>(params object[] args)
        where T : ActorBase => Resolver.Props<T>(args);
}

internal sealed class ServiceProviderDependencyResolver(IServiceProvider services) : IDependencyResolver
{
    public T? GetService<T>() => services.GetService<T>();

    public object? GetService(Type type) => services.GetService(type);

    public Props Props(Type type, params object[] args) => typeof(ActorBase).IsAssignableFrom(type)
        ? new Props(type, args, () => (ActorBase)ActivatorUtilities.CreateInstance(services, type, args))
        : throw new ArgumentException($"[{type}] does not implement Akka.Actor.ActorBase.", nameof(type));

    public Props Props(Type type) => Props(type, []);

    public Props Props<T>(params object[] args)
        where T : ActorBase => Props(typeof(T), args);
}
