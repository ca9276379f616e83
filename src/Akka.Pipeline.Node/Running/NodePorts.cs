namespace Akka.Pipeline.Node.Running;

using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Insight;
using Akka.Pipeline.Core.Stores;
using Akka.Pipeline.Node.Settings;
using Akka.Pipeline.Storage.Governance;
using Akka.Pipeline.Storage.Sources;

/// <summary>The sources and stores of a configuration, opened. Routes to the same store share it, and its limit of requests.</summary>
public sealed class NodePorts : IAsyncDisposable
{
    private readonly List<IObjectStore> stores;

    private NodePorts(IReadOnlyList<RouteContext> routes, List<IObjectStore> stores)
    {
        Routes = routes;
        this.stores = stores;
    }

    public IReadOnlyList<RouteContext> Routes { get; }

    /// <summary>Opens everything.</summary>
    /// <param name="configuration">What to open.</param>
    /// <param name="openStore">Makes the store of a route's target.</param>
    /// <param name="meters">Counts requests.</param>
    /// <param name="time">The clocks.</param>
    /// <exception cref="ConfigurationException">A source is not there.</exception>
    public static async Task<NodePorts> OpenAsync(
        NodeConfiguration configuration, Func<ConfiguredRoute, Task<IObjectStore>> openStore, TransferMeters meters, TimeProvider time)
    {
        var opened = new Dictionary<object, IObjectStore>();
        var routes = new List<RouteContext>();
        try
        {
            foreach (var route in configuration.Routes)
            {
                var source = OpenSource(route.Settings, time);
                var key = (object?)route.S3 ?? route.Folder!;
                if (!opened.TryGetValue(key, out var store))
                {
                    var governor = new RequestGovernor(
                        configuration.RequestsAtOnce, configuration.Repeats, configuration.RepeatDelay, meters, time, Random.Shared.NextDouble);
                    opened[key] = store = new GovernedStore(await openStore(route), governor);
                }

                routes.Add(new RouteContext(route.Settings, source, store) { IsShared = route.IsShared });
            }

            return new NodePorts(routes, [.. opened.Values]);
        }
        catch
        {
            await new NodePorts(routes, [.. opened.Values]).DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var route in Routes)
        {
            route.Source.Dispose();
        }

        foreach (var store in stores)
        {
            await store.DisposeAsync();
        }
    }

    private static LinuxSourceFolder OpenSource(Core.Routes.RouteSettings route, TimeProvider time)
    {
        try
        {
            var source = new LinuxSourceFolder(route.Source, time);
            source.StartWalk().Dispose();
            return source;
        }
        catch (SourceException missing)
        {
            throw new ConfigurationException($"Route {route.Name}: {missing.Failure.Explanation}", missing);
        }
    }
}
