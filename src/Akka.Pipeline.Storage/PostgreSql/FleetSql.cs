namespace Akka.Pipeline.Storage.PostgreSql;

/// <summary>The statements of <see cref="PostgresFleet"/> that are longer than a line. $1 is the session.</summary>
internal static class FleetSql
{
    /// <summary>Gives a row when the session lives, and orders what follows before its end.</summary>
    private const string Me = "WITH me AS MATERIALIZED (SELECT draining FROM fleet_session WHERE id = $1 AND ended_at IS NULL AND good_until > clock_timestamp() FOR KEY SHARE)";

    private const string Due = "session_id IS NULL AND (not_before IS NULL OR not_before <= clock_timestamp())";

    public const string Renew =
        "WITH mine AS (UPDATE fleet_session SET renewed_at = clock_timestamp(), good_until = clock_timestamp() + timeout, files_per_second = $2, bytes_per_second = $3 "
        + "WHERE id = $1 AND ended_at IS NULL AND good_until > clock_timestamp() RETURNING timeout, draining) SELECT timeout, draining FROM mine";

    public const string Nodes =
        "SELECT s.id, s.node, s.host, s.process_id, CASE WHEN s.ended_at IS NOT NULL THEN CASE WHEN s.expired THEN 3 ELSE 2 END WHEN s.good_until <= clock_timestamp() THEN 3 WHEN s.draining THEN 1 ELSE 0 END, "
        + "s.joined_at, s.renewed_at, s.ended_at, s.files_per_second, s.bytes_per_second, b.batches, b.files, b.bytes, p.parts, w.routes FROM fleet_session s "
        + "CROSS JOIN LATERAL (SELECT count(*) AS batches, COALESCE(sum(files), 0)::bigint AS files, COALESCE(sum(size), 0)::bigint AS bytes FROM fleet_batch WHERE session_id = s.id) b "
        + "CROSS JOIN LATERAL (SELECT count(*) AS parts FROM fleet_part WHERE session_id = s.id) p "
        + "CROSS JOIN LATERAL (SELECT COALESCE(array_agg(r.name ORDER BY r.name), '{}') AS routes FROM fleet_scan c JOIN route r ON r.id = c.route_id WHERE c.session_id = s.id) w ORDER BY s.id";

    /// <summary>$2 the route. The lease that it has or gets now; no row when another has it or the session does not live or drains.</summary>
    public const string TakeScan =
        Me + ", taken AS (INSERT INTO fleet_scan AS c (route_id, epoch, next_number, session_id) SELECT $2, 1, 1, $1 FROM me WHERE NOT draining "
        + "ON CONFLICT (route_id) DO UPDATE SET session_id = $1, epoch = CASE WHEN c.session_id IS NULL THEN c.epoch + 1 ELSE c.epoch END WHERE c.session_id IS NULL OR c.session_id = $1 "
        + "RETURNING epoch, next_number), noted AS (INSERT INTO fleet_audit (session_id, event, route_id, number) SELECT $1, 'scan', $2, next_number FROM taken) "
        + "SELECT t.epoch, t.next_number, (SELECT session_id FROM fleet_scan WHERE route_id = $2) FROM me LEFT JOIN taken t ON true";

    /// <summary>$2 routes, $3 most batches, $4 most bytes. A row of NULLs when there are none, no row when the session does not live.</summary>
    public const string ClaimBatches =
        Me + ", locked AS MATERIALIZED (SELECT route_id, number, size, published_at FROM fleet_batch WHERE " + Due + " AND route_id = ANY ($2) AND EXISTS (SELECT 1 FROM me WHERE NOT draining) "
        + "ORDER BY published_at, route_id, number LIMIT $3 FOR UPDATE SKIP LOCKED), "
        + "picked AS (SELECT route_id, number FROM (SELECT *, sum(size) OVER (ORDER BY published_at, route_id, number) - size AS before FROM locked) s WHERE before < $4), "
        + "claimed AS (UPDATE fleet_batch b SET session_id = $1, claim = b.claim + 1, not_before = NULL FROM picked p WHERE b.route_id = p.route_id AND b.number = p.number "
        + "RETURNING b.route_id, b.number, b.claim, b.content), "
        + "noted AS (INSERT INTO fleet_audit (session_id, event, route_id, number) SELECT $1, 'claimed', route_id, number FROM claimed) "
        + "SELECT c.route_id, c.number, c.claim, c.content FROM me LEFT JOIN claimed c ON true ORDER BY c.route_id, c.number";

    /// <summary>$2 routes, $3 numbers, $4 claims.</summary>
    public const string CompleteBatches =
        "WITH done AS (DELETE FROM fleet_batch b USING unnest($2::int[], $3::bigint[], $4::int[]) AS t (route_id, number, claim) "
        + "WHERE b.route_id = t.route_id AND b.number = t.number AND b.session_id = $1 AND b.claim = t.claim RETURNING b.route_id, b.number) "
        + "INSERT INTO fleet_audit (session_id, event, route_id, number) SELECT $1, 'completed', route_id, number FROM done";

    /// <summary>Refuses when one of them is still there: it was given back. One that is gone was completed, by an earlier try of the same.</summary>
    public const string RefuseOtherBatches =
        "SELECT fleet_refuse('batch') FROM unnest($1::int[], $2::bigint[]) AS t (route_id, number) JOIN fleet_batch b ON b.route_id = t.route_id AND b.number = t.number";

    /// <summary>$2 routes, $3 numbers, $4 claims, $5 delays, $6 counts, $7 sizes, $8 contents (the last three NULL for all files).</summary>
    public const string ReturnBatches =
        "WITH back AS (UPDATE fleet_batch b SET session_id = NULL, not_before = clock_timestamp() + t.delay, files = COALESCE(t.files, b.files), size = COALESCE(t.size, b.size), "
        + "content = COALESCE(t.content, b.content) FROM unnest($2::int[], $3::bigint[], $4::int[], $5::interval[], $6::int[], $7::bigint[], $8::bytea[]) "
        + "AS t (route_id, number, claim, delay, files, size, content) WHERE b.route_id = t.route_id AND b.number = t.number AND b.session_id = $1 AND b.claim = t.claim RETURNING b.route_id, b.number), "
        + "noted AS (INSERT INTO fleet_audit (session_id, event, route_id, number) SELECT $1, 'returned', route_id, number FROM back) SELECT pg_notify('akka_pipeline', 'batches') FROM back";

    /// <summary>$2 upload, $3 numbers: those that wait already, or are recorded as finished, are left out.</summary>
    public const string PublishParts =
        "WITH u AS (SELECT id AS multipart_id FROM multipart WHERE upload_id = $2), "
        + "p AS (INSERT INTO fleet_part (multipart_id, number) SELECT u.multipart_id, n FROM u, unnest($3::int[]) AS n "
        + "WHERE NOT EXISTS (SELECT 1 FROM part d WHERE d.multipart_id = u.multipart_id AND d.number = n) ON CONFLICT DO NOTHING RETURNING multipart_id, number), "
        + "noted AS (INSERT INTO fleet_audit (session_id, event, route_id, path, number) SELECT $1, 'part published', m.route_id, m.path, min(p.number) FROM p JOIN multipart m ON m.id = p.multipart_id GROUP BY m.id) "
        + "SELECT pg_notify('akka_pipeline', 'parts') FROM u";

    /// <summary>$2 routes, $3 how many. As <see cref="ClaimBatches"/>.</summary>
    public const string ClaimParts =
        Me + ", picked AS MATERIALIZED (SELECT multipart_id, number FROM fleet_part p WHERE " + Due + " AND EXISTS (SELECT 1 FROM me WHERE NOT draining) "
        + "AND EXISTS (SELECT 1 FROM multipart o WHERE o.id = p.multipart_id AND o.route_id = ANY ($2)) ORDER BY multipart_id, number LIMIT $3 FOR UPDATE OF p SKIP LOCKED), "
        + "c AS (UPDATE fleet_part p SET session_id = $1, claim = p.claim + 1, not_before = NULL FROM picked WHERE p.multipart_id = picked.multipart_id AND p.number = picked.number "
        + "RETURNING p.multipart_id, p.number, p.claim), "
        + "noted AS (INSERT INTO fleet_audit (session_id, event, route_id, path, number) SELECT $1, 'part claimed', o.route_id, o.path, c.number FROM c JOIN multipart o ON o.id = c.multipart_id) "
        + "SELECT " + UploadRow.Columns + ", c.number, c.claim FROM me LEFT JOIN (c JOIN (" + UploadRow.Tables + ") ON m.id = c.multipart_id) ON true ORDER BY c.multipart_id, c.number";

    /// <summary>$2 uploads, $3 numbers, $4 claims, $5 to $9 size, ETag, MD5, CRC-32C, SHA-256.</summary>
    public const string FinishParts =
        "WITH t AS (SELECT m.id, m.route_id, m.path, t.* FROM unnest($2::bytea[], $3::int[], $4::int[], $5::bigint[], $6::bytea[], $7::bytea[], $8::bytea[], $9::bytea[]) "
        + "AS t (upload_id, number, claim, size, etag, md5, crc32c, sha256) JOIN multipart m ON m.upload_id = t.upload_id), "
        + "done AS (DELETE FROM fleet_part p USING t WHERE p.multipart_id = t.id AND p.number = t.number AND p.session_id = $1 AND p.claim = t.claim RETURNING p.multipart_id, p.number), "
        + "noted AS (INSERT INTO fleet_audit (session_id, event, route_id, path, number) SELECT $1, 'part completed', t.route_id, t.path, t.number FROM done JOIN t ON t.id = done.multipart_id AND t.number = done.number) "
        + "INSERT INTO part (multipart_id, number, size, etag, md5, crc32c, sha256) SELECT t.id, t.number, t.size, t.etag, t.md5, t.crc32c, t.sha256 FROM done JOIN t ON t.id = done.multipart_id AND t.number = done.number "
        + "ON CONFLICT (multipart_id, number) DO UPDATE SET size = EXCLUDED.size, etag = EXCLUDED.etag, md5 = EXCLUDED.md5, crc32c = EXCLUDED.crc32c, sha256 = EXCLUDED.sha256";

    public const string RefuseOtherParts =
        "SELECT fleet_refuse('part') FROM unnest($1::bytea[], $2::int[]) AS t (upload_id, number) JOIN multipart m ON m.upload_id = t.upload_id JOIN fleet_part p ON p.multipart_id = m.id AND p.number = t.number";

    /// <summary>$2 uploads, $3 numbers, $4 claims, $5 delays.</summary>
    public const string ReturnParts =
        "WITH back AS (UPDATE fleet_part p SET session_id = NULL, not_before = clock_timestamp() + t.delay FROM unnest($2::bytea[], $3::int[], $4::int[], $5::interval[]) AS t (upload_id, number, claim, delay), multipart m "
        + "WHERE m.upload_id = t.upload_id AND p.multipart_id = m.id AND p.number = t.number AND p.session_id = $1 AND p.claim = t.claim RETURNING m.route_id, m.path, p.number), "
        + "noted AS (INSERT INTO fleet_audit (session_id, event, route_id, path, number) SELECT $1, 'part returned', route_id, path, number FROM back) SELECT pg_notify('akka_pipeline', 'parts') FROM back";
}
