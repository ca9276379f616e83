namespace Akka.Pipeline.Node.Settings;

using Akka.Pipeline.Actors.Fleet;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Core.Routes;
using Akka.Pipeline.Storage.S3;

/// <summary>Everything that was configured, typed and checked.</summary>
/// <param name="NodeName">Of this node.</param>
/// <param name="DataFolder">Absolute path.</param>
/// <param name="Settings">How the actors work.</param>
/// <param name="RequestsAtOnce">To one store.</param>
/// <param name="Repeats">Of a request in place.</param>
/// <param name="RepeatDelay">Before the first repetition.</param>
/// <param name="ShutdownGrace">For uploads under way when the node is asked to stop.</param>
/// <param name="KeepDone">How long the ledger remembers files that are done and gone.</param>
/// <param name="Fleet">How this node takes part in a fleet, if a route is shared.</param>
/// <param name="Routes">The enabled routes, each with its target's store.</param>
public sealed record NodeConfiguration(
    string NodeName,
    string DataFolder,
    NodeSettings Settings,
    int RequestsAtOnce,
    int Repeats,
    TimeSpan RepeatDelay,
    TimeSpan ShutdownGrace,
    TimeSpan KeepDone,
    FleetConfiguration? Fleet,
    IReadOnlyList<ConfiguredRoute> Routes)
{
    /// <summary>The ledger of this data folder.</summary>
    public string LedgerFile => Path.Combine(DataFolder, "ledger.db");
}

/// <summary>How a node takes part in a fleet.</summary>
/// <param name="Database">The connection, with its password: never to be shown.</param>
/// <param name="Settings">The rest.</param>
public sealed record FleetConfiguration(string Database, FleetSettings Settings)
{
    /// <summary>Without the connection.</summary>
    public override string ToString() => Settings.ToString();
}

/// <summary>A route, and where it delivers: exactly one of the two targets is set.</summary>
/// <param name="Settings">The route.</param>
/// <param name="Target">As configured, for display.</param>
/// <param name="S3">For an S3 target.</param>
/// <param name="FallbackRegion">For an S3 target whose region nothing tells.</param>
/// <param name="Folder">For a file:/// target: the absolute folder.</param>
/// <param name="IsShared">All nodes of the fleet mount the source.</param>
public sealed record ConfiguredRoute(RouteSettings Settings, string Target, S3StoreSettings? S3, string FallbackRegion, string? Folder, bool IsShared);

/// <summary>The configuration, a flag or the environment is wrong (exit code 2). The message names the key, the place, and what would be right.</summary>
public sealed class ConfigurationException(string message, Exception? inner = null) : Exception(message, inner);
