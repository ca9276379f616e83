namespace Akka.Pipeline.Sandbox.Bodies;

using System.Security.Cryptography;
using Akka.Pipeline.Sandbox.Faults;
using Akka.Pipeline.Sandbox.Protocol;
using Akka.Pipeline.Sandbox.Signing;

/// <summary>The bytes that a client means, with framing taken off and signatures checked on the way.</summary>
internal abstract class RequestBody
{
    private static readonly Dictionary<string, string> NoTrailers = [];

    public static RequestBody None { get; } = new EmptyBody();

    /// <summary>Length of the meant bytes.</summary>
    public abstract long LengthBytes { get; }

    /// <summary>Headers behind the body, there once the body has ended.</summary>
    public virtual IReadOnlyDictionary<string, string> Trailers => NoTrailers;

    /// <returns>Number of bytes read; 0 at the end, and then all that was promised of the body has held.</returns>
    /// <exception cref="S3Exception">The body is not what was signed.</exception>
    public abstract ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellation);

    /// <summary>The body of a request whose signature was found good.</summary>
    /// <exception cref="S3Exception">The length is missing or makes no sense.</exception>
    public static RequestBody Open(S3Request request, RawBody raw, Payload payload)
    {
        if (payload.IsChunked)
        {
            return new ChunkedBody(raw, ParseLength(request.Header("x-amz-decoded-content-length")), payload, request.Header("x-amz-trailer"));
        }

        if (request.Header("x-amz-trailer") is not null)
        {
            throw S3Errors.InvalidRequest("x-amz-trailer needs a STREAMING-...-TRAILER value in x-amz-content-sha256.");
        }

        if (request.Header("content-length") is not { } length)
        {
            return request.Header("transfer-encoding") is not null || request.Method is "PUT" ? throw S3Errors.MissingContentLength() : new PlainBody(raw, 0, payload.Sha256);
        }

        return new PlainBody(raw, ParseLength(length), request.BelievesClient ? null : payload.Sha256);
    }

    private static long ParseLength(string? text) =>
        text is null ? throw S3Errors.MissingContentLength()
        : long.TryParse(text, System.Globalization.NumberStyles.None, null, out var length) ? length
        : throw S3Errors.InvalidArgument("The length of the body must be a whole number of bytes.");

    private sealed class EmptyBody : RequestBody
    {
        public override long LengthBytes => 0;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellation) => new(0);
    }
}

/// <summary>What comes over the wire; counts it, and breaks the connection where a fault says so.</summary>
internal sealed class RawBody(Stream stream, FaultSession faults)
{
    public long ReadBytes { get; private set; }

    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        if (faults.ResetAfterBytes is { } limit)
        {
            if (ReadBytes >= limit)
            {
                throw new ConnectionDroppedException();
            }

            buffer = buffer[..(int)Math.Min(buffer.Length, limit - ReadBytes)];
        }

        var count = await stream.ReadAsync(buffer, cancellation);
        ReadBytes += count;
        return count;
    }
}

/// <summary>A body as it stands on the wire, perhaps with its SHA-256 signed.</summary>
internal sealed class PlainBody(RawBody raw, long lengthBytes, string? sha256) : RequestBody
{
    private readonly IncrementalHash? _hash = sha256 is null ? null : IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _left = lengthBytes;
    private bool _ended;

    public override long LengthBytes { get; } = lengthBytes;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        if (_ended)
        {
            return 0;
        }

        if (_left > 0)
        {
            var count = await raw.ReadAsync(buffer, cancellation);
            if (count == 0)
            {
                throw S3Errors.IncompleteBody();
            }

            _left -= count;
            _hash?.AppendData(buffer.Span[..count]);
            return count;
        }

        _ended = true;
        if (_hash is not null)
        {
            using (_hash)
            {
                var computed = Convert.ToHexStringLower(_hash.GetHashAndReset());
                if (computed != sha256)
                {
                    throw new S3Exception(400, "XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match what was computed.")
                    {
                        Details = [new("ClientComputedContentSHA256", sha256!), new("S3ComputedContentSHA256", computed)],
                    };
                }
            }
        }

        return 0;
    }
}
