namespace Akka.Pipeline.Actors.Tests;

using Akka.Actor;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Actors.Ledger;
using Akka.Pipeline.Actors.Tests.Models;
using Akka.Pipeline.Actors.Uploading;
using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Core.Routes;
using Akka.Pipeline.Core.Stores;
using Akka.Pipeline.Core.Uploading;

/// <summary>Multipart uploads that nobody goes on with, through the whole pipeline. A part has 10 bytes here.</summary>
public sealed class LeftoverTests : PipelineTest
{
    private const string Large = "0123456789abcdefghijABCDEFGHIJend";
    private static readonly ObjectAddress Address = new("b", "large");
    private static readonly Fingerprint Elsewhere = new(33, 1, 1, 99);

    public LeftoverTests() => Uploads = Uploads with { MultipartFromBytes = 20 };

    [Fact]
    public async Task A_run_that_knows_no_unfinished_uploads_asks_the_store_for_none()
    {
        Source.Put("large", Large);
        Store.Begin("other", DateTimeOffset.UtcNow);
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal(["HEAD", "CREATE", "PART", "PART", "PART", "PART", "COMPLETE"], Store.Calls.Select(c => c.Operation));
    }

    [Fact]
    public async Task At_the_end_of_a_run_uploads_of_files_that_are_gone_are_ended()
    {
        var id = Known("gone", Elsewhere);
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Empty(Store.OpenUploads);
        Assert.Empty(Ledger.Multiparts);
        Journal.HasInOrder($"aborted {id}", $"ended {id}");
    }

    [Fact]
    public async Task A_daemon_ends_them_at_its_start_and_leaves_alone_what_can_go_on()
    {
        Settings = Settings with { Once = false };
        Source.Put("large", Large, WriterState.Open);
        Source.Put("changed", Large, WriterState.Open);
        var resumable = Known("large", Source.Observe(["large"])[0].Sighting!.Fingerprint);
        Known("changed", Elsewhere);
        Known("gone", Elsewhere);
        Start();
        await EventuallyAsync(() => Assert.Equal([resumable], Ledger.Multiparts.Select(m => m.UploadId)));
        Assert.Equal([resumable], Store.OpenUploads);
    }

    [Fact]
    public async Task The_upload_of_a_file_that_was_stored_otherwise_meanwhile_is_ended()
    {
        Route = Route with { AfterUpload = AfterUpload.Keep };
        Uploads = Uploads with { MultipartFromBytes = 1000 };
        Source.Put("large", Large);
        Known("large", Source.Observe(["large"])[0].Sighting!.Fingerprint);
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Empty(Store.OpenUploads);
        Assert.Empty(Ledger.Multiparts);
    }

    [Fact]
    public async Task An_upload_in_a_store_that_no_route_reaches_is_left_alone()
    {
        Known("gone", Elsewhere, store: "another store");
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Empty(Store.Calls);
        Assert.Single(Ledger.Multiparts);
    }

    [Fact]
    public async Task Uploads_of_a_route_that_is_not_configured_are_ended_after_a_week()
    {
        var old = Known("a", Elsewhere, route: "dropped", begunAt: DateTimeOffset.UtcNow - Leftovers.KeptWithoutRoute);
        var young = Known("b", Elsewhere, route: "dropped");
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal([young], Store.OpenUploads);
        Journal.HasInOrder($"aborted {old}", $"ended {old}");
    }

    [Fact]
    public async Task A_source_that_cannot_be_read_says_nothing_about_its_files()
    {
        Known("gone", Elsewhere);
        Source.Before = (what, _) =>
        {
            if (what == "observe")
            {
                throw ModelSource.Trouble();
            }
        };
        await RunAsync();
        Assert.Single(Store.OpenUploads);
        Assert.Single(Ledger.Multiparts);
    }

    [Fact]
    public async Task A_store_that_fails_keeps_no_run_from_ending_and_is_asked_once()
    {
        Known("gone", Elsewhere);
        Known("gone too", Elsewhere);
        Store.Before = _ => Task.FromException(ModelStore.Trouble(FailureScope.Store, "Timeout"));
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal(2, Ledger.Multiparts.Count);
        Assert.Single(Store.Calls);
    }

    [Fact]
    public async Task A_ledger_that_cannot_be_read_keeps_no_run_from_ending()
    {
        Known("gone", Elsewhere);
        Ledger.BeforeRead = what => what == "intents" ? Task.FromException(ModelLedger.Trouble()) : Task.CompletedTask;
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Single(Ledger.Multiparts);
    }

    [Fact]
    public async Task An_upload_that_outlives_its_abort_is_aborted_again()
    {
        var id = Known("gone", Elsewhere);
        var once = 0;
        Store.After = call =>
        {
            // A part that was under way when the upload was aborted.
            if (call.Operation == "ABORT" && Interlocked.Exchange(ref once, 1) == 0)
            {
                Store.Revive(id);
            }

            return Task.CompletedTask;
        };
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal(2, Store.Count("ABORT"));
        Assert.Empty(Store.OpenUploads);
    }

    [Fact]
    public async Task An_upload_that_cannot_be_aborted_now_is_not_forgotten_when_the_next_begins()
    {
        Source.Put("large", Large);
        var old = Known("large", Elsewhere);
        Store.Before = call => call.Operation == "ABORT" && Journal.Count("completed") == 0
            ? Task.FromException(ModelStore.Trouble(FailureScope.Bucket, "AccessDenied", FailureNature.Lasting))
            : Task.CompletedTask;
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal(Large, Store.TextOf("large"));
        Journal.HasInOrder("completed upload2 large", $"aborted {old}");
        Assert.Empty(Store.OpenUploads);
        Assert.Empty(Ledger.Multiparts);
    }

    [Fact]
    public async Task A_beginning_whose_answer_was_lost_is_found_before_the_next_and_ended()
    {
        Source.Put("large", Large);
        var others = Store.Begin("larger", DateTimeOffset.UtcNow);
        var earlier = Store.Begin("large", DateTimeOffset.UtcNow.AddDays(-1));
        var lost = 0;
        Store.After = call => call.Operation == "CREATE" && Interlocked.Exchange(ref lost, 1) == 0
            ? Task.FromException(ModelStore.Trouble(FailureScope.Store, "Timeout", unknown: true))
            : Task.CompletedTask;
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal(Large, Store.TextOf("large"));
        Assert.Equal(new[] { others, earlier }.Order(), Store.OpenUploads.Order());
        Journal.HasInOrder("created upload3 large", "aborted upload3", "created upload4 large", "completed upload4 large");

        // Something may still come of it, so it is looked for once more later.
        Assert.Single(Ledger.Intents);
    }

    [Fact]
    public async Task A_crash_between_the_beginning_and_its_record_leaves_an_upload_that_the_next_start_ends()
    {
        var at = DateTimeOffset.UtcNow.AddHours(-2);
        Ledger.Add(new MultipartIntended(new MultipartIntent("shots", "gone", "model", Address, at)));
        var ours = Store.Begin("large", at.AddSeconds(1));
        var theirs = Store.Begin("large", DateTimeOffset.UtcNow);
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal([theirs], Store.OpenUploads);
        Journal.HasInOrder($"aborted {ours}");
        Assert.Empty(Ledger.Intents);
    }

    [Fact]
    public async Task A_beginning_that_was_refused_leaves_no_intent()
    {
        Source.Put("large", Large);
        var once = 0;
        Store.Before = call => call.Operation == "CREATE" && Interlocked.Exchange(ref once, 1) == 0
            ? Task.FromException(ModelStore.Trouble(FailureScope.File, "InvalidArgument"))
            : Task.CompletedTask;
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Empty(Ledger.Intents);
        Assert.Equal(0, Store.Count("LISTUPLOADS"));
    }

    [Fact]
    public async Task Where_listing_uploads_is_not_allowed_files_go_all_the_same()
    {
        Source.Put("large", Large);
        Ledger.Add(new MultipartIntended(new MultipartIntent("shots", "large", "model", Address, DateTimeOffset.UtcNow.AddHours(-2))));
        Ledger.Add(new MultipartIntended(new MultipartIntent("shots", "large", "model", new ObjectAddress("b", "old"), DateTimeOffset.UtcNow - Leftovers.IntentGivenUp)));
        Store.Before = call => call.Operation == "LISTUPLOADS"
            ? Task.FromException(ModelStore.Trouble(FailureScope.Bucket, "AccessDenied", FailureNature.Lasting))
            : Task.CompletedTask;
        Assert.True((await RunAsync()).IsEmpty);
        Assert.Equal(Large, Store.TextOf("large"));
        Assert.Equal([Address], Ledger.Intents.Select(i => i.Address));
        Assert.Empty(Ledger.Blocked);
    }

    [Fact]
    public void The_janitor_touches_no_key_that_it_does_not_hold_and_gives_back_what_it_holds()
    {
        Known("gone", Elsewhere);
        Ledger.Add(new MultipartIntended(new MultipartIntent("shots", "large", "model", Address, DateTimeOffset.UtcNow)));
        var uploaders = CreateTestProbe();
        var janitor = Sys.ActorOf(JanitorActor.Props([RouteOf()], Node(), uploaders.Ref, Sys.ActorOf(LedgerActor.Props(Node()))));

        janitor.Tell(new TidyUploads(), TestActor);
        Assert.Equal("gone", uploaders.ExpectMsg<HoldKey>(Deadline).Address.Key);
        uploaders.Reply(new KeyHeld(false));
        Assert.Equal(new HoldKey("model", Address), uploaders.ExpectMsg<HoldKey>(Deadline));
        uploaders.Reply(new KeyHeld(false));
        ExpectMsg(new UploadsTidied(0), Deadline);
        Assert.Empty(Store.Calls);

        janitor.Tell(new TidyUploads(), TestActor);
        uploaders.ExpectMsg<HoldKey>(Deadline);
        uploaders.Reply(new KeyHeld(true));
        Assert.Equal("gone", uploaders.ExpectMsg<ReleaseKey>(Deadline).Address.Key);
        uploaders.ExpectMsg<HoldKey>(Deadline);
        Assert.Equal((1, 0), (Store.Count("ABORT"), Store.Count("LISTUPLOADS")));
        uploaders.Reply(new KeyHeld(true));
        uploaders.ExpectMsg(new ReleaseKey("model", Address), Deadline);
        ExpectMsg(new UploadsTidied(1), Deadline);
        Assert.Equal(1, Store.Count("LISTUPLOADS"));
    }

    [Fact]
    public void A_daemon_looks_again_soon_at_what_was_being_written()
    {
        Settings = Settings with { Once = false };
        Ledger.Add(new MultipartIntended(new MultipartIntent("shots", "large", "model", Address, DateTimeOffset.UtcNow)));
        var uploaders = CreateTestProbe();
        Sys.ActorOf(JanitorActor.Props([RouteOf()], Node(), uploaders.Ref, Sys.ActorOf(LedgerActor.Props(Node()))));

        foreach (var isHeld in new[] { false, false, true })
        {
            uploaders.ExpectMsg(new HoldKey("model", Address), Deadline);
            uploaders.Reply(new KeyHeld(isHeld));
        }

        uploaders.ExpectMsg(new ReleaseKey("model", Address), Deadline);
        Assert.Equal(1, Store.Count("LISTUPLOADS"));
    }

    [Fact]
    public async Task A_daemon_meets_what_is_recorded_after_its_first_look()
    {
        Settings = Settings with { Once = false };
        var looks = 0;
        Ledger.BeforeRead = what =>
        {
            _ = what == "intents" ? Interlocked.Increment(ref looks) : 0;
            return Task.CompletedTask;
        };
        var uploaders = CreateTestProbe();
        var often = new RetrySchedule(TimeSpan.FromMilliseconds(2), TimeSpan.FromMilliseconds(2), int.MaxValue);
        Sys.ActorOf(JanitorActor.Props([RouteOf()], Node(), uploaders.Ref, Sys.ActorOf(LedgerActor.Props(Node())), TimeSpan.Zero, often));
        await EventuallyAsync(() => Assert.NotEqual(0, Volatile.Read(ref looks)));

        Known("gone", Elsewhere);
        uploaders.ExpectMsg<HoldKey>(Deadline);
        uploaders.Reply(new KeyHeld(true));
        uploaders.ExpectMsg<ReleaseKey>(Deadline);
        Assert.Empty(Store.OpenUploads);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Among_other_nodes_what_is_young_is_ended_only_where_its_file_is_stored(bool isStored)
    {
        var now = DateTimeOffset.UtcNow;
        Known("large", Elsewhere, begunAt: now.AddMinutes(-1));
        Store.Begin("late", now);
        Ledger.Add(new MultipartIntended(new MultipartIntent("shots", "late", "model", new ObjectAddress("b", "late"), now.AddMinutes(-1))));
        if (isStored)
        {
            Stored("large", now);
            Stored("late", now);
        }

        var uploaders = CreateTestProbe();
        var janitor = Sys.ActorOf(JanitorActor.Props([RouteOf()], Node(), uploaders.Ref, Sys.ActorOf(LedgerActor.Props(Node())), TimeSpan.FromHours(1)));
        janitor.Tell(new TidyUploads(), TestActor);
        if (isStored)
        {
            foreach (var key in new[] { "large", "late" })
            {
                Assert.Equal(key, uploaders.ExpectMsg<HoldKey>(Deadline).Address.Key);
                uploaders.Reply(new KeyHeld(true));
                uploaders.ExpectMsg<ReleaseKey>(Deadline);
            }
        }

        ExpectMsg(new UploadsTidied(isStored ? 2 : 0), Deadline);
        Assert.Equal(isStored ? 0 : 2, Store.OpenUploads.Count);
    }

    [Fact]
    public void Among_other_nodes_a_young_intent_is_left_alone_while_there_is_another_for_its_key()
    {
        var now = DateTimeOffset.UtcNow;
        Stored("late", now);
        Store.Begin("late", now);
        foreach (var minutes in new[] { 1, 2 })
        {
            Ledger.Add(new MultipartIntended(new MultipartIntent("shots", "late", "model", new ObjectAddress("b", "late"), now.AddMinutes(-minutes))));
        }

        var janitor = Sys.ActorOf(JanitorActor.Props([RouteOf()], Node(), CreateTestProbe().Ref, Sys.ActorOf(LedgerActor.Props(Node())), TimeSpan.FromHours(1)));
        janitor.Tell(new TidyUploads(), TestActor);
        ExpectMsg(new UploadsTidied(0), Deadline);
        Assert.Single(Store.OpenUploads);
    }

    private void Stored(string path, DateTimeOffset at) => Ledger.Add(new FileStored("shots", path, new StoredVersion(Elsewhere, "model", new ObjectAddress("b", path), "etag", DigestSet.Unknown, null, at), at));

    private string Known(string path, Fingerprint version, string store = "model", string route = "shots", DateTimeOffset? begunAt = null)
    {
        var at = begunAt ?? DateTimeOffset.UtcNow;
        var id = Store.Begin(path, at);
        Ledger.Add(new MultipartBegun(new MultipartProgress(route, path, version, store, new ObjectAddress("b", path), ObjectAttributes.None.Summary, id, 10, [], at), at));
        return id;
    }
}
