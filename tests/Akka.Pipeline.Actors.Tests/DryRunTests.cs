namespace Akka.Pipeline.Actors.Tests;

using Akka.Actor;
using Akka.Pipeline.Actors.Tests.Models;
using Akka.Pipeline.Core.Routes;

/// <summary>Runs that only tell what they would do.</summary>
public sealed class DryRunTests : PipelineTest
{
    [Fact]
    public async Task A_dry_run_touches_nothing_and_tells_what_it_would_do()
    {
        DryRun = true;
        Route = Route with { Target = new FirstFolderIsBucket(new Dictionary<string, string>(StringComparer.Ordinal)) };
        for (var n = 0; n < 2000; n++)
        {
            Source.Put($"bucket/f{n:0000}", "hello");
        }

        Source.Put("no_bucket/a", "hello");
        Source.Put("nowhere", "hello");
        await RunAsync();
        Assert.Equal(2002, Planned.Count);
        Assert.Equal(2000, Planned.Count(p => p.Address is not null));
        Assert.Empty(Store.Calls);
        Assert.Equal(0, Ledger.Commits);
        Assert.Equal(2002, Source.Paths.Count);
        Assert.Equal(0, Journal.Count("removed"));
    }

    [Fact]
    public async Task A_dry_run_that_takes_long_does_not_record_that_a_folder_names_no_bucket_any_more()
    {
        DryRun = true;
        Route = Route with { Target = new FirstFolderIsBucket(new Dictionary<string, string>(StringComparer.Ordinal)), ScanInterval = Ms(1) };
        Source.Put("a_folder/a", "hello");
        for (var n = 0; n < 5000; n++)
        {
            Source.Put($"bucket/f{n:0000}", "hello");
        }

        var (late, waited) = (CreateTestProbe(), 0);
        Source.Before = (what, _) =>
        {
            // The rest of the walk is long in coming: many times the interval after which such a folder is looked for.
            if (what == "next" && !Planned.IsEmpty && Interlocked.Increment(ref waited) == 1)
            {
                Sys.Scheduler.ScheduleTellOnce(Ms(100), late.Ref, "late", ActorRefs.NoSender);
                late.ExpectMsg("late", Deadline);
            }
        };
        await RunAsync();
        Assert.True(waited > 0);
        Assert.Equal(5001, Planned.Count);
        Assert.Equal(0, Ledger.Commits);
    }

    [Fact]
    public async Task A_dry_run_over_a_source_that_fails_records_nothing_either()
    {
        DryRun = true;
        Source.Put("a", "hello");
        var walks = 0;
        Source.Before = (what, _) =>
        {
            if (what == "walk" && Interlocked.Increment(ref walks) == 1)
            {
                throw ModelSource.Trouble();
            }
        };
        await RunAsync();
        Assert.Single(Planned);
        Assert.Equal(0, Ledger.Commits);
    }
}
