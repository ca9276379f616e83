return await Akka.Pipeline.Node.Commands.CommandLine.RunAsync(args);
