namespace Akka.Pipeline.Storage.PostgreSql;

using Akka.Pipeline.Core.Files;
using Akka.Pipeline.Core.Ledger;
using Akka.Pipeline.Storage.Ledgers;
using Npgsql;

/// <summary>
/// The changes of a commit that are about files, as a few statements of many rows. Changes of one file keep their order, by steps: a step holds at most one
/// change of a file. What becomes stored and done in one commit is one row written once.
/// </summary>
internal sealed class FileChanges(PostgresNames names)
{
    private const string StoreSql =
        "INSERT INTO file (size, mtime_ns, device, inode, updated_at, route_id, progress, fate, path, bucket_id, stored_at, key, etag, md5, crc32c, sha256, version_id) "
        + "SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::int[], $7::smallint[], $8::smallint[], $9::bytea[], $10::int[], $11::bigint[], "
        + "$12::bytea[], $13::bytea[], $14::bytea[], $15::bytea[], $16::bytea[], $17::bytea[]) "
        + "ON CONFLICT (route_id, path) DO UPDATE SET size = EXCLUDED.size, mtime_ns = EXCLUDED.mtime_ns, device = EXCLUDED.device, inode = EXCLUDED.inode, "
        + "updated_at = EXCLUDED.updated_at, progress = EXCLUDED.progress, fate = EXCLUDED.fate, bucket_id = EXCLUDED.bucket_id, stored_at = EXCLUDED.stored_at, key = EXCLUDED.key, "
        + "etag = EXCLUDED.etag, md5 = EXCLUDED.md5, crc32c = EXCLUDED.crc32c, sha256 = EXCLUDED.sha256, version_id = EXCLUDED.version_id, "
        + "stored_size = NULL, stored_mtime_ns = NULL, stored_device = NULL, stored_inode = NULL, attempts = NULL, next_attempt_at = NULL, failure = NULL";

    private const string FailSql =
        "INSERT INTO file AS f (size, mtime_ns, device, inode, updated_at, route_id, progress, path, attempts, next_attempt_at, failure) "
        + "SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::int[], $7::smallint[], $8::bytea[], $9::int[], $10::bigint[], $11::text[]) "
        + "ON CONFLICT (route_id, path) DO UPDATE SET size = EXCLUDED.size, mtime_ns = EXCLUDED.mtime_ns, device = EXCLUDED.device, inode = EXCLUDED.inode, "
        + "updated_at = EXCLUDED.updated_at, progress = EXCLUDED.progress, fate = NULL, attempts = EXCLUDED.attempts, next_attempt_at = EXCLUDED.next_attempt_at, failure = EXCLUDED.failure, "
        + "(stored_size, stored_mtime_ns, stored_device, stored_inode) = (SELECT s.* FROM (SELECT COALESCE(f.stored_size, f.size), COALESCE(f.stored_mtime_ns, f.mtime_ns), "
        + "COALESCE(f.stored_device, f.device), COALESCE(f.stored_inode, f.inode)) AS s (a, b, c, d) "
        + "WHERE f.bucket_id IS NOT NULL AND (a, b, c, d) IS DISTINCT FROM (EXCLUDED.size, EXCLUDED.mtime_ns, EXCLUDED.device, EXCLUDED.inode))";

    private const string DoneSql =
        "UPDATE file AS f SET progress = 1, fate = d.fate, updated_at = d.at, attempts = NULL, next_attempt_at = NULL, failure = NULL "
        + "FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::int[], $7::smallint[], $8::bytea[]) AS d (size, mtime_ns, device, inode, at, route_id, fate, path) "
        + "WHERE f.route_id = d.route_id AND f.path = d.path AND f.size = d.size AND f.mtime_ns = d.mtime_ns AND f.device = d.device AND f.inode = d.inode "
        + "AND f.bucket_id IS NOT NULL AND f.stored_size IS NULL";

    private readonly Dictionary<(string Route, string Path), (int Step, StoredRow? Row)> latest = [];
    private readonly List<Step> steps = [];

    public bool IsEmpty => steps.Count == 0;

    public void Add(FileStored change) => Put(change.Route, change.Path, new StoredRow(change), (step, row) => step.Stored.Add(row!));

    public void Add(FileFailed change) => Put(change.Route, change.Path, null, (step, _) => step.Failed.Add(change));

    public void Add(FileDone change)
    {
        if (latest.TryGetValue((change.Route, change.Path), out var known) && known.Row is { } row)
        {
            if (row.Change.Stored.Fingerprint == change.Fingerprint)
            {
                row.Done = change;
            }

            return;
        }

        Put(change.Route, change.Path, null, (step, _) => step.Done.Add(change));
    }

    public void AppendTo(NpgsqlBatch batch)
    {
        foreach (var step in steps)
        {
            if (step.Stored.Count > 0)
            {
                AppendStored(batch, step.Stored);
            }

            if (step.Failed.Count > 0)
            {
                AppendFailed(batch, step.Failed);
            }

            if (step.Done.Count > 0)
            {
                AppendDone(batch, step.Done);
            }
        }
    }

    private void Put(string route, string path, StoredRow? row, Action<Step, StoredRow?> add)
    {
        var step = latest.TryGetValue((route, path), out var known) ? known.Step + 1 : 0;
        if (step == steps.Count)
        {
            steps.Add(new Step([], [], []));
        }

        add(steps[step], row);
        latest[(route, path)] = (step, row);
    }

    private void AppendStored(NpgsqlBatch batch, List<StoredRow> rows)
    {
        // Rows are locked in one order by every node, so that two commits that share files do not wait for each other in a circle.
        rows.Sort((a, b) => Compare(a.Change.Route, a.Change.Path, b.Change.Route, b.Change.Path));
        var command = Fingerprints(batch, StoreSql, rows, row => row.Change.Stored.Fingerprint);
        command.AddArray(rows, row => LedgerTime.From(row.Done?.At ?? row.Change.At));
        command.AddArray(rows, row => names.Route(row.Change.Route));
        command.AddArray(rows, row => (short)(row.Done is null ? FileProgress.Stored : FileProgress.Done));
        command.AddArray(rows, row => (short?)row.Done?.Fate);
        command.AddArray(rows, row => StoredText.OfPath(row.Change.Path));
        command.AddArray(rows, row => names.Bucket(row.Change.Stored.Store, row.Change.Stored.Address.Bucket));
        command.AddArray(rows, row => LedgerTime.From(row.Change.Stored.At));
        command.AddArray(rows, row => StoredText.OfPath(row.Change.Stored.Address.Key));
        command.AddArray(rows, row => StoredText.OfDigest(row.Change.Stored.ETag));
        command.AddArray(rows, row => StoredText.OfDigest(row.Change.Stored.Digests.Md5));
        command.AddArray(rows, row => StoredText.OfDigest(row.Change.Stored.Digests.Crc32C));
        command.AddArray(rows, row => StoredText.OfDigest(row.Change.Stored.Digests.Sha256));
        command.AddArray(rows, row => row.Change.Stored.VersionId is { } version ? StoredText.OfName(version) : null);
    }

    private void AppendFailed(NpgsqlBatch batch, List<FileFailed> rows)
    {
        rows.Sort((a, b) => Compare(a.Route, a.Path, b.Route, b.Path));
        var command = Fingerprints(batch, FailSql, rows, row => row.Fingerprint);
        command.AddArray(rows, row => LedgerTime.From(row.At));
        command.AddArray(rows, row => names.Route(row.Route));
        command.AddArray(rows, row => (short)(row.SetAside ? FileProgress.SetAside : FileProgress.Failing));
        command.AddArray(rows, row => StoredText.OfPath(row.Path));
        command.AddArray(rows, row => row.Trouble.Attempts);
        command.AddArray(rows, row => LedgerTime.From(row.Trouble.NextAttemptAt));
        command.AddArray(rows, row => FailureJson.Write(row.Trouble.Failure));
    }

    private void AppendDone(NpgsqlBatch batch, List<FileDone> rows)
    {
        rows.Sort((a, b) => Compare(a.Route, a.Path, b.Route, b.Path));
        var command = Fingerprints(batch, DoneSql, rows, row => row.Fingerprint);
        command.AddArray(rows, row => LedgerTime.From(row.At));
        command.AddArray(rows, row => names.Route(row.Route));
        command.AddArray(rows, row => (short)row.Fate);
        command.AddArray(rows, row => StoredText.OfPath(row.Path));
    }

    private static NpgsqlBatchCommand Fingerprints<T>(NpgsqlBatch batch, string sql, List<T> rows, Func<T, Fingerprint> of)
    {
        var command = batch.Append(sql);
        command.AddArray(rows, row => of(row).SizeBytes);
        command.AddArray(rows, row => of(row).ModifiedUnixNs);
        command.AddArray(rows, row => unchecked((long)of(row).Device));
        command.AddArray(rows, row => unchecked((long)of(row).Inode));
        return command;
    }

    private static int Compare(string routeA, string pathA, string routeB, string pathB) =>
        string.CompareOrdinal(routeA, routeB) is not 0 and var order ? order : string.CompareOrdinal(pathA, pathB);

    private sealed record Step(List<StoredRow> Stored, List<FileFailed> Failed, List<FileDone> Done);

    private sealed class StoredRow(FileStored change)
    {
        public FileStored Change => change;

        public FileDone? Done { get; set; }
    }
}
