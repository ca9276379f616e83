namespace Akka.Pipeline.Node.Tests.Background;

using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Akka.Pipeline.Core.Insight;
using Akka.Pipeline.Node.Control;
using Akka.Pipeline.Node.Running;
using Akka.Pipeline.Node.Settings;

/// <summary>What a client can send, and what it cannot do with it.</summary>
public sealed class The_control_socket : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("akka-pipeline-control-").FullName;
    private Daemon daemon = null!;
    private ControlSocket control = null!;

    public Task InitializeAsync()
    {
        Directory.CreateDirectory(Path.Combine(folder, "source"));
        var configuration = ConfigurationReader.Read(null, new Overrides(Source: Path.Combine(folder, "source"), DataFolder: folder + "/data"), once: false, _ => null);
        Directory.CreateDirectory(configuration.DataFolder);
        daemon = new Daemon(configuration, new TransferMeters(), TimeProvider.System);
        control = ControlSocket.Open(configuration.DataFolder, daemon);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await control.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("GET / HTTP/1.1")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"version":1}""")]
    [InlineData("""{"version":1,"request":"explode"}""")]
    [InlineData("""{"version":1,"request":7}""")]
    [InlineData("""{"version":2,"request":"status"}""")]
    [InlineData("""{"version":1,"request":"stop","seconds":-1}""")]
    [InlineData("""{"version":1,"request":"drain","seconds":1e300}""")]
    [InlineData("""{"version":1,"request":"drain","seconds":"soon"}""")]
    public async Task Garbage_gets_an_error_and_does_nothing(string line)
    {
        var answer = await AskAsync(Encoding.UTF8.GetBytes(line + "\n"));

        Assert.NotEmpty(answer.GetProperty("error").GetString()!);
        Assert.Null(daemon.Stops.Current);
    }

    [Fact]
    public async Task Bytes_that_are_no_text_and_lines_without_end_get_an_error()
    {
        Assert.Contains("UTF-8", (await AskAsync([0xff, 0xfe, (byte)'\n'])).GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Contains("4096", (await AskAsync(new byte[ControlProtocol.MaximumRequestBytes + 1])).GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clients_that_say_nothing_or_go_away_keep_nobody_waiting()
    {
        var silent = new List<Socket>();
        try
        {
            for (var n = 0; n < 10; n++)
            {
                silent.Add(await ConnectAsync());
                using var gone = await ConnectAsync();
                await gone.SendAsync("""{"version":1,"requ"""u8.ToArray());
            }

            Assert.Equal(Environment.ProcessId, (await AskAsync("{\"version\":1,\"request\":\"status\"}\n"u8.ToArray())).GetProperty("pid").GetInt32());
        }
        finally
        {
            silent.ForEach(socket => socket.Dispose());
        }
    }

    [Fact]
    public async Task A_stop_is_passed_on_and_its_end_is_told()
    {
        using var socket = await ConnectAsync();
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync("{\"version\":1,\"request\":\"stop\",\"seconds\":3,\"unknown\":[]}\n"u8.ToArray());
        using var reader = new StreamReader(stream);

        Assert.Equal("leaving", JsonDocument.Parse((await reader.ReadLineAsync())!).RootElement.GetProperty("phase").GetString());
        Assert.False(daemon.Stops.Current!.SavesFiles);
        daemon.HasLeft("Nothing remains.");

        string? line;
        var last = "";
        while ((line = await reader.ReadLineAsync()) is not null)
        {
            last = line;
        }

        Assert.Equal("Nothing remains.", JsonDocument.Parse(last).RootElement.GetProperty("ended").GetString());
    }

    [Fact]
    public async Task A_drain_saves_and_keeps_time_for_the_end()
    {
        var before = daemon.Stops.Now;
        await AskAsync("{\"version\":1,\"request\":\"drain\",\"seconds\":10}\n"u8.ToArray());

        var request = daemon.Stops.Current!;
        Assert.True(request.SavesFiles);
        Assert.InRange(request.Deadline - before, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(15));
        Assert.Equal(TimeSpan.FromSeconds(2), request.Deadline - request.CutOffAt);
    }

    [Fact]
    public void Only_its_user_may_open_it()
    {
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(folder, "data", "control.sock")));
        }
    }

    [Fact]
    public void A_later_request_can_only_bring_the_end_nearer()
    {
        var stops = new StopRequests(TimeProvider.System);
        var hastened = new List<StopRequest>();
        stops.Hastened = hastened.Add;
        Assert.True(stops.Ask(StopRequest.Saving("first", stops.Now, TimeSpan.FromMinutes(2))));
        Assert.True(stops.Asked.IsCompleted);

        Assert.False(stops.Ask(StopRequest.Saving("later", stops.Now, TimeSpan.FromMinutes(5))));
        Assert.True(stops.Ask(StopRequest.Finishing("sooner", stops.Now, TimeSpan.FromSeconds(20))));

        Assert.Equal(("first", true), (stops.Current!.Reason, stops.Current.SavesFiles));
        Assert.InRange(stops.Current.CutOffAt - stops.Now, TimeSpan.Zero, TimeSpan.FromSeconds(20));
        Assert.Equal([stops.Current], hastened);
    }

    private async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(folder, "data", "control.sock")));
        return socket;
    }

    private async Task<JsonElement> AskAsync(byte[] request)
    {
        using var socket = await ConnectAsync();
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(request);
        using var reader = new StreamReader(stream);
        return JsonDocument.Parse((await reader.ReadLineAsync())!).RootElement;
    }
}
