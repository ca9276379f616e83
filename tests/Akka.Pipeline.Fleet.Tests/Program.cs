namespace Akka.Pipeline.Fleet.Tests;

using System.Globalization;
using Akka.Pipeline.Fleet.Tests.Scenes;
using Akka.Pipeline.Fleet.Tests.Stage;

/// <summary>The long runs, as one command.</summary>
internal static class Program
{
    private const string Usage = """
        Several real nodes empty one folder together, with a real PostgreSQL, into a store that keeps account.
          calm                 nothing happens to them
          killed               one is killed (-9) every few seconds and replaced
          frozen               one is stopped for three session timeouts (SIGSTOP), again and again
          frozen-removing      a single one is, while it removes files; its claims move on
          frozen-sending       the same while it sends parts
          database             PostgreSQL is stopped and started again, then killed and recovered
          cut                  one loses the database, the store, then both
          spot                 one is told to go (SIGTERM) in the middle of a large file
          spot-haste           the same without the time to finish the parts under way
          silence              one is told to go while the database, the store, then both do not answer
          spot-notice          its machine is announced to be taken, in the middle of a large file

          --nodes N            (4)
          --files N            small files (20000)
          --large N            large files (3)
          --large-size SIZE    of each, such as 64MiB or 1GiB (1GiB)
          --session-timeout S  seconds (10)
          --pause S            seconds between two blows, or of an outage (3; database: 20)
          --limit S            seconds for all of the work (1800)
          --seed N             repeats contents and choices; without it a seed is drawn, and printed
          --notice S           seconds from the notice to the end of the machine (120)
          --bandwidth SIZE     of each node, a second (no limit), so that there is time for blows
          --audit yes          prints the audit trail and the store's log of parts at the end
          --work DIR           where the folders of the run are made (the temporary folder)
        Exit codes: 0 as it should be; 1 it is not; 2 wrong usage.
        """;

    public static async Task<int> Main(string[] arguments)
    {
        try
        {
            var figures = await RunAsync(arguments);
            Console.WriteLine(figures);
            return figures.Violations.Count == 0 ? 0 : 1;
        }
        catch (ArgumentException wrong)
        {
            await Console.Error.WriteLineAsync($"{wrong.Message}\n{Usage}");
            return 2;
        }
        catch (SceneException broken)
        {
            await Console.Error.WriteLineAsync(broken.Message);
            return 1;
        }
    }

    private static Task<Figures> RunAsync(string[] arguments)
    {
        var rest = new Queue<string>(arguments);
        var scene = rest.TryDequeue(out var first) && SceneList.All.TryGetValue(first, out var known) ? known : throw new ArgumentException($"Unknown scene: {first}");
        var options = new SceneOptions(
            4, 20_000, 3, 1L << 30, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(first == "database" ? 20 : 3), Random.Shared.Next(), TimeSpan.FromMinutes(30), Path.GetTempPath());
        while (rest.TryDequeue(out var name))
        {
            var value = rest.TryDequeue(out var given) ? given : throw new ArgumentException($"{name} needs a value.");
            options = name switch
            {
                "--nodes" => options with { Nodes = Number(value) },
                "--files" => options with { Files = Number(value) },
                "--large" => options with { Large = Number(value) },
                "--large-size" => options with { LargeBytes = Size(value) },
                "--session-timeout" => options with { SessionTimeout = TimeSpan.FromSeconds(Number(value)) },
                "--pause" => options with { Pause = TimeSpan.FromSeconds(Number(value)) },
                "--limit" => options with { Limit = TimeSpan.FromSeconds(Number(value)) },
                "--seed" => options with { Seed = Number(value) },
                "--bandwidth" => options with { BandwidthBytes = Size(value) },
                "--notice" => options with { Notice = TimeSpan.FromSeconds(Number(value)) },
                "--audit" => options with { ShowsAudit = value == "yes" },
                "--work" => options with { Work = Path.GetFullPath(value) },
                _ => throw new ArgumentException($"Unknown: {name}"),
            };
        }

        Console.WriteLine($"{first}: {options}");
        return scene(options);
    }

    private static int Number(string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw new ArgumentException($"No number: {value}");

    private static long Size(string value)
    {
        var shift = (value.Length > 3 ? value[^3..] : "") switch { "KiB" => 10, "MiB" => 20, "GiB" => 30, _ => throw new ArgumentException($"No size: {value}") };
        return (long)Number(value[..^3]) << shift;
    }
}
