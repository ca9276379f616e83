namespace Akka.Pipeline.Actors.Tests.Fleet;

using Akka.Pipeline.Actors.Fleet;
using Akka.Pipeline.Actors.Tests.Models;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Fleet;
using Akka.Pipeline.Core.Stores;

public sealed class FencedStoreTests
{
    private static readonly ObjectAddress Address = new("bucket", "key");
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly SetClock clock = new();
    private readonly ModelStore model = new(new Journal());
    private readonly HeldSession session;
    private readonly FencedStore store;
    private FailureNature? failing;

    public FencedStoreTests()
    {
        session = new HeldSession(new SessionId(1), clock, clock.Now, 100 * Second);
        store = new FencedStore(model, session, clock);
        model.Before = _ => failing is { } nature
            ? Task.FromException(new StoreException(new Failure(FailureScope.Store, nature, "Trouble", "It failed.", "Wait.")))
            : Task.CompletedTask;
    }

    [Fact]
    public async Task It_fails_from_its_first_failure_on_until_a_request_succeeds()
    {
        Assert.Equal(TimeSpan.Zero, store.FailingFor);
        failing = FailureNature.Passing;
        await Assert.ThrowsAsync<StoreException>(() => store.HeadAsync(Address, default));
        clock.Now += 5 * Second;
        await Assert.ThrowsAsync<StoreException>(() => store.HeadAsync(Address, default));
        clock.Now += Second;
        Assert.Equal(6 * Second, store.FailingFor);
        Assert.False(await store.AnswersAsync(default));

        failing = null;
        Assert.True(await store.AnswersAsync(default));
        await store.HeadAsync(Address, default);
        Assert.Equal(TimeSpan.Zero, store.FailingFor);
    }

    [Fact]
    public async Task A_refusal_is_an_answer()
    {
        failing = FailureNature.Lasting;
        await Assert.ThrowsAsync<StoreException>(() => store.HeadAsync(Address, default));
        clock.Now += Second;

        Assert.Equal(TimeSpan.Zero, store.FailingFor);
        Assert.True(await store.AnswersAsync(default));
    }

    [Fact]
    public async Task Once_the_session_may_have_ended_nothing_is_changed_and_that_is_not_the_stores_fault()
    {
        session.End();

        var refused = await Assert.ThrowsAsync<StoreException>(() => store.AbortMultipartAsync(Address, "upload", default));
        Assert.Equal("SessionEnded", refused.Failure.Code);
        Assert.Null(await store.HeadAsync(Address, default));
        Assert.Single(model.Calls);
        clock.Now += Second;
        Assert.Equal(TimeSpan.Zero, store.FailingFor);
    }
}
