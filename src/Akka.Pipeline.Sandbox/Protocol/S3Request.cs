namespace Akka.Pipeline.Sandbox.Protocol;

using Akka.Pipeline.Sandbox.Bodies;
using Akka.Pipeline.Sandbox.Faults;

/// <summary>
/// One request, taken out of the server's own objects: those are used again once the answer is sent, and a commit may come later than that.
/// </summary>
internal sealed class S3Request
{
    public required string Id { get; init; }

    public required string Method { get; init; }

    public required S3Operation Operation { get; init; }

    public required RequestTarget Target { get; init; }

    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    public required FaultSession Faults { get; init; }

    /// <summary>See <see cref="SandboxOptions.BelievesClients"/>.</summary>
    public bool BelievesClient { get; init; }

    /// <summary>The body, once the request is authentic.</summary>
    public RequestBody Body { get; set; } = RequestBody.None;

    public QueryParameters Query => Target.Query;

    public string Bucket => Target.Bucket ?? throw S3Errors.MethodNotAllowed();

    public string Key => Target.Key ?? throw S3Errors.MethodNotAllowed();

    public string? Header(string name) => Headers.GetValueOrDefault(name);
}
