namespace Akka.Pipeline.Node.Commands;

using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using Akka.Pipeline.Node.Running;
using Akka.Pipeline.Node.Settings;
using Akka.Pipeline.Sandbox;

/// <summary>`pipeline sandbox`: a local S3 endpoint for trying things out and for tests.</summary>
internal static class SandboxCommand
{
    public static Command Create()
    {
        var listen = new Option<string>("--listen") { Description = "Where to listen. Port 0: a free one.", HelpName = "HOST:PORT", DefaultValueFactory = _ => "127.0.0.1:9100" };
        var root = new Option<string>("--root") { Description = "Folder for the objects, which are plain files.", HelpName = "DIR", DefaultValueFactory = _ => "sandbox" };
        var faults = new Option<bool>("--faults") { Description = "Take fault rules over HTTP (POST /_sandbox/faults) and tell statistics." };
        var discard = new Option<bool>("--null") { Description = "Check every body and throw it away: for measuring clients." };
        var command = new Command("sandbox", "Run a local S3 endpoint for trying things out and for tests. Not a product: nothing is replicated.") { listen, root, faults, discard };
        command.SetAction(parsed => RunAsync(parsed.GetValue(listen)!, parsed.GetValue(root)!, parsed.GetValue(faults), parsed.GetValue(discard)));
        return command;
    }

    private static async Task<int> RunAsync(string listen, string root, bool faults, bool discard)
    {
        var colon = listen.LastIndexOf(':');
        if (colon <= 0 || !int.TryParse(listen.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port > ushort.MaxValue)
        {
            throw new ConfigurationException($"flag --listen: '{listen}' is no HOST:PORT; write one such as 127.0.0.1:9100.");
        }

        var options = new SandboxOptions
        {
            Host = listen[..colon],
            Port = port,
            RootFolder = Path.GetFullPath(root),
            AccessKey = SandboxTarget.AccessKey,
            SecretKey = SandboxTarget.SecretKey,
            CreateBucketsOnDemand = true,
            ControlEndpoint = faults,
            NullMode = discard,
        };
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        try
        {
            Directory.CreateDirectory(options.RootFolder);
            await using var server = await SandboxServer.StartAsync(options, stop.Token);
            var endpoint = server.Endpoint.ToString().TrimEnd('/');
            await Console.Error.WriteLineAsync($"""
                S3 sandbox at {endpoint}, objects as files in {options.RootFolder}. Ctrl-C ends it.
                To use it:
                  export AWS_ACCESS_KEY_ID={SandboxTarget.AccessKey} AWS_SECRET_ACCESS_KEY={SandboxTarget.SecretKey} AWS_REGION={options.Region}
                  pipeline run --endpoint {endpoint}
                  aws --endpoint-url {endpoint} s3 ls
                """);
            await Task.Delay(Timeout.Infinite, stop.Token).ContinueWith(_ => { }, TaskScheduler.Default);
            return ExitCode.Done;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException or System.Net.Sockets.SocketException)
        {
            throw new ConfigurationException($"The sandbox cannot start on {listen} with '{options.RootFolder}': {refused.Message}", refused);
        }

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.CancelAsync();
        }
    }
}
