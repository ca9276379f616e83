namespace Akka.Pipeline.Sandbox.Serving;

using System.Buffers;
using System.Net.Sockets;
using Akka.Pipeline.Sandbox.Protocol;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

/// <summary>Puts an answer on the wire, or breaks the wire.</summary>
internal static class ResponseSender
{
    private const int BufferBytes = 128 * 1024;

    /// <summary>Breaks the connection so that the client sees a reset, not an orderly end.</summary>
    public static void Reset(HttpContext http)
    {
        if (http.Features.Get<IConnectionSocketFeature>() is { } connection)
        {
            try
            {
                connection.Socket.LingerState = new LingerOption(enable: true, seconds: 0);
            }
            catch (Exception e) when (e is ObjectDisposedException or SocketException)
            {
                // The client was faster.
            }
        }

        http.Abort();
    }

    public static async Task SendAsync(HttpContext http, S3Response response, string requestId, FaultRule? rule, CancellationToken stopping)
    {
        var isHead = HttpMethods.IsHead(http.Request.Method);
        http.Response.StatusCode = response.Status;
        http.Response.Headers["x-amz-request-id"] = requestId;
        http.Response.Headers["x-amz-id-2"] = requestId;
        foreach (var (name, value) in response.Headers)
        {
            http.Response.Headers[name] = value;
        }

        var lengthBytes = response.File?.LengthBytes ?? response.Body?.LongLength ?? response.LengthBytes ?? 0;
        if (response.Status is not (204 or 304))
        {
            http.Response.ContentLength = isHead && response.ErrorCode is not null ? null : lengthBytes;
        }

        if (isHead || lengthBytes == 0 || response.Status is 204 or 304)
        {
            return;
        }

        try
        {
            await SendBodyAsync(http, response, rule, lengthBytes, stopping);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            Reset(http);
        }
    }

    private static async Task SendBodyAsync(HttpContext http, S3Response response, FaultRule? rule, long lengthBytes, CancellationToken stopping)
    {
        var limit = rule?.Fault == FaultKind.ResetResponse ? Math.Min(rule.AfterBytes, lengthBytes) : lengthBytes;
        var step = rule?.Fault == FaultKind.SlowResponse ? 1 : BufferBytes;
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(lengthBytes, BufferBytes));
        try
        {
            for (long sent = 0; sent < limit;)
            {
                var wanted = (int)Math.Min(Math.Min(step, buffer.Length), limit - sent);
                var count = Read(response, sent, buffer.AsSpan(0, wanted));
                if (count == 0)
                {
                    throw new EndOfStreamException();
                }

                await http.Response.Body.WriteAsync(buffer.AsMemory(0, count), http.RequestAborted);
                sent += count;
                if (rule?.Fault == FaultKind.SlowResponse)
                {
                    await http.Response.Body.FlushAsync(http.RequestAborted);
                    await Task.Delay(rule.After, stopping);
                }
            }

            if (rule?.Fault == FaultKind.ResetResponse)
            {
                await http.Response.Body.FlushAsync(http.RequestAborted);
                Reset(http);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static int Read(S3Response response, long offset, Span<byte> buffer)
    {
        if (response.File is { } file)
        {
            return RandomAccess.Read(file.Handle, buffer, file.OffsetBytes + offset);
        }

        var rest = response.Body.AsSpan((int)offset);
        var count = Math.Min(rest.Length, buffer.Length);
        rest[..count].CopyTo(buffer);
        return count;
    }
}
