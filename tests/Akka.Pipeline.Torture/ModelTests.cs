namespace Akka.Pipeline.Torture;

using Xunit;

/// <summary>What the model asks for of an object that the store spoilt and told so.</summary>
public sealed class ModelTests
{
    private const string Path = "logs/a.log";
    private const string Whole = "0123456789abcdef";
    private const string Spoilt = "fedcba9876543210";

    private readonly Model model = new();

    [Fact]
    public void What_the_store_spoilt_must_be_sent_again_while_its_file_is_there()
    {
        WriteAndSpoil();

        Assert.False(model.IsNobodysAndSpoilt(Path));
    }

    [Fact]
    public void Nobody_can_send_it_again_when_its_writer_has_removed_the_file()
    {
        WriteAndSpoil();

        model.Remove(Path, () => true);

        Assert.True(model.IsNobodysAndSpoilt(Path));
    }

    [Fact]
    public void A_removal_that_found_nothing_changes_nothing()
    {
        WriteAndSpoil();

        model.Remove(Path, () => false);

        Assert.False(model.IsNobodysAndSpoilt(Path));
    }

    [Fact]
    public void Nor_when_it_has_another_name_by_now()
    {
        var file = WriteAndSpoil();

        model.Renamed(Path, "logs/b.log", file.Identity);

        Assert.True(model.IsNobodysAndSpoilt(Path));
    }

    [Fact]
    public void A_removed_file_excuses_nothing_that_the_store_did_not_spoil()
    {
        WriteAndSpoil();
        model.Written(Path, Whole, corrupted: false);

        model.Remove(Path, () => true);

        Assert.False(model.IsNobodysAndSpoilt(Path));
    }

    private Incarnation WriteAndSpoil()
    {
        var file = model.Identify(Path, new FileIdentity(1, 2), 0);
        model.Finish(file, Path, new State(Whole, 16));
        model.Written(Path, Spoilt, corrupted: true);
        return file;
    }
}
