namespace Akka.Pipeline.Sandbox;

using System.IO.Enumeration;
using Akka.Pipeline.Sandbox.Protocol;

/// <summary>The rules by which a <see cref="SandboxServer"/> fails. Safe to use from any thread, while requests run.</summary>
public sealed class SandboxFaults
{
    private readonly Lock _lock = new();
    private readonly List<ArmedRule> _rules = [];
    private Random _chance = new(0);

    /// <summary>The rules in force, in order.</summary>
    public IReadOnlyList<FaultRule> Rules
    {
        get
        {
            lock (_lock)
            {
                return [.. _rules.Select(armed => armed.Rule)];
            }
        }
    }

    /// <summary>Adds a rule behind those there are.</summary>
    /// <exception cref="ArgumentException">A value is out of its range.</exception>
    public void Add(FaultRule rule)
    {
        if (rule.Skip < 0 || rule.Times < 0 || rule.AfterBytes < 0 || rule.Before < TimeSpan.Zero || rule.After < TimeSpan.Zero
            || rule.Probability is not (>= 0 and <= 1) || rule.Status is not (0 or (>= 200 and <= 599)))
        {
            throw new ArgumentException("Skip, Times, AfterBytes, Before and After are 0 or more; Probability is 0 to 1; Status is 200 to 599.", nameof(rule));
        }

        lock (_lock)
        {
            _rules.Add(new(rule));
        }
    }

    /// <summary>Removes all rules.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _rules.Clear();
        }
    }

    /// <summary>How often a rule has hit; 0 for one that is not there.</summary>
    public int Hits(FaultRule rule)
    {
        lock (_lock)
        {
            return _rules.Find(armed => ReferenceEquals(armed.Rule, rule) || armed.Rule == rule)?.Hits ?? 0;
        }
    }

    /// <summary>Starts the generator of chance anew, so that a run can be repeated. It starts from 0 by itself.</summary>
    public void Seed(int seed)
    {
        lock (_lock)
        {
            _chance = new Random(seed);
        }
    }

    internal FaultRule? Choose(S3Operation operation, RequestTarget target)
    {
        lock (_lock)
        {
            foreach (var armed in _rules)
            {
                if (Matches(armed.Rule, operation, target) && armed.Hit(_chance))
                {
                    return armed.Rule;
                }
            }

            return null;
        }
    }

    private static bool Matches(FaultRule rule, S3Operation operation, RequestTarget target) =>
        (rule.Operations.Count == 0 || rule.Operations.Contains(operation))
        && (rule.Bucket is null || rule.Bucket == target.Bucket)
        && (rule.Key is null || (target.Key is not null && FileSystemName.MatchesSimpleExpression(rule.Key, target.Key, ignoreCase: false)))
        && (rule.PartNumber is null || target.Query["partNumber"] == $"{rule.PartNumber}");

    private sealed class ArmedRule(FaultRule rule)
    {
        private int _seen;

        public FaultRule Rule => rule;

        public int Hits { get; private set; }

        public bool Hit(Random chance)
        {
            if (Hits == rule.Times || _seen++ < rule.Skip || (rule.Probability < 1 && chance.NextDouble() >= rule.Probability))
            {
                return false;
            }

            Hits++;
            return true;
        }
    }
}
