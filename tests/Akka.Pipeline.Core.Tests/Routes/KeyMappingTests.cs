namespace Akka.Pipeline.Core.Tests.Routes;

using System.Text;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Routes;
using Akka.Pipeline.Core.Stores;
using FsCheck;
using FsCheck.Fluent;
using static Facts;

public sealed class KeyMappingTests
{
    private static readonly FirstFolderIsBucket FirstFolder = new(new Dictionary<string, string>(StringComparer.Ordinal) { ["Aliased_Folder"] = "the-bucket" });

    [Fact]
    public void The_first_folder_names_the_bucket_and_the_rest_is_the_key() =>
        Assert.Equal(new ObjectAddress("distributed-colony", "images_shots/file.png"), FirstFolder.Map("distributed-colony/images_shots/file.png", 0).Address);

    [Fact]
    public void A_folder_that_cannot_name_a_bucket_is_refused_with_the_alias_that_would_help()
    {
        var mapped = FirstFolder.Map("distributed_colony/images_shots/file.png", 0);
        Assert.Null(mapped.Address);
        Assert.Equal("distributed_colony", mapped.Blocked);
        Assert.Equal((FailureScope.Bucket, FailureNature.Lasting, "InvalidBucketName"), (mapped.Failure!.Scope, mapped.Failure.Nature, mapped.Failure.Code));
        Assert.Contains("'distributed_colony'", mapped.Failure.Cause);
        Assert.Contains("'_'", mapped.Failure.Cause);
        Assert.Contains("bucket-names { \"distributed_colony\" = distributed-colony }", mapped.Failure.Cure);
    }

    [Fact]
    public void An_alias_names_the_bucket_of_a_folder() => Assert.Equal(new ObjectAddress("the-bucket", "k"), FirstFolder.Map("Aliased_Folder/k", 0).Address);

    [Fact]
    public void A_file_directly_in_the_source_is_reported_and_blocks_nobody_else()
    {
        var mapped = FirstFolder.Map("file.png", 0);
        Assert.Null(mapped.Address);
        Assert.Null(mapped.Blocked);
        Assert.Equal((FailureScope.File, "NoBucketFolder"), (mapped.Failure!.Scope, mapped.Failure.Code));
        Assert.Contains("'file.png'", mapped.Failure.Cause);
    }

    [Fact]
    public void A_name_that_is_no_text_is_refused_and_shown_in_hex()
    {
        var mapped = FirstFolder.Map(SourcePath.FromBytes([.. "bucket/caf"u8, 0xE9]), 0);
        Assert.Equal("NameIsNoText", mapped.Failure!.Code);
        Assert.Contains(@"bucket/caf\xe9", mapped.Failure.Cause);
    }

    [Theory]
    [InlineData(1024, null)]
    [InlineData(1025, "KeyTooLong")]
    public void A_key_has_at_most_1024_bytes(int bytes, string? code)
    {
        Assert.Equal(code, FirstFolder.Map("bucket/" + new string('k', bytes), 0).Failure?.Code);
        Assert.Equal(code, new FixedBucket("b", "p/", KeyTemplate.Path).Map(new string('k', bytes - 2), 0).Failure?.Code);

        // Counted in bytes of UTF-8, not in characters.
        Assert.Equal(code, FirstFolder.Map("bucket/" + new string('k', bytes - 4) + "😀", 0).Failure?.Code);
    }

    [Fact]
    public void A_template_that_names_nothing_is_refused() =>
        Assert.Equal("KeyIsEmpty", new FixedBucket("b", "", KeyTemplate.Parse("{extension}")).Map("folder/name", 0).Failure!.Code);

    [Theory]
    [InlineData("{stem}", "...", "..")]
    [InlineData("{stem}", "a/...", "..")]
    [InlineData("{folder}{stem}", "a/b/...", "a/b/..")]
    [InlineData("{folder}{stem}/{name}", "...", "../...")]
    [InlineData("{stem}/x", "..x", "./x")]
    [InlineData("../{name}", "x", "../x")]
    public void A_key_that_would_lead_out_of_a_folder_is_refused(string template, string path, string key)
    {
        var failure = new FixedBucket("b", "", KeyTemplate.Parse(template)).Map(path, 0).Failure;
        Assert.Equal(("KeyHasDots", FailureScope.File), (failure!.Code, failure.Scope));
        Assert.Contains($"'{key}'", failure.Cause, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("...")]
    [InlineData(".hidden/..x/x../...")]
    [InlineData("a./.b")]
    public void Dots_in_names_do_no_harm(string path) => Assert.Equal(path, new FixedBucket("b", "", KeyTemplate.Path).Map(path, 0).Address!.Key);

    [Fact]
    public void A_prefix_is_put_before_the_key_as_it_is() =>
        Assert.Equal(new ObjectAddress("b", "shots/a b+%#é.png"), new FixedBucket("b", "shots/", KeyTemplate.Path).Map("a b+%#é.png", 0).Address);

    [Fact]
    public void Different_paths_of_a_bucket_have_different_keys()
    {
        var name = Gen.Elements("a", "b", "a b", "é", "e\u0301", "...", "c.d").NonEmptyListOf().Select(parts => string.Join('/', parts));
        Check.QuickThrowOnFailure(Prop.ForAll((from one in name from other in name select (one, other)).ToArbitrary(), pair =>
        {
            var (one, other) = (FirstFolder.Map("bucket/" + pair.one, 0).Address, FirstFolder.Map("bucket/" + pair.other, 0).Address);
            return one is not null && (one == other) == string.Equals(pair.one, pair.other, StringComparison.Ordinal);
        }));
    }

    [Theory]
    [InlineData("{path}", "a/b.c/d.tar.gz")]
    [InlineData("{folder}{name}", "a/b.c/d.tar.gz")]
    [InlineData("{folder}{stem}{extension}", "a/b.c/d.tar.gz")]
    [InlineData("{stem}|{extension}", "d.tar|.gz")]
    [InlineData("{year}/{month}/{day}/{hour}/{name}", "2026/01/31/12/d.tar.gz")]
    [InlineData("{{{name}}}", "{d.tar.gz}")]
    [InlineData("fixed", "fixed")]
    [InlineData("{{}}", "{}")]
    public void A_template_builds_the_key_from_the_file(string template, string key) => Assert.Equal(key, KeyTemplate.Parse(template).Expand("a/b.c/d.tar.gz", NoonNs));

    [Theory]
    [InlineData("name", "{folder}", "")]
    [InlineData("name", "{stem}|{extension}", "name|")]
    [InlineData(".bashrc", "{stem}|{extension}", ".bashrc|")]
    [InlineData("a.", "{stem}|{extension}", "a|.")]
    public void Fields_that_a_file_lacks_are_empty(string path, string template, string key) => Assert.Equal(key, KeyTemplate.Parse(template).Expand(path, 0));

    [Theory]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    public void The_strangest_mtime_has_a_date(long modifiedUnixNs) => Assert.Equal(4, KeyTemplate.Parse("{year}").Expand("a", modifiedUnixNs).Length);

    [Theory]
    [InlineData("{nam}", "{nam}")]
    [InlineData("{Name}", "{name}")]
    [InlineData("{}", "{path}")]
    [InlineData("a{name", "position 2")]
    [InlineData("name}", "position 5")]
    [InlineData("{path}}", "position 7")]
    public void A_template_with_a_mistake_is_refused_with_its_place_or_what_there_is(string template, string message) =>
        Assert.Contains(message, Assert.Throws<FormatException>(() => KeyTemplate.Parse(template)).Message);

    [Theory]
    [InlineData("abc")]
    [InlineData("a-b.c1")]
    [InlineData("123")]
    [InlineData("123456789012345678901234567890123456789012345678901234567890123")]
    [InlineData("1.2.3.x")]
    public void A_valid_bucket_name_has_no_problem(string name) => Assert.Null(BucketName.Problem(name));

    [Theory]
    [InlineData("", "0 characters")]
    [InlineData("ab", "2 characters")]
    [InlineData("1234567890123456789012345678901234567890123456789012345678901234", "64 characters")]
    [InlineData("Abc", "'A'")]
    [InlineData("a_c", "'_'")]
    [InlineData("a\nc", "U+000A")]
    [InlineData("abé", "'é'")]
    [InlineData("a😀c", "U+D83D")]
    [InlineData("-abc", "begin and end")]
    [InlineData("abc.", "begin and end")]
    [InlineData("a..b", "two dots")]
    [InlineData("192.168.5.4", "IP address")]
    [InlineData("xn--abc", "xn--")]
    [InlineData("abc-s3alias", "-s3alias")]
    [InlineData("abc--x-s3", "--x-s3")]
    public void What_is_wrong_with_a_bucket_name_is_said(string name, string problem) => Assert.Contains(problem, BucketName.Problem(name));

    [Fact]
    public void A_suggested_name_is_always_valid()
    {
        Assert.Equal("distributed-colony", BucketName.Nearest("distributed_colony"));
        Assert.Equal("my.bucket", BucketName.Nearest("_My.Bucket_"));
        Assert.Null(BucketName.Nearest("__"));
        Check.QuickThrowOnFailure(Prop.ForAll<string?>(name => BucketName.Nearest(name ?? "") is not { } nearest || BucketName.Problem(nearest) is null));
    }

    [Fact]
    public void A_key_is_never_more_than_the_store_takes_nor_empty()
    {
        Check.QuickThrowOnFailure(Prop.ForAll<string?>(path =>
            FirstFolder.Map("bucket/" + path, 0) is { Address: { } address }
                ? Encoding.UTF8.GetByteCount(address.Key) is >= 1 and <= KeyMapping.MaximumKeyBytes && SourcePath.IsText(address.Key)
                : true));
    }
}
