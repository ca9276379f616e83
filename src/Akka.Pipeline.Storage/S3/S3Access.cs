namespace Akka.Pipeline.Storage.S3;

using Amazon.Runtime;

/// <summary>Who we are to an S3 store, and in which region.</summary>
public sealed partial class S3Access
{
    private S3Access(AWSCredentials credentials, string region, string source)
    {
        Credentials = credentials;
        Region = region;
        Source = source;
    }

    /// <summary>The region that requests are signed for.</summary>
    public string Region { get; }

    /// <summary>Where the credentials come from, for messages; nothing secret.</summary>
    public string Source { get; }

    internal AWSCredentials Credentials { get; }

    /// <summary>Access with a given key pair.</summary>
    public static S3Access WithKeys(string accessKey, string secretKey, string region) =>
        new(new BasicAWSCredentials(accessKey, secretKey), region, "given keys");
}
