namespace Akka.Pipeline.Storage.S3;

using System.Globalization;
using System.Net;
using System.Net.Http;
using System.Net.Sockets;
using System.Xml;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.S3;

/// <summary>Reads the facts of a failed request out of the exceptions of the SDK and of .NET's HTTP client.</summary>
internal static class S3TroubleReader
{
    public static S3Trouble Read(Exception exception)
    {
        switch (exception)
        {
            case S3TroubleException known:
                return known.Trouble;

            // A body that cannot be read as XML is a subclass of AmazonServiceException, so it comes first.
            case AmazonUnmarshallingException unreadable:
                return new S3Trouble(TroubleKind.Unreadable, (int)unreadable.StatusCode, "UnreadableAnswer", unreadable.InnerException?.Message);
            case AmazonServiceException { InnerException: { } inner and not HttpErrorResponseException } refused when (int)refused.StatusCode == 0:
                return Read(inner);
            case AmazonServiceException service:
                return Refused(service);
            case AmazonClientException client:
                return client.InnerException is null || LooksLikeCredentials(client)
                    ? new S3Trouble(TroubleKind.NoCredentials, 0, "NoCredentials", client.Message)
                    : Read(client.InnerException);
            case HttpRequestException http:
                return Transport(http);
            case XmlException xml:
                return new S3Trouble(TroubleKind.Unreadable, 0, "UnreadableAnswer", xml.Message);
            case TimeoutException:
            case OperationCanceledException:
                return new S3Trouble(TroubleKind.AnswerLost, 0, "Timeout");
            case IOException or SocketException:
                return new S3Trouble(TroubleKind.AnswerLost, 0, "ConnectionBroken", exception.Message);
            default:
                return new S3Trouble(TroubleKind.AnswerLost, 0, exception.GetType().Name, exception.Message);
        }
    }

    public static S3Trouble Transport(HttpRequestException http)
    {
        var detail = (http.InnerException ?? http).Message;
        return http.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError => new S3Trouble(TroubleKind.NotReached, 0, "NameNotResolved", detail),
            HttpRequestError.SecureConnectionError => new S3Trouble(TroubleKind.NotReached, 0, "TlsFailed", detail),
            HttpRequestError.ProxyTunnelError => new S3Trouble(TroubleKind.NotReached, 0, "ProxyFailed", detail),
            HttpRequestError.ConnectionError => http.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused }
                ? new S3Trouble(TroubleKind.NotReached, 0, "ConnectionRefused", detail)
                : new S3Trouble(TroubleKind.NotReached, 0, "NotReachable", detail),
            HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded => new S3Trouble(TroubleKind.Unreadable, 0, "UnreadableAnswer", detail),
            _ => new S3Trouble(TroubleKind.AnswerLost, 0, "ConnectionBroken", detail),
        };
    }

    private static S3Trouble Refused(AmazonServiceException refused)
    {
        var answer = (refused.InnerException as HttpErrorResponseException)?.Response;
        var region = RegionIn((refused as AmazonS3Exception)?.ResponseBody);
        if (string.IsNullOrEmpty(region) && answer is not null && answer.IsHeaderPresent("x-amz-bucket-region"))
        {
            region = answer.GetHeaderValue("x-amz-bucket-region");
        }

        TimeSpan? retryAfter = null;
        if (answer is not null && answer.IsHeaderPresent("Retry-After")
            && int.TryParse(answer.GetHeaderValue("Retry-After"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            retryAfter = TimeSpan.FromSeconds(seconds);
        }

        return new S3Trouble(
            TroubleKind.Refused,
            (int)refused.StatusCode,
            refused.ErrorCode ?? "",
            refused.Message,
            string.IsNullOrEmpty(region) ? null : region,
            retryAfter);
    }

    private static string? RegionIn(string? body)
    {
        const string Open = "<Region>", Close = "</Region>";
        var start = body?.IndexOf(Open, StringComparison.Ordinal) ?? -1;
        var end = start < 0 ? -1 : body!.IndexOf(Close, start, StringComparison.Ordinal);
        return end < 0 ? null : body![(start + Open.Length)..end];
    }

    private static bool LooksLikeCredentials(AmazonClientException client) =>
        client.Message.Contains("credential", StringComparison.OrdinalIgnoreCase)
        || client.Message.Contains("token", StringComparison.OrdinalIgnoreCase)
        || client.Message.Contains("profile", StringComparison.OrdinalIgnoreCase);
}
