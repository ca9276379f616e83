namespace Akka.Pipeline.Node.Commands;

using System.CommandLine;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;
using Akka.Pipeline.Node.Running;
using Akka.Pipeline.Node.Settings;

/// <summary>The command line: see `pipeline --help`.</summary>
public static class CommandLine
{
    /// <summary>Runs a command and returns the exit code. Nothing that a user can cause ends in a stack trace.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        var root = new RootCommand("Gets every finished file of a folder into S3 or an S3-compatible store, proves that it arrived, and only then removes the local copy.");
        var version = new Option<bool>("--version") { Description = "Show the version, and the actor runtime it was built on." };
        root.Options.Remove(root.Options.Single(o => o is VersionOption));
        root.Add(version);
        root.SetAction(parsed =>
        {
            if (parsed.GetValue(version))
            {
                Console.Out.WriteLine($"pipeline {ActorRuntime.ProductVersion} on {ActorRuntime.Description}, .NET {Environment.Version}");
                return ExitCode.Done;
            }

            Console.Error.WriteLine("Name a command, such as run. All of them: pipeline --help.");
            return ExitCode.Wrong;
        });
        root.Add(RunCommand.Create());
        root.Add(SandboxCommand.Create());
        root.Add(FilesCommand.Create());
        root.Add(RoutesCommand.Create());
        root.Add(RetryCommand.Create());
        root.Add(VerifyCommand.Create());

        var parse = root.Parse(arguments);
        if (parse.Errors.Count > 0)
        {
            foreach (var error in parse.Errors)
            {
                await Console.Error.WriteLineAsync(error.Message);
            }

            await Console.Error.WriteLineAsync($"See: pipeline {string.Join(' ', CommandPath(parse.CommandResult))}--help");
            return ExitCode.Wrong;
        }

        try
        {
            return await parse.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (ConfigurationException wrong)
        {
            await Console.Error.WriteLineAsync(wrong.Message);
            return ExitCode.Wrong;
        }
        catch (LedgerException broken)
        {
            await Console.Error.WriteLineAsync($"{broken.Failure.Explanation}");
            return ExitCode.Wrong;
        }
        catch (StoreException refused)
        {
            await Console.Error.WriteLineAsync(refused.Failure.Explanation);
            return refused.Failure.Nature == FailureNature.Credentials ? ExitCode.NoCredentials : ExitCode.Wrong;
        }
    }

    private static IEnumerable<string> CommandPath(System.CommandLine.Parsing.CommandResult result) =>
        result.Command is RootCommand ? [] : [result.Command.Name, ""];
}
