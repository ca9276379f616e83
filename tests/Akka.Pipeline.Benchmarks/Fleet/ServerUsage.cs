namespace Akka.Pipeline.Benchmarks.Fleet;

using System.Diagnostics;
using System.Globalization;
using Npgsql;

/// <summary>The processor time of a PostgreSQL server on this machine: all its processes, and those of it that have ended.</summary>
internal sealed class ServerUsage
{
    // USER_HZ: what /proc counts in, on every Linux of today (proc(5), 2026-11).
    private const double TicksPerSecond = 100;

    private readonly int postmaster;

    private ServerUsage(int postmaster)
    {
        this.postmaster = postmaster;
        AtStart = ServerSeconds();
        ClientAtStart = Process.GetCurrentProcess().TotalProcessorTime;
    }

    public double AtStart { get; }

    public TimeSpan ClientAtStart { get; }

    public static async Task<ServerUsage> StartAsync(string setting)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(setting) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT pg_backend_pid()", connection);
        return new ServerUsage((int)Fields((int)(await command.ExecuteScalarAsync())!)[1]);
    }

    public double ServerSeconds()
    {
        var own = Fields(postmaster);
        var ticks = own[11] + own[12] + own[13] + own[14];
        foreach (var child in File.ReadAllText($"/proc/{postmaster}/task/{postmaster}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            try
            {
                var fields = Fields(int.Parse(child, CultureInfo.InvariantCulture));
                ticks += fields[11] + fields[12];
            }
            catch (IOException)
            {
                // It has just ended, and counts with its parent the next time.
            }
        }

        return ticks / TicksPerSecond;
    }

    /// <summary>The fields of /proc/PID/stat after the name: 1 is the parent, 11 to 14 the times of itself and of its children that have ended.</summary>
    private static double[] Fields(int pid)
    {
        var stat = File.ReadAllText($"/proc/{pid}/stat");
        return [.. stat[(stat.LastIndexOf(')') + 2)..].Split(' ').Select((field, i) => i == 0 ? 0 : double.Parse(field, CultureInfo.InvariantCulture))];
    }
}
