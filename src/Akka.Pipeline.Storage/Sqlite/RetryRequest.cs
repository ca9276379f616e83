namespace Akka.Pipeline.Storage.Sqlite;

using Akka.Pipeline.Storage.Ledgers;

/// <summary>An operator's wish that what failed be tried now.</summary>
internal static class RetryRequest
{
    /// <summary>Writes it, inside the transaction of its caller.</summary>
    /// <returns>How many files and blockages it concerns.</returns>
    public static int Write(SqliteSession session, string? route, string? path, DateTimeOffset at)
    {
        var time = LedgerTime.From(at);
        var changed = session.Prepared("UPDATE blockage SET attempts = 0, next_attempt_at = ?1").Bind(1, time).Run();
        var routeId = route is null ? null : session.Names.FindRoute(route);
        if (route is null || routeId is not null)
        {
            using var statement = session.Once(
                "UPDATE file INDEXED BY file_in_trouble SET progress = 2, attempts = 0, next_attempt_at = ?1, updated_at = ?1 "
                + "WHERE progress >= 2 AND (?2 IS NULL OR route_id = ?2) AND (?3 IS NULL OR path = ?3)");
            statement.Bind(1, time).Bind(2, routeId);
            if (path is not null)
            {
                statement.BindBytesOf(3, path);
            }

            changed += statement.Run();
        }

        session.Execute("UPDATE retry SET generation = generation + 1");
        using var audit = session.Once("INSERT INTO audit (at, event, route_id, path, detail) VALUES (?1, 'retry', ?2, ?3, ?4)");
        audit.Bind(1, time).Bind(2, routeId).BindText(4, $"{changed} files and blockages");
        if (path is not null)
        {
            audit.BindBytesOf(3, path);
        }

        audit.Run();
        return changed;
    }
}
