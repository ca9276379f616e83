namespace Akka.Pipeline.Torture;

/// <summary>Holds what is left against the model.</summary>
internal static class Verdict
{
    /// <summary>After a kill: what the victim removed must stand in its ledger, and in the store where that tells at once.</summary>
    public static async Task AfterKillAsync(Model model, Arena arena, bool storeTells)
    {
        var gone = new List<(string Path, Incarnation File)>();
        foreach (var (path, incarnations) in model.All())
        {
            // Only the newest of a path: an earlier one's entry is overwritten by a later one's. A file in the holding folder is not gone.
            if (incarnations[^1] is { Dismissed: false, Last: not null, OtherName: null } newest && newest.Paths[^1] == path && !newest.SeenInLedger && !IsThere(arena, path))
            {
                gone.Add((path, newest));
            }
        }

        if (gone.Count == 0)
        {
            return;
        }

        var entries = await arena.LedgerOfDeadAsync([.. gone.Select(file => file.Path)]);
        foreach (var ((path, file), entry) in gone.Zip(entries))
        {
            // Looked at again: a writer may have been in the middle of something.
            var hash = file.Last!.Hash;
            var recorded = entry?.Stored?.Fingerprint.Inode == file.Identity.Inode;
            var stored = !storeTells || file.Paths.Exists(name => model.WasStored(name, hash));
            file.SeenInLedger = recorded && stored;
            if (!file.SeenInLedger && ReferenceEquals(model.All(path)[^1], file) && file.Paths[^1] == path && !file.Dismissed && file.Last.Hash == hash && !IsThere(arena, path))
            {
                model.Violated(path, recorded
                    ? $"LOST: '{path}' ({file.Identity}, {hash[..12]}) is gone, and the store never had its last content"
                    : $"'{path}' ({file.Identity}) is gone, and the ledger does not say that it was stored");
            }
        }
    }

    /// <summary>At the end, when a clean run has had its time.</summary>
    public static async Task AtTheEndAsync(Model model, Arena arena, IBucket bucket)
    {
        await bucket.TellAsync(model);
        var left = arena.Left();
        foreach (var path in left)
        {
            model.Violated(Model.OriginOf(path), $"'{path}' is still in the source after a run in which nothing failed");
        }

        var here = left.Where(path => File.Exists(Path.Combine(arena.Source, path)))
            .Select(path => (Path: Model.OriginOf(path), Hash: Model.HashOf(Path.Combine(arena.Source, path))))
            .ToHashSet();
        foreach (var (path, incarnations) in model.All())
        {
            foreach (var file in incarnations.Where(file => file is { Dismissed: false, Last: not null } && file.Paths[^1] == path))
            {
                var hash = file.Last!.Hash;
                if (!here.Contains((path, hash)) && !IsKept(file) && !file.Paths.Exists(name => model.WasStored(name, hash)))
                {
                    model.Violated(path, $"LOST: '{path}' ({file.Identity}, {file.Last.SizeBytes} bytes, {hash[..12]}) is neither in the store nor in the folder");
                }
            }

            if (incarnations[^1] is { Dismissed: false, Last: { } last } newest && newest.Paths[^1] == path
                && !here.Contains((path, last.Hash)) && !IsKept(newest) && !newest.Paths.Exists(name => model.PresentAt(name) == last.Hash))
            {
                model.Violated(path, $"WRONG: the store's '{path}' is {model.PresentAt(path)?[..12] ?? "absent"} at the end, and the file was {last.Hash[..12]} last");
            }
        }

        foreach (var key in model.Keys.Where(key => !model.IsFinished(key, model.PresentAt(key)!) && !model.IsNobodysAndSpoilt(key)))
        {
            model.Violated(Model.OriginOf(key), $"WRONG: the store's '{key}' is {model.PresentAt(key)![..12]} at the end, which no writer ever finished");
        }

        foreach (var upload in await bucket.OpenUploadsAsync())
        {
            model.Violated($"ORPHAN: a multipart upload was never ended: {upload}");
        }

        foreach (var file in Directory.EnumerateFiles(arena.Data).Select(file => Path.GetFileName(file)!).Where(name => name != "lock" && !name.StartsWith("ledger", StringComparison.Ordinal)))
        {
            model.Violated($"JUNK: the data folder holds '{file}'");
        }
    }

    private static bool IsKept(Incarnation file) => file.OtherName is { } other && File.Exists(other) && Model.HashOf(other) == file.Last!.Hash;

    private static bool IsThere(Arena arena, string path)
    {
        var full = Path.Combine(arena.Source, path);
        var (folder, name) = (Path.GetDirectoryName(full)!, Path.GetFileName(full));
        return File.Exists(full) || File.Exists(Path.Combine(folder, ".pipeline-holding", name)) || File.Exists(Path.Combine(folder, ".pipeline-holding~" + name)) || File.Exists(full);
    }
}
