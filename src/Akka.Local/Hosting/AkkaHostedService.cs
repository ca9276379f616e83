namespace Akka.Hosting;

using Akka.Actor;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

/// <summary>Starts the actor system with the host, shuts it down with the host, and stops the host when the actor system ends by itself.</summary>
public sealed class AkkaHostedService : IHostedService
{
    private static readonly TimeSpan FailedStartGrace = TimeSpan.FromSeconds(3);

    private readonly AkkaConfigurationBuilder _configuration;
    private readonly IServiceProvider _services;
    private readonly ILogger<AkkaHostedService> _logger;
    private readonly IHostApplicationLifetime? _lifetime;
    private CoordinatedShutdown? _shutdown;

    public AkkaHostedService(AkkaConfigurationBuilder configurationBuilder, IServiceProvider serviceProvider, ILogger<AkkaHostedService> logger, IHostApplicationLifetime? applicationLifetime)
    {
        _configuration = configurationBuilder;
        _services = serviceProvider;
        _logger = logger;
        _lifetime = applicationLifetime;
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            var system = _services.GetRequiredService<ActorSystem>();
            _shutdown = CoordinatedShutdown.Get(system);
            await _configuration.StartAsync(system).ConfigureAwait(false);
            _ = StopHostWith(system);
        }
        catch (Exception e)
        {
            _logger.LogCritical(e, "Unable to start AkkaHostedService - shutting down application");
            using var grace = new CancellationTokenSource(FailedStartGrace);
            await StopAsync(grace.Token).ConfigureAwait(false);
            throw;
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_shutdown is not null)
        {
            await _shutdown.Run(CoordinatedShutdown.ClrExitReason.Instance).ConfigureAwait(false);
        }
    }

    private async Task StopHostWith(ActorSystem system)
    {
        await system.WhenTerminated.ConfigureAwait(false);
        _lifetime?.StopApplication();
    }
}
