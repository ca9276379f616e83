namespace Akka.Pipeline.Storage.Sqlite;

using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;
using Akka.Pipeline.Storage.Ledgers;

/// <summary>How a <see cref="MultipartProgress"/> stands in the tables multipart and part, and a <see cref="MultipartIntent"/> in multipart_intent.</summary>
internal static class MultipartRow
{
    private const string Columns = "size, mtime_ns, device, inode, bucket_id, key, upload_id, part_size, begun_at, path, route_id, id, attributes";

    public static MultipartProgress? Find(SqliteSession session, string route, string path)
    {
        if (session.Names.FindRoute(route) is not { } routeId)
        {
            return null;
        }

        var statement = session.Prepared($"SELECT {Columns} FROM multipart WHERE route_id = ?1 AND path = ?2 ORDER BY begun_at DESC, id DESC LIMIT 1").Bind(1, routeId).BindBytesOf(2, path);
        try
        {
            return statement.Step() ? Read(statement, session.Names, Parts(session, statement.Int64(11))) : null;
        }
        finally
        {
            statement.Reset();
        }
    }

    public static IReadOnlyList<MultipartProgress> List(SqliteSession session)
    {
        var found = new List<MultipartProgress>();
        using var statement = session.Once($"SELECT {Columns} FROM multipart ORDER BY begun_at, id");
        while (statement.Step())
        {
            found.Add(Read(statement, session.Names, []));
        }

        return found;
    }

    public static IReadOnlyList<MultipartIntent> Intents(SqliteSession session)
    {
        var found = new List<MultipartIntent>();
        using var statement = session.Once("SELECT route_id, path, bucket_id, key, intended_at FROM multipart_intent ORDER BY intended_at, route_id, path");
        while (statement.Step())
        {
            var (store, bucket) = session.Names.Bucket(statement.Int64(2));
            found.Add(new MultipartIntent(
                session.Names.Route(statement.Int64(0)), statement.Path(1), store, new ObjectAddress(bucket, statement.Path(3)), LedgerTime.ToTime(statement.Int64(4))));
        }

        return found;
    }

    private static List<PartFacts> Parts(SqliteSession session, long multipartId)
    {
        var parts = new List<PartFacts>();
        var statement = session.Prepared("SELECT number, size, etag, md5, crc32c, sha256 FROM part WHERE multipart_id = ?1 ORDER BY number").Bind(1, multipartId);
        try
        {
            while (statement.Step())
            {
                parts.Add(new PartFacts((int)statement.Int64(0), statement.Int64(1), statement.Hex(2)!, new DigestSet(statement.Hex(3), statement.Hex(4), statement.Hex(5))));
            }
        }
        finally
        {
            statement.Reset();
        }

        return parts;
    }

    private static MultipartProgress Read(SqliteStatement row, SqliteNames names, IReadOnlyList<PartFacts> parts)
    {
        var (store, bucket) = names.Bucket(row.Int64(4));
        return new MultipartProgress(
            names.Route(row.Int64(10)),
            row.Path(9),
            FileRow.ReadFingerprint(row, 0),
            store,
            new ObjectAddress(bucket, row.Path(5)),
            row.Text(12)!,
            row.Text(6)!,
            row.Int64(7),
            parts,
            LedgerTime.ToTime(row.Int64(8)));
    }
}
