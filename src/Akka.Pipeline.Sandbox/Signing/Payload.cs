namespace Akka.Pipeline.Sandbox.Signing;

/// <summary>How the body of an authenticated request proves itself.</summary>
internal enum PayloadMode
{
    /// <summary>Nothing is promised.</summary>
    Unsigned,
    /// <summary>The whole body's SHA-256 was signed.</summary>
    Sha256,
    /// <summary>aws-chunked, every chunk signed.</summary>
    SignedChunks,
    /// <summary>aws-chunked, every chunk and the trailer signed.</summary>
    SignedChunksWithTrailer,
    /// <summary>aws-chunked with a checksum as trailer, unsigned.</summary>
    UnsignedChunksWithTrailer,
}

/// <summary>What the check of a request's signature leaves for the check of its body.</summary>
/// <param name="Sha256">Lower-case hexadecimal, where the mode is <see cref="PayloadMode.Sha256"/>.</param>
/// <param name="Chain">Start of the chain of chunk signatures.</param>
internal sealed record Payload(PayloadMode Mode, string? Sha256, SignatureChain? Chain)
{
    public bool IsChunked => Mode is PayloadMode.SignedChunks or PayloadMode.SignedChunksWithTrailer or PayloadMode.UnsignedChunksWithTrailer;

    public bool HasTrailer => Mode is PayloadMode.SignedChunksWithTrailer or PayloadMode.UnsignedChunksWithTrailer;
}

/// <summary>Signatures of chunks, each of which signs the one before.</summary>
internal sealed class SignatureChain(byte[] signingKey, string timestamp, string scope, string seedSignature)
{
    private string _previous = seedSignature;

    public bool Accepts(string chunkSha256, string signature) =>
        Advance(SignatureV4.ChunkStringToSign(timestamp, scope, _previous, chunkSha256), signature);

    public bool AcceptsTrailer(string canonicalTrailers, string signature) =>
        Advance(SignatureV4.TrailerStringToSign(timestamp, scope, _previous, canonicalTrailers), signature);

    private bool Advance(string stringToSign, string signature)
    {
        _previous = SignatureV4.Sign(signingKey, stringToSign);
        return SignatureV4.SameSignature(_previous, signature);
    }
}
