namespace Akka.Pipeline.Sandbox.Protocol;

/// <summary>Tells from method, path and query what a request asks for.</summary>
internal static class OperationResolver
{
    /// <summary>Sub-resources of S3 that the sandbox does not have: never to be taken for a plain request on the bucket or the key.</summary>
    private static readonly HashSet<string> NotImplemented = new(StringComparer.Ordinal)
    {
        "accelerate", "acl", "analytics", "cors", "encryption", "intelligent-tiering", "inventory", "legal-hold", "lifecycle", "logging", "metrics", "notification",
        "object-lock", "ownershipControls", "policy", "policyStatus", "publicAccessBlock", "replication", "requestPayment", "restore", "retention", "select",
        "torrent", "versionId", "versioning", "versions", "website", "append",
    };

    public static S3Operation Resolve(string method, string? bucket, string? key, QueryParameters query, bool copies)
    {
        foreach (var pair in query.Pairs)
        {
            if (NotImplemented.Contains(pair.Key))
            {
                return S3Operation.Unknown;
            }
        }

        if (bucket is null)
        {
            return method == "GET" ? S3Operation.ListBuckets : S3Operation.Unknown;
        }

        return key is null ? OnBucket(method, query) : OnKey(method, query, copies);
    }

    private static S3Operation OnBucket(string method, QueryParameters query) => method switch
    {
        "PUT" when query.Has("tagging") => S3Operation.Unknown,
        "PUT" => S3Operation.CreateBucket,
        "HEAD" => S3Operation.HeadBucket,
        "DELETE" when query.Has("tagging") => S3Operation.Unknown,
        "DELETE" => S3Operation.DeleteBucket,
        "POST" when query.Has("delete") => S3Operation.DeleteObjects,
        "GET" when query.Has("tagging") => S3Operation.Unknown,
        "GET" when query.Has("location") => S3Operation.GetBucketLocation,
        "GET" when query.Has("uploads") => S3Operation.ListMultipartUploads,
        "GET" when query["list-type"] == "2" => S3Operation.ListObjectsV2,
        "GET" => S3Operation.ListObjects,
        _ => S3Operation.Unknown,
    };

    private static S3Operation OnKey(string method, QueryParameters query, bool copies) => method switch
    {
        "PUT" when query.Has("tagging") => S3Operation.PutObjectTagging,
        "PUT" when query.Has("uploadId") || query.Has("partNumber") => copies ? S3Operation.Unknown : S3Operation.UploadPart,
        "PUT" => copies ? S3Operation.CopyObject : S3Operation.PutObject,
        "GET" when query.Has("tagging") => S3Operation.GetObjectTagging,
        "GET" when query.Has("attributes") => S3Operation.GetObjectAttributes,
        "GET" when query.Has("uploadId") => S3Operation.ListParts,
        "GET" => S3Operation.GetObject,
        "HEAD" => S3Operation.HeadObject,
        "DELETE" when query.Has("tagging") => S3Operation.DeleteObjectTagging,
        "DELETE" when query.Has("uploadId") => S3Operation.AbortMultipartUpload,
        "DELETE" => S3Operation.DeleteObject,
        "POST" when query.Has("uploads") => S3Operation.CreateMultipartUpload,
        "POST" when query.Has("uploadId") => S3Operation.CompleteMultipartUpload,
        _ => S3Operation.Unknown,
    };
}
