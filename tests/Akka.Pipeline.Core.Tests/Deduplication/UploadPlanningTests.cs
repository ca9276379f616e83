namespace Akka.Pipeline.Core.Tests.Deduplication;

using Akka.Pipeline.Core.Deduplication;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Routes;
using Akka.Pipeline.Core.Stores;
using static Facts;

public sealed class UploadPlanningTests
{
    private static readonly ObjectAddress Address = new("b", "a");

    [Fact]
    public void A_new_file_is_written_only_where_nothing_is()
    {
        var plan = Plan(null, null);
        Assert.Equal(("shots", "a", Version(1), Address), (plan.Route, plan.Path, plan.Fingerprint, plan.Address));
        Assert.Null(plan.Confirm);
        Assert.Equal(WriteCondition.IfAbsent, plan.Condition);
        Assert.True(plan.MayOverwrite);
        Assert.Equal(0, plan.FailedAttempts);
    }

    [Fact]
    public void A_version_that_the_ledger_knows_as_stored_is_confirmed_first() =>
        Assert.Equal(Stored(1), Plan(Entry(1, FileProgress.Stored, stored: Stored(1)), Origin("shots", "a")).Confirm);

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void A_version_that_was_touched_after_it_was_stored_is_compared_byte_for_byte_where_change_times_are_ours(bool trusts, bool confirmed)
    {
        var touched = Seen(1) with { ChangedUnixNs = NoonNs + 1_000_000 };
        var plan = UploadPlanning.Plan(Route, touched, Address, Entry(1, FileProgress.Stored, stored: Stored(1)), Origin("shots", "a"), "store", trusts);
        Assert.Equal(confirmed, plan.Confirm is not null);
        Assert.Equal(confirmed ? WriteCondition.IfMatches("etag1") : WriteCondition.IfAbsent, plan.Condition);
        Assert.Equal(trusts ? touched.ChangedUnixNs : null, plan.ChangedUnixNs);
        Assert.True(plan.MayOverwrite);
    }

    [Fact]
    public void A_new_version_replaces_the_object_that_the_old_one_made_and_no_other()
    {
        var plan = Plan(Entry(2, FileProgress.Done, stored: Stored(2)), Origin("shots", "a"));
        Assert.Null(plan.Confirm);
        Assert.Equal(WriteCondition.IfMatches("etag2"), plan.Condition);
        Assert.True(plan.MayOverwrite);
    }

    [Fact]
    public void An_object_without_an_etag_cannot_be_matched() =>
        Assert.Equal(WriteCondition.IfAbsent, Plan(Entry(2, FileProgress.Done, stored: Stored(2) with { ETag = "" }), null).Condition);

    [Theory]
    [InlineData("other", "a", ConflictMode.SetAside, false)]
    [InlineData("shots", "c", ConflictMode.SetAside, false)]
    [InlineData("shots", "c", ConflictMode.Overwrite, true)]
    [InlineData("shots", "A", ConflictMode.SetAside, false)]
    public void An_object_made_from_another_file_is_overwritten_only_where_the_route_says_so(string route, string path, ConflictMode conflict, bool mayOverwrite)
    {
        var plan = UploadPlanning.Plan(Route with { Conflict = conflict }, Seen(1), Address, Entry(1, FileProgress.Stored, stored: Stored(1)), Origin(route, path), "store", trustsChangeTime: true);
        Assert.Equal(mayOverwrite, plan.MayOverwrite);
        Assert.Null(plan.Confirm);
        Assert.Equal(WriteCondition.IfAbsent, plan.Condition);
    }

    [Fact]
    public void What_is_stored_elsewhere_says_nothing_of_this_address()
    {
        Assert.Null(Plan(Entry(1, FileProgress.Stored, stored: Stored(1, key: "elsewhere")), null).Confirm);
        Assert.Null(Plan(Entry(1, FileProgress.Stored, stored: Stored(1) with { Store = "another store" }), null).Confirm);
    }

    [Fact]
    public void Failed_attempts_count_for_the_version_that_failed()
    {
        var trouble = new Trouble(3, Noon, Refused);
        Assert.Equal(3, Plan(Entry(1, FileProgress.Failing, trouble), null).FailedAttempts);
        Assert.Equal(0, Plan(Entry(2, FileProgress.Failing, trouble), null).FailedAttempts);
    }

    private static ObjectOrigin Origin(string route, string path) => new(route, path, Stored(2));

    private static UploadPlan Plan(LedgerEntry? known, ObjectOrigin? origin) => UploadPlanning.Plan(Route, Seen(1), Address, known, origin, "store", trustsChangeTime: true);
}
