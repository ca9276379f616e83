namespace Akka.Pipeline.Node.Settings;

using System.Reflection;
using Akka.Pipeline.Actors.Fleet;
using Akka.Pipeline.Actors.Flow;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Hocon;

/// <summary>Reads flags, environment, file and reference into one checked configuration.</summary>
public static class ConfigurationReader
{
    /// <summary>Taken when no file is named and one of this name lies in the working folder.</summary>
    public const string DefaultFile = "pipeline.conf";

    private const string ClassicRoute = "default";
    private const int UsualPartsAtOnce = 4;

    /// <summary>Reads the configuration.</summary>
    /// <param name="file">Named by the user, or null.</param>
    /// <param name="overrides">Of the command line.</param>
    /// <param name="once">The run ends when the sources are empty.</param>
    /// <param name="environment">Reads an environment variable.</param>
    /// <exception cref="ConfigurationException">Something is wrong; the message says what, where, and what would be right.</exception>
    public static NodeConfiguration Read(string? file, Overrides overrides, bool once, Func<string, string?> environment)
    {
        ArgumentNullException.ThrowIfNull(overrides);
        try
        {
            var reference = Reference();
            var chosen = file ?? (File.Exists(DefaultFile) ? DefaultFile : null);
            var written = chosen is null ? HoconDocument.Empty : HoconDocument.ParseFile(chosen, new HoconFiles());
            var user = written.WithFallback(reference).Resolve(environment);
            KnownKeys.Check(user, reference.Resolve(environment));

            var names = user.GetObject("pipeline.routes").Keys;
            var root = HoconDocument.FromPairs(overrides.Pairs(environment, names)).WithFallback(written).WithFallback(reference).Resolve(environment);
            return Build(root.GetObject("pipeline"), once);
        }
        catch (HoconException wrong)
        {
            throw new ConfigurationException(wrong.Message, wrong);
        }
    }

    /// <summary>The built-in defaults.</summary>
    public static HoconDocument Reference()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("reference.conf")
            ?? throw new InvalidOperationException("The program was built without its reference.conf.");
        using var text = new StreamReader(stream);
        return HoconDocument.ParseText(text.ReadToEnd(), "reference.conf");
    }

    private static NodeConfiguration Build(HoconObject pipeline, bool once)
    {
        var upload = pipeline.GetObject("upload");
        var parts = Ranged.IntOrAuto(upload, "parts-at-once", 1, 256);
        var uploads = new UploadSettings(
            Slots: Ranged.Int(upload, "slots", 1, 1024),
            PartsAtOnce: parts ?? UsualPartsAtOnce,
            PartSizeBytes: Ranged.Size(upload, "part-size", 5L << 20, 5L << 30, "the smallest part that S3 takes is 5MiB, the largest 5GiB"),
            MultipartFromBytes: Ranged.Size(upload, "multipart-from", 1, 5L << 30, "the largest single PUT that S3 takes is 5GiB"),
            BufferBytes: Ranged.Size(upload, "buffers", 1L << 20, 1L << 40, "at least 1MiB"),
            BatchFiles: Ranged.Int(upload, "batch-files", 1, 4096),
            BatchBytes: Ranged.Size(upload, "batch-size", 1, 1L << 40, "at least 1B"),
            BandwidthBytesPerSecond: Ranged.OptionalSize(upload, "bandwidth"),
            MoreParts: parts is null);
        var settings = new NodeSettings(
            once,
            Ranged.Duration(pipeline, "once.writer-wait", TimeSpan.Zero),
            Schedule(pipeline.GetObject("retry.file")),
            Schedule(pipeline.GetObject("retry.blockage")),
            uploads,
            Ranged.Int(pipeline, "held-files", 1, 10_000_000),
            TimeSpan.FromSeconds(3));

        var routes = RouteReader.Read(pipeline, ClassicRoute);
        var name = pipeline.GetString("node.name");
        var data = pipeline.Get("node.data");
        if (data.AsString().Length == 0)
        {
            throw data.Wrong("is empty", "name a folder, such as data");
        }

        var dataFolder = Path.GetFullPath(data.AsString());
        foreach (var route in routes)
        {
            var source = route.Settings.Source.Folder;
            if (IsWithin(dataFolder, source))
            {
                throw data.Wrong($"is '{dataFolder}', which lies inside the source of route {route.Settings.Name}", "choose a folder outside of every source");
            }
        }

        return new NodeConfiguration(
            name.Length > 0 ? name : Environment.MachineName,
            dataFolder,
            settings,
            Ranged.Int(upload, "requests-at-once", 1, 4096),
            Ranged.Int(upload, "repeats", 0, 20),
            Ranged.Duration(upload, "repeat-delay", TimeSpan.FromMilliseconds(1)),
            Ranged.Duration(pipeline, "shutdown-grace", TimeSpan.Zero),
            Ranged.Duration(pipeline, "ledger.keep-done", TimeSpan.Zero),
            Fleet(pipeline.GetObject("fleet"), routes.FirstOrDefault(route => route.IsShared)?.Settings.Name),
            routes);
    }

    private static FleetConfiguration? Fleet(HoconObject fleet, string? sharedRoute)
    {
        var settings = new FleetSettings(
            Ranged.Duration(fleet, "session-timeout", TimeSpan.FromSeconds(2)),
            Ranged.Int(fleet, "batch-files", 1, 4096),
            Ranged.Size(fleet, "batch-size", 1, 1L << 40, "at least 1B"),
            Ranged.Int(fleet, "batches-waiting", 1, 100_000),
            Ranged.Duration(fleet, "poll", TimeSpan.FromMilliseconds(100)));
        var database = fleet.Get("database");
        if (string.IsNullOrWhiteSpace(database.AsString()))
        {
            return sharedRoute is null ? null : throw new HoconException(
                database.Origin,
                $"pipeline.fleet.database is empty, and route {sharedRoute} has scope = fleet",
                "set PIPELINE_DATABASE to postgres://USER:SECRET@HOST:PORT/DATABASE, or write scope = node");
        }

        return new FleetConfiguration(database.AsString(), settings);
    }

    private static RetrySchedule Schedule(HoconObject retry) => new(
        Ranged.Duration(retry, "first-delay", TimeSpan.FromMilliseconds(1)),
        Ranged.Duration(retry, "maximum-delay", TimeSpan.FromMilliseconds(1)),
        Ranged.Int(retry, "attempts", 1, 1_000_000));

    /// <summary>Whether a path is a folder or lies below it.</summary>
    internal static bool IsWithin(string path, string folder)
    {
        var relative = Path.GetRelativePath(folder, path);
        return !relative.StartsWith("..", StringComparison.Ordinal) && !Path.IsPathRooted(relative);
    }
}
