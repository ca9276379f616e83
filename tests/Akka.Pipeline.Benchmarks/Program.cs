using Akka.Pipeline.Benchmarks.ActorRuntime;

switch (args.FirstOrDefault())
{
    case "actors":
        await ActorRuntimeBenchmark.RunAsync();
        return 0;
    default:
        Console.Error.WriteLine("What to measure: actors");
        return 2;
}
