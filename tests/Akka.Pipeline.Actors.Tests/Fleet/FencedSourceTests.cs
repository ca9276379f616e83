namespace Akka.Pipeline.Actors.Tests.Fleet;

using Akka.Pipeline.Actors.Fleet;
using Akka.Pipeline.Actors.Tests.Models;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Fleet;

public sealed class FencedSourceTests : IDisposable
{
    private readonly ModelSource model = new(new Journal());
    private readonly HeldSession session = new(new SessionId(1), new SetClock(), TimeSpan.FromHours(1), TimeSpan.FromSeconds(10));
    private readonly FencedSource source;

    public FencedSourceTests()
    {
        source = new FencedSource(model, session);
        model.Put("a", "one");
        model.Put("b", "two");
    }

    public void Dispose()
    {
        source.Dispose();
        model.Dispose();
    }

    [Fact]
    public void However_a_file_is_looked_at_its_device_number_is_hidden()
    {
        Assert.NotEqual(0UL, Inner("a").Device);
        using var walk = source.StartWalk();
        using var file = source.Open("a");
        using var opener = source.StartOpening();
        using var another = opener.Open("a");

        Assert.All(
            [source.Observe(["a"])[0].Sighting!.Fingerprint, walk.Next(1).Files[0].Fingerprint, file.OpenedAs, file.Check().Fingerprint, another.OpenedAs, another.Check().Fingerprint],
            seen => Assert.Equal(Inner("a") with { Device = 0 }, seen));
    }

    [Fact]
    public void A_file_is_removed_by_what_any_node_saw_and_the_answer_speaks_of_that()
    {
        var request = new RemovalRequest("a", Inner("a") with { Device = 0 });

        var result = Assert.Single(source.Remove([request], null));

        Assert.Equal(new RemovalResult(request, RemovalOutcome.Removed), result);
        Assert.Equal(["b"], model.Paths);
    }

    [Fact]
    public void Where_the_node_knows_the_device_already_it_is_restored_without_another_look()
    {
        var request = new RemovalRequest("b", source.Observe(["b"])[0].Sighting!.Fingerprint);
        model.Before = (what, _) => Assert.NotEqual("observe", what);

        Assert.Equal(RemovalOutcome.Removed, source.Remove([request], null)[0].Outcome);
    }

    [Fact]
    public void Another_version_of_the_file_stays()
    {
        var request = new RemovalRequest("a", source.Observe(["a"])[0].Sighting!.Fingerprint);
        model.Put("a", "new");

        Assert.Equal(RemovalOutcome.Changed, source.Remove([request], null)[0].Outcome);
        Assert.Equal("new", model.TextOf("a"));
    }

    [Fact]
    public void Nothing_is_removed_once_the_session_may_have_ended_not_even_the_rest_of_a_list()
    {
        RemovalRequest[] requests = [.. source.Observe(["a", "b"]).Select(seen => new RemovalRequest(seen.Path, seen.Sighting!.Fingerprint))];
        model.Refuse = request =>
        {
            if (request.Path == "a")
            {
                session.End();
            }

            return null;
        };

        var results = source.Remove(requests, null);

        Assert.Equal([RemovalOutcome.Removed, RemovalOutcome.Changed], results.Select(result => result.Outcome));
        Assert.Equal(["b"], model.Paths);
    }

    private Fingerprint Inner(string path) => model.Observe([path])[0].Sighting!.Fingerprint;
}
