namespace Akka.Pipeline.Hocon;

/// <summary>Where files come from. The reader itself touches no disk; <see cref="HoconFiles"/> does, and tests need none.</summary>
public interface IHoconSource
{
    /// <summary>
    /// The full name of a file as it is named in another: relative names are relative to the file that includes them.
    /// The same file must get the same full name, since that is how a circle of includes is seen.
    /// </summary>
    /// <param name="name">The name as written.</param>
    /// <param name="includedFrom">The full name of the including file; null for the first file.</param>
    string Locate(string name, string? includedFrom);

    /// <summary>The file's bytes, or null if there is no such file. May throw I/O exceptions; they become a <see cref="HoconException"/> at the include.</summary>
    /// <param name="fullName">What <see cref="Locate"/> gave.</param>
    /// <param name="limitBytes">How much the reader takes; a source may stop one byte after that.</param>
    byte[]? Read(string fullName, int limitBytes);
}
