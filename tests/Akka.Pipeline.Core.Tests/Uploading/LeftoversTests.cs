namespace Akka.Pipeline.Core.Tests.Uploading;

using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Stores;
using Akka.Pipeline.Core.Uploading;
using static Facts;

public sealed class LeftoversTests
{
    private static readonly ObjectAddress Address = new("b", "a");
    private static readonly MultipartProgress Upload = new("shots", "a", Version(1), "store", Address, "[]", "id", 10, [], Noon);
    private static readonly MultipartIntent Intent = new("shots", "a", "store", Address, Noon);

    [Fact]
    public void An_upload_whose_file_is_there_and_not_stored_yet_goes_on() => Assert.False(Abandoned());

    [Theory]
    [InlineData(FileProgress.Failing)]
    [InlineData(FileProgress.SetAside)]
    public void An_upload_of_a_file_that_waits_goes_on_when_it_is_retried(FileProgress progress) =>
        Assert.False(Abandoned(known: Entry(1, progress, new Trouble(9, Noon, Refused))));

    [Fact]
    public void An_upload_of_a_newer_version_than_the_one_stored_goes_on() =>
        Assert.False(Abandoned(known: Entry(2, FileProgress.Done, stored: Stored(2))));

    [Fact]
    public void Nobody_goes_on_with_the_upload_of_a_file_that_is_gone() =>
        Assert.True(Leftovers.IsAbandoned(Upload, isLatest: true, null, null, "store", Address));

    [Fact]
    public void Nobody_goes_on_with_the_upload_of_another_version() => Assert.True(Abandoned(version: 2));

    [Theory]
    [InlineData(FileProgress.Stored)]
    [InlineData(FileProgress.Done)]
    public void Nobody_goes_on_with_the_upload_of_what_is_stored_by_now(FileProgress progress) =>
        Assert.True(Abandoned(known: Entry(1, progress, stored: Stored(1))));

    [Fact]
    public void What_is_stored_elsewhere_is_not_stored_here()
    {
        Assert.False(Abandoned(known: Entry(1, FileProgress.Done, stored: Stored(1, key: "elsewhere"))));
        Assert.False(Abandoned(known: Entry(1, FileProgress.Done, stored: Stored(1) with { Store = "another" })));
    }

    [Fact]
    public void Nobody_goes_on_with_the_earlier_of_two_uploads() => Assert.True(Abandoned(isLatest: false));

    [Fact]
    public void Nobody_goes_on_with_an_upload_to_where_the_route_goes_no_more()
    {
        Assert.True(Abandoned(target: new ObjectAddress("b", "elsewhere")));
        Assert.True(Abandoned(store: "another"));
        Assert.True(Leftovers.IsAbandoned(Upload, isLatest: true, Seen(1), null, "store", null));
    }

    [Fact]
    public void Parts_of_a_route_that_is_not_configured_are_kept_for_a_week()
    {
        Assert.False(Leftovers.IsAbandonedWithItsRoute(Upload, Noon + Leftovers.KeptWithoutRoute - TimeSpan.FromTicks(1)));
        Assert.True(Leftovers.IsAbandonedWithItsRoute(Upload, Noon + Leftovers.KeptWithoutRoute));
    }

    [Theory]
    [InlineData(-901, false)]
    [InlineData(-900, true)]
    [InlineData(0, true)]
    [InlineData(3600, true)]
    [InlineData(3601, false)]
    public void Only_what_was_begun_about_when_we_meant_to_came_of_our_intent(int seconds, bool isOurs) =>
        Assert.Equal(isOurs, CameOf(new OpenMultipart(Address, "x", Noon.AddSeconds(seconds))).Count == 1);

    [Fact]
    public void What_the_ledger_knows_is_no_orphan() => Assert.Empty(CameOf(new OpenMultipart(Address, "known", Noon)));

    [Theory]
    [InlineData("b", "ab")]
    [InlineData("b", "A")]
    [InlineData("c", "a")]
    public void An_upload_of_any_other_key_is_not_ours(string bucket, string key) =>
        Assert.Empty(CameOf(new OpenMultipart(new ObjectAddress(bucket, key), "x", Noon)));

    [Fact]
    public void A_store_that_does_not_tell_when_an_upload_began_keeps_it() => Assert.Empty(CameOf(new OpenMultipart(Address, "x", DateTimeOffset.MinValue)));

    [Fact]
    public void An_intent_is_settled_once_nothing_can_come_of_it()
    {
        Assert.False(Leftovers.IsSettled(Intent, Noon));
        Assert.False(Leftovers.IsSettled(Intent, Noon + Leftovers.LongestBeginning - TimeSpan.FromTicks(1)));
        Assert.True(Leftovers.IsSettled(Intent, Noon + Leftovers.LongestBeginning));
    }

    [Fact]
    public void A_clock_that_was_set_back_keeps_no_intent_for_ever() => Assert.True(Leftovers.IsSettled(Intent, Noon.AddDays(-1)));

    private static bool Abandoned(int version = 1, bool isLatest = true, LedgerEntry? known = null, string store = "store", ObjectAddress? target = null) =>
        Leftovers.IsAbandoned(Upload, isLatest, Seen(version), known, store, target ?? Address);

    private static IReadOnlyList<OpenMultipart> CameOf(OpenMultipart upload) => Leftovers.CameOf(Intent, [upload], new HashSet<string> { "known" });
}
