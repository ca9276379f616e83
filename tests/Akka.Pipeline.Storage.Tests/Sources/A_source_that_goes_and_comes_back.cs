namespace Akka.Pipeline.Storage.Tests.Sources;

using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Files;

public sealed class A_source_that_goes_and_comes_back : IDisposable
{
    private readonly ScratchFolder scratch = new();

    private string Kept => Path.Combine(scratch.Path, "kept");

    public void Dispose()
    {
        ScratchFolder.Bash($"umount -l '{scratch.Source}' '{Kept}' 2>/dev/null").WaitForEnd().Dispose();
        scratch.Dispose();
    }

    [FactWithMounts]
    public void A_volume_that_is_mounted_anew_is_read_as_soon_as_it_holds_files()
    {
        Directory.CreateDirectory(scratch.At("only/a/mount-point"));
        Run($"mount -t tmpfs none '{scratch.Source}'");
        scratch.Write("bucket/a");
        using var folder = scratch.Open();
        var request = ScratchFolder.Request(folder, "bucket/a");

        // Mounted elsewhere it keeps its number, so that the next one gets another.
        Run($"mkdir '{Kept}' && mount --bind '{scratch.Source}' '{Kept}' && umount '{scratch.Source}'");
        Assert.Equal(("SourceMoved", FailureScope.Source), Fails(() => folder.StartWalk()));
        Assert.Equal(("SourceMoved", FailureScope.Source), Fails(() => folder.Observe(["bucket/a"])));
        Assert.Equal(("SourceMoved", FailureScope.Source), Fails(() => folder.Open("bucket/a")));
        Assert.Equal(("SourceMoved", FailureScope.Source), Fails(() => folder.Remove([request], null)));

        Run($"mount -t ramfs none '{scratch.Source}'");
        Directory.CreateDirectory(scratch.At("bucket"));
        Assert.Equal(("SourceMoved", FailureScope.Source), Fails(() => folder.StartWalk()));
        scratch.Write("bucket/a");

        Assert.Equal(["bucket/a"], ScratchFolder.Paths(folder));
        Assert.Equal("ramfs", folder.Traits.FileSystem);
        Assert.Equal(RemovalOutcome.Changed, folder.Remove([request], null)[0].Outcome);
        Assert.True(File.Exists(scratch.At("bucket/a")));
    }

    [Fact]
    public void A_source_that_is_renamed_is_an_error_and_is_read_again_when_it_is_back()
    {
        scratch.Write("bucket/a");
        using var folder = scratch.Open();
        var request = ScratchFolder.Request(folder, "bucket/a");
        var away = Path.Combine(scratch.Path, "away");
        Directory.Move(scratch.Source, away);

        Assert.Equal(("SourceMissing", FailureScope.Source), Fails(() => folder.StartWalk()));
        Assert.Equal(("SourceMissing", FailureScope.Source), Fails(() => folder.Open("bucket/a")));
        Assert.Equal(("SourceMissing", FailureScope.Source), Fails(() => folder.Remove([request], null)));
        Assert.Equal(("SourceMissing", FailureScope.Source), Fails(() => folder.PruneEmptyFolders(["bucket/a"], TimeSpan.Zero)));
        Assert.True(File.Exists(Path.Combine(away, "bucket/a")));

        Directory.Move(away, scratch.Source);
        Assert.Equal(["bucket/a"], ScratchFolder.Paths(folder));
        Assert.Equal(RemovalOutcome.Removed, folder.Remove([request], null)[0].Outcome);
    }

    [Fact]
    public void A_walk_over_a_source_that_is_renamed_meanwhile_does_not_end_as_if_it_were_whole()
    {
        scratch.Write("a");
        scratch.Write("b");
        using var folder = scratch.Open();
        using var walk = folder.StartWalk();
        walk.Next(1);
        Directory.Move(scratch.Source, Path.Combine(scratch.Path, "away"));
        Directory.CreateDirectory(scratch.Source);

        Assert.Equal(("SourceReplaced", FailureScope.Source), Fails(() =>
        {
            while (!walk.Next(10).Ended)
            {
            }
        }));
    }

    private static void Run(string script) => ScratchFolder.Bash(script).WaitForEnd().Dispose();

    private static (string Code, FailureScope Scope) Fails(Action action)
    {
        var failed = Assert.Throws<SourceException>(action);
        Assert.False(failed.IsGone);
        Assert.NotEmpty(failed.Failure.Cure);
        return (failed.Failure.Code, failed.Failure.Scope);
    }
}
