namespace Akka.Pipeline.Fleet.Tests.Stage;

using System.Diagnostics;
using System.Globalization;
using Akka.Pipeline.Core.Fleet;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Sandbox;
using Akka.Pipeline.Node.Tests.Programs;
using Akka.Pipeline.Storage.Sqlite;
using Akka.Pipeline.Storage.PostgreSql;
using Akka.Pipeline.Storage.Tests.PostgreSql;
using Npgsql;

/// <summary>What every scene needs: a shared folder, a store, a database, and nodes that come and go.</summary>
internal sealed class Theatre : IAsyncDisposable
{
    public const string Route = "shared";

    private readonly List<NodeProcess> nodes = [];
    private readonly List<Wire> wires = [];
    private readonly string schema;
    private int started;

    private Theatre(SceneOptions options, string folder, StoreServer store, PostgresServer server, string schema, PostgresDatabase database)
    {
        (Options, Folder, Store, Server, this.schema) = (options, folder, store, server, schema);
        (Database, Fleet, Ledger) = (database, new PostgresFleet(database), new PostgresLedger(database));
        Files = new SourceFiles(Path.Combine(folder, "staging"), Source, options.PartSizeBytes, options.MultipartFromBytes, options.Seed);
    }

    public SceneOptions Options { get; }

    public string Folder { get; }

    public string Source => Path.Combine(Folder, "shared");

    public StoreServer Store { get; }

    public PostgresServer Server { get; }

    public SourceFiles Files { get; }

    /// <summary>The fleet's state as an onlooker sees it.</summary>
    public PostgresFleet Fleet { get; }

    /// <summary>What the fleet has recorded, as an onlooker sees it.</summary>
    public PostgresLedger Ledger { get; }

    private PostgresDatabase Database { get; }

    /// <summary>All that were started, the dead ones too.</summary>
    public IReadOnlyList<NodeProcess> Nodes => nodes;

    public IReadOnlyList<NodeProcess> Living => [.. nodes.Where(node => !node.HasExited)];

    public static async Task<Theatre> OpenAsync(SceneOptions options)
    {
        var folder = Directory.CreateDirectory(Path.Combine(options.Work, $"akka-pipeline-fleet-{Path.GetRandomFileName()}")).FullName;
        Directory.CreateDirectory(Path.Combine(folder, "shared"));
        Directory.CreateDirectory(Path.Combine(folder, "staging"));
        var server = await PostgresServer.GetAsync();
        var schema = string.Create(CultureInfo.InvariantCulture, $"scene_{Guid.NewGuid():n}");
        await server.ExecuteAsync("public", $"CREATE SCHEMA {schema}");
        var database = await PostgresDatabase.OpenAsync(server.Setting(schema), LedgerAccess.ReadWrite, CancellationToken.None);
        return new Theatre(options, folder, await StoreServer.StartAsync(options.StoreLatency), server, schema, database);
    }

    public NodeProcess StartNode(bool wired = false)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"n{++started}");
        var (database, store) = (new NpgsqlConnectionStringBuilder(Server.Setting(schema)), Store.Port);
        (Wire, Wire)? own = null;
        if (wired)
        {
            own = (new Wire(database.Port), new Wire(store));
            (database.Port, store) = (own.Value.Item1.Port, own.Value.Item2.Port);
            wires.AddRange([own.Value.Item1, own.Value.Item2]);
        }

        var notices = Options.Notice is null ? null : new MetadataServer();
        var node = NodeProcess.Start(name, Path.Combine(Folder, name), Configuration(name), database.ConnectionString, $"http://127.0.0.1:{store}", notices, own);
        nodes.Add(node);
        return node;
    }

    /// <summary>Starts nodes and waits until they are in the fleet, so that none has the work to itself.</summary>
    public async Task<IReadOnlyList<NodeProcess>> StartNodesAsync(int count, bool wired = false)
    {
        IReadOnlyList<NodeProcess> together = [.. Enumerable.Range(0, count).Select(_ => StartNode(wired))];
        foreach (var node in together)
        {
            await JoinedAsync(node);
        }

        return together;
    }

    public Task JoinedAsync(NodeProcess node, long after = 0) =>
        UntilAsync(async () => (await SessionOfAsync(node))?.Session.Epoch > after, $"{node.Name} to join");

    /// <summary>Its last session, if that has not ended.</summary>
    public async Task<NodeReport?> SessionOfAsync(NodeProcess node) =>
        (await Fleet.NodesAsync(CancellationToken.None)).LastOrDefault(report => report.Node.ProcessId == node.Id && report.State is NodeState.Up or NodeState.Draining);

    /// <summary>The node that has claimed the only file.</summary>
    public async Task<NodeProcess> OwnerAsync()
    {
        foreach (var node in Living)
        {
            if (await SessionOfAsync(node) is { Batches: > 0 })
            {
                return node;
            }
        }

        throw new SceneException($"Nobody has the file.\n{Logs()}");
    }

    public Task UntilAsync(Func<Task<bool>> condition, string what) => Until.TrueAsync(condition, what, Options.Limit, Logs);

    public Task UntilAsync(Func<bool> condition, string what) => Until.TrueAsync(condition, what, Options.Limit, Logs);

    /// <summary>Waits until the source is empty, nothing is claimed or waits, nothing is left open in the store, and every removal is recorded.</summary>
    public async Task DoneAsync()
    {
        try
        {
            await UntilAsync(IsDoneAsync, "the source to be empty and all claims to be over");
        }
        catch (SceneException late)
        {
            throw new SceneException($"{await RemainderAsync()}\n{late.Message}");
        }
    }

    public async Task<bool> IsDoneAsync()
    {
        if (Files.Left().Count > 0)
        {
            return false;
        }

        try
        {
            return (await Fleet.OpenBatchNumbersAsync(Route, CancellationToken.None)).Count == 0
                && (await ForgottenUploadsAsync()).Count == 0
                && (await Ledger.TallyAsync(CancellationToken.None)).All(tally => tally.Progress != FileProgress.Stored);
        }
        catch (LedgerException)
        {
            // The database is down just now.
            return false;
        }
    }

    /// <summary>
    /// Keys of uploads that are open in the store. Behind a wire a request may arrive when its sender has long given up and others have stored the file. If it began an upload, the
    /// ledger holds its intent, by which the janitor finds it within the hour; such a one is not forgotten. Nor is one that a node began behind a wire of its own and has left: by its address that
    /// wire was another store, whose unfinished uploads the ledger keeps until a route goes there again.
    /// </summary>
    public async Task<IReadOnlyList<string>> ForgottenUploadsAsync()
    {
        var open = await Store.OpenUploadsAsync();
        if (open.Count == 0 || wires.Count == 0)
        {
            return open;
        }

        var reached = Living.Select(node => node.Store).OfType<Wire>().Select(wire => wire.Port).ToHashSet();
        var gone = wires.Where(wire => !reached.Contains(wire.Port)).Select(wire => $"s3://127.0.0.1:{wire.Port}").ToHashSet(StringComparer.Ordinal);
        var awaited = (await Ledger.OpenIntentsAsync(CancellationToken.None)).Select(intent => intent.Address.Key)
            .Concat((await Ledger.OpenMultipartsAsync(CancellationToken.None)).Where(upload => gone.Contains(upload.Store)).Select(upload => upload.Address.Key))
            .ToHashSet(StringComparer.Ordinal);
        return [.. open.Where(key => !awaited.Contains(key))];
    }

    /// <summary>Ends all nodes as an operator does, and returns the code of each.</summary>
    public async Task<IReadOnlyList<int>> TerminateAsync() =>
        await Task.WhenAll(Living.Select(node => node.TerminateAsync(TimeSpan.FromSeconds(30))));

    public string Logs() => string.Join('\n', nodes.Select(node => node.Log));

    private async Task<string> RemainderAsync()
    {
        var nodes = (await Fleet.NodesAsync(CancellationToken.None)).Where(node => node.State is NodeState.Up or NodeState.Draining);
        return $"""
            {Files.Left().Count} files are left: {string.Join(", ", Files.Left().Values.Take(5))}
            open batches: {string.Join(", ", await Fleet.OpenBatchNumbersAsync(Route, CancellationToken.None))}
            open uploads: {string.Join(", ", await Store.OpenUploadsAsync())}
            intents: {string.Join(", ", await Ledger.OpenIntentsAsync(CancellationToken.None))}
            uploads that the ledger knows: {string.Join(", ", await Ledger.OpenMultipartsAsync(CancellationToken.None))}
            the store's log of uploads: {string.Join("\n  ", Store.Requests.Where(request => request.Operation is S3Operation.CreateMultipartUpload or S3Operation.CompleteMultipartUpload or S3Operation.AbortMultipartUpload or S3Operation.ListMultipartUploads).Select(request => $"{request.At:HH:mm:ss.fff} {request.Operation} {request.Key} {request.Status}"))}
            the ledger: {string.Join(", ", await Ledger.TallyAsync(CancellationToken.None))}
            {string.Join('\n', nodes)}
            """;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in nodes)
        {
            node.Dispose();
            if (node.Notices is { } notices)
            {
                await notices.DisposeAsync();
            }
        }

        foreach (var wire in wires)
        {
            await wire.DisposeAsync();
        }

        await Fleet.DisposeAsync();
        await Database.DisposeAsync();
        await Store.DisposeAsync();
        using var remove = Process.Start("rm", ["-rf", Folder]);
        await remove.WaitForExitAsync();
    }

    private string Configuration(string name) => string.Create(CultureInfo.InvariantCulture, $$"""
        pipeline {
          node { name = "{{name}}", data = "data" }
          fleet { session-timeout = {{Options.SessionTimeout.TotalMilliseconds:0}}ms, poll = {{(Options.IsSmall ? 250 : 1000)}}ms, {{(Options.IsSmall ? "batch-files = 25, batch-size = 2MiB" : "")}} }
          store { path-style = true, checksum = crc32c, conditional-put = native, conditional-complete = native, request-timeout = {{(Options.IsSmall ? Options.RequestTimeout.TotalSeconds : 10):0}}s, connect-timeout = 5s }
          upload { slots = 8, part-size = {{Options.PartSizeBytes}}B, multipart-from = {{Options.MultipartFromBytes}}B, buffers = 64MiB, bandwidth = {{(Options.BandwidthBytes is { } limit ? $"{limit}B" : "none")}} }
          retry {
            file { first-delay = 100ms, maximum-delay = 1s, attempts = 100 }
            blockage { first-delay = 100ms, maximum-delay = 1s, attempts = 1000 }
          }
          shutdown-grace = {{Options.Grace.TotalMilliseconds:0}}ms
          routes { {{Route}} { scope = fleet, source = "{{Source}}", target = "s3://{{StoreServer.Bucket}}", scan-interval = 1s, stable-after = 100ms } }
        }
        """);
}
