namespace Akka.Pipeline.Storage.Sources;

using Akka.Pipeline.Storage.Posix;

/// <summary>The name of a file whose own name was taken by another one meanwhile.</summary>
internal static class RecoveredName
{
    /// <summary>
    /// "name.ext" becomes "name.recovered-1.ext": the extension stays last, so that filters see the file as before. A leading dot begins no
    /// extension. What would be longer than 255 bytes loses the end of its stem.
    /// </summary>
    public static string Of(string name, long number)
    {
        var dot = name.LastIndexOf('.');
        var (stem, extension) = dot > 0 ? (name[..dot], name[dot..]) : (name, "");
        Span<byte> buffer = stackalloc byte[2 * NativeName.BufferBytes];
        while (true)
        {
            var recovered = $"{stem}.recovered-{number}{extension}";
            if (stem.Length <= 1 || NativeName.TryWrite(recovered, buffer, out _))
            {
                return recovered;
            }

            stem = stem[..^(stem.Length > 2 && char.IsSurrogatePair(stem, stem.Length - 2) ? 2 : 1)];
        }
    }
}
