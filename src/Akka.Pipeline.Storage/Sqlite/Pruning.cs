namespace Akka.Pipeline.Storage.Sqlite;

using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Storage.Ledgers;

/// <summary>
/// Forgets what is over, a stretch at a time: found on the listing connection, removed in short transactions, so that commits get their turn in between.
/// </summary>
internal sealed class Pruning(SqliteSession reader, SqliteSession writer, DateTimeOffset doneBefore)
{
    private const int StretchRows = 1_024;

    // Entries whose file was kept stay: they are what tells at the next walk that nothing is to be done.
    private static readonly string IsOver = $"progress = {(int)FileProgress.Done} AND fate <> {(int)LocalFate.Kept} AND updated_at < ?1";

    private readonly long before = LedgerTime.From(doneBefore);

    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var pruned = 0;
        (long Route, byte[] Path) last = (long.MinValue, []);
        while (true)
        {
            var after = last;
            var stretch = await reader.ReadAsync(() => Find(after), cancellation);
            if (stretch.Count > 0)
            {
                pruned += await writer.WriteAsync(() => Remove(stretch), cancellation);
                last = stretch[^1];
            }

            if (stretch.Count < StretchRows)
            {
                break;
            }
        }

        await writer.WriteAsync(() => writer.Prepared("DELETE FROM audit WHERE at < ?1").Bind(1, before).Run(), cancellation);
        return pruned;
    }

    private List<(long Route, byte[] Path)> Find((long Route, byte[] Path) after)
    {
        var found = new List<(long, byte[])>();
        using var statement = reader.Once($"SELECT route_id, path FROM file WHERE (route_id, path) > (?2, ?3) AND {IsOver} ORDER BY route_id, path LIMIT {StretchRows}");
        statement.Bind(1, before).Bind(2, after.Route).BindBlob(3, after.Path);
        while (statement.Step())
        {
            found.Add((statement.Int64(0), statement.Bytes(1).ToArray()));
        }

        return found;
    }

    /// <summary>Asks again: a newer version may have come since the stretch was read.</summary>
    private int Remove(List<(long Route, byte[] Path)> stretch)
    {
        var statement = writer.Prepared($"DELETE FROM file WHERE route_id = ?2 AND path = ?3 AND {IsOver}");
        return stretch.Sum(row => statement.Bind(1, before).Bind(2, row.Route).BindBlob(3, row.Path).Run());
    }
}
