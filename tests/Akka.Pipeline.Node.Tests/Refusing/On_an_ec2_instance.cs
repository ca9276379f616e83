namespace Akka.Pipeline.Node.Tests.Refusing;

using System.Net;
using System.Net.Sockets;
using System.Text;
using Akka.Pipeline.Node.Tests.Programs;

/// <summary>With an instance metadata service of our own on the loopback interface.</summary>
public sealed class On_an_ec2_instance : NodeTest
{
    [Theory]
    [InlineData("")]
    [InlineData("/")]
    public async Task Missing_credentials_are_logged_and_the_daemon_goes_on_until_the_role_is_given(string end)
    {
        await using var metadata = new Metadata();
        Environment.Remove("AWS_ACCESS_KEY_ID");
        Environment.Remove("AWS_SECRET_ACCESS_KEY");
        Environment["AWS_EC2_METADATA_DISABLED"] = "false";
        Environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = metadata.Endpoint + end;
        Configure("pipeline.retry.blockage { first-delay = 100ms, maximum-delay = 500ms, attempts = 3 }");
        Write($"{Bucket}/waits", "waits");
        await using var daemon = StartDaemon();
        await daemon.SaysAsync("The instance may be given its role at any time");
        Assert.False(daemon.HasExited);

        metadata.HasRole = true;

        await StoredAsync("waits");
        await daemon.TerminateAsync();
        (await daemon.EndAsync()).Exits(0);
    }

    private sealed class Metadata : IAsyncDisposable
    {
        private readonly TcpListener listener = new(IPAddress.Loopback, 0);
        private readonly Task serving;

        public Metadata()
        {
            listener.Start();
            serving = ServeAsync();
        }

        public bool HasRole { get; set; }

        public string Endpoint => $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";

        public async ValueTask DisposeAsync()
        {
            listener.Stop();
            await serving;
        }

        private async Task ServeAsync()
        {
            while (true)
            {
                try
                {
                    using var client = await listener.AcceptTcpClientAsync();
                    using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
                    var path = ((await reader.ReadLineAsync()) ?? "").Split(' ').ElementAtOrDefault(1) ?? "";
                    while (await reader.ReadLineAsync() is { Length: > 0 })
                    {
                        // Headers do not matter here.
                    }

                    var answer = Answer(path.TrimEnd('/'));
                    var body = answer ?? "not found";
                    await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
                        $"HTTP/1.1 {(answer is null ? "404 Not Found" : "200 OK")}\r\nContent-Type: text/plain\r\nX-aws-ec2-metadata-token-ttl-seconds: 60\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}"));
                }
                catch (Exception e) when (e is IOException)
                {
                    // The client went away.
                }
                catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
                {
                    return;
                }
            }
        }

        private string? Answer(string path) => path switch
        {
            "/latest/api/token" => "a-token",
            "/latest/meta-data/instance-id" => "i-0123456789abcdef0",
            "/latest/meta-data/placement/region" => "eu-central-1",
            "/latest/meta-data/iam/info" when HasRole =>
                """{"Code":"Success","LastUpdated":"2026-01-01T00:00:00Z","InstanceProfileArn":"arn:aws:iam::123456789012:instance-profile/the-role","InstanceProfileId":"AIPA0123456789EXAMPLE"}""",
            "/latest/meta-data/iam/security-credentials" when HasRole => "the-role",
            "/latest/meta-data/iam/security-credentials/the-role" when HasRole =>
                $$"""{"Code":"Success","LastUpdated":"2026-01-01T00:00:00Z","Type":"AWS-HMAC","AccessKeyId":"{{AccessKey}}","SecretAccessKey":"{{SecretKey}}","Token":"","Expiration":"2099-01-01T00:00:00Z"}""",
            _ => null,
        };
    }
}
