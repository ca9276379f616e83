-- Paths and keys are BLOBs: Linux names are bytes, and bytes sort the same everywhere.
-- Times (..._at) are Unix time in units of 100 ns: datetime(stored_at / 10000000, 'unixepoch') shows one.
-- ETags and digests are BLOBs where they are lower-case hex, else TEXT.

CREATE TABLE route (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);

CREATE TABLE bucket (
    id INTEGER PRIMARY KEY,
    store TEXT NOT NULL,
    name TEXT NOT NULL,
    UNIQUE (store, name)
);

-- One row per path: the latest version met (size to inode), and the latest version stored (bucket_id to stored_inode).
-- No foreign keys here: a check per row is a price on every file, and the names are never deleted.
CREATE TABLE file (
    route_id INTEGER NOT NULL,
    path BLOB NOT NULL,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    device INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    progress INTEGER NOT NULL,      -- 0 stored, 1 done, 2 failing, 3 set aside
    updated_at INTEGER NOT NULL,
    bucket_id INTEGER,              -- NULL: never stored
    key BLOB,
    etag,
    md5,
    crc32c,
    sha256,
    version_id TEXT,
    stored_at INTEGER,
    stored_size INTEGER,            -- NULL: the stored version is the version met
    stored_mtime_ns INTEGER,
    stored_device INTEGER,
    stored_inode INTEGER,
    fate INTEGER,                   -- with done: 0 removed, 1 moved, 2 kept, 3 it was gone already
    attempts INTEGER,               -- with failing and set aside, as the next two
    next_attempt_at INTEGER,
    failure TEXT,                   -- JSON
    PRIMARY KEY (route_id, path)
) WITHOUT ROWID;

CREATE INDEX file_by_object ON file (bucket_id, key) WHERE bucket_id IS NOT NULL;
CREATE INDEX file_in_trouble ON file (route_id, path) WHERE progress >= 2;

CREATE TABLE multipart (
    id INTEGER PRIMARY KEY,
    route_id INTEGER NOT NULL REFERENCES route (id),
    path BLOB NOT NULL,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    device INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    bucket_id INTEGER NOT NULL REFERENCES bucket (id),
    key BLOB NOT NULL,
    attributes TEXT NOT NULL,       -- content type, storage class, encryption, key, tags, as a JSON array
    upload_id TEXT NOT NULL UNIQUE,
    part_size INTEGER NOT NULL,
    begun_at INTEGER NOT NULL
);

CREATE INDEX multipart_by_file ON multipart (route_id, path);

-- Multipart uploads that were about to be begun, and no answer is recorded.
CREATE TABLE multipart_intent (
    route_id INTEGER NOT NULL REFERENCES route (id),
    path BLOB NOT NULL,
    bucket_id INTEGER NOT NULL REFERENCES bucket (id),
    key BLOB NOT NULL,
    intended_at INTEGER NOT NULL,
    PRIMARY KEY (route_id, path, bucket_id, key, intended_at)
) WITHOUT ROWID;

CREATE TABLE part (
    multipart_id INTEGER NOT NULL REFERENCES multipart (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    size INTEGER NOT NULL,
    etag NOT NULL,
    md5,
    crc32c,
    sha256,
    PRIMARY KEY (multipart_id, number)
) WITHOUT ROWID;

CREATE TABLE blockage (
    scope TEXT NOT NULL,
    name TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_attempt_at INTEGER NOT NULL,
    failure TEXT NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (scope, name)
) WITHOUT ROWID;

CREATE TABLE retry (generation INTEGER NOT NULL);
INSERT INTO retry VALUES (0);

-- What the rows above forget: objects that a later version of the same file replaced, files that were set aside, operators' retries.
-- What was stored last, and what became of its local file and when, stands in file itself, so that a new small file costs nothing here
-- (a row here for every file dealt with was tried: a sixth more bytes, up to a third fewer files a second).
CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    event TEXT NOT NULL,            -- 'replaced', 'set aside', 'retry'
    route_id INTEGER,
    path BLOB,
    size INTEGER,
    bucket_id INTEGER,
    key BLOB,
    etag,
    version_id TEXT,
    stored_at INTEGER,
    fate INTEGER,
    detail TEXT
);

CREATE TRIGGER file_replaced AFTER UPDATE OF etag ON file
WHEN OLD.bucket_id IS NOT NULL
    AND (OLD.etag IS NOT NEW.etag OR OLD.version_id IS NOT NEW.version_id OR OLD.key IS NOT NEW.key OR OLD.bucket_id IS NOT NEW.bucket_id)
BEGIN
    INSERT INTO audit (at, event, route_id, path, size, bucket_id, key, etag, version_id, stored_at, fate)
    VALUES (NEW.updated_at, 'replaced', OLD.route_id, OLD.path, COALESCE(OLD.stored_size, OLD.size),
        OLD.bucket_id, OLD.key, OLD.etag, OLD.version_id, OLD.stored_at, OLD.fate);
END;

CREATE TRIGGER file_set_aside_new AFTER INSERT ON file WHEN NEW.progress = 3
BEGIN
    INSERT INTO audit (at, event, route_id, path, size, detail) VALUES (NEW.updated_at, 'set aside', NEW.route_id, NEW.path, NEW.size, NEW.failure);
END;

CREATE TRIGGER file_set_aside AFTER UPDATE OF progress ON file WHEN NEW.progress = 3
BEGIN
    INSERT INTO audit (at, event, route_id, path, size, detail) VALUES (NEW.updated_at, 'set aside', NEW.route_id, NEW.path, NEW.size, NEW.failure);
END;
