namespace Akka.Pipeline.Node.Commands;

using System.CommandLine;
using System.Text.Json;
using Akka.Pipeline.Node.Display;
using Akka.Pipeline.Node.Running;
using Akka.Pipeline.Node.Settings;

/// <summary>`pipeline retry`: try again what failed. A daemon that runs takes it up within seconds; otherwise the next run does.</summary>
internal static class RetryCommand
{
    public static Command Create()
    {
        var shared = new SharedOptions();
        var route = new Option<string?>("--route") { Description = "Only files of this route.", HelpName = "NAME" };
        var path = new Argument<string?>("path") { Description = "Only this file, as `pipeline files` lists it (needs --route where there are several).", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("retry", "Try again what failed, was set aside or is blocked; attempts count from zero.") { route, path };
        shared.AddTo(command, withStore: false);
        command.SetAction(async parsed =>
        {
            var configuration = shared.Read(parsed);
            var routeName = parsed.GetValue(route);
            LedgerReader.CheckRoute(configuration, routeName);
            if (parsed.GetValue(path) is not null && routeName is null)
            {
                routeName = configuration.Routes.Count == 1
                    ? configuration.Routes[0].Settings.Name
                    : throw new ConfigurationException("Several routes are configured; say which one the path belongs to: --route NAME.");
            }

            await using var ledger = await LedgerReader.OpenAsync(configuration);
            var count = await ledger.RequestRetryAsync(routeName, parsed.GetValue(path), TimeProvider.System.GetUtcNow());
            if (parsed.GetValue(shared.Json))
            {
                Console.Out.WriteLine(JsonSerializer.Serialize(new RetriedLine(count), JsonLines.Default.RetriedLine));
            }
            else
            {
                await Console.Error.WriteLineAsync(count == 0
                    ? "Nothing failed, is set aside or blocked."
                    : $"{count} failed, set aside or blocked: a running daemon tries again within seconds, otherwise the next run does.");
            }

            return ExitCode.Done;
        });
        return command;
    }
}
