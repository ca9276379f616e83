namespace Akka.Pipeline.Actors.Tests.Uploading;

using Akka.Pipeline.Actors.Tests.Models;
using Akka.Pipeline.Actors.Uploading;
using Akka.Pipeline.Core.Failures;

/// <summary>What the failure of one part means for the parts that are half sent.</summary>
public sealed class PartFailureTests
{
    [Theory]
    [InlineData(FailureNature.Passing, "InternalError", false)]
    [InlineData(FailureNature.Throttled, "SlowDown", false)]
    [InlineData(FailureNature.Lasting, "AccessDenied", true)]
    [InlineData(FailureNature.Credentials, "ExpiredToken", true)]
    [InlineData(FailureNature.Passing, "NoSuchUpload", true)]
    public void Parts_are_sent_to_their_end_when_the_store_failed_for_a_moment_and_still_has_the_upload(FailureNature nature, string code, bool ends) =>
        Assert.Equal(ends, MultipartTransfer.EndsSiblings(ModelStore.Trouble(FailureScope.File, code, nature)));

    [Fact]
    public void Parts_of_a_file_that_changed_are_cut_off() => Assert.True(MultipartTransfer.EndsSiblings(new FileChangedException()));

    [Fact]
    public void Parts_are_cut_off_after_what_nobody_foresaw() => Assert.True(MultipartTransfer.EndsSiblings(new InvalidOperationException()));
}
