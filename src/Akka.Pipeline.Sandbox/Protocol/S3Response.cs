namespace Akka.Pipeline.Sandbox.Protocol;

using Microsoft.Win32.SafeHandles;

/// <summary>An answer, made whole before the first byte of it is sent, so that a fault can still take its place.</summary>
internal sealed class S3Response(int status)
{
    public int Status { get; } = status;

    public List<KeyValuePair<string, string>> Headers { get; } = [];

    public byte[]? Body { get; init; }

    public FileSlice? File { get; init; }

    /// <summary>Content-Length of an answer that has no body of its own, as to HEAD.</summary>
    public long? LengthBytes { get; init; }

    public string? ErrorCode { get; init; }

    public S3Response With(string name, string? value)
    {
        if (value is not null)
        {
            Headers.Add(new(name, value));
        }

        return this;
    }

    public static S3Response Xml(byte[] body, int status = 200) =>
        new S3Response(status) { Body = body }.With("Content-Type", "application/xml");
}

/// <summary>A range of an open file. Who sends it closes it.</summary>
internal sealed record FileSlice(SafeFileHandle Handle, long OffsetBytes, long LengthBytes) : IDisposable
{
    public void Dispose() => Handle.Dispose();
}
