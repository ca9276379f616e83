namespace Akka.Pipeline.Storage.Sqlite;

/// <summary>
/// The small numbers that stand for routes and buckets in the rows of files, remembered per connection. A name that is not remembered is asked
/// of the database, for another connection may have added it; names are never removed.
/// </summary>
internal sealed class SqliteNames(SqliteSession session)
{
    private readonly Dictionary<string, long> routeIds = new(StringComparer.Ordinal);
    private readonly Dictionary<long, string> routes = [];
    private readonly Dictionary<(string Store, string Bucket), long> bucketIds = [];
    private readonly Dictionary<long, (string Store, string Bucket)> buckets = [];

    public long? FindRoute(string route)
    {
        if (routeIds.TryGetValue(route, out var id))
        {
            return id;
        }

        var found = Number(session.Prepared("SELECT id FROM route WHERE name = ?1").BindText(1, route));
        if (found is { } known)
        {
            routeIds.Add(route, known);
        }

        return found;
    }

    public long? FindBucket(string store, string bucket)
    {
        if (bucketIds.TryGetValue((store, bucket), out var id))
        {
            return id;
        }

        var found = Number(session.Prepared("SELECT id FROM bucket WHERE store = ?1 AND name = ?2").BindText(1, store).BindText(2, bucket));
        if (found is { } known)
        {
            bucketIds.Add((store, bucket), known);
        }

        return found;
    }

    public long RouteId(string route)
    {
        if (FindRoute(route) is { } id)
        {
            return id;
        }

        session.Prepared("INSERT INTO route (name) VALUES (?1)").BindText(1, route).Run();
        return FindRoute(route)!.Value;
    }

    public long BucketId(string store, string bucket)
    {
        if (FindBucket(store, bucket) is { } id)
        {
            return id;
        }

        session.Prepared("INSERT INTO bucket (store, name) VALUES (?1, ?2)").BindText(1, store).BindText(2, bucket).Run();
        return FindBucket(store, bucket)!.Value;
    }

    public string Route(long id)
    {
        if (!routes.TryGetValue(id, out var route))
        {
            var statement = session.Prepared("SELECT name FROM route WHERE id = ?1").Bind(1, id);
            try
            {
                route = statement.Step() ? statement.Text(0)! : throw Missing("route", id);
            }
            finally
            {
                statement.Reset();
            }

            routes.Add(id, route);
        }

        return route;
    }

    public (string Store, string Bucket) Bucket(long id)
    {
        if (!buckets.TryGetValue(id, out var bucket))
        {
            var statement = session.Prepared("SELECT store, name FROM bucket WHERE id = ?1").Bind(1, id);
            try
            {
                bucket = statement.Step() ? (statement.Text(0)!, statement.Text(1)!) : throw Missing("bucket", id);
            }
            finally
            {
                statement.Reset();
            }

            buckets.Add(id, bucket);
        }

        return bucket;
    }

    /// <summary>All routes that any row can name, in the order of their names.</summary>
    public IReadOnlyList<string> Routes()
    {
        var found = new List<string>();
        var statement = session.Prepared("SELECT name FROM route");
        try
        {
            while (statement.Step())
            {
                found.Add(statement.Text(0)!);
            }
        }
        finally
        {
            statement.Reset();
        }

        found.Sort(StringComparer.Ordinal);
        return found;
    }

    /// <summary>After a transaction that was undone: what it added is not there.</summary>
    public void Forget()
    {
        routeIds.Clear();
        routes.Clear();
        bucketIds.Clear();
        buckets.Clear();
    }

    private static long? Number(SqliteStatement statement)
    {
        try
        {
            return statement.Step() ? statement.Int64(0) : null;
        }
        finally
        {
            statement.Reset();
        }
    }

    private static SqliteException Missing(string table, long id) =>
        new($"a row names {table} {id}, which is not there", SQLitePCL.raw.SQLITE_CORRUPT);
}
