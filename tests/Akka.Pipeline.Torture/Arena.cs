namespace Akka.Pipeline.Torture;

using System.Collections.Concurrent;
using System.Globalization;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Storage.Sqlite;

/// <summary>The folders of one run: the source, the victim's data, the store's root, and a place for files that writers make elsewhere.</summary>
internal sealed class Arena : IDisposable
{
    private const string Route = "torture";

    public Arena(string folder, string checksum, int attempts)
    {
        Folder = folder;
        foreach (var needed in new[] { Source, Outside, Store, Path.Combine(Source, "a", "b"), Path.Combine(Source, "logs") })
        {
            Directory.CreateDirectory(needed);
        }

        File.WriteAllText(Configuration, string.Create(CultureInfo.InvariantCulture, $$"""
            pipeline {
              node { name = "victim", data = "{{Data}}" }
              store { path-style = true, checksum = {{checksum}}, request-timeout = 5s }
              upload { slots = 8, parts-at-once = 2, part-size = 5MiB, multipart-from = 5MiB, repeats = 1, repeat-delay = 20ms }
              retry {
                file { first-delay = 50ms, maximum-delay = 300ms, attempts = {{attempts}} }
                blockage { first-delay = 50ms, maximum-delay = 300ms, attempts = 1000 }
              }
              shutdown-grace = 5s
              routes { {{Route}} { source = "{{Source}}", target = "s3://{{IBucket.Name}}", scan-interval = 500ms, stable-after = 100ms } }
            }
            """));
    }

    public string Folder { get; }

    public string Source => Path.Combine(Folder, "source");

    public string Outside => Path.Combine(Folder, "outside");

    public string Store => Path.Combine(Folder, "store");

    public string Data => Path.Combine(Folder, "data");

    public string Configuration => Path.Combine(Folder, "victim.conf");

    public ConcurrentQueue<string> Log { get; } = new();

    /// <summary>Everything in the source but folders of the model's.</summary>
    public IReadOnlyList<string> Left() => [.. Directory.EnumerateFileSystemEntries(Source, "*", SearchOption.AllDirectories)
        .Where(entry => !Directory.Exists(entry) || Path.GetFileName(entry).StartsWith('.'))
        .Select(entry => Path.GetRelativePath(Source, entry))];

    /// <summary>What the dead victim's ledger says of paths, read from a copy so that its own recovery is left to it.</summary>
    public async Task<IReadOnlyList<LedgerEntry?>> LedgerOfDeadAsync(IReadOnlyList<string> paths)
    {
        var copy = Directory.CreateDirectory(Path.Combine(Folder, "ledger-copy")).FullName;
        try
        {
            foreach (var file in Directory.EnumerateFiles(Data, "ledger*").Where(file => !file.EndsWith("-shm", StringComparison.Ordinal)))
            {
                File.Copy(file, Path.Combine(copy, Path.GetFileName(file)), overwrite: true);
            }

            if (Directory.EnumerateFiles(copy).FirstOrDefault(file => !file.EndsWith("-wal", StringComparison.Ordinal)) is not { } ledgerFile)
            {
                return [.. paths.Select(_ => (LedgerEntry?)null)];
            }

            await using var ledger = await SqliteLedger.OpenAsync(ledgerFile, LedgerAccess.ReadWrite, CancellationToken.None);
            return await ledger.LookUpAsync(Route, paths, CancellationToken.None);
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
