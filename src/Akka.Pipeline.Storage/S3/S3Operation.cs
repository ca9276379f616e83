namespace Akka.Pipeline.Storage.S3;

/// <summary>A request of the S3 protocol, as far as its failures need to know it.</summary>
/// <param name="Name">As the API calls it.</param>
/// <param name="Permission">What the identity must be allowed to do.</param>
/// <param name="Writes">It changes something, so that a lost answer leaves the outcome unknown.</param>
internal sealed record S3Operation(string Name, string Permission, bool Writes)
{
    // docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html, 2026-11
    public static readonly S3Operation HeadObject = new("HeadObject", "s3:GetObject and s3:ListBucket", false);
    public static readonly S3Operation HeadBucket = new("HeadBucket", "s3:ListBucket", false);
    public static readonly S3Operation PutObject = new("PutObject", "s3:PutObject", true);
    public static readonly S3Operation CreateMultipart = new("CreateMultipartUpload", "s3:PutObject", true);
    public static readonly S3Operation UploadPart = new("UploadPart", "s3:PutObject", true);
    public static readonly S3Operation ListParts = new("ListParts", "s3:ListMultipartUploadParts", false);
    public static readonly S3Operation CompleteMultipart = new("CompleteMultipartUpload", "s3:PutObject", true);
    public static readonly S3Operation AbortMultipart = new("AbortMultipartUpload", "s3:AbortMultipartUpload", true);
    public static readonly S3Operation ListMultiparts = new("ListMultipartUploads", "s3:ListBucketMultipartUploads", false);
}

/// <summary>What was asked of whom.</summary>
internal sealed record S3Question(S3Operation Operation, string Store, string Bucket, string Key, string Region, bool IsAws, string? Profile)
{
    public string Target => Key.Length == 0 ? $"bucket {Bucket}" : $"s3://{Bucket}/{PlainKey}";

    // A key may hold line breaks; a message is one line.
    private string PlainKey => Key.Any(char.IsControl) ? string.Concat(Key.Select(c => char.IsControl(c) ? $"\\u{(int)c:x4}" : c.ToString())) : Key;
}
