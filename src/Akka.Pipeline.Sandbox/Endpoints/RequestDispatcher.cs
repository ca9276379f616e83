namespace Akka.Pipeline.Sandbox.Endpoints;

using Akka.Pipeline.Sandbox.Protocol;
using Akka.Pipeline.Sandbox.Store;

/// <summary>Hands an authentic request to what answers it.</summary>
internal sealed class RequestDispatcher(ObjectStore store, SandboxOptions options)
{
    private readonly ObjectEndpoints _objects = new(store, options);
    private readonly CopyEndpoint _copies = new(store, options);
    private readonly TagEndpoints _tags = new(store);
    private readonly BucketEndpoints _buckets = new(store, options);
    private readonly Listing _listing = new(store);
    private readonly MultipartEndpoints _multipart = new(store, options);
    private readonly MultipartListing _uploads = new(store);
    private readonly CompleteEndpoint _complete = new(store, options);

    /// <exception cref="S3Exception">Whatever is wrong with the request.</exception>
    public Task<S3Response> DispatchAsync(S3Request request, CancellationToken cancellation) => request.Operation switch
    {
        S3Operation.PutObject => _objects.PutAsync(request, cancellation),
        S3Operation.GetObject => Task.FromResult(_objects.Get(request)),
        S3Operation.HeadObject => Task.FromResult(_objects.Head(request)),
        S3Operation.DeleteObject => _objects.DeleteAsync(request),
        S3Operation.GetObjectAttributes => Task.FromResult(_objects.GetAttributes(request)),
        S3Operation.CopyObject => _copies.CopyAsync(request),
        S3Operation.GetObjectTagging => Task.FromResult(_tags.Get(request)),
        S3Operation.PutObjectTagging => _tags.PutAsync(request, cancellation),
        S3Operation.DeleteObjectTagging => _tags.DeleteAsync(request),
        S3Operation.ListBuckets => Task.FromResult(_buckets.List()),
        S3Operation.CreateBucket => _buckets.CreateAsync(request, cancellation),
        S3Operation.HeadBucket => Task.FromResult(_buckets.Head(request)),
        S3Operation.DeleteBucket => _buckets.DeleteAsync(request),
        S3Operation.GetBucketLocation => Task.FromResult(_buckets.Location(request)),
        S3Operation.DeleteObjects => _buckets.DeleteObjectsAsync(request, cancellation),
        S3Operation.ListObjects => Task.FromResult(_listing.ListV1(request)),
        S3Operation.ListObjectsV2 => Task.FromResult(_listing.ListV2(request)),
        S3Operation.CreateMultipartUpload => _multipart.CreateAsync(request),
        S3Operation.UploadPart => _multipart.UploadPartAsync(request, cancellation),
        S3Operation.AbortMultipartUpload => _multipart.AbortAsync(request),
        S3Operation.CompleteMultipartUpload => _complete.CompleteAsync(request, cancellation),
        S3Operation.ListParts => Task.FromResult(_uploads.ListParts(request)),
        S3Operation.ListMultipartUploads => Task.FromResult(_uploads.ListUploads(request)),
        _ when request.Method is "GET" or "PUT" or "POST" or "DELETE" or "HEAD" => throw S3Errors.NotImplemented("The sandbox does not implement this operation."),
        _ => throw S3Errors.MethodNotAllowed(),
    };
}
