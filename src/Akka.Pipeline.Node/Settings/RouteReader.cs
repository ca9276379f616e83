namespace Akka.Pipeline.Node.Settings;

using Akka.Pipeline.Core.Routes;
using Akka.Pipeline.Hocon;
using Akka.Pipeline.Storage.S3;
using Akka.Pipeline.Storage.Sources;

/// <summary>Reads the routes.</summary>
internal static class RouteReader
{
    private static readonly TimeSpan ShortestQuiet = TimeSpan.FromMilliseconds(100);

    public static IReadOnlyList<ConfiguredRoute> Read(HoconObject pipeline, string classicName)
    {
        var configured = pipeline.GetObject("routes");
        var defaults = pipeline.GetObject("route-defaults");
        var routes = configured.Keys.Count == 0
            ? IfEnabled(classicName, new Layered([defaults]), pipeline)
            : [.. configured.Entries.SelectMany(entry => Named(entry.Key, entry.Value, defaults, pipeline))];
        if (routes.Count == 0)
        {
            throw new HoconException(configured.Origin, "every route is disabled", "set enabled = true in one of pipeline.routes");
        }

        for (var i = 0; i < routes.Count; i++)
        {
            for (var k = i + 1; k < routes.Count; k++)
            {
                var (a, b) = (routes[i].Settings, routes[k].Settings);
                if (ConfigurationReader.IsWithin(a.Source.Folder, b.Source.Folder) || ConfigurationReader.IsWithin(b.Source.Folder, a.Source.Folder))
                {
                    throw new HoconException(
                        configured.Origin,
                        $"the sources of the routes {a.Name} ('{a.Source.Folder}') and {b.Name} ('{b.Source.Folder}') overlap, so both would take the same files",
                        "give them folders beside each other");
                }
            }
        }

        return routes;
    }

    private static List<ConfiguredRoute> Named(string name, HoconValue value, HoconObject defaults, HoconObject pipeline)
    {
        if (name.Length is 0 or > 64 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
        {
            throw new HoconException(value.KeyOrigin, $"'{name}' cannot name a route", "use up to 64 letters, digits, '-' and '_'");
        }

        return IfEnabled(name, new Layered([value.AsObject(), defaults]), pipeline);
    }

    private static List<ConfiguredRoute> IfEnabled(string name, Layered route, HoconObject pipeline) =>
        route.With("enabled", (o, k) => o.GetBool(k)) ? [Route(name, route, pipeline)] : [];

    private static ConfiguredRoute Route(string name, Layered route, HoconObject pipeline)
    {
        var isShared = route.With("scope", (o, k) => Ranged.Choice(o, k, ("node", false), ("fleet", true)));
        var folder = Absolute(route.Value("source"));
        var target = route.Value("target");
        var (mapping, s3, targetFolder) = Target(route, target, pipeline);
        if (targetFolder is not null && (ConfigurationReader.IsWithin(targetFolder, folder) || ConfigurationReader.IsWithin(folder, targetFolder)))
        {
            throw target.Wrong($"is '{targetFolder}', and the route's source is '{folder}': one lies in the other", "choose folders beside each other");
        }

        var afterUpload = route.With("after-upload", (o, k) => Ranged.Choice(o, k, ("delete", AfterUpload.Delete), ("keep", AfterUpload.Keep), ("move", AfterUpload.Move)));
        var moveTo = MoveTo(route.Value("move-to"), afterUpload, folder);
        var settings = new RouteSettings(
            name,
            new SourceSettings(
                folder,
                Globs(route, "include"),
                [.. Globs(route, "exclude"), .. Globs(route, "exclude-temporary")],
                route.With("minimum-size", (o, k) => Ranged.Size(o, k, 0, long.MaxValue, "at least 0B")),
                route.With("maximum-size", (o, k) => Ranged.OptionalSize(o, k, 0)),
                route.With("minimum-age", (o, k) => Ranged.Duration(o, k, TimeSpan.Zero)),
                route.With("maximum-age", Ranged.OptionalDuration),
                route.With("follow-links", (o, k) => o.GetBool(k)),
                route.With("watch", (o, k) => o.GetBool(k))),
            mapping,
            route.With("scan-interval", (o, k) => Ranged.Duration(o, k, TimeSpan.FromMilliseconds(100))),
            route.With("stable-after", (o, k) => Ranged.Duration(o, k, ShortestQuiet)),
            route.With("dedupe", (o, k) => Ranged.Choice(o, k, ("checksum", DedupeMode.Checksum), ("size", DedupeMode.Size))),
            route.With("conflict", (o, k) => Ranged.Choice(o, k, ("set-aside", ConflictMode.SetAside), ("overwrite", ConflictMode.Overwrite))),
            afterUpload,
            moveTo,
            route.With("prune-empty-folders", (o, k) => o.GetBool(k)),
            new ObjectSettings(
                route.With("content-type", Ranged.Text),
                route.With("storage-class", Ranged.Text),
                route.With("server-side-encryption", Ranged.Text),
                route.With("kms-key-id", Ranged.Text),
                Tags(route)));
        return new ConfiguredRoute(settings, target.AsString(), s3, pipeline.GetString("store.fallback-region"), targetFolder, isShared);
    }

    private static IReadOnlyList<string> Globs(Layered route, string key)
    {
        var value = route.Value(key);
        var globs = value.AsStringList();
        try
        {
            PathGlobs.Compile(globs, []);
            return globs;
        }
        catch (FormatException wrong)
        {
            throw value.Wrong("holds a malformed glob", wrong.Message);
        }
    }

    private static (KeyMapping Mapping, S3StoreSettings? S3, string? Folder) Target(Layered route, HoconValue target, HoconObject pipeline)
    {
        const string right = "write s3://, s3://bucket, s3://bucket/prefix or file:///folder";
        var text = target.AsString();
        var template = Template(route.Value("key"));
        if (text.StartsWith("file://", StringComparison.Ordinal))
        {
            var folder = text["file://".Length..];
            return folder.StartsWith('/') && folder.Length > 1
                ? (new FixedBucket("", "", template), null, Path.GetFullPath(folder).TrimEnd('/'))
                : throw target.Wrong($"is '{text}', which names no absolute folder", right);
        }

        if (!text.StartsWith("s3://", StringComparison.Ordinal))
        {
            throw target.Wrong($"is '{text}'", right);
        }

        var s3 = Store(route, pipeline.GetObject("store"));
        var rest = text["s3://".Length..];
        if (rest.Length == 0)
        {
            if (!ReferenceEquals(template, KeyTemplate.Path) && !string.Equals(template.Text, "{path}", StringComparison.Ordinal))
            {
                throw route.Value("key").Wrong("is set, and with target \"s3://\" the path below the first folder is the key", "name the bucket in the target (s3://bucket), or remove the key");
            }

            return (new FirstFolderIsBucket(Aliases(route)), s3, null);
        }

        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var bucket = slash < 0 ? rest : rest[..slash];
        var prefix = slash < 0 ? "" : rest[(slash + 1)..].TrimEnd('/');
        if (BucketName.Problem(bucket) is { } problem)
        {
            throw target.Wrong($"names the bucket '{bucket}', which {problem}", BucketName.Nearest(bucket) is { } nearest ? $"did you mean s3://{nearest}?" : right);
        }

        return (new FixedBucket(bucket, prefix.Length == 0 ? "" : prefix + "/", template), s3, null);
    }

    private static S3StoreSettings Store(Layered route, HoconObject general)
    {
        var store = new Layered([.. route.Find("store") is { } own ? new[] { own.AsObject() } : [], general]);
        return new S3StoreSettings
        {
            Endpoint = Endpoint(store.Value("endpoint")),
            Region = store.With("region", Ranged.Text),
            Profile = store.With("profile", Ranged.Text),
            PathStyle = store.With("path-style", (o, k) => Ranged.Choice<bool?>(o, k, ("auto", null), ("true", true), ("false", false))),
            Checksum = store.With("checksum", (o, k) => Ranged.Choice(
                o, k, ("auto", ChecksumMode.Auto), ("crc32c", ChecksumMode.Crc32C), ("md5", ChecksumMode.Md5), ("sha256", ChecksumMode.Sha256))),
            ConditionalPut = store.With("conditional-put", Conditions),
            ConditionalComplete = store.With("conditional-complete", Conditions),
            DataPlane = store.With("data-plane", (o, k) => Ranged.Choice(o, k, ("direct", DataPlane.Direct), ("sdk", DataPlane.Sdk))),
            SignPayload = store.With("sign-payload", (o, k) => o.GetBool(k)),
            ConnectTimeout = store.With("connect-timeout", (o, k) => Ranged.Duration(o, k, TimeSpan.FromMilliseconds(10))),
            RequestTimeout = store.With("request-timeout", (o, k) => Ranged.Duration(o, k, TimeSpan.FromMilliseconds(10))),
        };
    }

    private static ConditionSupport Conditions(HoconObject from, string key) =>
        Ranged.Choice(from, key, ("auto", ConditionSupport.Auto), ("native", ConditionSupport.Native), ("emulated", ConditionSupport.Emulated));

    private static Uri? Endpoint(HoconValue value)
    {
        var text = value.AsString();
        if (text.Length == 0)
        {
            return null;
        }

        return Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.UserInfo.Length == 0 && uri.PathAndQuery == "/"
            ? uri
            : throw value.Wrong("is no URL of a store", "write one such as https://s3.example.com or http://127.0.0.1:9000, without a path and without credentials");
    }

    private static KeyTemplate Template(HoconValue value)
    {
        try
        {
            return KeyTemplate.Parse(value.AsString());
        }
        catch (FormatException wrong)
        {
            throw value.Wrong($"is '{value.AsString()}'", wrong.Message);
        }
    }

    private static Dictionary<string, string> Aliases(Layered route)
    {
        var aliases = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (folder, value) in route.Entries("bucket-names"))
        {
            var bucket = value.AsString();
            aliases[folder] = BucketName.Problem(bucket) is { } problem
                ? throw value.Wrong($"is '{bucket}', which {problem}", BucketName.Nearest(bucket) is { } nearest ? $"did you mean {nearest}?" : "name an existing bucket")
                : bucket;
        }

        return aliases;
    }

    // docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html, 2026-11
    private static Dictionary<string, string> Tags(Layered route)
    {
        const int mostTags = 10, longestKey = 128, longestValue = 256;
        var tags = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in route.Entries("tags"))
        {
            var text = value.AsString();
            if (key.Length > longestKey || text.Length > longestValue || tags.Count == mostTags)
            {
                throw value.Wrong("is one tag too many, or too long", $"S3 takes {mostTags} tags with keys of {longestKey} and values of {longestValue} characters");
            }

            tags[key] = text;
        }

        return tags;
    }

    private static string Absolute(HoconValue folder) =>
        folder.AsString() is { Length: > 0 } text ? Path.GetFullPath(text).TrimEnd('/') is { Length: > 0 } path ? path : "/" : throw folder.Wrong("is empty", "name a folder");

    private static string? MoveTo(HoconValue value, AfterUpload afterUpload, string source)
    {
        var text = value.AsString();
        if (afterUpload != AfterUpload.Move)
        {
            return text.Length == 0 ? null : throw value.Wrong("is set, and after-upload is not move", "set after-upload = move, or remove the key");
        }

        if (text.Length == 0)
        {
            throw value.Wrong("is empty, and after-upload is move", "name the folder that receives the files");
        }

        var folder = Path.GetFullPath(text);
        return ConfigurationReader.IsWithin(folder, source) || ConfigurationReader.IsWithin(source, folder)
            ? throw value.Wrong($"is '{folder}', which overlaps the source '{source}'", "choose a folder beside the source")
            : folder;
    }
}
