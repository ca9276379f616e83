namespace Akka.Pipeline.Actors.Tests.Scanning;

using Akka.Actor;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Actors.Scanning;
using Akka.Pipeline.Actors.Tests.Models;
using Akka.TestKit;

public sealed class ScannerActorTests : PipelineTest
{
    private readonly TestProbe stability;
    private readonly TestProbe ledger;
    private readonly TestProbe parent;

    public ScannerActorTests()
    {
        (stability, ledger, parent) = (CreateTestProbe(), CreateTestProbe(), CreateTestProbe());
        for (var n = 0; n < 10; n++)
        {
            Source.Put($"f{n}", "x");
        }
    }

    [Fact]
    public void Files_are_brought_only_as_far_as_they_are_asked_for()
    {
        var scanner = Child();
        stability.ExpectNoMsg(Ms(50));
        scanner.Tell(new WorkRequested(3));
        Assert.Equal(["f0", "f1", "f2"], Found(3));
        stability.ExpectNoMsg(Ms(50));
        scanner.Tell(new WorkRequested(100));
        Assert.Equal(7, Found(7).Count);
    }

    [Fact]
    public void A_file_on_its_way_is_not_brought_twice_and_one_that_is_done_may_come_again()
    {
        Settings = Settings with { Once = false };
        Route = Route with { ScanInterval = Ms(20) };
        var scanner = Child();
        scanner.Tell(new WorkRequested(1000));
        Assert.Equal(10, Found(10).Count);
        Assert.All(stability.ExpectMsg<FilesHinted>().Paths, path => Assert.StartsWith("f", path));
        scanner.Tell(new FilesSettled([new SettledFile("f3", Settlement.Changed)]));
        Assert.Equal(["f3"], stability.FishForMessage<CandidatesFound>(_ => true).Files.Select(f => f.Seen.Path));
    }

    [Fact]
    public void A_run_ends_only_when_everything_that_was_brought_is_settled()
    {
        var scanner = Child();
        scanner.Tell(new WorkRequested(1000));
        var found = Found(10);
        scanner.Tell(new FilesSettled([.. found.Skip(1).Select(path => new SettledFile(path, Settlement.Done))]));
        parent.ExpectNoMsg(Ms(50));
        scanner.Tell(new FilesSettled([new SettledFile(found[0], Settlement.SetAside)]));
        var emptied = parent.ExpectMsg<SourceEmptied>();
        Assert.Equal(("shots", 1L), (emptied.Route, emptied.Remainder.SetAside));
    }

    [Fact]
    public void A_scanner_that_is_stopped_brings_nothing_more()
    {
        var scanner = Child();
        scanner.Tell(new StopScanning());
        scanner.Tell(new WorkRequested(1000));
        stability.ExpectNoMsg(Ms(50));
    }

    [Fact]
    public void What_somebody_else_says_is_settled_changes_nothing()
    {
        var scanner = Child();
        scanner.Tell(new WorkRequested(5));
        Found(5);
        scanner.Tell(new FilesSettled([new SettledFile("unknown", Settlement.Changed), new SettledFile("f9", Settlement.Changed)]));
        stability.ExpectNoMsg(Ms(50));
    }

    private List<string> Found(int count)
    {
        var found = new List<string>();
        while (found.Count < count)
        {
            found.AddRange(stability.ExpectMsg<CandidatesFound>().Files.Select(f => f.Seen.Path));
        }

        Assert.Equal(count, found.Count);
        return found;
    }

    private IActorRef Child()
    {
        var props = ScannerActor.Props(RouteOf(), Node(), stability.Ref, ledger.Ref);
        var reports = parent.Ref;
        return Sys.ActorOf(Props.Create(() => new Foster(props, reports)));
    }
}
