namespace Akka.Pipeline.Core.Routes;

using System.Text;
using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Stores;

/// <summary>Where a file of a route goes, or why it can go nowhere (one of the two is set).</summary>
/// <param name="Address">The object.</param>
/// <param name="Failure">Of scope File, or of scope Bucket when everything in the same folder shares it.</param>
/// <param name="Blocked">With a failure of scope Bucket: the folder that names no bucket.</param>
public sealed record Mapped(ObjectAddress? Address, Failure? Failure, string? Blocked = null);

/// <summary>Turns the path of a file into the address of its object.</summary>
public abstract record KeyMapping
{
    /// <summary>The longest key in bytes of UTF-8 (docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html, 2026-11).</summary>
    public const int MaximumKeyBytes = 1024;

    /// <summary>Maps a file.</summary>
    /// <param name="path">Below the source.</param>
    /// <param name="modifiedUnixNs">Its mtime, for templates with dates.</param>
    public Mapped Map(string path, long modifiedUnixNs)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (!SourcePath.IsText(path))
        {
            return Refuse(
                "NameIsNoText",
                $"The name of '{SourcePath.ForDisplay(path)}' is not valid UTF-8, and an object key has to be.",
                "Rename the file.");
        }

        var mapped = MapText(path, modifiedUnixNs);
        if (mapped.Address is not { } address)
        {
            return mapped;
        }

        var keyBytes = Encoding.UTF8.GetByteCount(address.Key);
        return keyBytes switch
        {
            0 => Refuse("KeyIsEmpty", $"'{SourcePath.ForDisplay(path)}' maps to an empty key.", "Give the route a key template that names the file, such as \"{path}\"."),
            > MaximumKeyBytes => Refuse(
                "KeyTooLong",
                $"'{SourcePath.ForDisplay(path)}' maps to a key of {keyBytes} bytes, and S3 allows {MaximumKeyBytes}.",
                "Shorten the path or the route's prefix."),
            _ when HasDotComponent(address.Key) => Refuse(
                "KeyHasDots",
                $"'{SourcePath.ForDisplay(path)}' maps to the key '{SourcePath.ForDisplay(address.Key)}', which has a component '.' or '..': whoever copies it into a folder would leave that folder.",
                "Rename the file, or change the route's key template ({stem} of '...' is '..')."),
            _ => mapped,
        };
    }

    private static bool HasDotComponent(string key)
    {
        if (!key.StartsWith('.') && !key.Contains("/.", StringComparison.Ordinal))
        {
            return false;
        }

        foreach (var range in key.AsSpan().Split('/'))
        {
            if (key.AsSpan(range) is "." or "..")
            {
                return true;
            }
        }

        return false;
    }

    protected static Mapped Refuse(string code, string cause, string cure) =>
        new(null, new Failure(FailureScope.File, FailureNature.Lasting, code, cause, cure));

    private protected abstract Mapped MapText(string path, long modifiedUnixNs);
}

/// <summary>The first folder below the source names the bucket, the rest is the key.</summary>
/// <param name="Aliases">Folder name to bucket name, for folders that cannot be bucket names.</param>
public sealed record FirstFolderIsBucket(IReadOnlyDictionary<string, string> Aliases) : KeyMapping
{
    private protected override Mapped MapText(string path, long modifiedUnixNs)
    {
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
        {
            return Refuse(
                "NoBucketFolder",
                $"'{SourcePath.ForDisplay(path)}' lies directly in the source, so no folder names its bucket.",
                "Move it into a folder that is named like the bucket, or give the route a fixed bucket (target = \"s3://bucket\").");
        }

        var folder = path[..slash];
        if (Aliases.TryGetValue(folder, out var bucket))
        {
            return new(new ObjectAddress(bucket, path[(slash + 1)..]), null);
        }

        if (BucketName.Problem(folder) is { } problem)
        {
            var shown = SourcePath.ForDisplay(folder);
            var alias = BucketName.Nearest(folder) ?? "the-bucket";
            return new(
                null,
                new Failure(
                    FailureScope.Bucket,
                    FailureNature.Lasting,
                    "InvalidBucketName",
                    $"The folder '{shown}' cannot name a bucket: it {problem}.",
                    $"Alias it in the route's configuration: bucket-names {{ \"{shown}\" = {alias} }}, or rename the folder."),
                folder);
        }

        return new(new ObjectAddress(folder, path[(slash + 1)..]), null);
    }
}

/// <summary>One bucket for all files of the route (or a folder as target: the empty bucket).</summary>
/// <param name="Bucket">The bucket.</param>
/// <param name="Prefix">Put before every key, as it is: "shots/" and not "shots".</param>
/// <param name="Template">What follows the prefix.</param>
public sealed record FixedBucket(string Bucket, string Prefix, KeyTemplate Template) : KeyMapping
{
    private protected override Mapped MapText(string path, long modifiedUnixNs) =>
        new(new ObjectAddress(Bucket, Prefix + Template.Expand(path, modifiedUnixNs)), null);
}
