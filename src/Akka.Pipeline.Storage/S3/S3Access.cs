namespace Akka.Pipeline.Storage.S3;

using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Stores;
using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.CredentialManagement;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;

/// <summary>Who we are to an S3 store, and in which region.</summary>
public sealed class S3Access
{
    // Single sign-on, assumed roles and credential processes may ask the network.
    private static readonly TimeSpan ProfileLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan IdentityLimit = TimeSpan.FromSeconds(10);
    private static readonly S3Operation GetCallerIdentity = new("GetCallerIdentity", "sts:GetCallerIdentity", false);

    private S3Access(AWSCredentials credentials, string region, string source, string? profile)
    {
        Credentials = credentials;
        Region = region;
        Source = source;
        Profile = profile;
    }

    /// <summary>The region that requests are signed for.</summary>
    public string Region { get; }

    /// <summary>Where the credentials come from, for messages; nothing secret.</summary>
    public string Source { get; }

    /// <summary>The profile that they come from, or null.</summary>
    public string? Profile { get; }

    internal AWSCredentials Credentials { get; }

    /// <summary>Access with a given key pair.</summary>
    public static S3Access WithKeys(string accessKey, string secretKey, string region, string? sessionToken = null) =>
        new(sessionToken is null ? new BasicAWSCredentials(accessKey, secretKey) : new SessionAWSCredentials(accessKey, secretKey, sessionToken), region, "given keys", null);

    /// <summary>Access with credentials that come from elsewhere.</summary>
    internal static S3Access WithCredentials(AWSCredentials credentials, string region) => new(credentials, region, "given credentials", null);

    /// <summary>
    /// Finds credentials: the profile of the settings if there is one; else the environment's keys, its web identity, the profile AWS_PROFILE (or "default"), the container's,
    /// the EC2 instance's role. The region: the settings', AWS_REGION, AWS_DEFAULT_REGION, the profile's, the instance's, <paramref name="defaultRegion"/>.
    /// The order is that of the AWS command line (docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html, 2026-11).
    /// </summary>
    /// <param name="settings">The store.</param>
    /// <param name="environment">Gives the value of an environment variable, or null. What the SDK reads by itself (web identity, container) comes from the process's own.</param>
    /// <param name="instance">What <see cref="Ec2Metadata.FindAsync"/> found: only there is the metadata service asked for a role, when a request needs it.</param>
    /// <param name="defaultRegion">If nothing says otherwise.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <exception cref="StoreException">There are none, or a profile is missing or gives none: a failure of nature Credentials.</exception>
    public static async Task<S3Access> ResolveAsync(S3StoreSettings settings, Func<string, string?> environment, Ec2Instance? instance, string defaultRegion, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(environment);
        string? Given(string name) => environment(name) is { Length: > 0 } value ? value : null;

        Ec2Metadata.NormalizeEndpoint();
        var files = ProfileFiles.Of(Given);
        var named = settings.Profile ?? Given("AWS_PROFILE");
        var profile = files.Find(named ?? "default");
        var region = settings.Region ?? Given("AWS_REGION") ?? Given("AWS_DEFAULT_REGION") ?? profile?.Region?.SystemName ?? instance?.Region ?? defaultRegion;
        S3Access From(AWSCredentials credentials, string source, string? name = null) => new(credentials, region, source, name);

        if (settings.Profile is null)
        {
            switch (Given("AWS_ACCESS_KEY_ID"), Given("AWS_SECRET_ACCESS_KEY"))
            {
                case ({ } key, { } secret):
                    return From(Given("AWS_SESSION_TOKEN") is { } token ? new SessionAWSCredentials(key, secret, token) : new BasicAWSCredentials(key, secret), "the environment");
                case ({ }, null) or (null, { }):
                    throw Missing("IncompleteCredentials", "Only one of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY is set", "Set both, or none.");
            }

            if (Given("AWS_WEB_IDENTITY_TOKEN_FILE") is { } tokenFile && Given("AWS_ROLE_ARN") is { } role)
            {
                return From(new AssumeRoleWithWebIdentityCredentials(tokenFile, role, Given("AWS_ROLE_SESSION_NAME") ?? "akka-pipeline"), $"web identity for {role}");
            }
        }

        if (profile is not null && await FromProfileAsync(profile, files, named is not null, cancellation) is { } credentials)
        {
            return From(credentials, $"profile {profile.Name}", profile.Name);
        }

        if (named is not null)
        {
            throw Missing(
                "ProfileNotFound",
                $"There is no profile {PlainText.Of(named)} in {files.CredentialsPath} or {files.ConfigPath}{files.Known()}",
                $"Correct the name (--profile, AWS_PROFILE, store.profile), or make it: aws configure --profile {PlainText.Of(named)}.");
        }

        if (Given("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") is not null || Given("AWS_CONTAINER_CREDENTIALS_FULL_URI") is not null)
        {
            return From(new GenericContainerCredentials(), "the container");
        }

        return instance is not null
            ? From(new InstanceRole(), $"the role of instance {instance.InstanceId}")
            : throw Missing(
                "NoCredentials",
                $"There are no AWS credentials: not in the environment, not in {files.CredentialsPath} or {files.ConfigPath}, and this is no EC2 instance with a role",
                S3Failures.CredentialsCure("NoCredentials", null));
    }

    /// <summary>Asks AWS who these credentials are: the ARN of the identity, or null without asking where the store is not AWS's.</summary>
    /// <exception cref="StoreException">AWS refuses the credentials (nature Credentials), or cannot be asked (nature Passing).</exception>
    public Task<string?> WhoAmIAsync(S3StoreSettings settings, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return settings.IsAws ? AskIdentityAsync(null, cancellation) : Task.FromResult<string?>(null);
    }

    /// <param name="endpoint">Other than AWS's, for tests.</param>
    /// <param name="cancellation">Ends it early.</param>
    internal async Task<string?> AskIdentityAsync(Uri? endpoint, CancellationToken cancellation)
    {
        var config = new AmazonSecurityTokenServiceConfig { MaxErrorRetry = 1, Timeout = IdentityLimit, IgnoreConfiguredEndpointUrls = true, DisableLogging = true };
        if (endpoint is null)
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(Region);
        }
        else
        {
            config.ServiceURL = endpoint.AbsoluteUri;
            config.AuthenticationRegion = Region;
        }

        using var client = new AmazonSecurityTokenServiceClient(Credentials, config);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(IdentityLimit);
        try
        {
            return (await client.GetCallerIdentityAsync(new GetCallerIdentityRequest(), limit.Token)).Arn;
        }
        catch (Exception) when (cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellation);
        }
        catch (Exception e)
        {
            var trouble = S3TroubleReader.Read(e);
            var asked = new S3Question(GetCallerIdentity, $"AWS STS ({Region})", "", "", Region, true, Profile);
            var failure = S3Failures.Classify(asked, trouble);

            // The question needs no permission: whoever is refused is not known.
            throw new StoreException(trouble is { Kind: TroubleKind.Refused, Status: 400 or 401 or 403 } && failure.Nature != FailureNature.Credentials && failure.Nature != FailureNature.Throttled && failure.Scope != FailureScope.Store
                ? new Failure(FailureScope.Store, FailureNature.Credentials, failure.Code, $"AWS does not accept the credentials from {Source} ({failure.Code})", S3Failures.CredentialsCure(failure.Code, Profile))
                : failure);
        }
    }

    /// <summary>Null for a default profile that holds no credentials, such as one with a region only.</summary>
    private static async Task<AWSCredentials?> FromProfileAsync(CredentialProfile profile, ProfileFiles files, bool asked, CancellationToken cancellation)
    {
        if (!profile.CanCreateAWSCredentials)
        {
            return asked
                ? throw Missing("ProfileWithoutCredentials", $"Profile {profile.Name} in {files.CredentialsPath} or {files.ConfigPath} holds no credentials", $"Add them: aws configure --profile {profile.Name}.")
                : null;
        }

        try
        {
            var credentials = AWSCredentialsFactory.GetAWSCredentials(profile, files.Chain);
            await credentials.GetCredentialsAsync().WaitAsync(ProfileLimit, cancellation);
            return credentials;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            var sso = profile.Options.SsoSession is not null || profile.Options.SsoStartUrl is not null;
            throw Missing(
                "ProfileUnusable",
                $"Profile {profile.Name} in {files.CredentialsPath} or {files.ConfigPath} gives no credentials ({PlainText.Of(e.Message)})",
                sso
                    ? $"Sign in (aws sso login --profile {profile.Name}) and hand the keys over: eval \"$(aws configure export-credentials --profile {profile.Name} --format env)\"."
                    : $"Correct it (aws configure --profile {profile.Name}), and see that aws sts get-caller-identity --profile {profile.Name} works.");
        }
    }

    private static StoreException Missing(string code, string cause, string cure) => new(new Failure(FailureScope.Store, FailureNature.Credentials, code, cause, cure));

    /// <summary>The instance's role, looked up by the SDK when a request needs it, so that a role attached later is found.</summary>
    private sealed class InstanceRole : AWSCredentials
    {
        private readonly Lock creation = new();
        private InstanceProfileAWSCredentials? found;

        public override ImmutableCredentials GetCredentials()
        {
            try
            {
                return Found().GetCredentials();
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                throw NoRole(e);
            }
        }

        // The SDK asks for the role's name while the object is made, and blocks.
        public override async Task<ImmutableCredentials> GetCredentialsAsync()
        {
            try
            {
                return await (await Task.Run(Found)).GetCredentialsAsync();
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                throw NoRole(e);
            }
        }

        // What the SDK throws (the 404 of the metadata service, for an instance without a role) looks like trouble with the store.
        private static S3TroubleException NoRole(Exception cause) =>
            new(new S3Trouble(TroubleKind.NoCredentials, 0, "NoCredentials", $"the instance metadata service gives no role: {cause.Message}"));

        private InstanceProfileAWSCredentials Found()
        {
            lock (creation)
            {
                return found ??= new InstanceProfileAWSCredentials();
            }
        }
    }
}
