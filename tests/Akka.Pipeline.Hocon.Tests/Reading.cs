namespace Akka.Pipeline.Hocon.Tests;

using System.Text;

/// <summary>Reads texts for the tests and prints values as JSON, so that a test compares one line with another.</summary>
internal static class Reading
{
    public static HoconObject Resolve(string text, Func<string, string?>? environment = null) =>
        HoconDocument.ParseText(text, "test.conf").Resolve(environment);

    public static string Json(string text, Func<string, string?>? environment = null) => Json(Resolve(text, environment));

    public static string Json(HoconObject value) =>
        "{" + string.Join(",", value.Entries.Select(entry => $"\"{entry.Key}\":{Json(entry.Value)}")) + "}";

    public static HoconException Error(string text) => Assert.Throws<HoconException>(() => Resolve(text));

    public static void Fails(string text, string message) => Assert.Equal("test.conf:" + message, Error(text).Message);

    private static string Json(HoconValue value) => value.Kind switch
    {
        HoconKind.Map => Json(value.AsObject()),
        HoconKind.List => "[" + string.Join(",", value.AsList().Select(Json)) + "]",
        HoconKind.Null => "null",
        HoconKind.Text => "\"" + value.AsString().Replace("\n", "\\n", StringComparison.Ordinal) + "\"",
        _ => value.AsString(),
    };
}

/// <summary>Files in memory; folders are part of the names.</summary>
internal sealed class FilesInMemory : IHoconSource
{
    private readonly Dictionary<string, byte[]> _files = [];
    private readonly HashSet<string> _unreadable = [];

    public FilesInMemory With(string name, string text) => With(name, Encoding.UTF8.GetBytes(text));

    public FilesInMemory With(string name, byte[] content)
    {
        _files[name] = content;
        return this;
    }

    public string Locate(string name, string? includedFrom) =>
        includedFrom is null || name.StartsWith('/') ? name : Path.Combine(Path.GetDirectoryName(includedFrom) ?? "", name);

    public FilesInMemory WithUnreadable(string name)
    {
        _unreadable.Add(name);
        return this;
    }

    public byte[]? Read(string fullName, int limitBytes) =>
        _unreadable.Contains(fullName) ? throw new UnauthorizedAccessException("Permission denied") : _files.GetValueOrDefault(fullName);

    public HoconObject Resolve(string name) => HoconDocument.ParseFile(name, this).Resolve();

    public string Json(string name) => Reading.Json(Resolve(name));
}
