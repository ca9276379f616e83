namespace Akka.Pipeline.Benchmarks.Floor;

using System.Net;
using Microsoft.Win32.SafeHandles;

/// <summary>A file as the body of a request, read as it is sent.</summary>
internal sealed class FileContent(SafeFileHandle file, long lengthBytes, byte[] buffer) : HttpContent
{
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        for (long sent = 0; sent < lengthBytes;)
        {
            var count = RandomAccess.Read(file, buffer, sent);
            if (count == 0)
            {
                throw new EndOfStreamException();
            }

            await stream.WriteAsync(buffer.AsMemory(0, count));
            sent += count;
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = lengthBytes;
        return true;
    }
}
