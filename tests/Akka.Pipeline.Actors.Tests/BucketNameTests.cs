namespace Akka.Pipeline.Actors.Tests;

using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Routes;

/// <summary>Folders that name buckets.</summary>
public sealed class BucketNameTests : PipelineTest
{
    [Fact]
    public async Task A_folder_that_names_no_bucket_is_one_blockage_and_a_file_without_a_folder_is_set_aside()
    {
        Route = Route with { Target = new FirstFolderIsBucket(new Dictionary<string, string>(StringComparer.Ordinal)) };
        Source.Put("bucket/a", "hello");
        Source.Put("no_bucket/a", "hello");
        Source.Put("no_bucket/b", "hello");
        Source.Put("nowhere", "hello");
        var remainder = await RunAsync();
        Assert.Equal((1, 2), (remainder.SetAside, remainder.GivenUp));
        Assert.Single(Ledger.Blocked);
        Assert.Equal(FileProgress.SetAside, Ledger.Find("nowhere")!.Progress);
        Assert.Equal("hello", Store.TextOf("a", "bucket"));
        Assert.Equal(3, Source.Paths.Count);
    }

    [Fact]
    public async Task A_folder_that_names_no_bucket_is_no_blockage_any_more_when_it_is_renamed()
    {
        Settings = Settings with { Once = false };
        Route = Route with { Target = new FirstFolderIsBucket(new Dictionary<string, string>(StringComparer.Ordinal)), ScanInterval = Ms(20) };
        Source.Put("no_bucket/a", "hello");
        Source.Put("other_one/a", "hello");
        Start();
        await EventuallyAsync(() => Assert.Equal(["shots: no_bucket", "shots: other_one"], Ledger.Blocked.Select(b => b.Name).Order(StringComparer.Ordinal)));

        Source.Delete("no_bucket/a");
        Source.Put("bucket/a", "hello");

        await EventuallyAsync(() => Assert.Equal(["shots: other_one"], Ledger.Blocked.Select(b => b.Name)));
        await EventuallyAsync(() => Assert.Equal(["other_one/a"], Source.Paths));
    }
}
