namespace Akka.Pipeline.Storage.Tests.S3.Direct;

using Akka.Pipeline.Storage.S3.Direct;
using Amazon;
using Amazon.S3;

public sealed class Finding_endpoints
{
    [Theory]
    [InlineData("my-bucket", false, "https://my-bucket.s3.eu-west-1.amazonaws.com", "my-bucket.s3.eu-west-1.amazonaws.com", "/")]
    [InlineData("my-bucket", true, "https://s3.eu-west-1.amazonaws.com", "s3.eu-west-1.amazonaws.com", "/my-bucket/")]
    [InlineData("my.bucket", false, "https://s3.eu-west-1.amazonaws.com", "s3.eu-west-1.amazonaws.com", "/my.bucket/")]
    public void A_bucket_of_AWS_is_where_the_rules_of_the_SDK_say(string bucket, bool pathStyle, string origin, string host, string path) =>
        Assert.Equal(new BucketEndpoint(origin, host, path, "eu-west-1"), Aws(pathStyle).Of(bucket));

    [Theory]
    [InlineData("http://127.0.0.1:9000", true, "http://127.0.0.1:9000", "127.0.0.1:9000", "/my-bucket/")]
    [InlineData("http://[::1]:9000", true, "http://[::1]:9000", "[::1]:9000", "/my-bucket/")]
    [InlineData("https://s3.example.com:443", true, "https://s3.example.com", "s3.example.com", "/my-bucket/")]
    [InlineData("https://s3.example.com", false, "https://my-bucket.s3.example.com", "my-bucket.s3.example.com", "/")]
    [InlineData("https://S3.Bücher.example", true, "https://s3.xn--bcher-kva.example", "s3.xn--bcher-kva.example", "/my-bucket/")]
    public void A_bucket_of_another_store_is_at_its_endpoint_in_the_region_that_is_set(string endpoint, bool pathStyle, string origin, string host, string path) =>
        Assert.Equal(
            new BucketEndpoint(origin, host, path, "eu-x-1"),
            new BucketEndpoints("eu-x-1", region => new AmazonS3Config { ServiceURL = endpoint, AuthenticationRegion = region, ForcePathStyle = pathStyle }).Of("my-bucket"));

    [Theory]
    [InlineData("bucket--euw1-az1--x-s3")]
    [InlineData("arn:aws:s3::123456789012:accesspoint/ap.mrap")]
    public void A_bucket_that_wants_another_kind_of_signature_is_left_to_the_SDK(string bucket) => Assert.Null(Aws().Of(bucket));

    [Fact]
    public void A_region_that_a_store_names_is_remembered_for_the_bucket()
    {
        var endpoints = Aws();
        var first = endpoints.Of("my-bucket")!;
        Assert.True(endpoints.Learn("my-bucket", first, "ap-south-1"));
        Assert.Equal(new BucketEndpoint("https://my-bucket.s3.ap-south-1.amazonaws.com", "my-bucket.s3.ap-south-1.amazonaws.com", "/", "ap-south-1"), endpoints.Of("my-bucket"));
        Assert.Equal("eu-west-1", endpoints.Of("another")!.Region);
        Assert.False(endpoints.Learn("my-bucket", endpoints.Of("my-bucket")!, "ap-south-1"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("evil.example/")]
    [InlineData("evil.example#")]
    [InlineData("a@b")]
    [InlineData("EU-WEST-1")]
    [InlineData("a-name-that-is-much-too-long-for-any-region")]
    public void What_does_not_look_like_a_region_changes_nothing(string told)
    {
        var endpoints = Aws();
        var first = endpoints.Of("my-bucket")!;
        Assert.False(endpoints.Learn("my-bucket", first, told));
        Assert.Same(first, endpoints.Of("my-bucket"));
    }

    private static BucketEndpoints Aws(bool pathStyle = false) =>
        new("eu-west-1", region => new AmazonS3Config { RegionEndpoint = RegionEndpoint.GetBySystemName(region), ForcePathStyle = pathStyle, IgnoreConfiguredEndpointUrls = true });
}
