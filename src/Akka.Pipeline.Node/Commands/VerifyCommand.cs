namespace Akka.Pipeline.Node.Commands;

using System.CommandLine;
using System.Text.Json;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Insight;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;
using Akka.Pipeline.Node.Display;
using Akka.Pipeline.Node.Running;
using Akka.Pipeline.Node.Settings;
using Akka.Pipeline.Storage.Governance;
using Microsoft.Extensions.Logging;

/// <summary>`pipeline verify`: asks the store whether everything that the ledger calls stored is still there, byte for byte as far as the store can tell.</summary>
internal static class VerifyCommand
{
    private const int RequestsAtOnce = 16;

    public static Command Create()
    {
        var shared = new SharedOptions();
        var route = new Option<string?>("--route") { Description = "Only files of this route.", HelpName = "NAME" };
        var command = new Command("verify", "Ask the store whether all that the ledger calls stored is there, with the right size and checksum.") { route };
        shared.AddTo(command, withStore: true);
        command.SetAction(parsed => RunAsync(shared.Read(parsed), parsed.GetValue(route), parsed.GetValue(shared.Json)));
        return command;
    }

    private static async Task<int> RunAsync(NodeConfiguration configuration, string? onlyRoute, bool json)
    {
        LedgerReader.CheckRoute(configuration, onlyRoute);
        var time = TimeProvider.System;
        using var log = new LogLines(Console.Error, time, isTerminal: !Console.IsErrorRedirected, LogLevel.Information);
        await using var ledger = await LedgerReader.OpenAsync(configuration);
        StoreFactory.CheckEnvironment();
        var factory = new StoreFactory(log, time, sandbox: null);
        if (await factory.CheckCredentialsAsync(configuration) is { } refused)
        {
            log.Write(LogLevel.Error, $"{refused.Explanation}");
            return ExitCode.NoCredentials;
        }

        var tally = new Tally();
        foreach (var route in configuration.Routes.Where(r => onlyRoute is null || string.Equals(r.Settings.Name, onlyRoute, StringComparison.Ordinal)))
        {
            var governor = new RequestGovernor(RequestsAtOnce, configuration.Repeats, configuration.RepeatDelay, new TransferMeters(), time, Random.Shared.NextDouble);
            await using var store = new GovernedStore(await factory.OpenAsync(route), governor);
            await Parallel.ForEachAsync(
                ledger.FilesAsync(new FileQuery(route.Settings.Name)),
                new ParallelOptions { MaxDegreeOfParallelism = RequestsAtOnce },
                async (entry, stop) =>
                {
                    if (entry.Stored is { } stored)
                    {
                        var verdict = await VerifyAsync(store, stored, stop);
                        tally.Add(verdict);
                        Show(entry, stored, verdict, json);
                        log.ShowStatus($"  {Amounts.Count(tally.Right)} of {Amounts.Count(tally.All)} right");
                    }
                });
        }

        log.ShowStatus("");
        if (json)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(new VerifiedLine(tally.Right, tally.Missing, tally.Different, tally.Unknown), JsonLines.Default.VerifiedLine));
        }
        else
        {
            log.WriteLine($"{Amounts.Count(tally.Right)} right, {Amounts.Count(tally.Missing)} missing, {Amounts.Count(tally.Different)} different, {Amounts.Count(tally.Unknown)} could not be asked for.");
        }

        return tally.Right == tally.All ? ExitCode.Done : ExitCode.SomeFailed;
    }

    private static async Task<Verdict> VerifyAsync(IObjectStore store, StoredVersion stored, CancellationToken cancellation)
    {
        try
        {
            return await store.HeadAsync(stored.Address, cancellation) switch
            {
                null => new Verdict(Finding.Missing, "there is no such object"),
                var there when there.SizeBytes != stored.Fingerprint.SizeBytes => new Verdict(Finding.Different, $"it has {there.SizeBytes} bytes instead of {stored.Fingerprint.SizeBytes}"),
                var there when stored.Digests.Agrees(there.Digests) is { } agrees => agrees ? Verdict.Right : new Verdict(Finding.Different, "its checksum differs"),
                var there when string.Equals(there.ETag, stored.ETag, StringComparison.Ordinal) => Verdict.Right,
                _ => new Verdict(Finding.Different, "its ETag differs, and the store tells no checksum that we know"),
            };
        }
        catch (StoreException failed)
        {
            return new Verdict(Finding.Unknown, $"{failed.Failure.Explanation}");
        }
    }

    private static void Show(LedgerEntry entry, StoredVersion stored, Verdict verdict, bool json)
    {
        if (verdict.Finding == Finding.Right)
        {
            return;
        }

        Console.Out.WriteLine(json
            ? JsonSerializer.Serialize(
                new FindingLine(entry.Route, SourcePath.ForDisplay(entry.Path), stored.Address.Bucket, stored.Address.Key, verdict.Finding.ToString(), verdict.Why),
                JsonLines.Default.FindingLine)
            : $"{verdict.Finding.ToString().ToLowerInvariant(),-9} {SourcePath.ForDisplay(stored.Address.ToString())}: {verdict.Why} (from {entry.Route}: {SourcePath.ForDisplay(entry.Path)})");
    }

    private enum Finding
    {
        Right,
        Missing,
        Different,
        Unknown,
    }

    private sealed record Verdict(Finding Finding, string Why)
    {
        public static readonly Verdict Right = new(Finding.Right, "");
    }

    private sealed class Tally
    {
        private readonly long[] counts = new long[4];

        public long Right => Interlocked.Read(ref counts[(int)Finding.Right]);

        public long Missing => Interlocked.Read(ref counts[(int)Finding.Missing]);

        public long Different => Interlocked.Read(ref counts[(int)Finding.Different]);

        public long Unknown => Interlocked.Read(ref counts[(int)Finding.Unknown]);

        public long All => Right + Missing + Different + Unknown;

        public void Add(Verdict verdict) => Interlocked.Increment(ref counts[(int)verdict.Finding]);
    }
}
