namespace Akka.Pipeline.Storage.Tests.Posix;

using System.Text;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Storage.Posix;

public sealed class Failures_of_the_file_system
{
    [Theory]
    [InlineData(Errno.NoEntry, "ENOENT", FailureScope.File, FailureNature.Passing)]
    [InlineData(Errno.Access, "EACCES", FailureScope.File, FailureNature.Lasting)]
    [InlineData(Errno.NotPermitted, "EPERM", FailureScope.File, FailureNature.Lasting)]
    [InlineData(Errno.InputOutput, "EIO", FailureScope.File, FailureNature.Lasting)]
    [InlineData(Errno.ProcessTableFull, "EMFILE", FailureScope.Node, FailureNature.Passing)]
    [InlineData(Errno.SystemTableFull, "ENFILE", FailureScope.Node, FailureNature.Passing)]
    [InlineData(Errno.NoSpace, "ENOSPC", FailureScope.Node, FailureNature.Passing)]
    [InlineData(Errno.Quota, "EDQUOT", FailureScope.Node, FailureNature.Passing)]
    [InlineData(Errno.ReadOnly, "EROFS", FailureScope.File, FailureNature.Lasting)]
    [InlineData(Errno.Stale, "ESTALE", FailureScope.File, FailureNature.Passing)]
    [InlineData(Errno.TimedOut, "ETIMEDOUT", FailureScope.Source, FailureNature.Passing)]
    [InlineData(9999, "errno 9999", FailureScope.File, FailureNature.Passing)]
    public void An_error_number_says_how_far_it_reaches_and_whether_waiting_helps(int error, string code, FailureScope scope, FailureNature nature)
    {
        var failure = FileFailure.From("open", "a\nb", error);

        Assert.Equal((code, scope, nature), (failure.Code, failure.Scope, failure.Nature));
        Assert.Contains("a\\nb", failure.Cause, StringComparison.Ordinal);
        Assert.NotEmpty(failure.Cure);
    }

    [Fact]
    public void A_denied_file_names_the_user_and_the_command()
    {
        Assert.Contains($"chown {Environment.UserName}", FileFailure.From("open", "f", Errno.Access).Cure, StringComparison.Ordinal);
        Assert.Contains("write to the folder", FileFailure.From("remove", "f", Errno.Access).Cure, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_a_missing_file_is_gone()
    {
        Assert.True(FileFailure.Exception("open", "f", Errno.NoEntry).IsGone);
        Assert.False(FileFailure.Exception("open", "f", Errno.Access).IsGone);
        Assert.False(FileFailure.Exception("open", "f", Errno.NoEntry, FailureScope.Source).IsGone);
    }

    [Theory]
    [InlineData("name", true)]
    [InlineData("...", true)]
    [InlineData("", false)]
    [InlineData(".", false)]
    [InlineData("..", false)]
    [InlineData("a/b", false)]
    [InlineData("a\0b", false)]
    public void Only_a_single_component_becomes_a_name(string name, bool valid)
    {
        var buffer = new byte[NativeName.BufferBytes];
        Assert.Equal(valid, NativeName.TryWrite(name, buffer, out var bytes));
        if (valid)
        {
            Assert.Equal(0, bytes[^1]);
            Assert.Equal(name, SourcePath.FromBytes(bytes[..^1]));
        }
    }

    [Fact]
    public void A_byte_that_is_no_text_becomes_a_name_and_a_stray_surrogate_does_not()
    {
        var buffer = new byte[NativeName.BufferBytes];
        Assert.True(NativeName.TryWrite("a\udcff", buffer, out var bytes));
        Assert.Equal([(byte)'a', 0xff, 0], bytes.ToArray());
        Assert.False(NativeName.TryWrite("a\ud800", buffer, out _));
    }

    [Theory]
    [InlineData(255, true)]
    [InlineData(256, false)]
    public void A_name_has_at_most_255_bytes(int length, bool valid)
    {
        Assert.Equal(valid, NativeName.TryWrite(new string('n', length), new byte[NativeName.BufferBytes], out _));
        Assert.Equal(valid, NativeName.TryWrite(new string('€', length / 3) + new string('n', length % 3), new byte[NativeName.BufferBytes], out _));
    }

    [Fact]
    public void A_path_beyond_one_call_is_opened_by_its_components_and_a_link_in_it_is_refused()
    {
        var folder = Directory.CreateTempSubdirectory("pipeline-test-").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(folder, "a/b"));
            Directory.CreateSymbolicLink(Path.Combine(folder, "a/link"), Path.Combine(folder, "a/b"));
            Assert.Equal(0, Beneath.OpenRoot(folder, out var root));
            using (root)
            {
                Assert.Equal(0, Beneath.OpenFolder(root!, "a/b", followLinks: false, out var plain));
                Assert.Equal(Path.Combine(folder, "a/b"), Beneath.RealPath(plain!));
                plain!.Dispose();
                Assert.True(Errno.MeansGone(Beneath.OpenFolder(root!, "a/link", followLinks: false, out _)));
                Assert.Equal(0, Beneath.OpenFolder(root!, "a/link", followLinks: true, out var followed));
                followed!.Dispose();
                Assert.Equal(0, Beneath.MakeFolders(root!, "x/y/z", out var made));
                made!.Dispose();
                Assert.NotEqual(0, Beneath.MakeFolders(root!, "a/link/z", out _));
                Assert.Equal(Errno.Invalid, Beneath.OpenFolder(root!, "a/../b", followLinks: false, out _));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_listing_of_many_entries_gives_each_once()
    {
        var folder = Directory.CreateTempSubdirectory("pipeline-test-").FullName;
        try
        {
            var names = Enumerable.Range(0, 3_000).Select(i => $"{i}-{new string('n', i % 200)}").ToHashSet();
            foreach (var name in names)
            {
                File.Create(Path.Combine(folder, name)).Dispose();
            }

            Assert.Equal(0, Beneath.OpenRoot(folder, out var root));
            using (root)
            using (var reader = new EntryReader(root!))
            {
                var count = 0;
                while (reader.Next())
                {
                    count++;
                    Assert.True(names.Remove(Encoding.UTF8.GetString(reader.Name[..^1])));
                    Assert.Equal(EntryKind.File, reader.Kind);
                }

                Assert.Equal((3_000, 0, 0), (count, names.Count, reader.Error));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
