-- What the nodes of a fleet share. Times here are by the clock of this server.
--
-- The order of locks, in every transaction: the session's row, then leases, batches and parts, then files. Writing for a session locks its row FOR KEY SHARE (fleet_fence); ending it
-- locks it FOR UPDATE, which waits for those; a renewal is an UPDATE of other columns, which waits for neither.

CREATE TABLE fleet_session (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,     -- the epoch
    timeout interval NOT NULL,
    joined_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    renewed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    good_until timestamptz NOT NULL,
    ended_at timestamptz,                                   -- NULL: it lives, or nobody has noticed yet that its time is over
    process_id bigint NOT NULL,
    files_per_second float8 NOT NULL DEFAULT 0,
    bytes_per_second float8 NOT NULL DEFAULT 0,
    draining boolean NOT NULL DEFAULT false,
    expired boolean,                                        -- with ended_at: false when it left by itself
    node bytea NOT NULL,
    host bytea NOT NULL
) WITH (fillfactor = 50);

CREATE INDEX fleet_session_open ON fleet_session (id) WHERE ended_at IS NULL;

CREATE TABLE fleet_scan (
    route_id int PRIMARY KEY REFERENCES route (id),
    epoch bigint NOT NULL,
    next_number bigint NOT NULL,
    session_id bigint
);

-- A row per batch, not per file. The content (see BatchContent) lies outside of the row and is not touched by claims.
CREATE TABLE fleet_batch (
    route_id int NOT NULL,
    number bigint NOT NULL,
    published_at timestamptz NOT NULL,
    session_id bigint,                                      -- NULL: it waits
    not_before timestamptz,
    size bigint NOT NULL,
    files int NOT NULL,
    claim int NOT NULL DEFAULT 0,
    content bytea NOT NULL,
    PRIMARY KEY (route_id, number)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

ALTER TABLE fleet_batch ALTER COLUMN content SET STORAGE EXTERNAL;
CREATE INDEX fleet_batch_waiting ON fleet_batch (published_at, route_id, number) WHERE session_id IS NULL;
CREATE INDEX fleet_batch_held ON fleet_batch (session_id) WHERE session_id IS NOT NULL;

-- Parts to do. A finished one is in table part instead.
CREATE TABLE fleet_part (
    multipart_id bigint NOT NULL REFERENCES multipart (id) ON DELETE CASCADE,
    number int NOT NULL,
    claim int NOT NULL DEFAULT 0,
    session_id bigint,
    not_before timestamptz,
    PRIMARY KEY (multipart_id, number)
) WITH (fillfactor = 50);

CREATE INDEX fleet_part_waiting ON fleet_part (multipart_id, number) WHERE session_id IS NULL;
CREATE INDEX fleet_part_held ON fleet_part (session_id) WHERE session_id IS NOT NULL;

CREATE TABLE fleet_audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    session_id bigint NOT NULL,
    number bigint,
    route_id int,
    event text NOT NULL,
    path bytea
);

CREATE INDEX fleet_audit_by_time ON fleet_audit (at);

-- AP001: the session has ended. AP002: a claim or a lease is not the session's.
CREATE FUNCTION fleet_fence(me bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM fleet_session WHERE id = me AND ended_at IS NULL AND good_until > clock_timestamp() FOR KEY SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'session % has ended', me USING ERRCODE = 'AP001';
    END IF;
END $$;

CREATE FUNCTION fleet_refuse(what text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the % is not held', what USING ERRCODE = 'AP002';
END $$;

-- Ends sessions whose rows the caller has locked FOR UPDATE, and frees what they held.
CREATE FUNCTION fleet_end(gone bigint[], is_expired boolean) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE fleet_session SET ended_at = clock_timestamp(), expired = is_expired WHERE id = ANY (gone);
    INSERT INTO fleet_audit (session_id, event) SELECT id, CASE WHEN is_expired THEN 'expired' ELSE 'left' END FROM unnest(gone) AS id;
    UPDATE fleet_scan SET session_id = NULL WHERE session_id = ANY (gone);
    WITH freed AS (
        UPDATE fleet_batch b SET session_id = NULL FROM (SELECT route_id, number, session_id FROM fleet_batch WHERE session_id = ANY (gone)) o
        WHERE b.route_id = o.route_id AND b.number = o.number RETURNING o.session_id, b.route_id, b.number)
    INSERT INTO fleet_audit (session_id, event, route_id, number) SELECT session_id, 'released', route_id, number FROM freed;
    WITH freed AS (
        UPDATE fleet_part p SET session_id = NULL FROM (SELECT multipart_id, number, session_id FROM fleet_part WHERE session_id = ANY (gone)) o
        WHERE p.multipart_id = o.multipart_id AND p.number = o.number RETURNING o.session_id, p.multipart_id, p.number)
    INSERT INTO fleet_audit (session_id, event, route_id, path, number)
        SELECT f.session_id, 'part released', m.route_id, m.path, f.number FROM freed f JOIN multipart m ON m.id = f.multipart_id;
    PERFORM pg_notify('akka_pipeline', kind) FROM unnest(ARRAY['sessions', 'batches', 'parts']) AS kind;
END $$;

-- Ends the sessions whose time is over, except the caller's. One that writes just now is skipped, for the next time. Returns how many ended.
CREATE FUNCTION fleet_reap(me bigint) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    gone bigint[];
BEGIN
    IF NOT EXISTS (SELECT 1 FROM fleet_session WHERE ended_at IS NULL AND good_until <= clock_timestamp() AND id <> me) THEN
        RETURN 0;
    END IF;

    -- A node that froze while it sent a commit holds locks until its server process gives up, which that does not do by itself: it waits for the rest.
    PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND usename = current_user AND application_name = current_setting('application_name') AND pid <> pg_backend_pid()
        AND state <> 'idle' AND wait_event = 'ClientRead' AND xact_start < clock_timestamp() - interval '5 seconds';

    SELECT array_agg(id) INTO gone FROM (
        SELECT id FROM fleet_session WHERE ended_at IS NULL AND good_until <= clock_timestamp() AND id <> me ORDER BY id FOR UPDATE SKIP LOCKED) s;
    IF gone IS NULL THEN
        RETURN 0;
    END IF;

    PERFORM fleet_end(gone, true);
    RETURN cardinality(gone);
END $$;

CREATE FUNCTION fleet_leave(me bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM fleet_session WHERE id = me AND ended_at IS NULL FOR UPDATE;
    IF FOUND THEN
        PERFORM fleet_end(ARRAY[me], false);
    END IF;
END $$;

-- Publishes the batches from number first on; those that an earlier call published count as published.
CREATE FUNCTION fleet_publish(me bigint, route int, lease bigint, first bigint, most int, counts int[], sizes bigint[], contents bytea[], OUT published int, OUT room int) LANGUAGE plpgsql AS $$
DECLARE
    next bigint;
    known int;
    taken int;
BEGIN
    PERFORM fleet_fence(me);
    SELECT next_number INTO next FROM fleet_scan WHERE route_id = route AND epoch = lease AND session_id = me FOR UPDATE;
    IF NOT FOUND OR next < first THEN
        PERFORM fleet_refuse('scan lease');
    END IF;

    known := least(next - first, cardinality(counts));
    SELECT greatest(most - count(*), 0) INTO room FROM fleet_batch WHERE route_id = route AND session_id IS NULL;
    taken := least(cardinality(counts) - known, room);
    published := known + taken;
    room := room - taken;
    IF taken > 0 THEN
        INSERT INTO fleet_batch (route_id, number, published_at, files, size, content)
            SELECT route, first + n - 1, clock_timestamp(), c, s, b FROM unnest(counts, sizes, contents) WITH ORDINALITY AS t (c, s, b, n) WHERE n > known AND n <= published;
        UPDATE fleet_scan SET next_number = next + taken WHERE route_id = route;
        INSERT INTO fleet_audit (session_id, event, route_id, number) VALUES (me, 'published', route, next);
        PERFORM pg_notify('akka_pipeline', 'batches');
    END IF;
END $$;
