namespace Akka.Pipeline.Storage.PostgreSql;

using System.Collections.Concurrent;
using Npgsql;

/// <summary>
/// The small numbers that stand for routes and buckets in rows, remembered: names are never removed. New ones are committed apart from what names them, so that
/// two nodes that meet the same new names in different order do not wait for each other.
/// </summary>
internal sealed class PostgresNames
{
    private readonly ConcurrentDictionary<string, int> routeIds = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Store, string Bucket), int> bucketIds = new();
    private readonly ConcurrentDictionary<int, (string Store, string Bucket)> buckets = new();

    public int Route(string name) => routeIds[name];

    public int Bucket(string store, string bucket) => bucketIds[(store, bucket)];

    /// <summary>Sees that every one of these has a number.</summary>
    public async Task EnsureAsync(NpgsqlConnection connection, IEnumerable<string> routes, IEnumerable<(string Store, string Bucket)> stored, CancellationToken cancellation)
    {
        foreach (var route in routes.Where(name => !routeIds.ContainsKey(name)).Distinct(StringComparer.Ordinal).ToList())
        {
            routeIds[route] = await NumberAsync(connection, "INSERT INTO route (name) VALUES ($1) ON CONFLICT DO NOTHING", "SELECT id FROM route WHERE name = $1", cancellation, StoredText.OfName(route));
        }

        foreach (var (store, bucket) in stored.Where(name => !bucketIds.ContainsKey(name)).Distinct().ToList())
        {
            var id = await NumberAsync(connection, "INSERT INTO bucket (store, name) VALUES ($1, $2) ON CONFLICT DO NOTHING", "SELECT id FROM bucket WHERE store = $1 AND name = $2",
                cancellation, StoredText.OfName(store), StoredText.OfName(bucket));
            bucketIds[(store, bucket)] = id;
            buckets[id] = (store, bucket);
        }
    }

    /// <summary>The bucket of a row, whose names stand in the two columns.</summary>
    public (string Store, string Bucket) BucketOf(NpgsqlDataReader row, int idColumn, int storeColumn, int nameColumn)
    {
        var id = row.GetInt32(idColumn);
        if (!buckets.TryGetValue(id, out var found))
        {
            found = (StoredText.ToName(row.GetFieldValue<byte[]>(storeColumn)), StoredText.ToName(row.GetFieldValue<byte[]>(nameColumn)));
            buckets.TryAdd(id, found);
        }

        return found;
    }

    private static async Task<int> NumberAsync(NpgsqlConnection connection, string insert, string select, CancellationToken cancellation, params byte[][] names)
    {
        // Looked for first: an insert that finds its row uses up a number, and every node asks once.
        foreach (var sql in new[] { select, insert, select })
        {
            await using var command = new NpgsqlCommand(sql, connection);
            foreach (var name in names)
            {
                command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = name });
            }

            if (await command.ExecuteScalarAsync(cancellation) is int id)
            {
                return id;
            }
        }

        throw new InvalidOperationException("A name that was inserted is not there.");
    }
}
