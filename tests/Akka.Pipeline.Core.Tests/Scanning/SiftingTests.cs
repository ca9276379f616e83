namespace Akka.Pipeline.Core.Tests.Scanning;

using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Routes;
using Akka.Pipeline.Core.Scanning;
using static Facts;

public sealed class SiftingTests
{
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    [Fact]
    public void A_file_that_the_ledger_does_not_know_is_work() => Assert.Equal(SiftVerdict.Candidate, Judge(null));

    [Theory]
    [InlineData(FileProgress.Stored)]
    [InlineData(FileProgress.Done)]
    [InlineData(FileProgress.Failing)]
    [InlineData(FileProgress.SetAside)]
    public void A_version_that_the_ledger_does_not_know_is_work_whatever_became_of_the_one_before(FileProgress progress) =>
        Assert.Equal(SiftVerdict.Candidate, Judge(Entry(2, progress, new Trouble(1, Noon.AddMinutes(1), Refused)), AfterUpload.Keep));

    [Theory]
    [InlineData(AfterUpload.Keep, SiftVerdict.Settled)]
    [InlineData(AfterUpload.Delete, SiftVerdict.Candidate)]
    [InlineData(AfterUpload.Move, SiftVerdict.Candidate)]
    public void A_version_that_is_done_is_settled_only_where_files_are_kept(AfterUpload after, SiftVerdict expected) =>
        Assert.Equal(expected, Judge(Entry(1, FileProgress.Done, stored: Stored(1)), after));

    [Theory]
    [InlineData(AfterUpload.Keep)]
    [InlineData(AfterUpload.Delete)]
    public void A_stored_version_whose_local_file_was_not_dealt_with_is_work(AfterUpload after) =>
        Assert.Equal(SiftVerdict.Candidate, Judge(Entry(1, FileProgress.Stored, stored: Stored(1)), after));

    [Fact]
    public void A_version_that_is_set_aside_waits_for_an_operator() =>
        Assert.Equal(SiftVerdict.SetAside, Judge(Entry(1, FileProgress.SetAside, new Trouble(9, Noon, Refused))));

    [Theory]
    [InlineData(1, SiftVerdict.NotDue)]
    [InlineData(3600, SiftVerdict.NotDue)]
    [InlineData(0, SiftVerdict.Candidate)]
    [InlineData(-1, SiftVerdict.Candidate)]
    public void A_failing_version_waits_for_its_time(int secondsLeft, SiftVerdict expected) =>
        Assert.Equal(expected, Judge(Entry(1, FileProgress.Failing, new Trouble(1, Noon.AddSeconds(secondsLeft), Refused))));

    [Fact]
    public void A_retry_time_beyond_the_longest_delay_comes_from_a_clock_that_was_stepped_and_is_due() =>
        Assert.Equal(SiftVerdict.Candidate, Judge(Entry(1, FileProgress.Failing, new Trouble(1, Noon.AddSeconds(3601), Refused))));

    private static SiftVerdict Judge(LedgerEntry? known, AfterUpload after = AfterUpload.Delete) => Sifting.Judge(Seen(1), known, after, Noon, Longest);
}
