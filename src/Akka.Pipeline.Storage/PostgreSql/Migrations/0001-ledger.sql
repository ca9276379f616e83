-- Paths and keys are the bytes of Linux names. Other names (routes, buckets, upload ids, ...) are UTF-8 in bytea too, because text of PostgreSQL holds
-- no NUL and no lone surrogate: convert_from(name, 'UTF8') shows one.
-- Times (..._at) of the ledger are Unix time in units of 100 ns, by the clock of the node: to_timestamp(stored_at / 1e7) shows one.
-- ETags and digests begin with a byte that says how they go on: 0 the bytes of lower-case hex, 1 text.

CREATE TABLE route (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name bytea NOT NULL UNIQUE
);

CREATE TABLE bucket (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    store bytea NOT NULL,
    name bytea NOT NULL,
    UNIQUE (store, name)
);

-- One row per path: the latest version met (size to inode), and the latest version stored (bucket_id to stored_inode).
-- No foreign keys here: a check per row is a price on every file, and the names are never deleted.
-- Room on the page and no index on what changes when a file is done: its row is then updated in place (heap-only).
CREATE TABLE file (
    size bigint NOT NULL,
    mtime_ns bigint NOT NULL,
    device bigint NOT NULL,
    inode bigint NOT NULL,
    updated_at bigint NOT NULL,
    route_id int NOT NULL,
    progress smallint NOT NULL,     -- 0 stored, 1 done, 2 failing, 3 set aside
    fate smallint,                  -- with done: 0 removed, 1 moved, 2 kept, 3 it was gone already
    path bytea NOT NULL,
    bucket_id int,                  -- NULL: never stored
    stored_at bigint,
    stored_size bigint,             -- NULL: the stored version is the version met
    stored_mtime_ns bigint,
    stored_device bigint,
    stored_inode bigint,
    key bytea,
    etag bytea,
    md5 bytea,
    crc32c bytea,
    sha256 bytea,
    version_id bytea,
    attempts int,                   -- with failing and set aside, as the next two
    next_attempt_at bigint,
    failure text,                   -- JSON in ASCII
    PRIMARY KEY (route_id, path)
) WITH (fillfactor = 80);

CREATE INDEX file_by_object ON file (bucket_id, key) WHERE bucket_id IS NOT NULL;
CREATE INDEX file_in_trouble ON file (route_id, path) WHERE failure IS NOT NULL;

CREATE TABLE multipart (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    route_id int NOT NULL REFERENCES route (id),
    path bytea NOT NULL,
    size bigint NOT NULL,
    mtime_ns bigint NOT NULL,
    device bigint NOT NULL,
    inode bigint NOT NULL,
    bucket_id int NOT NULL REFERENCES bucket (id),
    key bytea NOT NULL,
    attributes bytea NOT NULL,      -- content type, storage class, encryption, key, tags, as a JSON array
    upload_id bytea NOT NULL UNIQUE,
    part_size bigint NOT NULL,
    begun_at bigint NOT NULL
);

CREATE INDEX multipart_by_file ON multipart (route_id, path);

-- Multipart uploads that were about to be begun, and no answer is recorded.
CREATE TABLE multipart_intent (
    route_id int NOT NULL REFERENCES route (id),
    path bytea NOT NULL,
    bucket_id int NOT NULL REFERENCES bucket (id),
    key bytea NOT NULL,
    intended_at bigint NOT NULL,
    PRIMARY KEY (route_id, path, bucket_id, key, intended_at)
);

CREATE TABLE part (
    multipart_id bigint NOT NULL REFERENCES multipart (id) ON DELETE CASCADE,
    number int NOT NULL,
    size bigint NOT NULL,
    etag bytea NOT NULL,
    md5 bytea,
    crc32c bytea,
    sha256 bytea,
    PRIMARY KEY (multipart_id, number)
);

CREATE TABLE blockage (
    scope text NOT NULL,
    name bytea NOT NULL,
    attempts int NOT NULL,
    next_attempt_at bigint NOT NULL,
    failure text NOT NULL,
    since bigint NOT NULL,
    PRIMARY KEY (scope, name)
);

CREATE TABLE retry (generation bigint NOT NULL);
INSERT INTO retry VALUES (0);

-- What the rows above forget: objects that a later version of the same file replaced, files that were set aside, operators' retries.
CREATE TABLE audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at bigint NOT NULL,
    event text NOT NULL,            -- 'replaced', 'set aside', 'retry'
    route_id int,
    path bytea,
    size bigint,
    bucket_id int,
    key bytea,
    etag bytea,
    version_id bytea,
    stored_at bigint,
    fate smallint,
    detail text
);

CREATE INDEX audit_by_time ON audit (at);

CREATE FUNCTION file_was_replaced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit (at, event, route_id, path, size, bucket_id, key, etag, version_id, stored_at, fate)
    VALUES (NEW.updated_at, 'replaced', OLD.route_id, OLD.path, COALESCE(OLD.stored_size, OLD.size),
        OLD.bucket_id, OLD.key, OLD.etag, OLD.version_id, OLD.stored_at, OLD.fate);
    RETURN NULL;
END $$;

CREATE FUNCTION file_was_set_aside() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit (at, event, route_id, path, size, detail) VALUES (NEW.updated_at, 'set aside', NEW.route_id, NEW.path, NEW.size, NEW.failure);
    RETURN NULL;
END $$;

CREATE TRIGGER file_replaced AFTER UPDATE ON file FOR EACH ROW
WHEN (OLD.bucket_id IS NOT NULL
    AND (OLD.etag, OLD.version_id, OLD.key, OLD.bucket_id) IS DISTINCT FROM (NEW.etag, NEW.version_id, NEW.key, NEW.bucket_id))
EXECUTE FUNCTION file_was_replaced();

CREATE TRIGGER file_set_aside_new AFTER INSERT ON file FOR EACH ROW WHEN (NEW.progress = 3) EXECUTE FUNCTION file_was_set_aside();

-- Not again for a commit that is repeated because its answer was lost.
CREATE TRIGGER file_set_aside AFTER UPDATE ON file FOR EACH ROW
WHEN (NEW.progress = 3 AND (OLD.progress, OLD.updated_at) IS DISTINCT FROM (NEW.progress, NEW.updated_at)) EXECUTE FUNCTION file_was_set_aside();
