namespace Akka.Pipeline.Storage.Sqlite;

using System.Globalization;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Ledger;

/// <summary>
/// Lists entries page by page, each page from where the last one ended. No view of the data lives between pages: one that did would keep
/// the write-ahead log from being emptied for as long as somebody pages through a long list.
/// </summary>
internal sealed class FileListing
{
    private const int PageRows = 512;

    private readonly string sql;
    private readonly string route;
    private readonly byte[]? end;
    private byte[] after;
    private bool isFirst = true;

    public FileListing(string route, IReadOnlyList<FileProgress>? progress, string? pathPrefix)
    {
        this.route = route;
        after = pathPrefix is null ? [] : BytesOf(pathPrefix);
        end = pathPrefix is null ? null : FirstAfterAllThatStartWith(after);
        var index = string.Empty;
        var filter = end is null ? string.Empty : " AND path < ?3";
        if (progress is not null)
        {
            filter += $" AND progress IN ({string.Join(", ", progress.Select(p => ((int)p).ToString(CultureInfo.InvariantCulture)))})";
            if (progress.All(p => p is FileProgress.Failing or FileProgress.SetAside))
            {
                index = " INDEXED BY file_in_trouble";
                filter += " AND progress >= 2";
            }
        }

        sql = $"SELECT {FileRow.Columns}, path FROM file{index} WHERE route_id = ?1 AND path {{0}} ?2{filter} ORDER BY path LIMIT ?4";
    }

    public bool Ended { get; private set; }

    /// <summary>The next entries, in the order of their paths' bytes.</summary>
    public IReadOnlyList<LedgerEntry> Next(SqliteSession session, int? limit)
    {
        var rows = Math.Min(limit ?? PageRows, PageRows);
        var page = new List<LedgerEntry>(rows);
        if (session.Names.FindRoute(route) is { } routeId)
        {
            using var statement = session.Once(string.Format(CultureInfo.InvariantCulture, sql, isFirst ? ">=" : ">"));
            statement.Bind(1, routeId).BindBlob(2, after).Bind(4, rows);
            if (end is not null)
            {
                statement.BindBlob(3, end);
            }

            while (statement.Step())
            {
                page.Add(FileRow.Read(statement, session.Names, route, statement.Path(FileRow.ColumnCount)));
            }
        }

        Ended = page.Count < rows;
        if (page.Count > 0)
        {
            after = BytesOf(page[^1].Path);
            isFirst = false;
        }

        return page;
    }

    private static byte[] BytesOf(string path)
    {
        var buffer = new byte[3 * path.Length];
        return buffer[..SourcePath.ToBytes(path, buffer)];
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
