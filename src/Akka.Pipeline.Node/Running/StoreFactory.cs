namespace Akka.Pipeline.Node.Running;

using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Stores;
using Akka.Pipeline.Node.Display;
using Akka.Pipeline.Node.Settings;
using Akka.Pipeline.Storage.Folders;
using Akka.Pipeline.Storage.S3;
using Microsoft.Extensions.Logging;

/// <summary>Makes the stores that the routes' targets name, with the credentials that reach them.</summary>
internal sealed class StoreFactory(LogLines log, TimeProvider time, Uri? sandbox)
{
    private readonly Dictionary<S3StoreSettings, S3Access> access = [];
    private Task<Ec2Instance?>? instance;

    /// <summary>Whether this machine is an EC2 instance; asked for only where it matters, because away from EC2 it takes up to a second to know.</summary>
    public async Task<bool> IsOnEc2Async() => await FindInstanceAsync() is not null;

    /// <summary>
    /// Finds the credentials of every S3 target, and asks AWS who we are where a target is AWS's. Null when all is well, or when this is an EC2 instance, whose
    /// role may be given at any time.
    /// </summary>
    public async Task<Failure?> CheckCredentialsAsync(NodeConfiguration configuration)
    {
        foreach (var route in configuration.Routes.Where(r => r.S3 is not null && sandbox is null).DistinctBy(r => r.S3))
        {
            try
            {
                var found = await ResolveAsync(route);
                access[route.S3!] = found;
                if (await found.WhoAmIAsync(route.S3!, CancellationToken.None) is { } identity)
                {
                    log.Write(LogLevel.Information, $"Credentials from {found.Source}: {identity}");
                }
            }
            catch (StoreException refused) when (refused.Failure.Nature != FailureNature.Credentials)
            {
                log.Write(LogLevel.Warning, $"{refused.Failure.Explanation}");
            }
            catch (StoreException refused)
            {
                if (!await IsOnEc2Async() || !access.ContainsKey(route.S3!))
                {
                    return refused.Failure;
                }

                log.Write(LogLevel.Error, $"{refused.Failure.Explanation} The instance may be given its role at any time, so the daemon goes on.");
            }
        }

        return null;
    }

    /// <summary>Refuses an environment that the SDK of the stores cannot bear.</summary>
    /// <exception cref="ConfigurationException">It names a metadata service that is no URL.</exception>
    public static void CheckEnvironment()
    {
        if (Ec2Metadata.ProblemWith(Environment.GetEnvironmentVariable) is { } problem)
        {
            throw new ConfigurationException(problem);
        }
    }

    /// <summary>The store of a route, once its credentials are found.</summary>
    public async Task<IObjectStore> OpenAsync(ConfiguredRoute route)
    {
        if (route.Folder is { } folder)
        {
            try
            {
                return new FolderStore(folder, time);
            }
            catch (StoreException refused)
            {
                throw new ConfigurationException($"Route {route.Settings.Name}: {refused.Failure.Explanation}", refused);
            }
        }

        var settings = route.S3!;
        if (sandbox is null)
        {
            return new S3ObjectStore(settings, access.TryGetValue(settings, out var found) ? found : access[settings] = await ResolveAsync(route), time);
        }

        // The sandbox checks and answers as AWS does, so it is used as AWS is.
        return new S3ObjectStore(
            settings with { Endpoint = sandbox, PathStyle = true, Checksum = ChecksumMode.Crc32C, ConditionalPut = ConditionSupport.Native, ConditionalComplete = ConditionSupport.Native },
            S3Access.WithKeys(SandboxTarget.AccessKey, SandboxTarget.SecretKey, settings.Region ?? route.FallbackRegion),
            time);
    }

    // Environment and profiles come before the instance, so a machine that has them need not wait to learn that it is no instance.
    private async Task<S3Access> ResolveAsync(ConfiguredRoute route)
    {
        var settings = route.S3!;
        var regionMatters = settings.IsAws && settings.Region is null;
        try
        {
            if (!regionMatters)
            {
                return await S3Access.ResolveAsync(settings, Environment.GetEnvironmentVariable, null, route.FallbackRegion, CancellationToken.None);
            }
        }
        catch (StoreException none) when (none.Failure.Nature == FailureNature.Credentials && settings.Profile is null)
        {
            if (!await IsOnEc2Async())
            {
                throw;
            }
        }

        return await S3Access.ResolveAsync(settings, Environment.GetEnvironmentVariable, await FindInstanceAsync(), route.FallbackRegion, CancellationToken.None);
    }

    private Task<Ec2Instance?> FindInstanceAsync() => instance ??= Ec2Metadata.FindAsync(Environment.GetEnvironmentVariable, time, CancellationToken.None);
}
