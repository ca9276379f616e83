namespace Akka.Pipeline.Torture;

using System.Globalization;

/// <summary>The long run, as one command.</summary>
internal static class Program
{
    private const string Usage = """
        Kills the real program again and again while files are written, and looks whether a byte was lost.
          --kills N        how often (100)
          --minutes M      and not longer than this (60)
          --seed N         repeats the same choices; without it a seed is drawn, and printed
          --steps          each named step once, and no more
          --mutation NAME  does without one guard, and must find a violation:
                           skip-recheck-before-unlink, skip-second-look, skip-fingerprint-after-read, skip-checksum-comparison, remove-before-ledger-commit
          --store ceph     against a real S3 server (tests/servers/ceph.sh), over a wire that breaks, instead of the sandbox
          --work DIR       where the folders of the run are made (the temporary folder)
          --keep           leaves them there
          --victim FILE    another build of the program with -p:FaultPoints=true than the one that was built along
        Exit codes: 0 as it should be; 1 violations (with a mutation: none); 2 wrong usage, or the torture broke off.
        """;

    public static async Task<int> Main(string[] arguments)
    {
        try
        {
            return await RunAsync(arguments);
        }
        catch (TortureException broken)
        {
            await Console.Error.WriteLineAsync(broken.Message);
            return 2;
        }
    }

    private static async Task<int> RunAsync(string[] arguments)
    {
        var (seed, kills, minutes, steps, mutation, ceph, work, keep) = (Random.Shared.Next(), 100, 60.0, false, (string?)null, false, Path.GetTempPath(), false);
        var rest = new Queue<string>(arguments);
        while (rest.TryDequeue(out var name))
        {
            string Value() => rest.TryDequeue(out var value) ? value : throw new TortureException($"{name} needs a value.\n{Usage}");
            int Number() => int.TryParse(Value(), CultureInfo.InvariantCulture, out var number) && number >= 0 ? number : throw new TortureException($"{name} needs a number.\n{Usage}");
            switch (name)
            {
                case "--kills": kills = Number(); break;
                case "--minutes": minutes = Number(); break;
                case "--seed": seed = Number(); break;
                case "--steps": steps = true; break;
                case "--mutation": mutation = Value(); break;
                case "--store": ceph = Value() == "ceph" ? true : throw new TortureException($"The only store that can be named is ceph.\n{Usage}"); break;
                case "--work": work = Value(); break;
                case "--keep": keep = true; break;
                case "--victim": Victim.Program = Path.GetFullPath(Value()); break;
                default: throw new TortureException($"Unknown: {name}\n{Usage}");
            }
        }

        var scenario = mutation is null ? Scenario.Everything(seed) : Scenario.For(mutation);
        if (ceph)
        {
            scenario = mutation is null ? Scenario.OnCeph(seed) : throw new TortureException("A missing guard is looked for in the sandbox: it does what a real server cannot be made to do.");
        }

        Console.WriteLine($"seed {seed}");
        var report = await new Torture(
            new TortureOptions(seed, steps ? Killer.Steps.Count : kills, TimeSpan.FromMinutes(minutes), scenario, work, ceph, StopAtViolation: mutation is not null, keep),
            Console.WriteLine).RunAsync();
        foreach (var violation in report.Violations)
        {
            Console.WriteLine($"VIOLATION {violation}");
        }

        Console.WriteLine(report);
        return report.Violations.Count > 0 == mutation is not null ? 0 : 1;
    }
}
