namespace Akka.Pipeline.Storage.Folders;

using Akka.Pipeline.Core.Failures;
using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Routes;
using Akka.Pipeline.Core.Stores;
using Akka.Pipeline.Storage.Posix;

/// <summary>The place of an object in a folder: its bucket, if it has one, is the first folder, its key the rest.</summary>
internal readonly record struct FolderKey(string Parent, string Name)
{
    public string Path => Parent.Length == 0 ? Name : $"{Parent}/{Name}";

    /// <exception cref="StoreException">The address cannot be the path of a file (scope File, lasting).</exception>
    public static FolderKey Of(ObjectAddress address)
    {
        if (address.Bucket.Contains('/', StringComparison.Ordinal))
        {
            throw Refused(address, "its bucket is no single folder name");
        }

        var path = address.Bucket.Length == 0 ? address.Key : $"{address.Bucket}/{address.Key}";
        Span<byte> buffer = stackalloc byte[NativeName.BufferBytes];
        foreach (var range in path.AsSpan().Split('/'))
        {
            var component = path.AsSpan(range);
            if (component.IsEmpty)
            {
                throw Refused(address, "it begins or ends with '/', or has two in a row: a folder has no empty names");
            }

            if (component is "." or "..")
            {
                throw Refused(address, "it has a component '.' or '..'");
            }

            if (component.StartsWith(PartialFile.Prefix) || component is SourceSettings.HoldingFolder || component.StartsWith(Sources.HoldingFolder.BesidePrefix))
            {
                throw Refused(address, $"names that begin with '{PartialFile.Prefix}', and '{SourceSettings.HoldingFolder}', are kept for unfinished files");
            }

            if (!NativeName.TryWrite(component, buffer, out _))
            {
                throw Refused(address, "a component is longer than 255 bytes, holds a NUL, or is no text");
            }
        }

        var slash = path.LastIndexOf('/');
        return slash < 0 ? new FolderKey("", path) : new FolderKey(path[..slash], path[(slash + 1)..]);
    }

    private static StoreException Refused(ObjectAddress address, string because) => new(new Failure(
        FailureScope.File,
        FailureNature.Lasting,
        "InvalidKey",
        $"The key '{SourcePath.ForDisplay(address.Bucket.Length == 0 ? address.Key : $"{address.Bucket}/{address.Key}")}' cannot be stored in a folder: {because}.",
        "Rename the file, or change the route's key template."));
}
