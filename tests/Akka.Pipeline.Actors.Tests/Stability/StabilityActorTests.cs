namespace Akka.Pipeline.Actors.Tests.Stability;

using Akka.Actor;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Actors.Stability;
using Akka.Pipeline.Core.Files;
using Akka.TestKit;

public sealed class StabilityActorTests : PipelineTest
{
    private readonly TestProbe dedupe;
    private readonly TestProbe parent;

    public StabilityActorTests() => (dedupe, parent) = (CreateTestProbe(), CreateTestProbe());

    [Fact]
    public void It_asks_for_files_at_once_and_passes_on_only_what_is_asked_of_it()
    {
        var stability = Child();
        Assert.True(parent.ExpectMsg<WorkRequested>().Count > 0);
        stability.Tell(Found("a", "b", "c"));
        dedupe.ExpectNoMsg(Ms(100));
        stability.Tell(new WorkRequested(2));
        Assert.Equal(2, dedupe.ExpectMsg<FilesStabilized>(Deadline).Files.Count);
        dedupe.ExpectNoMsg(Ms(50));
        stability.Tell(new WorkRequested(2));
        Assert.Single(dedupe.ExpectMsg<FilesStabilized>(Deadline).Files);
    }

    [Fact]
    public void A_file_is_passed_on_as_it_was_at_the_last_look()
    {
        var stability = Child();
        stability.Tell(new WorkRequested(10));
        var found = Found("a");
        Source.Overwrite("a", "longer than before");
        stability.Tell(found);
        var passed = dedupe.ExpectMsg<FilesStabilized>(Deadline).Files[0];
        Assert.Equal(18, passed.Seen.Fingerprint.SizeBytes);
    }

    [Fact]
    public void A_file_that_is_gone_is_settled()
    {
        var stability = Child();
        parent.ExpectMsg<WorkRequested>();
        var found = Found("a");
        Source.Delete("a");
        stability.Tell(found);
        Assert.Equal(new SettledFile("a", Settlement.Done), Assert.Single(parent.FishForMessage<FilesSettled>(_ => true, Deadline).Files));
    }

    [Fact]
    public void A_hint_brings_the_next_look_at_a_file_with_a_writer_forward()
    {
        Settings = Settings with { Once = false };
        var looks = 0;
        Source.Before = (what, _) => looks += what == "observe" ? 1 : 0;
        Route = Route with { StableAfter = TimeSpan.Zero };
        var stability = Child();
        stability.Tell(new WorkRequested(10));
        Source.Put("a", "x", WriterState.Open);
        stability.Tell(new CandidatesFound([new Candidate(Source.Observe(["a"])[0].Sighting!, null)]));

        // Looks become rarer: after four of them the next would be four seconds away.
        AwaitCondition(() => Volatile.Read(ref looks) >= 4, Deadline);
        dedupe.ExpectNoMsg(Ms(50));
        Source.SetWriter("a", WriterState.None);
        Within(TimeSpan.FromSeconds(1), () =>
        {
            stability.Tell(new FilesHinted(["a"]));
            dedupe.ExpectMsg<FilesStabilized>();
        });
    }

    [Fact]
    public void A_hint_for_an_unknown_file_does_nothing()
    {
        var stability = Child();
        parent.ExpectMsg<WorkRequested>();
        stability.Tell(new FilesHinted(["nothing"]));
        parent.ExpectNoMsg(Ms(50));
    }

    private CandidatesFound Found(params string[] paths)
    {
        foreach (var path in paths)
        {
            Source.Put(path, "x");
        }

        return new CandidatesFound([.. Source.Observe(paths).Select(seen => new Candidate(seen.Sighting!, null))]);
    }

    private IActorRef Child()
    {
        var props = StabilityActor.Props(RouteOf(), Node(), dedupe.Ref);
        var reports = parent.Ref;
        return Sys.ActorOf(Props.Create(() => new Foster(props, reports)));
    }
}
