namespace Akka.Pipeline.Actors.Tests.Spot;

using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Actors.Spot;
using Akka.Pipeline.Core.Spot;

public sealed class SpotActorTests : PipelineTest
{
    private readonly ConcurrentQueue<Interruption> interruptions = new();

    [Fact]
    public async Task An_interruption_is_told_to_the_host()
    {
        Watch(_ => Task.FromResult(new InstanceLook(true, """{"action": "stop", "time": "2026-01-31T12:00:30Z"}""", null, DateTimeOffset.Parse("2026-01-31T12:00:00Z", null))));

        await EventuallyAsync(() => Assert.Equal(new Interruption(InstanceFate.Stop, TimeSpan.FromSeconds(29)), Assert.Single(interruptions)));
    }

    [Fact]
    public void A_recommendation_is_published()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(RebalanceRecommended));
        Watch(_ => Task.FromResult(new InstanceLook(true, null, """{"noticeTime": "2026-01-31T12:00:30Z"}""", null)));

        Assert.Equal(new RebalanceRecommended(true), ExpectMsg<RebalanceRecommended>(Deadline));
    }

    [Fact]
    public async Task A_look_that_hangs_ends_with_the_actor()
    {
        var begun = new TaskCompletionSource();
        var ended = new TaskCompletionSource();
        var spot = Watch(async cancellation =>
        {
            begun.SetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, cancellation);
            }
            finally
            {
                ended.SetResult();
            }

            return InstanceLook.Unreachable;
        });
        await begun.Task.WaitAsync(Deadline);

        Sys.Stop(spot);

        await ended.Task.WaitAsync(Deadline);
        Assert.Empty(interruptions);
    }

    private IActorRef Watch(Func<CancellationToken, Task<InstanceLook>> look) =>
        Sys.ActorOf(SpotActor.Props(new SpotWatching(new Scripted(look), interruptions.Enqueue), Node()));

    private sealed class Scripted(Func<CancellationToken, Task<InstanceLook>> look) : IInstanceNotices
    {
        public string Address => "script";

        public Task<InstanceLook> LookAsync(CancellationToken cancellation) => look(cancellation);

        public void Dispose()
        {
        }
    }
}
