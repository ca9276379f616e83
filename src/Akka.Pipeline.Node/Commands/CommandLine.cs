namespace Akka.Pipeline.Node.Commands;

using System.CommandLine;
using System.CommandLine.Help;
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
        // No RootCommand: its help calls the program by the name of its file.
        var root = new Command("pipeline", "Gets every finished file of a folder into S3 or an S3-compatible store, proves that it arrived, and only then removes the local copy.") { new HelpOption() };
        var version = new Option<bool>("--version") { Description = "Show the version, and the actor runtime it was built on." };
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
        root.Add(StartCommand.Create());
        root.Add(StatusCommand.Create());
        root.Add(LeaveCommands.Stop());
        root.Add(LeaveCommands.Drain());
        root.Add(SandboxCommand.Create());
        root.Add(FilesCommand.Create());
        root.Add(RoutesCommand.Create());
        root.Add(NodesCommand.Create());
        root.Add(RetryCommand.Create());
        root.Add(VerifyCommand.Create());

        var parse = root.Parse(arguments);
        if (parse.Errors.Count > 0)
        {
            foreach (var error in parse.Errors)
            {
                await Console.Error.WriteLineAsync(error.Message);
            }

            await Console.Error.WriteLineAsync($"See: pipeline {(parse.CommandResult.Command == root ? "" : parse.CommandResult.Command.Name + " ")}--help");
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
}
