namespace Akka.Pipeline.Node.Tests.Programs;

using System.Diagnostics;
using System.Globalization;
using System.Text;

/// <summary>
/// The program as it was built, run as a user would: in a folder of its own, with an environment that holds nothing of this machine's, all that it says
/// kept. However a run ends, its secrets must not stand in what it said, nor the trace of an exception.
/// </summary>
internal sealed class PipelineProcess : IAsyncDisposable
{
    private static readonly TimeSpan LongestRun = TimeSpan.FromSeconds(90);
    private static readonly string[] SecretVariables = ["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];

    private readonly Process process;
    private readonly Said output = new();
    private readonly Said errors = new();
    private readonly Task reading;
    private readonly IReadOnlyList<string> secrets;
    private bool disposed;

    private PipelineProcess(ProcessStartInfo start)
    {
        secrets = [.. SecretVariables.Select(name => start.Environment.TryGetValue(name, out var value) ? value : null).OfType<string>().Where(value => value.Length > 0)];
        process = Process.Start(start)!;
        reading = Task.WhenAll(output.ReadAsync(process.StandardOutput), errors.ReadAsync(process.StandardError));
    }

    /// <summary>What it wrote to stdout so far.</summary>
    public string Output => output.Text;

    /// <summary>What it wrote to stderr so far.</summary>
    public string Errors => errors.Text;

    public bool HasExited => process.HasExited;

    /// <param name="folder">Working folder.</param>
    /// <param name="environment">All of it.</param>
    /// <param name="arguments">Of the command line.</param>
    /// <param name="wrapper">A program and its arguments that are to start it, such as setpriv.</param>
    public static PipelineProcess Start(string folder, IReadOnlyDictionary<string, string> environment, IReadOnlyList<string> arguments, params string[] wrapper)
    {
        // Tests that run in the background have SIGINT ignored, and a program inherits that.
        string[] command = ["/usr/bin/env", "--default-signal=INT,HUP", .. wrapper, .. BuiltProgram.Command, .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        start.Environment.Clear();
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new PipelineProcess(start);
    }

    /// <summary>Waits until it has said something on stderr.</summary>
    public Task SaysAsync(string text) =>
        Eventually.TrueAsync(() => Errors.Contains(text, StringComparison.Ordinal) || process.HasExited, $"'{text}' to be said", () => Everything)
            .ContinueWith(_ => Assert.True(Errors.Contains(text, StringComparison.Ordinal), $"It ended without saying '{text}'.\n{Everything}"), TaskScheduler.Default);

    /// <summary>Waits for its end.</summary>
    public async Task<RunResult> EndAsync()
    {
        using var limit = new CancellationTokenSource(LongestRun);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException tooLong)
        {
            throw new TimeoutException($"The program did not end within {LongestRun.TotalSeconds} s.\n{Everything}", tooLong);
        }

        await reading;
        CheckWords();
        return new RunResult(process.ExitCode, Output, Errors);
    }

    public Task TerminateAsync() => SignalAsync("TERM");

    public Task InterruptAsync() => SignalAsync("INT");

    /// <summary>As `kill -9` does.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (disposed)
        {
            return;
        }

        disposed = true;
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }

        await reading;
        process.Dispose();
        CheckWords();
    }

    private string Everything => $"--- stderr\n{Errors}--- stdout\n{Output}---";

    private void CheckWords()
    {
        foreach (var secret in secrets)
        {
            Assert.DoesNotContain(secret, Output, StringComparison.Ordinal);
            Assert.DoesNotContain(secret, Errors, StringComparison.Ordinal);
        }

        Assert.False(Errors.Contains("\n   at ", StringComparison.Ordinal) || Errors.Contains("Unhandled exception", StringComparison.Ordinal), $"It shows an exception's trace.\n{Everything}");
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("sh", ["-c", $"kill -{signal} {process.Id.ToString(CultureInfo.InvariantCulture)}"]);
        await kill.WaitForExitAsync();
    }

    private sealed class Said
    {
        private readonly StringBuilder text = new();

        public string Text
        {
            get
            {
                lock (text)
                {
                    return text.ToString();
                }
            }
        }

        public async Task ReadAsync(StreamReader reader)
        {
            var buffer = new char[4096];
            int count;
            while ((count = await reader.ReadAsync(buffer)) > 0)
            {
                lock (text)
                {
                    text.Append(buffer, 0, count);
                }
            }
        }
    }
}
