namespace Akka.Pipeline.Node.Commands;

using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Node.Display;
using Akka.Pipeline.Node.Running;

/// <summary>`pipeline files`: what the ledger knows of files.</summary>
internal static class FilesCommand
{
    public static Command Create()
    {
        var shared = new SharedOptions();
        var route = new Option<string?>("--route") { Description = "Only files of this route.", HelpName = "NAME" };
        var failed = new Option<bool>("--failed") { Description = "Only what failed or is set aside, and what is blocked." };
        var path = new Option<string?>("--path") { Description = "Only files whose path begins so.", HelpName = "PREFIX" };
        var node = new Option<string?>("--node") { Description = "Only files that this node of the fleet holds now.", HelpName = "NAME" };
        var limit = new Option<int?>("--limit") { Description = "At most so many.", HelpName = "N" };
        var command = new Command("files", "List what the ledger knows of files.") { route, node, failed, path, limit };
        shared.AddTo(command, withStore: false);
        command.SetAction(async parsed =>
        {
            var configuration = shared.Read(parsed);
            LedgerReader.CheckRoute(configuration, parsed.GetValue(route));
            if (parsed.GetValue(node) is { } name)
            {
                await HeldFiles.ShowAsync(configuration, name, parsed.GetValue(route), parsed.GetValue(shared.Json));
                return ExitCode.Done;
            }

            await using var ledger = await LedgerReader.OpenAsync(configuration);
            var query = new FileQuery(
                parsed.GetValue(route),
                parsed.GetValue(failed) ? [FileProgress.Failing, FileProgress.SetAside] : null,
                parsed.GetValue(path),
                parsed.GetValue(limit));
            var json = parsed.GetValue(shared.Json);
            if (parsed.GetValue(failed))
            {
                await ShowBlockagesAsync(ledger, json);
            }

            await foreach (var entry in ledger.FilesAsync(query))
            {
                Show(entry, json);
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static async Task ShowBlockagesAsync(LedgerReader ledger, bool json)
    {
        foreach (var blockage in await ledger.BlockagesAsync())
        {
            var failure = blockage.Trouble.Failure;
            Console.Out.WriteLine(json
                ? JsonSerializer.Serialize(
                    new BlockageLine(
                        Blocked: blockage.Scope.ToString(),
                        Name: SourcePath.ForDisplay(blockage.Name),
                        Since: blockage.Since,
                        Attempts: blockage.Trouble.Attempts,
                        NextAttemptAt: blockage.Trouble.NextAttemptAt,
                        Code: failure.Code,
                        Cause: failure.Cause,
                        Cure: failure.Cure),
                    JsonLines.Default.BlockageLine)
                : $"blocked    {SourcePath.ForDisplay(blockage.Name)}  since {Local(blockage.Since)}, {blockage.Trouble.Attempts} attempts: {failure.Explanation}");
        }
    }

    private static void Show(LedgerEntry entry, bool json)
    {
        var failure = entry.Trouble?.Failure;
        if (json)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(
                new FileLine(
                    Route: entry.Route,
                    Path: SourcePath.ForDisplay(entry.Path),
                    Progress: entry.Progress.ToString(),
                    SizeBytes: entry.Fingerprint.SizeBytes,
                    Bucket: entry.Stored?.Address.Bucket,
                    Key: entry.Stored?.Address.Key,
                    ETag: entry.Stored?.ETag,
                    Crc32c: entry.Stored?.Digests.Crc32C,
                    Md5: entry.Stored?.Digests.Md5,
                    VersionId: entry.Stored?.VersionId,
                    StoredAt: entry.Stored?.At,
                    Attempts: entry.Trouble?.Attempts,
                    NextAttemptAt: entry.Progress == FileProgress.Failing ? entry.Trouble?.NextAttemptAt : null,
                    Code: failure?.Code,
                    Cause: failure?.Cause,
                    Cure: failure?.Cure,
                    UpdatedAt: entry.UpdatedAt),
                JsonLines.Default.FileLine));
            return;
        }

        var state = entry.Progress switch
        {
            FileProgress.Stored => "stored",
            FileProgress.Done => "done",
            FileProgress.Failing => "failing",
            _ => "set-aside",
        };
        var detail = failure is not null
            ? $"after {entry.Trouble!.Attempts} attempts: {failure.Explanation}"
            : entry.Stored is { } stored ? $"-> {SourcePath.ForDisplay(stored.Address.ToString())}" : "";
        Console.Out.WriteLine($"{state,-10} {entry.Route}  {SourcePath.ForDisplay(entry.Path)}  {Amounts.Bytes(entry.Fingerprint.SizeBytes)}  {Local(entry.UpdatedAt)}  {detail}");
    }

    private static string Local(DateTimeOffset time) => time.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
