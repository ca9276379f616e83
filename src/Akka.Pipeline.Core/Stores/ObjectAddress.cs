namespace Akka.Pipeline.Core.Stores;

/// <summary>Where an object lies in a store.</summary>
/// <param name="Bucket">The bucket; for a folder as target the empty string.</param>
/// <param name="Key">The key: valid text, 1 to 1,024 bytes of UTF-8, never normalised.</param>
public sealed record ObjectAddress(string Bucket, string Key)
{
    public override string ToString() => Bucket.Length == 0 ? Key : $"s3://{Bucket}/{Key}";
}
