namespace Akka.Configuration;

using Akka.Actor;

/// <summary>Something asks for what the configuration of the actor system does not have. A retry cannot help.</summary>
public class ConfigurationException : AkkaException
{
    public ConfigurationException(string message)
        : base(message)
    {
    }

    public ConfigurationException(string message, Exception? exception)
        : base(message, exception)
    {
    }
}
