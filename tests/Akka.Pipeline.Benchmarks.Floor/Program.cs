using System.IO.Enumeration;
using System.Net;
using System.Threading.Channels;
using Akka.Pipeline.Benchmarks.Floor;

const int LargestBufferBytes = 256 * 1024;
const int WaitingFiles = 4096;

if (args is not [var endpointText, var bucket, var folder, var inFlightText, var after and ("keep" or "delete")])
{
    await Console.Error.WriteLineAsync("floor ENDPOINT BUCKET FOLDER REQUESTS-IN-FLIGHT keep|delete; keys and region in the environment, as for any AWS tool");
    return 2;
}

var endpoint = new Uri(endpointText);
var inFlight = int.Parse(inFlightText, System.Globalization.CultureInfo.InvariantCulture);
using var handler = new SocketsHttpHandler { MaxConnectionsPerServer = inFlight, UseProxy = false, UseCookies = false, AllowAutoRedirect = false, AutomaticDecompression = DecompressionMethods.None };
handler.ActivityHeadersPropagator = null;
using var client = new HttpMessageInvoker(handler);
var files = Channel.CreateBounded<(string Path, long LengthBytes)>(new BoundedChannelOptions(WaitingFiles) { SingleWriter = true });
var walk = Task.Run(async () =>
{
    var found = new FileSystemEnumerable<(string, long)>(
        folder, (ref FileSystemEntry entry) => (entry.ToFullPath(), entry.Length), new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None })
    {
        ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory,
    };
    foreach (var file in found)
    {
        await files.Writer.WriteAsync(file);
    }

    files.Writer.Complete();
});
var refused = 0;
var workers = Enumerable.Range(0, inFlight).Select(_ => Task.Run(WorkAsync)).ToArray();
await walk;
await Task.WhenAll(workers);
return refused == 0 ? 0 : 1;

async Task WorkAsync()
{
    var signer = new FloorSigner(
        Environment.GetEnvironmentVariable("AWS_ACCESS_KEY_ID")!, Environment.GetEnvironmentVariable("AWS_SECRET_ACCESS_KEY")!, Environment.GetEnvironmentVariable("AWS_REGION")!,
        endpoint.Authority);
    var buffer = Array.Empty<byte>();
    await foreach (var (path, lengthBytes) in files.Reader.ReadAllAsync())
    {
        // The names of the measured files need no escaping.
        var target = $"/{bucket}{path[folder.Length..]}";
        using (var file = File.OpenHandle(path))
        {
            if (buffer.Length < Math.Min(lengthBytes, LargestBufferBytes))
            {
                buffer = new byte[Math.Min(lengthBytes, LargestBufferBytes)];
            }

            var isSmall = lengthBytes <= buffer.Length;
            using var content = isSmall ? (HttpContent)new ByteArrayContent(buffer, 0, RandomAccess.Read(file, buffer, 0)) : new FileContent(file, lengthBytes, buffer);
            using var request = new HttpRequestMessage(HttpMethod.Put, new Uri(endpoint, target)) { Content = content };
            var (timestamp, authorization) = signer.Sign(target);
            request.Headers.TryAddWithoutValidation("x-amz-date", timestamp);
            request.Headers.TryAddWithoutValidation("x-amz-content-sha256", FloorSigner.UnsignedPayload);
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
            using var response = await client.SendAsync(request, CancellationToken.None);
            if (response.StatusCode != HttpStatusCode.OK)
            {
                await Console.Error.WriteLineAsync($"{target}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
                Interlocked.Increment(ref refused);
                continue;
            }
        }

        if (after == "delete")
        {
            File.Delete(path);
        }
    }
}
