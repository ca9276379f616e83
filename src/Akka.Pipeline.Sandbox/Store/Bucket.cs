namespace Akka.Pipeline.Sandbox.Store;

using Akka.Pipeline.Sandbox.Protocol;
using Microsoft.Win32.SafeHandles;

/// <summary>
/// One bucket: an index in memory, a journal that holds the same, and a folder with the objects' files.
/// A change is first a line in the journal and then a rename, both under one lock; so after a crash only the last line can be undone, and is done again.
/// </summary>
internal sealed class Bucket : IDisposable
{
    // Lines beyond this many per living object are worth a rewrite of the journal at the next start.
    private const int MaxJournalGarbage = 2;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, ObjectRecord> _objects = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _keys = new(KeyOrder.Instance);
    private readonly BucketFolder? _folder;
    private readonly Journal<JournalEntry>? _journal;
    private bool _deleted;

    /// <param name="folder">Null in null mode.</param>
    public Bucket(string name, DateTimeOffset createdAt, BucketFolder? folder, string? journalPath, TemporaryFiles temporaries, bool flushToDisk)
    {
        Name = name;
        CreatedAt = createdAt;
        _folder = folder;
        if (journalPath is null)
        {
            return;
        }

        var lines = 0;
        JournalEntry? last = null;
        ObjectRecord? beforeLast = null;
        _journal = Journal<JournalEntry>.Open(journalPath, StoreJson.Default.JournalEntry, flushToDisk, entry =>
        {
            lines++;
            last = entry;
            beforeLast = _objects.GetValueOrDefault(entry.Put?.Key ?? entry.Deleted ?? "");
            Index(entry);
        });
        if (last is not null)
        {
            Redo(last, beforeLast, temporaries);
        }

        if (lines > (_objects.Count + 100) * MaxJournalGarbage)
        {
            _journal.Dispose();
            Journal<JournalEntry>.Rewrite(journalPath, StoreJson.Default.JournalEntry, _keys.Select(key => new JournalEntry(_objects[key], null, null)));
            _journal = Journal<JournalEntry>.Open(journalPath, StoreJson.Default.JournalEntry, flushToDisk, _ => { });
        }
    }

    public string Name { get; }

    public DateTimeOffset CreatedAt { get; }

    public ObjectRecord? Find(string key)
    {
        lock (_lock)
        {
            return _objects.GetValueOrDefault(key);
        }
    }

    /// <summary>Every object, for what has to be learned at the start.</summary>
    public IReadOnlyList<ObjectRecord> All()
    {
        lock (_lock)
        {
            return [.. _objects.Values];
        }
    }

    /// <summary>An object and its bytes, of one moment.</summary>
    /// <returns>The handle is null in null mode.</returns>
    public (ObjectRecord Record, SafeFileHandle? Handle)? Open(string key)
    {
        lock (_lock)
        {
            return _objects.TryGetValue(key, out var record) ? (record, _folder?.Open(record.Path)) : null;
        }
    }

    /// <summary>Makes a received body an object.</summary>
    /// <exception cref="S3Exception">The condition does not hold, or the bucket is gone.</exception>
    public ObjectRecord Put(ObjectRecord record, TemporaryFile body, WriteCondition condition, Action<ObjectRecord, string>? written = null)
    {
        lock (_lock)
        {
            ThrowIfDeleted();
            var present = _objects.GetValueOrDefault(record.Key);
            condition.Check(record.Key, present);
            if (_folder is null)
            {
                Index(new(record, null, null));
                return record;
            }

            record = record with { Path = _folder.PathFor(record.Key) };
            var entry = new JournalEntry(record, null, body.Name);
            Commit(entry, () =>
            {
                body.MoveTo(_folder.FullPath(record.Path));
                RemoveStale(present, record.Path);
            });
            written?.Invoke(record, _folder.FullPath(record.Path));
            return record;
        }
    }

    /// <summary>Changes what is known of an object, not its bytes.</summary>
    /// <returns>Whether the object is there.</returns>
    public bool Update(string key, Func<ObjectRecord, ObjectRecord> change)
    {
        lock (_lock)
        {
            if (!_objects.TryGetValue(key, out var present))
            {
                return false;
            }

            Commit(new(change(present), null, null), () => { });
            return true;
        }
    }

    /// <summary>Deletes a key; one that is not there is no error.</summary>
    public void Delete(string key, string? onlyIfETag = null)
    {
        lock (_lock)
        {
            var present = _objects.GetValueOrDefault(key);
            new WriteCondition(OnlyIfAbsent: false, onlyIfETag).Check(key, present);
            if (present is not null)
            {
                Commit(new(null, key, null), () => _folder?.Remove(present.Path));
            }
        }
    }

    /// <summary>Keys from a place on, in order, until the visitor returns the next place (it may be further on) or null to end.</summary>
    public void Visit(string from, bool inclusive, Func<ObjectRecord, (bool Continue, string? SkipTo)> visitor)
    {
        lock (_lock)
        {
            var start = from;
            while (KeyOrder.Instance.Compare(start, KeyOrder.End) < 0)
            {
                string? skipTo = null;
                foreach (var key in _keys.GetViewBetween(start, KeyOrder.End))
                {
                    if (!inclusive && key == from)
                    {
                        continue;
                    }

                    (var goOn, skipTo) = visitor(_objects[key]);
                    if (!goOn)
                    {
                        return;
                    }

                    if (skipTo is not null)
                    {
                        break;
                    }
                }

                if (skipTo is null)
                {
                    return;
                }

                start = skipTo;
            }
        }
    }

    /// <summary>Removes an empty bucket.</summary>
    /// <exception cref="S3Exception">There are objects in it.</exception>
    public void Remove()
    {
        lock (_lock)
        {
            ThrowIfDeleted();
            if (_objects.Count > 0 || _folder?.TryRemoveAll() == false)
            {
                throw new S3Exception(409, "BucketNotEmpty", "The bucket you tried to delete is not empty") { Details = [new("BucketName", Name)] };
            }

            _deleted = true;
            _journal?.Dispose();
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _journal?.Dispose();
        }
    }

    private void ThrowIfDeleted()
    {
        if (_deleted)
        {
            throw S3Errors.NoSuchBucket(Name);
        }
    }

    private void Commit(JournalEntry entry, Action apply)
    {
        var lengthBytes = _journal?.LengthBytes ?? 0;
        _journal?.Append(entry);
        try
        {
            apply();
        }
        catch (Exception)
        {
            _journal?.CutTo(lengthBytes);
            throw;
        }

        Index(entry);
    }

    private void Index(JournalEntry entry)
    {
        if (entry.Put is { } record)
        {
            _objects[record.Key] = record;
            _keys.Add(record.Key);
        }
        else if (entry.Deleted is { } key)
        {
            _objects.Remove(key);
            _keys.Remove(key);
        }
    }

    private void Redo(JournalEntry last, ObjectRecord? before, TemporaryFiles temporaries)
    {
        if (last is { Put: { } record, Temporary: { } temporary })
        {
            var source = temporaries.PathOf(Path.GetFileName(temporary));
            if (File.Exists(source))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(_folder!.FullPath(record.Path))!);
                File.Move(source, _folder.FullPath(record.Path), overwrite: true);
            }

            RemoveStale(before, record.Path);
        }
        else if (last.Deleted is not null && before is not null)
        {
            _folder!.Remove(before.Path);
        }
    }

    private void RemoveStale(ObjectRecord? present, string path)
    {
        if (present is not null && present.Path != path)
        {
            _folder!.Remove(present.Path);
        }
    }
}
