namespace Akka.Pipeline.Actors.Tests.Cleanup;

using Akka.Actor;
using Akka.Pipeline.Actors.Cleanup;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Actors.Ledger;
using Akka.Pipeline.Actors.Tests.Models;
using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Routes;
using Akka.Pipeline.Core.Stores;
using Akka.TestKit;
using Failure = Akka.Pipeline.Core.Failures.Failure;

public sealed class CleanupActorTests : PipelineTest
{
    private readonly TestProbe ledger;
    private readonly TestProbe parent;

    public CleanupActorTests()
    {
        (ledger, parent) = (CreateTestProbe(), CreateTestProbe());
        Source.Put("a", "x");
        Source.Put("b", "x");
    }

    [Fact]
    public void Files_are_removed_settled_and_recorded()
    {
        Child().Tell(Recorded("b", "a"));
        Assert.All(parent.ExpectMsg<FilesSettled>(Deadline).Files, file => Assert.Equal(Settlement.Done, file.How));
        Assert.Equal([LocalFate.Removed, LocalFate.Removed], ledger.ExpectMsg<CommitChanges>(Deadline).Changes.Cast<FileDone>().Select(d => d.Fate));
        Assert.Empty(Source.Paths);
    }

    [Theory]
    [InlineData("changed", Settlement.Changed)]
    [InlineData("open", Settlement.Changed)]
    [InlineData("gone", Settlement.Done)]
    public void What_cannot_be_removed_stays_and_is_told(string what, Settlement how)
    {
        var recorded = Recorded("a");
        switch (what)
        {
            case "changed":
                Source.Overwrite("a", "other");
                break;
            case "open":
                Source.SetWriter("a", WriterState.Open);
                break;
            default:
                Source.Delete("a");
                break;
        }

        Child().Tell(recorded);
        Assert.Equal(how, Assert.Single(parent.ExpectMsg<FilesSettled>(Deadline).Files).How);
        Assert.Equal(what != "gone", Source.Paths.Contains("a"));
    }

    [Fact]
    public void A_removal_that_is_refused_is_told_once_it_is_recorded()
    {
        Source.Refuse = request => new RemovalResult(request, RemovalOutcome.Failed, new Failure(FailureScope.File, FailureNature.Lasting, "EACCES", "No.", "chmod"));
        Child().Tell(Recorded("a"));
        var commit = ledger.ExpectMsg<CommitChanges>(Deadline);
        Assert.Equal("EACCES", Assert.IsType<FileFailed>(Assert.Single(commit.Changes)).Trouble.Failure.Code);
        Assert.Equal(Settlement.Retry, Assert.Single(Assert.IsType<FilesSettled>(commit.Confirmation).Files).How);
        Assert.Contains("a", Source.Paths);
    }

    [Fact]
    public void Kept_files_are_not_touched_and_told_once_they_are_recorded()
    {
        Route = Route with { AfterUpload = AfterUpload.Keep };
        Child().Tell(Recorded("a"));
        var commit = ledger.ExpectMsg<CommitChanges>(Deadline);
        Assert.Equal(LocalFate.Kept, Assert.IsType<FileDone>(Assert.Single(commit.Changes)).Fate);
        Assert.Equal(Settlement.Done, Assert.Single(Assert.IsType<FilesSettled>(commit.Confirmation).Files).How);
        Assert.Equal(["a", "b"], Source.Paths);
    }

    [Fact]
    public void A_stored_file_that_is_gone_is_recorded_at_the_start_and_one_that_is_there_is_not()
    {
        foreach (var path in new[] { "a", "gone" })
        {
            var fingerprint = path == "a" ? Source.Observe([path])[0].Sighting!.Fingerprint : new Fingerprint(1, 2, 3, 4);
            Ledger.Add(new FileStored("shots", path, new StoredVersion(fingerprint, "model", new ObjectAddress("b", path), "e", DigestSet.Unknown, null, DateTimeOffset.UtcNow), DateTimeOffset.UtcNow));
        }

        Child();

        var done = Assert.IsType<FileDone>(Assert.Single(ledger.ExpectMsg<CommitChanges>(Deadline).Changes));
        Assert.Equal(("gone", LocalFate.Gone, new Fingerprint(1, 2, 3, 4)), (done.Path, done.Fate, done.Fingerprint));
    }

    [Fact]
    public void Of_a_source_that_is_not_there_nothing_is_recorded()
    {
        var looked = new ManualResetEventSlim();
        Source.Before = (what, _) =>
        {
            if (what == "observe")
            {
                looked.Set();
                throw ModelSource.Trouble();
            }
        };
        Ledger.Add(new FileStored("shots", "gone", new StoredVersion(new Fingerprint(1, 2, 3, 4), "model", new ObjectAddress("b", "gone"), "e", DigestSet.Unknown, null, DateTimeOffset.UtcNow), DateTimeOffset.UtcNow));

        Child();

        Assert.True(looked.Wait(Deadline));
        ledger.ExpectNoMsg(Ms(50));
    }

    [Fact]
    public void A_drain_is_answered_when_what_waits_is_removed()
    {
        using var go = new ManualResetEventSlim();
        Source.Before = (what, _) =>
        {
            if (what == "remove")
            {
                go.Wait();
            }
        };
        var cleanup = Sys.ActorOf(CleanupActor.Props(RouteOf(), Node(), ledger.Ref));
        cleanup.Tell(Recorded("a"), parent.Ref);
        cleanup.Tell(Recorded("b"), parent.Ref);
        cleanup.Tell(new Drain(), TestActor);
        ExpectNoMsg(Ms(50));
        go.Set();
        ExpectMsg<Drained>(Deadline);
        Assert.Empty(Source.Paths);
    }

    [Fact]
    public void A_drain_with_nothing_to_do_is_answered_at_once()
    {
        Sys.ActorOf(CleanupActor.Props(RouteOf(), Node(), ledger.Ref)).Tell(new Drain(), TestActor);
        ExpectMsg<Drained>(Deadline);
    }

    private FilesRecorded Recorded(params string[] paths) =>
        new([.. Source.Observe(paths).Select(seen => new StoredFile(seen.Path, seen.Sighting!.Fingerprint, null, 0))]);

    private IActorRef Child()
    {
        var props = CleanupActor.Props(RouteOf(), Node(), ledger.Ref);
        var reports = parent.Ref;
        return Sys.ActorOf(Props.Create(() => new Foster(props, reports)));
    }
}
