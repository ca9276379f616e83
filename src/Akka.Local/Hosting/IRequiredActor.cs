namespace Akka.Hosting;

using Akka.Actor;

/// <summary>A registered actor, as a service that can be injected.</summary>
public interface IRequiredActor<TActor>
{
    /// <exception cref="MissingActorRegistryEntryException">It is not registered, or not yet: a retry after the start can help.</exception>
    IActorRef ActorRef { get; }

    Task<IActorRef> GetAsync(CancellationToken cancellationToken = default);
}

public sealed class RequiredActor<TActor> : IRequiredActor<TActor>
{
    private readonly IReadOnlyActorRegistry _registry;
    private IActorRef? _actor;

    public RequiredActor(IReadOnlyActorRegistry registry) => _registry = registry;

    public IActorRef ActorRef
    {
        get
        {
            if (_actor is not null)
            {
                return _actor;
            }

            return _registry.TryGet<TActor>(out var actor)
                ? _actor = actor
                : throw new MissingActorRegistryEntryException(
                    $"Unable to resolve actor type [{typeof(TActor)}] - where this is asked for before the actor system has started, use GetAsync, which waits for it.");
        }
    }

    public async Task<IActorRef> GetAsync(CancellationToken cancellationToken = default) =>
        _actor ??= await _registry.GetAsync<TActor>(cancellationToken).ConfigureAwait(false);
}
