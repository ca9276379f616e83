namespace Akka.Pipeline.Storage.Tests.Sources;

using Akka.Pipeline.Storage.Posix;

public sealed class Closing_handles : IDisposable
{
    private readonly ScratchFolder scratch = new();

    public void Dispose() => scratch.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100)]
    [InlineData(300)]
    public void All_are_closed_when_it_says_so(int count)
    {
        var path = scratch.Write("file");
        var handles = new List<Descriptor>();
        for (var n = 0; n < count; n++)
        {
            Assert.Equal(0, Beneath.OpenRoot(Path.GetDirectoryName(path)!, out var handle));
            handles.Add(handle!);
        }

        using var closed = new ManualResetEventSlim();
        HandleClosing.CloseAll(handles, closed.Set);

        Assert.True(closed.Wait(TimeSpan.FromSeconds(20)));
        Assert.All(handles, handle => Assert.True(handle.IsClosed));
    }

    [Fact]
    public async Task Several_callers_at_once_each_have_theirs_closed()
    {
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => All_are_closed_when_it_says_so(100))));
    }
}
