namespace Akka.Pipeline.Storage.Tests.Sources;

using Akka.Pipeline.Storage.Posix;
using Akka.Pipeline.Storage.Sources;

public sealed class Closing_a_round : IDisposable
{
    private readonly ScratchFolder scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public void The_next_round_takes_over_a_folder_that_is_still_open_and_the_others_are_closed()
    {
        var folders = new[] { "shared", "other" }.ToDictionary(name => name, Open, StringComparer.Ordinal);
        var (shared, other) = (folders["shared"], folders["other"]);
        folders.Add("gone", new RemovalFolder("gone", null, Errno.NoEntry));
        using var begin = new ManualResetEventSlim();
        for (var n = 0; n < HandleClosing.MostThreads; n++)
        {
            HandleClosing.CloseAll([], () => begin.Wait(TimeSpan.FromSeconds(20)));
        }

        var round = new ClosingRound([], folders);
        Assert.Same(shared, round.TakeOver("shared"));
        Assert.Null(round.TakeOver("shared"));
        Assert.Null(round.TakeOver("gone"));
        Assert.Null(round.TakeOver("of no round"));
        begin.Set();
        round.Wait();

        Assert.Equal((false, true), (shared.Handle!.IsClosed, other.Handle!.IsClosed));
        Assert.Null(round.TakeOver("other"));
        shared.Dispose();
    }

    private RemovalFolder Open(string name)
    {
        Assert.Equal(0, Beneath.OpenRoot(Path.GetDirectoryName(scratch.Write(name + "/file"))!, out var handle));
        return new RemovalFolder(name, handle, 0);
    }
}
