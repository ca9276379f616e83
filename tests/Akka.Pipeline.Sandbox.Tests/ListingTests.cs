namespace Akka.Pipeline.Sandbox.Tests;

using Amazon.S3;
using Amazon.S3.Model;

public sealed class ListingTests : SandboxTest
{
    private static readonly string[] Keys = ["a", "a/1", "a/2/x", "a/2/y", "a0", "b/", "b//c", "z", "\uE000", "\U0001F600", "é"];

    protected override SandboxOptions Options => base.Options with { NullMode = true };

    private async Task FillAsync()
    {
        foreach (var key in Keys)
        {
            await S3.PutObjectAsync(new() { BucketName = Bucket, Key = key, ContentBody = key });
        }
    }

    /// <summary>What S3 promises, worked out the slow way.</summary>
    private static List<string> Expected(string prefix, string delimiter, string after)
    {
        var found = new List<string>();
        foreach (var key in Keys.OrderBy(key => Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(key)), StringComparer.Ordinal))
        {
            if (!key.StartsWith(prefix, StringComparison.Ordinal) || string.CompareOrdinal(Hex(key), Hex(after)) <= 0)
            {
                continue;
            }

            var end = delimiter.Length == 0 ? -1 : key.IndexOf(delimiter, prefix.Length, StringComparison.Ordinal);
            var entry = end < 0 ? key : key[..(end + delimiter.Length)];
            if (!found.Contains(entry))
            {
                found.Add(entry);
            }
        }

        return found;

        static string Hex(string text) => Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(text));
    }

    [Theory]
    [InlineData("", "", "")]
    [InlineData("", "/", "")]
    [InlineData("a", "/", "")]
    [InlineData("a/", "/", "")]
    [InlineData("a/2", "", "")]
    [InlineData("b/", "/", "")]
    [InlineData("none", "/", "")]
    [InlineData("", "", "a/1")]
    [InlineData("a/", "", "a/1")]
    [InlineData("", "2/", "")]
    public async Task Both_listings_give_the_same_whole_whatever_the_size_of_a_page(string prefix, string delimiter, string after)
    {
        await FillAsync();
        foreach (var pageSize in new[] { 1, 2, 3, 1000 })
        {
            var v2 = new List<string>();
            var request = new ListObjectsV2Request { BucketName = Bucket, Prefix = prefix, Delimiter = delimiter, MaxKeys = pageSize, StartAfter = after };
            ListObjectsV2Response page;
            do
            {
                page = await S3.ListObjectsV2Async(request);
                var entries = (page.S3Objects ?? []).Select(found => found.Key).Concat(page.CommonPrefixes ?? []).ToList();
                Assert.Equal(entries.Count, page.KeyCount);
                Assert.True(entries.Count <= pageSize);
                v2.AddRange(entries);
                request.ContinuationToken = page.NextContinuationToken;
            }
            while (page.IsTruncated == true);
            Assert.Equal(Expected(prefix, delimiter, after).Order(StringComparer.Ordinal), v2.Order(StringComparer.Ordinal));

            var v1 = new List<string>();
            var old = new ListObjectsRequest { BucketName = Bucket, Prefix = prefix, Delimiter = delimiter, MaxKeys = pageSize, Marker = after };
            ListObjectsResponse oldPage;
            do
            {
                oldPage = await S3.ListObjectsAsync(old);
                v1.AddRange((oldPage.S3Objects ?? []).Select(found => found.Key).Concat(oldPage.CommonPrefixes ?? []));
                old.Marker = oldPage.NextMarker ?? oldPage.S3Objects?.LastOrDefault()?.Key;
            }
            while (oldPage.IsTruncated == true);
            Assert.Equal(v2.Order(StringComparer.Ordinal), v1.Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task Keys_are_in_the_order_of_their_bytes()
    {
        await FillAsync();
        Assert.Equal(Expected("", "", ""), (await S3.ListObjectsV2Async(new() { BucketName = Bucket })).S3Objects.Select(found => found.Key));
    }

    [Fact]
    public async Task A_wrong_token_or_limit_is_refused()
    {
        var raw = Raw();
        Assert.Equal("InvalidArgument", (await raw.SendAsync("GET", $"/{Bucket}", "continuation-token=%21&list-type=2")).Code);
        Assert.Equal("InvalidArgument", (await raw.SendAsync("GET", $"/{Bucket}", "list-type=2&max-keys=-1")).Code);
        Assert.Equal("false", (await raw.SendAsync("GET", $"/{Bucket}", "list-type=2&max-keys=0")).Element("IsTruncated"));
        Assert.Equal("NoSuchBucket", (await raw.SendAsync("GET", "/unknown-bucket", "list-type=2")).Code);
        var farAway = string.Concat(Enumerable.Repeat("%F4%8F%BF%BF", 900));
        Assert.Equal("false", (await raw.SendAsync("GET", $"/{Bucket}", $"list-type=2&start-after={farAway}")).Element("IsTruncated"));
    }
}
