namespace Akka.Pipeline.Actors.Tests.Uploading;

using Akka.Actor;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Actors.Ledger;
using Akka.Pipeline.Actors.Tests.Models;
using Akka.Pipeline.Actors.Uploading;
using Akka.Pipeline.Core.Deduplication;
using Akka.Pipeline.Core.Stores;

/// <summary>A key belongs to one at a time: to an upload, or to the janitor.</summary>
public sealed class HoldingKeysTests : PipelineTest
{
    private const string Large = "0123456789abcdefghijABCDEFGHIJend";
    private static readonly ObjectAddress Address = new("b", "large");

    public HoldingKeysTests() => Uploads = Uploads with { MultipartFromBytes = 20 };

    [Fact]
    public async Task A_key_that_is_being_written_cannot_be_held_and_a_held_one_is_not_written()
    {
        Source.Put("large", Large);
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Store.Before = call => call.Operation == "CREATE" ? go.Task : Task.CompletedTask;
        var (dedupe, replies) = (CreateTestProbe(), CreateTestProbe());
        var uploaders = Sys.ActorOf(UploadersActor.Props(Node(), Sys.ActorOf(LedgerActor.Props(Node()))));
        uploaders.Tell(new RegisterRoute(RouteOf(), replies.Ref), dedupe.Ref);
        var hold = new HoldKey("model", Address);
        Assert.True((await uploaders.Ask<KeyHeld>(hold, Deadline)).IsHeld);
        Assert.False((await uploaders.Ask<KeyHeld>(hold, Deadline)).IsHeld);

        Source.Put("small", "x");
        uploaders.Tell(new UploadFiles([Plan("large"), Plan("small")]), replies.Ref);
        replies.ExpectMsg<FilesRecorded>(Deadline);
        Assert.DoesNotContain(Store.Calls, call => call.Address == Address);

        uploaders.Tell(new ReleaseKey("model", Address), TestActor);
        await EventuallyAsync(() => Assert.Equal(1, Store.Count("CREATE")));
        Assert.False((await uploaders.Ask<KeyHeld>(hold, Deadline)).IsHeld);

        go.SetResult();
        replies.ExpectMsg<FilesRecorded>(Deadline);
        Assert.True((await uploaders.Ask<KeyHeld>(hold, Deadline)).IsHeld);
    }

    private UploadPlan Plan(string path) => UploadPlanning.Plan(Route, Source.Observe([path])[0].Sighting!, new ObjectAddress("b", path), null, null, "model", trustsChangeTime: true);
}
