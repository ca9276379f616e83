namespace Akka.Pipeline.Sandbox.Serving;

using System.Collections.Concurrent;
using System.Diagnostics;
using Akka.Pipeline.Sandbox.Bodies;
using Akka.Pipeline.Sandbox.Endpoints;
using Akka.Pipeline.Sandbox.Faults;
using Akka.Pipeline.Sandbox.Protocol;
using Akka.Pipeline.Sandbox.Signing;
using Akka.Pipeline.Sandbox.Store;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

/// <summary>Takes a request from its first byte to its answer: parse, choose a fault, authenticate, dispatch, answer.</summary>
internal sealed class RequestHandler : IAsyncDisposable
{
    private readonly SandboxOptions _options;
    private readonly RequestAuthenticator _authenticator;
    private readonly RequestDispatcher _dispatcher;
    private readonly ControlEndpoint? _control;
    private readonly IReadOnlyList<string> _hostSuffixes;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<Task, bool> _lateCommits = new();
    private long _lastId = Stopwatch.GetTimestamp();

    public RequestHandler(SandboxOptions options, ObjectStore store)
    {
        _options = options;
        _authenticator = new(options);
        _dispatcher = new(store, options);
        Statistics = new(options.RecentRequests);
        _control = options.ControlEndpoint ? new(Faults, Statistics) : null;
        _hostSuffixes = [.. options.VirtualHosts.Append("localhost").Concat(System.Net.IPAddress.TryParse(options.Host, out _) || options.Host == "*" ? [] : [options.Host])];
    }

    public SandboxFaults Faults { get; } = new();

    public SandboxStatistics Statistics { get; }

    public Task HandleAsync(HttpContext http)
    {
        var rawTarget = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        return _control is not null && rawTarget.StartsWith(ControlEndpoint.PathPrefix, StringComparison.Ordinal)
            ? _control.HandleAsync(http, rawTarget)
            : AnswerAsync(http, rawTarget);
    }

    public Task StopAsync() => _stopping.CancelAsync();

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_lateCommits.Keys).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task AnswerAsync(HttpContext http, string rawTarget)
    {
        var startedAt = Stopwatch.GetTimestamp();
        var requestId = Interlocked.Increment(ref _lastId).ToString("X16");
        RequestTarget? target = null;
        var operation = S3Operation.Unknown;
        FaultRule? rule = null;
        RawBody? raw = null;
        S3Response? response;
        try
        {
            target = RequestTarget.Parse(rawTarget, http.Request.Host.Value ?? "", _hostSuffixes);
            operation = OperationResolver.Resolve(http.Request.Method, target.Bucket, target.Key, target.Query, http.Request.Headers.ContainsKey("x-amz-copy-source"));
            rule = Faults.Choose(operation, target);
            var session = new FaultSession(rule, _stopping.Token);
            raw = new RawBody(http.Request.Body, session);
            var request = new S3Request
            {
                Id = requestId,
                Method = http.Request.Method,
                Operation = operation,
                Target = target,
                Headers = Copy(http.Request.Headers),
                Faults = session,
                BelievesClient = _options.BelievesClients,
            };
            response = FaultResponses.Instead(rule) ?? await CarryOutAsync(request, raw, http.RequestAborted);
        }
        catch (S3Exception e)
        {
            response = FaultResponses.OfError(e, rawTarget, requestId);
        }
        catch (Exception e) when (e is ConnectionDroppedException or OperationCanceledException or BadHttpRequestException || http.RequestAborted.IsCancellationRequested)
        {
            response = null;
        }
        catch (Exception e)
        {
            response = FaultResponses.OfError(new(500, "InternalError", $"The sandbox failed: {e.GetType().Name}: {e.Message}"), rawTarget, requestId);
        }

        using (response?.File)
        {
            Statistics.Add(new(
                _options.Clock.GetUtcNow(), operation, target?.Bucket, target?.Key, int.TryParse(target?.Query["partNumber"], out var part) ? part : null,
                response?.Status ?? 0, response?.ErrorCode, raw?.ReadBytes ?? 0, Stopwatch.GetElapsedTime(startedAt), rule?.Fault));
            if (response is null)
            {
                ResponseSender.Reset(http);
            }
            else
            {
                await ResponseSender.SendAsync(http, response, requestId, rule, _stopping.Token);
            }
        }
    }

    private async Task<S3Response?> CarryOutAsync(S3Request request, RawBody raw, CancellationToken aborted)
    {
        var rule = request.Faults.Rule;
        var payload = _authenticator.Authenticate(request);
        request.Body = RequestBody.Open(request, raw, payload);
        if (rule?.Fault == FaultKind.Latency && request.Method is "GET" or "HEAD")
        {
            await request.Faults.BeforeCommitAsync();
        }

        if (rule?.Fault != FaultKind.CommitLater)
        {
            return await FaultResponses.AfterAsync(rule, await _dispatcher.DispatchAsync(request, aborted), request.Id, _stopping.Token);
        }

        // The commit outlives this request, so it must not be broken off with it.
        var work = _dispatcher.DispatchAsync(request, CancellationToken.None);
        _lateCommits[work] = true;
        _ = work.ContinueWith(done => _lateCommits.TryRemove(done, out _), TaskScheduler.Default);
        await Task.WhenAny(work, request.Faults.ReachedCommit);
        return request.Faults.ReachedCommit.IsCompleted ? FaultResponses.SlowDown(rule, request.Id) : await work;
    }

    private static Dictionary<string, string> Copy(IHeaderDictionary headers)
    {
        var copy = new Dictionary<string, string>(headers.Count, StringComparer.OrdinalIgnoreCase);
        foreach (var (name, values) in headers)
        {
            copy[name] = values.Count == 1 ? values[0] ?? "" : string.Join(',', values.AsEnumerable());
        }

        return copy;
    }
}
