namespace Akka.Pipeline.Storage.Tests.PostgreSql;

using Akka.Pipeline.Storage.PostgreSql;
using Akka.Pipeline.Storage.Sqlite;

/// <summary>A schema of its own for a test, dropped at the end, and the databases that were opened on it.</summary>
internal sealed class PostgresSchema : IAsyncDisposable
{
    private static int count;

    private readonly List<PostgresDatabase> opened = [];

    public PostgresSchema(PostgresServer server)
    {
        Server = server;
        Name = $"test_{Interlocked.Increment(ref count)}_{Environment.ProcessId}";
    }

    public PostgresServer Server { get; }

    public string Name { get; }

    public string Setting => Server.Setting(Name);

    public static async Task<PostgresSchema> CreateAsync() => new(await PostgresServer.GetAsync());

    public async Task<PostgresDatabase> OpenAsync(LedgerAccess access = LedgerAccess.ReadWrite, string? setting = null)
    {
        var database = await PostgresDatabase.OpenAsync(setting ?? Setting, access, default);
        opened.Add(database);
        return database;
    }

    public Task<object?> ExecuteAsync(string sql) => Server.ExecuteAsync(Name, sql);

    public async ValueTask DisposeAsync()
    {
        foreach (var database in opened)
        {
            await database.DisposeAsync();
        }

        await ExecuteAsync($"DROP SCHEMA IF EXISTS {Name} CASCADE");
    }
}
