namespace Akka.Pipeline.Torture;

using System.Diagnostics;

/// <summary>What a run is to do.</summary>
internal sealed record TortureOptions(int Seed, int Kills, TimeSpan Limit, Scenario Scenario, string WorkFolder, bool OnCeph, bool StopAtViolation, bool Keep);

/// <summary>What it came to.</summary>
internal sealed record TortureReport(int Seed, int Kills, int KillsAtSteps, long Operations, int Files, long Writes, TimeSpan Took, IReadOnlyCollection<string> Violations, IReadOnlyDictionary<string, int> StepsReached)
{
    public override string ToString() =>
        $"{Kills} kills ({KillsAtSteps} at a step: {string.Join(", ", StepsReached.Select(step => $"{step.Key} {step.Value}"))}), {Operations} operations on {Files} files, "
        + $"{Writes} objects written, {Violations.Count} violations, {Took.TotalSeconds:0} s ({Took.TotalSeconds / Math.Max(1, Kills):0.00} s a kill), seed {Seed}";
}

/// <summary>Writers write, the victim uploads, the killer kills; then all that was written must be somewhere.</summary>
internal sealed class Torture(TortureOptions options, Action<string> say)
{
    private const int Writers = 4;
    private static readonly TimeSpan CleanRunLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    public async Task<TortureReport> RunAsync()
    {
        var started = Stopwatch.GetTimestamp();
        var chance = new Random(options.Seed);
        var model = new Model();
        var folder = Path.Combine(options.WorkFolder, $"torture-{options.Seed}-{Environment.ProcessId}-{Stopwatch.GetTimestamp():x}");
        var arena = new Arena(folder, options.Scenario.Checksum, options.Scenario.Attempts);
        var stepsReached = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var kills = 0;
        await using IBucket bucket = options.OnCeph
            ? await CephBucket.StartAsync(folder + "-ceph", chance.Next())
            : await SandboxBucket.StartAsync(arena.Store, model, chance.Next(), options.Scenario.Faults);
        var writers = Enumerable.Range(0, Writers).Select(number => new Writer(model, arena.Source, arena.Outside, number, chance.Next(), options.Scenario.Habits)).ToList();
        writers.ForEach(writer => writer.Start());
        try
        {
            var killer = new Killer(chance, options.Scenario);
            while (kills < options.Kills && Stopwatch.GetElapsedTime(started) < options.Limit && !(options.StopAtViolation && model.Violations.Count > 0))
            {
                var life = killer.Next();
                using var victim = Victim.Start(arena.Configuration, bucket, life, options.Scenario.Mutation, arena.Log);
                if (life.NeedsLarge)
                {
                    writers[chance.Next(Writers)].WantLarge();
                }

                if (victim.AwaitDeath(life.Limit, life.KillAt is not null))
                {
                    stepsReached[life.KillAt!] = stepsReached.GetValueOrDefault(life.KillAt!) + 1;
                }

                kills++;
                await Verdict.AfterKillAsync(model, arena, storeTells: !options.OnCeph);
                if (kills % 25 == 0)
                {
                    say($"{kills} kills, {model.Operations} operations, {model.Writes} objects written, {model.Violations.Count} violations, {Stopwatch.GetElapsedTime(started).TotalSeconds:0} s");
                }
            }
        }
        finally
        {
            writers.ForEach(writer => writer.Stop());
            writers.ForEach(writer => writer.Join());
        }

        if (!(options.StopAtViolation && model.Violations.Count > 0))
        {
            bucket.BeGood();
            await Task.Delay(Scenario.LatestCommit);
            if (await Victim.RetryAsync(arena.Configuration) is var code and not 0)
            {
                model.Violated($"'pipeline retry' ended with code {code}.");
            }

            await RunCleanAsync(model, arena, bucket);
            await Verdict.AtTheEndAsync(model, arena, bucket);
        }

        if (options.Keep)
        {
            await File.WriteAllLinesAsync(Path.Combine(folder, "victim.log"), arena.Log);
            say($"kept: {folder}");
        }
        else
        {
            arena.Dispose();
        }

        return new TortureReport(
            options.Seed, kills, stepsReached.Values.Sum(), model.Operations, model.Files, model.Writes, Stopwatch.GetElapsedTime(started), model.Violations, stepsReached);
    }

    /// <summary>A last life without faults must empty the source, and then be quiet.</summary>
    private async Task RunCleanAsync(Model model, Arena arena, IBucket bucket)
    {
        using var victim = Victim.Start(arena.Configuration, bucket, Life.Clean, options.Scenario.Mutation, arena.Log);
        var started = Stopwatch.GetTimestamp();
        var quietSince = started;
        var requests = bucket.Requests;
        while (Stopwatch.GetElapsedTime(quietSince) < Quiet)
        {
            if (victim.HasExited || Stopwatch.GetElapsedTime(started) > CleanRunLimit)
            {
                model.Violated($"ENDLESS: the clean run {(victim.HasExited ? "ended by itself" : $"did not come to rest within {CleanRunLimit}")}; left: {string.Join(", ", arena.Left().Take(20))}\n{victim.LogTail()}");
                break;
            }

            if (arena.Left().Count > 0 || bucket.Requests != requests)
            {
                requests = bucket.Requests;
                quietSince = Stopwatch.GetTimestamp();
            }

            await Task.Delay(Look);
        }

        if (victim.Terminate(TimeSpan.FromSeconds(15)) is var code and not 0)
        {
            model.Violated($"The program ended with code {code} when it was asked to end:\n{victim.LogTail()}");
        }

        // Keys that were being written when the daemon looked for what lost lives had begun are quiet now.
        using var last = Victim.Start(arena.Configuration, bucket, Life.Clean, options.Scenario.Mutation, arena.Log, "--once");
        if (last.AwaitEnd(CleanRunLimit) is var lastCode and not 0)
        {
            model.Violated($"A run over an empty source ended with code {lastCode}:\n{last.LogTail()}");
        }
    }
}
