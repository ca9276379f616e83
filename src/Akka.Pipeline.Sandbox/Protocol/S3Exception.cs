namespace Akka.Pipeline.Sandbox.Protocol;

/// <summary>An error that is answered to the client as S3's XML error document.</summary>
internal sealed class S3Exception(int status, string code, string message) : Exception(message)
{
    public int Status { get; } = status;

    public string Code { get; } = code;

    /// <summary>Further elements of the error document, such as the condition that failed.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Details { get; init; } = [];

    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];
}
