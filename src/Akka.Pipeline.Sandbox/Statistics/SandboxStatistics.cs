namespace Akka.Pipeline.Sandbox;

/// <summary>One request that was answered, or broken off.</summary>
/// <param name="Status">HTTP status of the answer; 0 where the connection was broken off instead.</param>
/// <param name="BodyBytes">Bytes of the body that were read, framing included.</param>
/// <param name="Fault">The fault that hit it.</param>
public sealed record SandboxRequest(
    DateTimeOffset At, S3Operation Operation, string? Bucket, string? Key, int? PartNumber, int Status, string? ErrorCode, long BodyBytes, TimeSpan Duration, FaultKind? Fault);

/// <summary>What a <see cref="SandboxServer"/> was asked for. Safe to read from any thread.</summary>
public sealed class SandboxStatistics
{
    private readonly Lock _lock = new();
    private readonly long[] _counts = new long[Enum.GetValues<S3Operation>().Length];
    private readonly Queue<SandboxRequest> _recent = [];
    private readonly int _recentLimit;
    private long _receivedBytes;
    private DateTimeOffset? _firstWriteAt;

    internal SandboxStatistics(int recentLimit) => _recentLimit = recentLimit;

    /// <summary>Requests of all kinds, refused ones too.</summary>
    public long Total
    {
        get
        {
            lock (_lock)
            {
                return _counts.Sum();
            }
        }
    }

    /// <summary>Bytes of bodies that were read, framing included.</summary>
    public long ReceivedBytes
    {
        get
        {
            lock (_lock)
            {
                return _receivedBytes;
            }
        }
    }

    /// <summary>When the first PutObject or UploadPart arrived that is answered by now; null: none.</summary>
    public DateTimeOffset? FirstWriteAt
    {
        get
        {
            lock (_lock)
            {
                return _firstWriteAt;
            }
        }
    }

    /// <summary>The last requests, oldest first; how many is said by <see cref="SandboxOptions.RecentRequests"/>.</summary>
    public IReadOnlyList<SandboxRequest> Recent
    {
        get
        {
            lock (_lock)
            {
                return [.. _recent];
            }
        }
    }

    /// <summary>Requests of each kind that came at least once.</summary>
    public IReadOnlyDictionary<S3Operation, long> Counts
    {
        get
        {
            lock (_lock)
            {
                return Enum.GetValues<S3Operation>().Where(operation => _counts[(int)operation] > 0).ToDictionary(operation => operation, operation => _counts[(int)operation]);
            }
        }
    }

    /// <summary>Requests of one kind.</summary>
    public long Count(S3Operation operation)
    {
        lock (_lock)
        {
            return _counts[(int)operation];
        }
    }

    /// <summary>Begins from nothing.</summary>
    public void Reset()
    {
        lock (_lock)
        {
            Array.Clear(_counts);
            _recent.Clear();
            _receivedBytes = 0;
            _firstWriteAt = null;
        }
    }

    internal void Add(SandboxRequest request)
    {
        lock (_lock)
        {
            _counts[(int)request.Operation]++;
            _receivedBytes += request.BodyBytes;
            if (request.Operation is S3Operation.PutObject or S3Operation.UploadPart && request.At - request.Duration is var arrivedAt && !(_firstWriteAt <= arrivedAt))
            {
                _firstWriteAt = arrivedAt;
            }

            if (_recentLimit == 0)
            {
                return;
            }

            if (_recent.Count == _recentLimit)
            {
                _recent.Dequeue();
            }

            _recent.Enqueue(request);
        }
    }
}
