namespace Akka.Pipeline.Hocon;

/// <summary>
/// Where a value, a key or an error stands: a file (or another description, such as <c>environment S3_ROOT_DIR</c>), a line and a column.
/// </summary>
/// <param name="Description">The file's name as it was given, or what else the value came from.</param>
/// <param name="Line">The line, 1-based; 0 where the source has no lines.</param>
/// <param name="Column">The column in characters (a character outside the basic plane counts once, a tab too), 1-based; 0 where the source has no lines.</param>
public sealed record HoconOrigin(string Description, int Line, int Column)
{
    /// <summary>An origin that has no lines: a flag, an environment variable.</summary>
    public static HoconOrigin Of(string description) => new(description, 0, 0);

    /// <summary><c>pipeline.conf:12:8</c>, or the bare description where there are no lines.</summary>
    public override string ToString() => Line == 0 ? Description : $"{Description}:{Line}:{Column}";
}
