namespace Akka.Pipeline.Storage.Tests.S3.Direct;

using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Stores;
using Akka.Pipeline.Storage.S3;
using Akka.Pipeline.Storage.Tests.Stores;
using Amazon.Runtime;

/// <summary>The head of a request as it came over the wire.</summary>
public sealed class WireTap
{
    public static readonly ImmutableCredentials Keys = new("AKIASANDBOX", "sandbox-secret-key", null);

    private readonly Dictionary<string, string> headers = new(StringComparer.OrdinalIgnoreCase);

    private WireTap(string request)
    {
        var lines = request[..request.IndexOf("\r\n\r\n", StringComparison.Ordinal)].Split("\r\n");
        Target = lines[0].Split(' ')[1];
        foreach (var line in lines[1..])
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            headers[line[..colon]] = line[(colon + 1)..].Trim();
        }
    }

    /// <summary>Path and query, as sent.</summary>
    public string Target { get; }

    public string? this[string header] => headers.GetValueOrDefault(header);

    public static Task<WireTap> PutAsync(DataPlane plane, ObjectAddress address, ObjectAttributes? attributes = null, S3Access? access = null, int length = 10, WriteCondition? condition = null) =>
        TapAsync(plane, access, (store, bodyOf) => store.PutAsync(new PutRequest(address, bodyOf(length), attributes ?? ObjectAttributes.None, condition ?? WriteCondition.IfAbsent), CancellationToken.None));

    public static Task<WireTap> PutPartAsync(DataPlane plane, string uploadId, S3Access? access = null, int length = 10) =>
        TapAsync(plane, access, (store, bodyOf) => store.UploadPartAsync(new PartRequest(new ObjectAddress("bucket", "key"), uploadId, 7, bodyOf(length)), CancellationToken.None));

    private static async Task<WireTap> TapAsync(DataPlane plane, S3Access? access, Func<S3ObjectStore, Func<int, BodyOf>, Task> act)
    {
        string? seen = null;
        await using var server = new StubServer((request, stream) =>
        {
            seen ??= request;
            return StubServer.SayAsync(stream, 400, "<Error><Code>Enough</Code></Error>");
        });
        await using var store = new S3ObjectStore(new S3StoreSettings { Endpoint = server.Endpoint, DataPlane = plane, ConditionalPut = ConditionSupport.Native }, access ?? S3Access.WithKeys(Keys.AccessKey, Keys.SecretKey, "eu-west-1"));
        await Assert.ThrowsAsync<StoreException>(() => act(store, length => new BodyOf(BodyOf.Bytes(length, 1), store.Traits)));

        return new WireTap(seen!);
    }
}
