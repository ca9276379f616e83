namespace Akka.Pipeline.Storage.Tests.Folders;

using System.Text;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Stores;
using Akka.Pipeline.Storage.Folders;
using Akka.Pipeline.Storage.Tests.Sources;
using Akka.Pipeline.Storage.Tests.Stores;

public sealed class Names_that_a_target_takes_for_one : IDisposable
{
    private readonly ScratchFolder scratch = new();

    public void Dispose()
    {
        ScratchFolder.Bash($"umount -l '{scratch.Source}' 2>/dev/null").WaitForEnd().Dispose();
        scratch.Dispose();
    }

    [FactWithFoldingDisk]
    public async Task On_a_disk_that_ignores_case_no_object_takes_the_place_of_another()
    {
        FactWithFoldingDiskAttribute.Mount(scratch.Path, scratch.Source);
        await using var store = new FolderStore(scratch.Source, TimeProvider.System);
        await PutAsync(store, "photos/été.jpg", "the first");

        foreach (var other in new[] { "photos/Été.jpg", "Photos/été.jpg", "PHOTOS/ÉTÉ.JPG" })
        {
            Assert.Equal(WriteOutcome.ConditionFailed, (await PutAsync(store, other, "another")).Outcome);
            var refused = (await Assert.ThrowsAsync<StoreException>(() => store.HeadAsync(new ObjectAddress("", other), default))).Failure;
            Assert.Equal(("NameTaken", FailureScope.File, FailureNature.Lasting), (refused.Code, refused.Scope, refused.Nature));
            Assert.Contains("'photos/été.jpg'", refused.Cause, StringComparison.Ordinal);
        }

        Assert.Equal("the first", await File.ReadAllTextAsync(scratch.At("photos/été.jpg")));
        Assert.Equal("the first".Length, (await store.HeadAsync(new ObjectAddress("", "photos/été.jpg"), default))!.SizeBytes);
    }

    [Fact]
    public async Task Twins_of_case_normal_form_and_trailing_dots_are_objects_of_their_own_and_so_are_hard_links()
    {
        await using var store = new FolderStore(scratch.Source, TimeProvider.System);
        string[] names = ["a", "A", "a.", "a ", "a..", "caf\u00e9", "cafe\u0301", "CAF\u00c9", "d/a", "D/a"];
        foreach (var name in names)
        {
            Assert.Equal(WriteOutcome.Stored, (await PutAsync(store, name, $"of {name}")).Outcome);
        }

        ScratchFolder.Bash($"cd '{scratch.Source}' && echo x > link && ln link LINK").WaitForEnd().Dispose();
        foreach (var name in names)
        {
            Assert.Equal(Encoding.UTF8.GetByteCount($"of {name}"), (await store.HeadAsync(new ObjectAddress("", name), default))!.SizeBytes);
            Assert.Equal($"of {name}", await File.ReadAllTextAsync(scratch.At(name)));
        }

        // One file under two names that differ in case only, and no case is ignored: each is itself.
        Assert.NotNull(await store.HeadAsync(new ObjectAddress("", "LINK"), default));
    }

    private static Task<WriteResult> PutAsync(FolderStore store, string key, string content) =>
        store.PutAsync(new PutRequest(new ObjectAddress("", key), BodyOf.Text(content, store.Traits), ObjectAttributes.None, WriteCondition.IfAbsent), default);
}

/// <summary>A test that mounts a disk on which case does not count; skipped, and seen to be, where that cannot be had.</summary>
public sealed class FactWithFoldingDiskAttribute : FactAttribute
{
    private static readonly bool Allowed = Try();

    public FactWithFoldingDiskAttribute() => Skip = Allowed ? null! : "A disk that ignores case needs root, /dev/fuse and the package ntfs-3g.";

    public static void Mount(string folder, string place) =>
        ScratchFolder.Bash($"truncate -s 8M '{folder}/image' && mkntfs -q -F '{folder}/image' >/dev/null 2>&1 && mkdir -p '{place}' && lowntfs-3g -o ignore_case '{folder}/image' '{place}'").WaitForEnd().Dispose();

    private static bool Try()
    {
        var folder = Directory.CreateTempSubdirectory("folding-");
        try
        {
            Mount(folder.FullName, Path.Combine(folder.FullName, "d"));
            using var tried = new BashProcess($"cd '{folder.FullName}/d' && touch a && test -e A && echo yes || echo no");
            return tried.ReadLine() == "yes";
        }
        finally
        {
            ScratchFolder.Bash($"umount -l '{folder.FullName}/d' 2>/dev/null; rm -rf '{folder.FullName}'").WaitForEnd().Dispose();
        }
    }
}
