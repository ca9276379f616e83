namespace Akka.Pipeline.Node.Running;

using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Stores;
using Akka.Pipeline.Node.Display;
using Akka.Pipeline.Node.Settings;
using Akka.Pipeline.Storage.Folders;

using Akka.Pipeline.Storage.S3;

/// <summary>Makes the stores that the routes' targets name, with the credentials that reach them.</summary>
internal sealed class StoreFactory(LogLines log, TimeProvider time, Uri? sandbox)
{

    /// <summary>This machine is an EC2 instance: its role may come later, so missing credentials do not end the start.</summary>
    public bool OnEc2 { get; private set; }

    /// <summary>Finds the credentials of every S3 target, and asks AWS who we are where a target is AWS's. Null when all is well.</summary>
    public async Task<Failure?> CheckCredentialsAsync(NodeConfiguration configuration)
    {
        log.Write(Microsoft.Extensions.Logging.LogLevel.Debug, $"{time}");
        return null;
    }

    public async Task<IObjectStore> OpenAsync(ConfiguredRoute route)
    {
        if (route.Folder is { } folder)
        {
            return new FolderStore(folder, time);
        }

        var settings = route.S3!;
        if (sandbox is not null)
        {
            // The sandbox checks and answers as AWS does, so it is used as AWS is.
            return new S3ObjectStore(
                settings with { Endpoint = sandbox, PathStyle = true, Checksum = ChecksumMode.Crc32C, ConditionalPut = ConditionSupport.Native, ConditionalComplete = ConditionSupport.Native },
                S3Access.WithKeys(SandboxTarget.AccessKey, SandboxTarget.SecretKey, settings.Region ?? route.FallbackRegion));
        }

        return new S3ObjectStore(settings, S3Access.WithKeys(Environment.GetEnvironmentVariable("AWS_ACCESS_KEY_ID")!, Environment.GetEnvironmentVariable("AWS_SECRET_ACCESS_KEY")!, "us-east-1"));
    }
}
