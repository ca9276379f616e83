namespace Akka.Pipeline.Storage.Tests.S3;

using System.Diagnostics;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Stores;
using Akka.Pipeline.Storage.S3;

public sealed class Finding_credentials : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("akka-pipeline-aws-").FullName;
    private readonly Dictionary<string, string> environment = new(StringComparer.Ordinal);

    public Finding_credentials()
    {
        environment["AWS_SHARED_CREDENTIALS_FILE"] = CredentialsFile;
        environment["AWS_CONFIG_FILE"] = Path.Combine(folder, "config");
        environment["HOME"] = folder;
    }

    private string CredentialsFile => Path.Combine(folder, "credentials");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Keys_in_the_environment_come_first()
    {
        File.WriteAllText(CredentialsFile, "[default]\naws_access_key_id = FROMFILE\naws_secret_access_key = secret\nregion = eu-north-1\n");
        environment["AWS_ACCESS_KEY_ID"] = "FROMENV";
        environment["AWS_SECRET_ACCESS_KEY"] = "secret";
        environment["AWS_SESSION_TOKEN"] = "token";
        var access = await ResolveAsync(new S3StoreSettings());
        var keys = await access.Credentials.GetCredentialsAsync();
        Assert.Equal(("FROMENV", "token", "eu-north-1"), (keys.AccessKey, keys.Token, access.Region));
    }

    [Fact]
    public async Task A_profile_in_the_settings_wins_over_the_environment()
    {
        File.WriteAllText(CredentialsFile, "[work]\naws_access_key_id = FROMFILE\naws_secret_access_key = secret\n");
        environment["AWS_ACCESS_KEY_ID"] = "FROMENV";
        environment["AWS_SECRET_ACCESS_KEY"] = "secret";
        var access = await ResolveAsync(new S3StoreSettings { Profile = "work" });
        Assert.Equal("FROMFILE", (await access.Credentials.GetCredentialsAsync()).AccessKey);
        Assert.Equal("profile work", access.Source);
    }

    [Theory]
    [InlineData(null, "work")]
    [InlineData("work", null)]
    public async Task A_profile_that_is_not_there_is_named_with_the_files_that_were_read(string? setting, string? variable)
    {
        File.WriteAllText(CredentialsFile, "[home]\naws_access_key_id = KEYOFHOME\naws_secret_access_key = verysecret\n");
        if (variable is not null)
        {
            environment["AWS_PROFILE"] = variable;
        }

        var failure = await RefusedAsync(new S3StoreSettings { Profile = setting });
        Assert.Equal("ProfileNotFound", failure.Code);
        Assert.Contains("profile work", failure.Cause, StringComparison.Ordinal);
        Assert.Contains(CredentialsFile, failure.Cause, StringComparison.Ordinal);
        Assert.Contains("home", failure.Cause, StringComparison.Ordinal);
        Assert.DoesNotContain("verysecret", failure.Cause + failure.Cure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task That_there_are_none_is_found_out_at_once_and_says_what_to_do()
    {
        var clock = Stopwatch.StartNew();
        var failure = await RefusedAsync(new S3StoreSettings());
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Assert.Equal("NoCredentials", failure.Code);
        Assert.Contains("AWS_ACCESS_KEY_ID", failure.Cure, StringComparison.Ordinal);
        Assert.Contains("aws configure", failure.Cure, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AWS_ACCESS_KEY_ID")]
    [InlineData("AWS_SECRET_ACCESS_KEY")]
    public async Task Half_a_key_pair_is_an_error_of_its_own(string variable)
    {
        environment[variable] = "half-of-it";
        var failure = await RefusedAsync(new S3StoreSettings());
        Assert.Equal("IncompleteCredentials", failure.Code);
        Assert.DoesNotContain("half-of-it", failure.Cause + failure.Cure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_profile_whose_process_fails_is_named()
    {
        File.WriteAllText(CredentialsFile, "[broken]\ncredential_process = /bin/false\n");
        var failure = await RefusedAsync(new S3StoreSettings { Profile = "broken" });
        Assert.Equal("ProfileUnusable", failure.Code);
        Assert.Contains("broken", failure.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_EC2_the_instance_gives_role_and_region()
    {
        var access = await S3Access.ResolveAsync(new S3StoreSettings(), Environment, new Ec2Instance("i-1", "ap-south-2"), "eu-west-1", CancellationToken.None);
        Assert.Equal(("ap-south-2", "the role of instance i-1"), (access.Region, access.Source));
    }

    [Fact]
    public async Task The_region_is_what_comes_first()
    {
        environment["AWS_ACCESS_KEY_ID"] = "KEY";
        environment["AWS_SECRET_ACCESS_KEY"] = "secret";
        Assert.Equal("us-gov-west-1", (await ResolveAsync(new S3StoreSettings())).Region);
        File.WriteAllText(CredentialsFile, "[default]\nregion = from-profile-1\n");
        Assert.Equal("from-profile-1", (await ResolveAsync(new S3StoreSettings())).Region);
        environment["AWS_DEFAULT_REGION"] = "from-default-1";
        Assert.Equal("from-default-1", (await ResolveAsync(new S3StoreSettings())).Region);
        environment["AWS_REGION"] = "from-region-1";
        Assert.Equal("from-region-1", (await ResolveAsync(new S3StoreSettings())).Region);
        Assert.Equal("explicit-1", (await ResolveAsync(new S3StoreSettings { Region = "explicit-1" })).Region);
    }

    [Fact]
    public async Task AWS_tells_who_we_are()
    {
        await using var sts = StubServer.Saying(200, """
            <GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/uploader</Arn>
            <UserId>AIDA</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>
            """);
        Assert.Equal("arn:aws:iam::123456789012:user/uploader", await Keys.AskIdentityAsync(sts.Endpoint, CancellationToken.None));
    }

    [Theory]
    [InlineData("InvalidClientTokenId", FailureNature.Credentials)]
    [InlineData("SignatureDoesNotMatch", FailureNature.Credentials)]
    [InlineData("ExpiredToken", FailureNature.Credentials)]
    [InlineData("SomethingNew", FailureNature.Credentials)]
    [InlineData("Throttling", FailureNature.Throttled)]
    public async Task AWS_refuses_to_tell(string code, FailureNature nature)
    {
        await using var sts = StubServer.Saying(403, $"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>The key secretsecretsecretsecretsecretsecret is wrong</Message></Error></ErrorResponse>");
        var error = await Assert.ThrowsAsync<StoreException>(() => Keys.AskIdentityAsync(sts.Endpoint, CancellationToken.None));
        Assert.Equal((nature, code), (error.Failure.Nature, error.Failure.Code));
        Assert.DoesNotContain("secretsecret", error.ToString() + error.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_stores_are_not_asked_who_we_are() =>
        Assert.Null(await Keys.WhoAmIAsync(new S3StoreSettings { Endpoint = new Uri("http://127.0.0.1:9") }, CancellationToken.None));

    private static S3Access Keys => S3Access.WithKeys("KEY", "secret", "us-east-1");

    private string? Environment(string name) => environment.GetValueOrDefault(name);

    private Task<S3Access> ResolveAsync(S3StoreSettings settings) => S3Access.ResolveAsync(settings, Environment, null, "us-gov-west-1", CancellationToken.None);

    private async Task<Failure> RefusedAsync(S3StoreSettings settings)
    {
        var error = await Assert.ThrowsAsync<StoreException>(() => ResolveAsync(settings));
        Assert.Equal((FailureScope.Store, FailureNature.Credentials), (error.Failure.Scope, error.Failure.Nature));
        return error.Failure;
    }
}
