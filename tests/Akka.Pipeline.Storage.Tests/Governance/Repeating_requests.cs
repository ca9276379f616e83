namespace Akka.Pipeline.Storage.Tests.Governance;

using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Insight;
using Akka.Pipeline.Core.Stores;
using Akka.Pipeline.Storage.Governance;

public sealed class Repeating_requests
{
    private static readonly Failure Passing = new(FailureScope.Store, FailureNature.Passing, "InternalError", "The store stumbled", "Nothing");
    private readonly TransferMeters meters = new();

    [Theory]
    [InlineData(0, true)]
    [InlineData(2, true)]
    [InlineData(3, true)]
    [InlineData(4, false)]
    public async Task A_passing_failure_is_repeated_as_often_as_configured(int failures, bool succeeds)
    {
        var (calls, run) = Failing(Passing, failures, repeatsUnknown: true);
        Assert.Equal(succeeds, await Record.ExceptionAsync(run) is null);
        Assert.Equal(Math.Min(failures + 1, 4), calls());
        Assert.Equal(calls(), meters.Requests);
    }

    [Fact]
    public async Task The_failure_that_remains_is_the_last_one()
    {
        var last = await Assert.ThrowsAsync<StoreException>(Failing(Passing, 10, repeatsUnknown: true).Run);
        Assert.Equal("4", last.Failure.Cause);
    }

    [Fact]
    public async Task What_may_have_been_carried_out_is_repeated_only_where_that_is_safe()
    {
        var (calls, run) = Failing(Passing with { OutcomeUnknown = true }, 1, repeatsUnknown: false);
        await Assert.ThrowsAsync<StoreException>(run);
        Assert.Equal(1, calls());
        (calls, run) = Failing(Passing with { OutcomeUnknown = true }, 1, repeatsUnknown: true);
        await run();
        Assert.Equal(2, calls());
    }

    [Fact]
    public async Task What_no_repetition_helps_is_told_at_once()
    {
        var (calls, run) = Failing(Passing with { Nature = FailureNature.Lasting }, 1, repeatsUnknown: true);
        await Assert.ThrowsAsync<StoreException>(run);
        Assert.Equal(1, calls());
    }

    private (Func<int> Calls, Func<Task> Run) Failing(Failure failure, int times, bool repeatsUnknown)
    {
        var governor = new RequestGovernor(8, 3, TimeSpan.FromTicks(1), meters, TimeProvider.System, () => 0.5);
        var calls = 0;
        return (() => calls, () => governor.RunAsync(_ => ++calls <= times ? Task.FromException<int>(new StoreException(failure with { Cause = $"{calls}" })) : Task.FromResult(calls), repeatsUnknown, CancellationToken.None));
    }
}
