namespace Akka.Pipeline.Node.Tests.Hostile;

using Akka.Pipeline.Node.Tests.Programs;

/// <summary>A lost ledger costs time, never data; a spoilt one is refused with what to do, and left as it is.</summary>
public sealed class A_lost_ledger : NodeTest
{
    private string Ledger => Path.Combine(Data, "ledger.db");

    [Theory]
    [InlineData("text", true)]
    [InlineData("one-byte", false)]
    [InlineData("header-only", true)]
    [InlineData("half", true)]
    [InlineData("garbage-inside", true)]
    [InlineData("empty", false)]
    [InlineData("zeros", true)]
    public async Task A_spoilt_ledger_is_refused_and_left_alone_and_without_it_everything_goes_on(string how, bool refused)
    {
        Configure("pipeline.route-defaults.after-upload = keep");
        for (var n = 0; n < 300; n++)
        {
            Write($"{Bucket}/{n:000}", $"content {n}");
        }

        (await OnceAsync()).Exits(0);
        Spoil(how);
        var spoilt = await File.ReadAllBytesAsync(Ledger);
        Write($"{Bucket}/new", "new");

        if (refused)
        {
            (await OnceAsync()).Exits(2).Says(Ledger, "Move it away");
            Assert.Equal(spoilt, await File.ReadAllBytesAsync(Ledger));
            Assert.DoesNotContain("new", await Store.KeysAsync(Bucket));
            File.Move(Ledger, Ledger + "-spoilt");
        }

        (await OnceAsync()).Exits(0).Says("Stored 301 files", "300 of them were there already");
        Assert.Equal("new"u8.ToArray(), await Store.ReadAsync(Bucket, "new"));
        Assert.Equal(301, Left().Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_ledger_that_is_deleted_under_the_daemon_stops_nothing(bool wholeFolder)
    {
        Write($"{Bucket}/before", "before");
        await using var daemon = StartDaemon();
        await StoredAsync("before");
        await Eventually.TrueAsync(() => Left().Count == 0, "the file to be removed");

        if (wholeFolder)
        {
            Directory.Delete(Data, recursive: true);
        }
        else
        {
            File.Delete(Ledger);
        }

        Write($"{Bucket}/after", "after");
        await StoredAsync("after");
        await Eventually.TrueAsync(() => Left().Count == 0, "the file to be removed", () => daemon.Errors);
        await daemon.TerminateAsync();
        (await daemon.EndAsync()).Exits(0);

        Write($"{Bucket}/last", "last");
        (await OnceAsync()).Exits(0);
        Assert.Equal(["after", "before", "last"], await Store.KeysAsync(Bucket));
    }

    private void Spoil(string how)
    {
        using var file = new FileStream(Ledger, FileMode.Open, FileAccess.ReadWrite);
        switch (how)
        {
            case "text":
                file.SetLength(0);
                file.Write("This was a ledger once.\n"u8);
                break;
            case "one-byte":
                file.SetLength(1);
                break;
            case "header-only":
                file.SetLength(100);
                break;
            case "half":
                file.SetLength(file.Length / 2 / 512 * 512);
                break;
            case "garbage-inside":
                file.Seek(4096, SeekOrigin.Begin);
                file.Write(Bytes((int)file.Length - 4096));
                break;
            case "zeros":
                file.Write(new byte[file.Length]);
                break;
            default:
                file.SetLength(0);
                break;
        }
    }
}
