namespace Akka.Pipeline.Node.Running;

using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Insight;
using Akka.Pipeline.Core.Stores;
using Akka.Pipeline.Node.Settings;

/// <summary>Finds credentials and opens the sources and stores of a configuration, in the background; closes them at the end.</summary>
internal sealed class PortsOpening : IAsyncDisposable
{
    private readonly Task<Failure?> credentials;
    private readonly Task<NodePorts?> opening;

    /// <param name="configuration">What to open.</param>
    /// <param name="stores">Makes stores.</param>
    /// <param name="dryRun">Asks no store for anything.</param>
    /// <param name="meters">Counts requests.</param>
    /// <param name="time">The clocks.</param>
    public PortsOpening(NodeConfiguration configuration, StoreFactory stores, bool dryRun, TransferMeters meters, TimeProvider time)
    {
        credentials = dryRun ? Task.FromResult<Failure?>(null) : Task.Run(() => stores.CheckCredentialsAsync(configuration));
        opening = Task.Run(async () => await credentials is null
            ? await NodePorts.OpenAsync(configuration, dryRun ? route => OpenForShowAsync(stores, route) : stores.OpenAsync, meters, time)
            : null);
    }

    /// <summary>Why the credentials do not serve, if so; then there are no ports.</summary>
    public Task<Failure?> RefusedAsync() => credentials;

    /// <summary>The ports. They belong to this object.</summary>
    /// <exception cref="ConfigurationException">A source is not there.</exception>
    /// <exception cref="StoreException">A store cannot be made.</exception>
    public async Task<NodePorts> PortsAsync() => await opening ?? throw new InvalidOperationException("The credentials were refused.");

    /// <summary>Closes them. What is still being opened, because something else was wrong, nobody waits for: credentials may be looked for for seconds.</summary>
    public async ValueTask DisposeAsync()
    {
        var closing = CloseAsync();
        if (opening.IsCompleted)
        {
            await closing;
        }
    }

    private async Task CloseAsync()
    {
        // What went wrong was told to whoever asked for the ports, or something else was wrong first.
        await ((Task)opening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (opening is { IsCompletedSuccessfully: true, Result: { } ports })
        {
            await ports.DisposeAsync();
        }
    }

    // A dry run asks no store for anything: it needs no credentials, and makes no target folder.
    private static async Task<IObjectStore> OpenForShowAsync(StoreFactory stores, ConfiguredRoute route)
    {
        if (route.Folder is { } folder)
        {
            return new UnaskedStore(folder);
        }

        try
        {
            return await stores.OpenAsync(route);
        }
        catch (StoreException none) when (none.Failure.Nature == FailureNature.Credentials)
        {
            return new UnaskedStore(route.S3!.Describe(route.S3.Region ?? route.FallbackRegion));
        }
    }
}
