namespace Akka.Pipeline.Storage.Tests.S3;

using Akka.Pipeline.Core.Spot;
using Akka.Pipeline.Storage.S3;

public sealed class Watching_for_interruptions
{
    private const string Action = """{"action": "terminate", "time": "2026-01-31T12:02:00Z"}""";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly HandClock clock = new();

    [Fact]
    public async Task A_notice_is_handed_on_with_the_time_of_the_service()
    {
        await using var metadata = Metadata(action: Action);
        using var notices = Create(metadata);

        var look = await notices.LookAsync(CancellationToken.None);

        Assert.Equal(new InstanceLook(true, Action, null, new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero)), look);
    }

    [Fact]
    public async Task Without_notices_one_token_serves_many_looks()
    {
        await using var metadata = Metadata();
        using var notices = Create(metadata);
        for (var n = 0; n < 3; n++)
        {
            Assert.Equal((true, null, null), await notices.LookAsync(CancellationToken.None) is var look ? (look.IsReachable, look.Action, look.Rebalance) : default);
        }

        Assert.Equal(1 + (3 * 2), metadata.Requests);
    }

    [Fact]
    public async Task A_token_that_is_refused_is_renewed_within_the_look()
    {
        var tokens = 0;
        await using var metadata = new StubServer((request, stream) =>
            request.StartsWith("PUT ", StringComparison.Ordinal) ? StubServer.SayAsync(stream, 200, $"TOKEN{Interlocked.Increment(ref tokens)}")
            : request.Contains("metadata-token: TOKEN2", StringComparison.OrdinalIgnoreCase) ? StubServer.SayAsync(stream, 404, "")
            : StubServer.SayAsync(stream, 401, ""));
        using var notices = Create(metadata);

        Assert.True((await notices.LookAsync(CancellationToken.None)).IsReachable);
        Assert.Equal(2, tokens);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(500)]
    [InlineData(302)]
    public async Task A_service_that_always_refuses_is_not_reachable(int status)
    {
        await using var metadata = StubServer.Saying(status, "", "Location: /elsewhere");
        using var notices = Create(metadata);

        Assert.Equal(InstanceLook.Unreachable, await notices.LookAsync(CancellationToken.None));
    }

    [Fact]
    public async Task An_answer_that_is_far_too_long_or_no_token_is_not_reachable()
    {
        foreach (var nonsense in new[] { new string('x', 1 << 20), "a\r\nb: c" })
        {
            await using var metadata = StubServer.Saying(200, nonsense);
            using var notices = Create(metadata);
            Assert.Equal(InstanceLook.Unreachable, await notices.LookAsync(CancellationToken.None));
        }
    }

    [Fact]
    public async Task A_service_that_says_nothing_costs_a_second_and_ends_at_once_when_asked()
    {
        var asked = new TaskCompletionSource();
        var never = new TaskCompletionSource();
        await using var silent = new StubServer((_, _) =>
        {
            asked.TrySetResult();
            return never.Task;
        });
        using var notices = Create(silent);
        var late = notices.LookAsync(CancellationToken.None);
        await asked.Task;
        Assert.False(late.IsCompleted);
        clock.Elapse(Ec2Notices.Limit);
        Assert.Equal(InstanceLook.Unreachable, await late.WaitAsync(Patience));

        using var stop = new CancellationTokenSource();
        var look = notices.LookAsync(stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => look.WaitAsync(Patience));
        never.SetResult();
    }

    [Fact]
    public void Where_it_is_disabled_or_has_no_address_there_is_none()
    {
        Assert.Null(Ec2Notices.Create(name => name == "AWS_EC2_METADATA_DISABLED" ? "TRUE" : null, TimeProvider.System));
        Assert.Null(Ec2Notices.Create(name => name == "AWS_EC2_METADATA_SERVICE_ENDPOINT" ? "no address" : null, TimeProvider.System));
        using var usual = Ec2Notices.Create(_ => null, TimeProvider.System);
        Assert.Equal("http://169.254.169.254", usual!.Address);
    }

    private Ec2Notices Create(StubServer server) =>
        Ec2Notices.Create(name => name == "AWS_EC2_METADATA_SERVICE_ENDPOINT" ? server.Endpoint.AbsoluteUri : null, clock)!;

    private static StubServer Metadata(string? action = null) => new((request, stream) => (request.Split("\r\n")[0], request.Contains("metadata-token: TOKEN", StringComparison.OrdinalIgnoreCase)) switch
    {
        ("PUT /latest/api/token HTTP/1.1", _) => StubServer.SayAsync(stream, 200, "TOKEN"),
        ("GET /latest/meta-data/spot/instance-action HTTP/1.1", true) when action is not null => StubServer.SayAsync(stream, 200, action, "Date: Sat, 31 Jan 2026 12:00:00 GMT"),
        (_, true) => StubServer.SayAsync(stream, 404, ""),
        _ => StubServer.SayAsync(stream, 401, ""),
    });
}
