namespace Akka.Pipeline.Storage.S3;

using Amazon.Runtime.CredentialManagement;

/// <summary>The two files that AWS's tools keep profiles in.</summary>
internal sealed class ProfileFiles
{
    private ProfileFiles(string credentialsPath, string configPath, CredentialProfileStoreChain chain)
    {
        CredentialsPath = credentialsPath;
        ConfigPath = configPath;
        Chain = chain;
    }

    public string CredentialsPath { get; }

    public string ConfigPath { get; }

    public CredentialProfileStoreChain Chain { get; }

    public static ProfileFiles Of(Func<string, string?> environment)
    {
        var home = Path.Combine(environment("HOME") ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".aws");
        var credentials = environment("AWS_SHARED_CREDENTIALS_FILE") ?? Path.Combine(home, "credentials");
        var config = environment("AWS_CONFIG_FILE") ?? Path.Combine(home, "config");
        return new ProfileFiles(credentials, config, new CredentialProfileStoreChain(credentials));
    }

    public CredentialProfile? Find(string name)
    {
        try
        {
            return Chain.TryGetProfile(name, out var profile) ? profile : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or Amazon.Runtime.AmazonClientException)
        {
            return null;
        }
    }

    public string Known()
    {
        try
        {
            var names = Chain.ListProfiles().Select(profile => profile.Name).Distinct(StringComparer.Ordinal).Take(10).ToList();
            return names.Count == 0 ? " (which hold none)" : $" (there are {string.Join(", ", names.Select(PlainText.Of))})";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or Amazon.Runtime.AmazonClientException)
        {
            return $" ({PlainText.Of(e.Message)})";
        }
    }
}
