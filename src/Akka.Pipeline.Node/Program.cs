if (Akka.Pipeline.Node.Running.HandleCheck.ProblemForAnything() is { } problem)
{
    await Console.Error.WriteLineAsync(problem);
    return Akka.Pipeline.Node.Running.ExitCode.Wrong;
}

return await Akka.Pipeline.Node.Commands.CommandLine.RunAsync(args);
