namespace Akka.Pipeline.Node.Tests.Refusing;

using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Akka.Pipeline.Node.Tests.Programs;

/// <summary>The database of a fleet that is not there, or takes connections and says nothing.</summary>
public sealed class Trouble_with_the_database : NodeTest
{
    private readonly TcpListener silent = new(IPAddress.Loopback, 0);

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        silent.Stop();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_run_that_ends_says_that_the_database_cannot_be_reached_and_ends_with_exit_code_1(bool isSilent)
    {
        WithDatabase(isSilent, "Timeout=1");
        Write("alone/own.bin", "own");

        (await OnceAsync()).Exits(1).Says("The database nobody at 127.0.0.1", "cannot be reached", "see that the server runs", "Stored 1 file");

        Assert.Equal(["shared/stays"], Left());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_daemon_says_so_and_waits_while_its_own_routes_go_on_and_leaves_at_once_when_asked(bool isSilent)
    {
        WithDatabase(isSilent, "Timeout=1");
        await using var daemon = StartDaemon();
        await daemon.SaysAsync("cannot be reached");
        await daemon.SaysAsync("The shared routes wait.");
        Write("alone/own.bin", "own");
        await StoredAsync("own.bin", "alone");
        var asked = Stopwatch.GetTimestamp();
        await daemon.TerminateAsync();

        (await daemon.EndAsync()).Exits(0).Says("Stored 1 file");

        Assert.True(Stopwatch.GetElapsedTime(asked) < TimeSpan.FromSeconds(10), $"It took {Stopwatch.GetElapsedTime(asked)}.\n{daemon.Errors}");
    }

    private void WithDatabase(bool isSilent, string more)
    {
        // A port that was free a moment ago refuses, one that nobody accepts from takes connections all the same.
        silent.Start();
        var port = ((IPEndPoint)silent.LocalEndpoint).Port;
        if (!isSilent)
        {
            silent.Stop();
        }

        Environment["PIPELINE_DATABASE"] = string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={port};Username=nobody;Password=secret;Database=nobody;{more}");
        Write("shared/stays", "stays");
        Configure(
            $$"""
            pipeline.routes {
              own { source = "{{Source}}/alone", target = "s3://alone", scan-interval = 300ms }
              shared { scope = fleet, source = "{{Source}}/shared", target = "s3://together" }
            }
            """);
        Directory.CreateDirectory(Path.Combine(Source, "alone"));
    }
}
