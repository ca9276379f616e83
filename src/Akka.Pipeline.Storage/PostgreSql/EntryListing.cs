namespace Akka.Pipeline.Storage.PostgreSql;

using System.Globalization;
using System.Runtime.CompilerServices;
using Akka.Pipeline.Core.Ledger;

/// <summary>
/// Lists entries page by page, each page from where the last one ended: no transaction lives between pages, which would keep the server from reusing dead rows.
/// </summary>
internal static class EntryListing
{
    private const int PageRows = 512;

    public static async IAsyncEnumerable<LedgerEntry> ListAsync(PostgresDatabase database, FileQuery query, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (query.Progress is { Count: 0 })
        {
            yield break;
        }

        var routes = query.Route is { } only
            ? [only]
            : await database.ReadAsync(
                (connection, stop) => connection.Ask("SELECT name FROM route").ListAsync(row => StoredText.ToName(row.GetFieldValue<byte[]>(0)), stop), cancellation);
        var left = query.Limit ?? int.MaxValue;
        foreach (var route in routes.Order(StringComparer.Ordinal))
        {
            var from = StoredText.OfPath(query.PathPrefix ?? string.Empty);
            var end = FirstAfterAllThatStartWith(from);
            var isFirst = true;
            var ended = false;
            while (!ended && left > 0)
            {
                var rows = Math.Min(left, PageRows);
                var page = await PageAsync(database, query, route, from, isFirst, end, rows, cancellation);
                left -= page.Count;
                ended = page.Count < rows;
                foreach (var entry in page)
                {
                    yield return entry;
                }

                if (!ended)
                {
                    from = StoredText.OfPath(page[^1].Path);
                    isFirst = false;
                }
            }
        }
    }

    private static Task<List<LedgerEntry>> PageAsync(
        PostgresDatabase database, FileQuery query, string route, byte[] from, bool isFirst, byte[]? end, int rows, CancellationToken cancellation)
    {
        var filter = end is null ? string.Empty : " AND f.path < $4";
        if (query.Progress is { } progress)
        {
            filter += $" AND f.progress IN ({string.Join(", ", progress.Distinct().Order().Select(p => ((int)p).ToString(CultureInfo.InvariantCulture)))})";
            if (progress.All(p => p is FileProgress.Failing or FileProgress.SetAside))
            {
                // What the index of these says of itself.
                filter += " AND f.failure IS NOT NULL";
            }
        }

        return database.ReadAsync(
            (connection, stop) =>
            {
                var command = connection.Ask(
                    $"SELECT {EntryRow.Columns} FROM file f LEFT JOIN bucket b ON b.id = f.bucket_id WHERE f.route_id = (SELECT id FROM route WHERE name = $1) "
                    + $"AND f.path {(isFirst ? ">=" : ">")} $2{filter} ORDER BY f.path LIMIT $3").With(StoredText.OfName(route)).With(from).With(rows);
                return (end is null ? command : command.With(end)).ListAsync(row => EntryRow.Read(row, database.Names, route), stop);
            },
            cancellation);
    }

    /// <summary>Null when nothing comes after them.</summary>
    private static byte[]? FirstAfterAllThatStartWith(byte[] prefix)
    {
        var last = Array.FindLastIndex(prefix, b => b != byte.MaxValue);
        if (last < 0)
        {
            return null;
        }

        var result = prefix[..(last + 1)];
        result[last]++;
        return result;
    }
}
