namespace Akka.Pipeline.Node.Settings;

using System.Globalization;

/// <summary>What the command line and the environment say; null where they say nothing. Flags win over the environment.</summary>
public sealed record Overrides(
    string? Source = null,
    string? ScanIntervalSeconds = null,
    string? StableAfterSeconds = null,
    string? Region = null,
    string? Profile = null,
    string? Endpoint = null,
    string? DataFolder = null)
{
    /// <summary>Configuration values with their origins, weakest first.</summary>
    /// <param name="environment">Reads an environment variable.</param>
    /// <param name="routeNames">The routes that the configuration names; empty for the classic single route.</param>
    public IReadOnlyList<(string Path, string Value, string Origin)> Pairs(Func<string, string?> environment, IReadOnlyList<string> routeNames)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(routeNames);
        var pairs = new List<(string, string, string)>();
        ForRoutes("scan-interval", Seconds(environment("S3_UPLOAD_INTERVAL"), "environment S3_UPLOAD_INTERVAL"), "environment S3_UPLOAD_INTERVAL");
        ForRoutes("stable-after", Seconds(environment("FILE_STABILITY_SECONDS"), "environment FILE_STABILITY_SECONDS"), "environment FILE_STABILITY_SECONDS");
        if (routeNames.Count <= 1)
        {
            ForRoutes("source", NotEmpty(environment("S3_ROOT_DIR")), "environment S3_ROOT_DIR");
        }

        ForRoutes("scan-interval", Seconds(ScanIntervalSeconds, "flag --interval"), "flag --interval");
        ForRoutes("stable-after", Seconds(StableAfterSeconds, "flag --stable"), "flag --stable");
        if (Source is not null && routeNames.Count > 1)
        {
            throw new ConfigurationException($"flag --dir: the configuration has {routeNames.Count} routes, and it is not clear whose source is meant; set pipeline.routes.<name>.source in the file.");
        }

        ForRoutes("source", Source, "flag --dir");
        Add("pipeline.node.data", DataFolder, "flag --data");

        // A flag is for every store, those of single routes included. Credentials in the environment come before a profile in the environment.
        ForStores("region", Region, "flag --region");
        ForStores("profile", Profile, "flag --profile");
        ForStores("endpoint", Endpoint, "flag --endpoint");
        ForStores("region", Region is null ? NotEmpty(environment("AWS_REGION")) : null, "environment AWS_REGION");
        ForStores("profile", Profile is null && NotEmpty(environment("AWS_ACCESS_KEY_ID")) is null ? NotEmpty(environment("AWS_PROFILE")) : null, "environment AWS_PROFILE");
        return pairs;

        void Add(string path, string? value, string origin)
        {
            if (value is not null)
            {
                pairs.Add((path, value, origin));
            }
        }

        void ForRoutes(string key, string? value, string origin)
        {
            Add($"pipeline.route-defaults.{key}", value, origin);
            foreach (var route in routeNames)
            {
                Add(Hocon.HoconPath.Join("pipeline", "routes", route, key), value, origin);
            }
        }

        void ForStores(string key, string? value, string origin)
        {
            Add($"pipeline.store.{key}", value, origin);
            foreach (var route in routeNames)
            {
                Add(Hocon.HoconPath.Join("pipeline", "routes", route, "store", key), value, origin);
            }
        }
    }

    private static string? NotEmpty(string? value) => string.IsNullOrWhiteSpace(value) ? null : value;

    // The classic daemon takes bare seconds; a value with a unit is taken as it is.
    private static string? Seconds(string? value, string origin)
    {
        if (string.IsNullOrWhiteSpace(value))
        {
            return null;
        }

        if (!double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _) && !char.IsAsciiDigit(value[0]))
        {
            throw new ConfigurationException($"{origin}: '{value}' is no number of seconds; write one such as 60.");
        }

        return char.IsAsciiLetter(value[^1]) ? value : value + "s";
    }
}
