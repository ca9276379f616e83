namespace Akka.Pipeline.Benchmarks.Speed;

using System.Globalization;
using Akka.Pipeline.Benchmarks.Measuring;

/// <summary>How each program is called, as somebody would who knows it well.</summary>
/// <param name="pipeline">The built program.</param>
/// <param name="floor">The built floor.</param>
/// <param name="configuration">More lines for this pipeline's configuration.</param>
internal sealed class CommandLines(string pipeline, string floor, TestCertificate? certificate, IReadOnlyList<string> configuration)
{
    public const string Bucket = "speed";
    private const string AccessKey = "AKIASANDBOX";
    private const string SecretKey = "sandbox-secret-key";
    private const string OutputFile = "output.txt";

    // Debian's, not what a user's shell may find before it.
    private const string AwsProgram = "/usr/bin/aws";

    /// <summary>Flags of rclone besides source, target, --transfers and --checkers: nothing is asked that need not be, and one list instead of one for each folder.</summary>
    public static IReadOnlyList<string> RcloneFlags { get; } =
        ["--config", "/dev/null", "--s3-no-check-bucket", "--s3-no-head", "--fast-list", "--s3-chunk-size", "8Mi", "--s3-upload-concurrency", "4", "--stats", "0", "--log-level", "ERROR"];

    public static bool IsInstalled(Maker maker) => maker switch
    {
        Maker.Rclone => OnPath("rclone"),
        Maker.Aws => File.Exists(AwsProgram),
        Maker.S3cmd => OnPath("s3cmd"),
        _ => true,
    };

    /// <summary>What makes a program tell its version.</summary>
    public static IReadOnlyList<string> VersionOf(Maker maker) => maker switch
    {
        Maker.Rclone => ["rclone", "version"],
        Maker.Aws => [AwsProgram, "--version"],
        _ => ["s3cmd", "--version"],
    };

    /// <param name="folder">Of this run only.</param>
    public ChildCommand For(Contender contender, Uri endpoint, string source, string folder)
    {
        var url = endpoint.ToString().TrimEnd('/');
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["AWS_ACCESS_KEY_ID"] = AccessKey,
            ["AWS_SECRET_ACCESS_KEY"] = SecretKey,
            ["AWS_REGION"] = SinkServer.Region,
            ["AWS_DEFAULT_REGION"] = SinkServer.Region,
            ["AWS_EC2_METADATA_DISABLED"] = "true",
            ["NO_PROXY"] = "127.0.0.1",
            ["HOME"] = folder,

            // Whatever this machine has for its own certificates; rclone refuses to start with one here.
            ["AWS_CA_BUNDLE"] = "",
            ["REQUESTS_CA_BUNDLE"] = "",
        };
        if (certificate is not null)
        {
            environment["SSL_CERT_FILE"] = certificate.AuthorityFile;
            environment["AWS_CA_BUNDLE"] = contender.Maker == Maker.Aws ? certificate.AuthorityFile : "";
        }

        var (program, arguments) = contender.Maker switch
        {
            Maker.Ours => (pipeline, Ours(contender, url, source, folder)),
            Maker.Floor => (floor, [url, Bucket, source, contender.AtOnce.ToString(CultureInfo.InvariantCulture), contender.Removes ? "delete" : "keep"]),
            Maker.Rclone => ("rclone", Rclone(contender, url, source, environment)),
            Maker.Aws => (AwsProgram, Aws(contender, url, source, folder, environment)),
            _ => ("s3cmd", S3cmd(endpoint, source)),
        };
        return new(program, arguments, folder, environment, Path.Combine(folder, OutputFile));
    }

    // The sink answers as AWS does, so it is used as AWS is.
    private string[] Ours(Contender contender, string url, string source, string folder)
    {
        File.WriteAllLines(
            Path.Combine(folder, "pipeline.conf"),
            [
                $"pipeline.store {{ endpoint = \"{url}\", checksum = crc32c, conditional-put = native, conditional-complete = native }}",
                $"pipeline.routes.speed {{ source = \"{source}\", target = \"s3://{Bucket}\", after-upload = {(contender.Removes ? "delete" : "keep")} }}",
                .. configuration,
            ]);
        return ["run", "--once", "-c", "pipeline.conf"];
    }

    private static string[] Rclone(Contender contender, string url, string source, Dictionary<string, string> environment)
    {
        // As AWS it would look for a host of the bucket's name.
        environment["RCLONE_S3_PROVIDER"] = "Other";
        environment["RCLONE_S3_ENV_AUTH"] = "true";
        environment["RCLONE_S3_ENDPOINT"] = url;
        environment["RCLONE_S3_FORCE_PATH_STYLE"] = "true";
        var transfers = contender.AtOnce.ToString(CultureInfo.InvariantCulture);
        return [contender.Removes ? "move" : "copy", source, $":s3:{Bucket}", "--transfers", transfers, "--checkers", transfers, .. RcloneFlags];
    }

    private static string[] Aws(Contender contender, string url, string source, string folder, Dictionary<string, string> environment)
    {
        var file = Path.Combine(folder, "aws-config");
        File.WriteAllText(file, $"[default]\ns3 =\n  max_concurrent_requests = {contender.AtOnce}\n  max_queue_size = 10000\n  addressing_style = path\n");
        environment["AWS_CONFIG_FILE"] = file;
        return ["--endpoint-url", url, "s3", "cp", "--recursive", "--only-show-errors", source, $"s3://{Bucket}/"];
    }

    private string[] S3cmd(Uri endpoint, string source) =>
    [
        "--config=/dev/null", $"--access_key={AccessKey}", $"--secret_key={SecretKey}", $"--host={endpoint.Authority}", $"--host-bucket={endpoint.Authority}",
        $"--region={SinkServer.Region}", "--no-progress", "--quiet", .. certificate is null ? new[] { "--no-ssl" } : ["--ssl", $"--ca-certs={certificate.AuthorityFile}"],
        "put", "--recursive", source + "/", $"s3://{Bucket}/",
    ];

    private static bool OnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));
}
