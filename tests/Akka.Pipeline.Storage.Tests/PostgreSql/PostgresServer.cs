namespace Akka.Pipeline.Storage.Tests.PostgreSql;

using System.Diagnostics;
using System.Runtime.CompilerServices;
using Npgsql;

/// <summary>A real PostgreSQL for tests, ended with this process. Most share one; a test that stops it starts its own.</summary>
public sealed class PostgresServer
{
    private static readonly Lazy<Task<PostgresServer>> Running = new(StartAsync);

    private readonly string folder;
    private readonly Dictionary<string, string> told;

    private PostgresServer(string folder, Dictionary<string, string> told)
    {
        this.folder = folder;
        this.told = told;
    }

    private static string Script => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "..", "servers", "postgres.sh"));

    /// <summary>The one that the tests of this process share.</summary>
    public static Task<PostgresServer> GetAsync() => Running.Value;

    public static async Task<PostgresServer> StartAsync()
    {
        var folder = Path.Combine(Path.GetTempPath(), $"akka-pipeline-postgres-{Environment.ProcessId}-{Path.GetRandomFileName()}");

        // The guard comes first and outlives this process however it ends; in a session of its own, so that no signal to this one's group reaches it.
        using (Process.Start(Begin("setsid", Script, "guard", folder, $"{Environment.ProcessId}")))
        {
        }

        return new PostgresServer(folder, Read(await RunAsync("start", folder)));
    }

    /// <summary>The database setting for a schema, as a node has it.</summary>
    public string Setting(string schema) =>
        new NpgsqlConnectionStringBuilder
        {
            Host = told["PG_HOST"], Port = int.Parse(told["PG_PORT"]), Username = told["PG_USER"], Password = told["PG_PASSWORD"], Database = told["PG_DATABASE"], SearchPath = schema,
        }.ConnectionString;

    /// <summary>Ends it; with "kill" as a power loss would.</summary>
    public Task StopAsync(string mode) => RunAsync("stop", folder, mode);

    /// <summary>Starts it again, on the port that it had.</summary>
    public Task StartAgainAsync() => RunAsync("start", folder, told["PG_PORT"]);

    /// <summary>Runs SQL as the owner of everything; the first value of the first row.</summary>
    public async Task<object?> ExecuteAsync(string schema, string sql)
    {
        await using var connection = new NpgsqlConnection(Setting(schema) + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    private static Dictionary<string, string> Read(string output) =>
        output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);

    private static async Task<string> RunAsync(params string[] arguments)
    {
        using var process = Process.Start(Begin(Script, arguments))!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException(await errors);
    }

    private static ProcessStartInfo Begin(string program, params string[] arguments) =>
        new(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
