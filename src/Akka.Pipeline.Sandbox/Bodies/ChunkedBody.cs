namespace Akka.Pipeline.Sandbox.Bodies;

using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Akka.Pipeline.Sandbox.Protocol;
using Akka.Pipeline.Sandbox.Signing;

/// <summary>
/// A body in `aws-chunked` encoding: chunks `size[;chunk-signature=…]`, an empty one at the end, then perhaps trailers
/// (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html and sigv4-streaming-trailers.html, read 2026-11).
/// </summary>
internal sealed class ChunkedBody(RawBody raw, long decodedLengthBytes, Payload payload, string? trailerNames) : RequestBody
{
    private const int MaxLineBytes = 4096;
    private const int MinSignedChunkBytes = 8192;
    private const string SignatureField = ";chunk-signature=";
    private const string TrailerSignature = "x-amz-trailer-signature";

    private readonly byte[] _buffer = new byte[16 * 1024];
    private readonly IncrementalHash? _chunkHash = payload.Chain is null ? null : IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly Dictionary<string, string> _trailers = new(StringComparer.OrdinalIgnoreCase);
    private int _start;
    private int _end;
    private long _chunkLeft;
    private long _decoded;
    private string? _chunkSignature;
    private bool _inChunk;
    private bool _sawShortChunk;
    private bool _ended;

    public override long LengthBytes => decodedLengthBytes;

    public override IReadOnlyDictionary<string, string> Trailers => _trailers;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        while (!_ended)
        {
            if (_chunkLeft > 0)
            {
                return await ReadChunkDataAsync(buffer, cancellation);
            }

            if (_inChunk)
            {
                await FinishChunkAsync(cancellation);
            }

            await StartChunkAsync(cancellation);
        }

        return 0;
    }

    private async ValueTask<int> ReadChunkDataAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        var wanted = (int)Math.Min(buffer.Length, _chunkLeft);
        int count;
        if (_end > _start)
        {
            count = Math.Min(wanted, _end - _start);
            _buffer.AsSpan(_start, count).CopyTo(buffer.Span);
            _start += count;
        }
        else
        {
            count = await raw.ReadAsync(buffer[..wanted], cancellation);
            if (count == 0)
            {
                throw S3Errors.IncompleteBody();
            }
        }

        _chunkHash?.AppendData(buffer.Span[..count]);
        _chunkLeft -= count;
        _decoded += count;
        return count;
    }

    private async ValueTask StartChunkAsync(CancellationToken cancellation)
    {
        var line = await ReadLineAsync(cancellation);
        var semicolon = line.IndexOf(';', StringComparison.Ordinal);
        var size = semicolon < 0 ? line : line[..semicolon];
        if (!long.TryParse(size, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _chunkLeft) || _chunkLeft < 0)
        {
            throw S3Errors.InvalidRequest("The size of a chunk of the aws-chunked body is no hexadecimal number.");
        }

        if (payload.Chain is not null)
        {
            if (semicolon < 0 || !line.AsSpan(semicolon).StartsWith(SignatureField))
            {
                throw S3Errors.SignatureDoesNotMatch();
            }

            _chunkSignature = line[(semicolon + SignatureField.Length)..];
            if (_sawShortChunk && _chunkLeft > 0)
            {
                throw new S3Exception(403, "InvalidChunkSizeError", "Only the last chunk is allowed to have a size less than 8192 bytes");
            }

            _sawShortChunk |= _chunkLeft < MinSignedChunkBytes;
        }

        if (_decoded + _chunkLeft > decodedLengthBytes)
        {
            throw S3Errors.IncompleteBody();
        }

        _inChunk = true;
        if (_chunkLeft > 0)
        {
            return;
        }

        CheckChunkSignature();
        await ReadTrailersAsync(cancellation);
        if (_decoded != decodedLengthBytes)
        {
            throw S3Errors.IncompleteBody();
        }

        _chunkHash?.Dispose();
        _ended = true;
    }

    private async ValueTask FinishChunkAsync(CancellationToken cancellation)
    {
        if ((await ReadLineAsync(cancellation)).Length > 0)
        {
            throw S3Errors.InvalidRequest("A chunk of the aws-chunked body is longer than it says.");
        }

        CheckChunkSignature();
        _inChunk = false;
    }

    private void CheckChunkSignature()
    {
        if (payload.Chain is not null && !payload.Chain.Accepts(Convert.ToHexStringLower(_chunkHash!.GetHashAndReset()), _chunkSignature!))
        {
            throw S3Errors.SignatureDoesNotMatch();
        }
    }

    private async ValueTask ReadTrailersAsync(CancellationToken cancellation)
    {
        var canonical = new StringBuilder();
        string? signature = null;
        while (await ReadLineAsync(cancellation, endIsEmptyLine: true) is { Length: > 0 } line)
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0 || !payload.HasTrailer || _trailers.Count > 16)
            {
                throw MalformedTrailer();
            }

            var name = line[..colon].Trim().ToLowerInvariant();
            var value = line[(colon + 1)..].Trim();
            if (name == TrailerSignature)
            {
                signature = value;
                continue;
            }

            _trailers[name] = value;
            canonical.Append(name).Append(':').Append(value).Append('\n');
        }

        if (!payload.HasTrailer)
        {
            return;
        }

        var announced = (trailerNames ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (announced.Length != _trailers.Count || !announced.All(_trailers.ContainsKey))
        {
            throw MalformedTrailer();
        }

        if (payload.Chain is not null && (signature is null || !payload.Chain.AcceptsTrailer(canonical.ToString(), signature)))
        {
            throw S3Errors.SignatureDoesNotMatch();
        }
    }

    private async ValueTask<string> ReadLineAsync(CancellationToken cancellation, bool endIsEmptyLine = false)
    {
        while (true)
        {
            var length = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (length >= 0)
            {
                var line = Encoding.ASCII.GetString(_buffer, _start, length).TrimEnd('\r');
                _start += length + 1;
                return line;
            }

            if (_end - _start > MaxLineBytes)
            {
                throw S3Errors.InvalidRequest("A line of the aws-chunked body is too long.");
            }

            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
            var count = await raw.ReadAsync(_buffer.AsMemory(_end), cancellation);
            if (count == 0)
            {
                // Some clients leave out the empty line at the very end.
                return endIsEmptyLine && _end == 0 ? "" : throw S3Errors.IncompleteBody();
            }

            _end += count;
        }
    }

    private static S3Exception MalformedTrailer() =>
        new(400, "MalformedTrailerError", "The request contained trailing data that was not well-formed or did not conform to our published schema.");
}
