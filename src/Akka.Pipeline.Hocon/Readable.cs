namespace Akka.Pipeline.Hocon;

/// <summary>Outside text as it may stand in a message: short and without control characters.</summary>
internal static class Readable
{
    private const int LongestText = 60;

    public static string Text(string text)
    {
        var cut = text.Length <= LongestText ? text : string.Concat(text.AsSpan(0, LongestText), "...");
        return string.Concat(cut.Select(c => char.IsControl(c) || char.IsSurrogate(c) ? $"\\u{(int)c:x4}" : c.ToString()));
    }

    public static string Character(int c) => c switch
    {
        -1 => "the end of the text",
        '\n' => "the end of the line",
        _ => $"'{Text(((char)c).ToString())}'",
    };
}
