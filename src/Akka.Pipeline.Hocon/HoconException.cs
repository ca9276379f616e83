namespace Akka.Pipeline.Hocon;

/// <summary>
/// The only exception that reading, resolving and typed access throw for wrong input. Its message names the place, the thing and the cure:
/// <c>pipeline.conf:12:8: expected a value after '=' but found '}'; give routes.shots.source a value or remove the key</c>.
/// A retry helps only after the input was changed.
/// </summary>
public sealed class HoconException : Exception
{
    /// <summary>An error at a place. Settings built on top throw the same type, so that all configuration errors look alike.</summary>
    /// <param name="origin">Where it is wrong.</param>
    /// <param name="problem">What is wrong, naming the thing; no secret belongs here.</param>
    /// <param name="cure">What to do about it.</param>
    /// <param name="inner">What a file source threw, if that was the reason.</param>
    public HoconException(HoconOrigin origin, string problem, string cure, Exception? inner = null)
        : base($"{origin}: {problem}; {cure}", inner)
    {
        Origin = origin;
        Problem = problem;
        Cure = cure;
    }

    /// <summary>Where it is wrong.</summary>
    public HoconOrigin Origin { get; }

    /// <summary>What is wrong.</summary>
    public string Problem { get; }

    /// <summary>What to do about it.</summary>
    public string Cure { get; }
}
