namespace Akka.Pipeline.Actors.Tests.Models;

using System.Text;
using Akka.Pipeline.Core.Digests;
using Akka.Pipeline.Core.Stores;

/// <summary>A body of a few letters.</summary>
internal sealed class TextBody(string text) : IUploadBody
{
    public long LengthBytes => Memory.Length;

    public DigestSet Digests => DigestSet.Unknown;

    public ReadOnlyMemory<byte> Memory { get; } = Encoding.UTF8.GetBytes(text);

    public Stream OpenRead() => new MemoryStream(Memory.ToArray(), writable: false);
}
