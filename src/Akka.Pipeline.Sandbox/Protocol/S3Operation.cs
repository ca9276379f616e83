namespace Akka.Pipeline.Sandbox;

/// <summary>What a request asks for, by the names of the S3 API.</summary>
public enum S3Operation
{
    /// <summary>Nothing that the sandbox knows; answered by 405 or 501.</summary>
    Unknown,
    /// <summary>GET on the service.</summary>
    ListBuckets,
    /// <summary>PUT on a bucket.</summary>
    CreateBucket,
    /// <summary>HEAD on a bucket.</summary>
    HeadBucket,
    /// <summary>DELETE on a bucket.</summary>
    DeleteBucket,
    /// <summary>GET ?location.</summary>
    GetBucketLocation,
    /// <summary>GET on a bucket, the first version of the listing.</summary>
    ListObjects,
    /// <summary>GET ?list-type=2.</summary>
    ListObjectsV2,
    /// <summary>GET ?uploads.</summary>
    ListMultipartUploads,
    /// <summary>POST ?delete.</summary>
    DeleteObjects,
    /// <summary>PUT on a key.</summary>
    PutObject,
    /// <summary>PUT on a key with x-amz-copy-source.</summary>
    CopyObject,
    /// <summary>GET on a key.</summary>
    GetObject,
    /// <summary>HEAD on a key.</summary>
    HeadObject,
    /// <summary>DELETE on a key.</summary>
    DeleteObject,
    /// <summary>GET ?attributes.</summary>
    GetObjectAttributes,
    /// <summary>GET ?tagging.</summary>
    GetObjectTagging,
    /// <summary>PUT ?tagging.</summary>
    PutObjectTagging,
    /// <summary>DELETE ?tagging.</summary>
    DeleteObjectTagging,
    /// <summary>POST ?uploads.</summary>
    CreateMultipartUpload,
    /// <summary>PUT ?partNumber&amp;uploadId.</summary>
    UploadPart,
    /// <summary>GET ?uploadId.</summary>
    ListParts,
    /// <summary>POST ?uploadId.</summary>
    CompleteMultipartUpload,
    /// <summary>DELETE ?uploadId.</summary>
    AbortMultipartUpload,
}
