namespace Akka.Pipeline.Sandbox.Serving;

using Akka.Pipeline.Sandbox.Protocol;

/// <summary>The answers that faults put in place of the right ones.</summary>
internal static class FaultResponses
{
    public static S3Response OfError(S3Exception error, string rawTarget, string requestId)
    {
        var question = rawTarget.IndexOf('?', StringComparison.Ordinal);
        var response = new S3Response(error.Status)
        {
            Body = S3Document.Error(error.Code, error.Message, error.Details, question < 0 ? rawTarget : rawTarget[..question], requestId),
            ErrorCode = error.Code,
        }.With("Content-Type", "application/xml");
        response.Headers.AddRange(error.Headers);
        return response;
    }

    /// <summary>The answer to a request that is not even looked at; null where it is.</summary>
    /// <exception cref="S3Exception">That answer, where it is an error.</exception>
    public static S3Response? Instead(FaultRule? rule) => rule?.Fault switch
    {
        FaultKind.SlowDown => throw Error(rule, 503, "SlowDown", "Please reduce your request rate."),
        FaultKind.Error => throw Error(rule, 500, "InternalError", "We encountered an internal error. Please try again."),
        FaultKind.Redirect => throw Redirect(rule),
        _ => null,
    };

    /// <summary>What becomes of the right answer. Null: the connection is to be broken.</summary>
    public static async Task<S3Response?> AfterAsync(FaultRule? rule, S3Response response, string requestId, CancellationToken stopping)
    {
        switch (rule?.Fault)
        {
            case FaultKind.Latency when rule.After > TimeSpan.Zero:
                await Task.Delay(rule.After, stopping);
                return response;
            case FaultKind.CommitThenReset:
                response.File?.Dispose();
                return null;
            case FaultKind.CommitThenError:
                response.File?.Dispose();
                return OfError(Error(rule, 500, "InternalError", "We encountered an internal error. Please try again."), "", requestId);
            case FaultKind.Garbage:
                response.File?.Dispose();
                return new S3Response(rule.Status == 0 ? 200 : rule.Status) { Body = "\0<<not & xml\uFFFD"u8.ToArray() }.With("Content-Type", "application/xml");
            case FaultKind.ErrorInside200:
                response.File?.Dispose();
                var error = Error(rule, 500, "InternalError", "We encountered an internal error. Please try again.");
                return new S3Response(200) { Body = S3Document.Error(error.Code, error.Message, [], "", requestId), ErrorCode = error.Code }.With("Content-Type", "application/xml");
            default:
                return response;
        }
    }

    public static S3Response SlowDown(FaultRule rule, string requestId) =>
        OfError(Error(rule, 503, "SlowDown", "Please reduce your request rate."), "", requestId);

    private static S3Exception Error(FaultRule rule, int status, string code, string message) =>
        new(rule.Status == 0 ? status : rule.Status, rule.Code ?? code, rule.Message ?? message);

    private static S3Exception Redirect(FaultRule rule)
    {
        var region = rule.Region ?? "eu-central-1";
        var headers = new List<KeyValuePair<string, string>> { new("x-amz-bucket-region", region) };
        if (rule.Location is not null)
        {
            headers.Add(new("Location", rule.Location));
        }

        var isTemporary = rule.Status is 0 or 307;
        return new(isTemporary ? 307 : rule.Status, rule.Code ?? (isTemporary ? "TemporaryRedirect" : "PermanentRedirect"),
            rule.Message ?? "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.")
        {
            Headers = headers,
            Details = [new("Endpoint", rule.Location is null ? $"s3.{region}.amazonaws.com" : new Uri(rule.Location).Authority)],
        };
    }
}
