namespace Akka.Pipeline.Storage.Tests.S3;

using Akka.Pipeline.Storage.S3;

public sealed class Recognising_EC2
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly HandClock clock = new();

    [Fact]
    public async Task An_instance_tells_its_id_and_region_to_who_has_a_token()
    {
        await using var metadata = Metadata();
        var instance = await Ec2Metadata.FindAsync(Environment(metadata), clock, CancellationToken.None);
        Assert.Equal(new Ec2Instance("i-0123456789abcdef0", "eu-west-3"), instance);
        Assert.Equal(3, metadata.Requests);
    }

    [Fact]
    public async Task Where_the_service_is_disabled_it_is_not_asked()
    {
        await using var metadata = Metadata();
        Assert.Null(await Ec2Metadata.FindAsync(name => name == "AWS_EC2_METADATA_DISABLED" ? "True" : Environment(metadata)(name), clock, CancellationToken.None));
        Assert.Equal(0, metadata.Requests);
    }

    [Fact]
    public async Task A_machine_without_the_service_is_no_instance()
    {
        var gone = Metadata();
        await gone.DisposeAsync();
        Assert.Null(await Ec2Metadata.FindAsync(Environment(gone), clock, CancellationToken.None));
    }

    [Fact]
    public async Task A_service_that_never_answers_costs_a_second()
    {
        var asked = new TaskCompletionSource();
        var never = new TaskCompletionSource();
        await using var silent = new StubServer((_, _) =>
        {
            asked.TrySetResult();
            return never.Task;
        });
        var found = Ec2Metadata.FindAsync(Environment(silent), clock, CancellationToken.None);
        await asked.Task.WaitAsync(Patience);
        clock.Elapse(Ec2Metadata.Limit - TimeSpan.FromTicks(1));
        Assert.False(found.IsCompleted);
        clock.Elapse(Ec2Metadata.Limit);
        Assert.Null(await found.WaitAsync(Patience));
        never.SetResult();
    }

    [Theory]
    [InlineData(200, "<html>Sign in</html>")]
    [InlineData(302, "")]
    [InlineData(403, "")]
    public async Task Something_else_at_that_address_is_no_instance(int status, string body)
    {
        await using var other = StubServer.Saying(status, body, "Location: /elsewhere");
        Assert.Null(await Ec2Metadata.FindAsync(Environment(other), clock, CancellationToken.None));
    }

    private static StubServer Metadata() => new((request, stream) => (request.Split("\r\n")[0], request.Contains("metadata-token: TOKEN", StringComparison.OrdinalIgnoreCase)) switch
    {
        ("PUT /latest/api/token HTTP/1.1", _) => StubServer.SayAsync(stream, 200, "TOKEN"),
        ("GET /latest/meta-data/instance-id HTTP/1.1", true) => StubServer.SayAsync(stream, 200, "i-0123456789abcdef0"),
        ("GET /latest/meta-data/placement/region HTTP/1.1", true) => StubServer.SayAsync(stream, 200, "eu-west-3"),
        _ => StubServer.SayAsync(stream, 401, ""),
    });

    private static Func<string, string?> Environment(StubServer server) => name => name == "AWS_EC2_METADATA_SERVICE_ENDPOINT" ? server.Endpoint.AbsoluteUri : null;
}
