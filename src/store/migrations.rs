//! The versions of the tables: one numbered list for both stores, each version in the dialect of the file and in that of the server.

/// The changes of one version.
pub(super) struct Migration {
    pub(super) file: &'static str,
    pub(super) server: &'static str,
}

/// The changes of each version; a store records how many of them it has. Only ever append. When the server was added, the file had
/// eight versions: on the server, the first one makes the tables of all eight, and the other seven change nothing.
pub(super) const MIGRATIONS: &[Migration] = &[
    Migration {
        file: "
    -- An index over the events, which alone are the truth.
    CREATE TABLE operations (
        id       INTEGER PRIMARY KEY AUTOINCREMENT,
        instance TEXT NOT NULL,
        created  INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX operations_of_instance ON operations (instance, id);
    CREATE TABLE events (
        operation INTEGER NOT NULL REFERENCES operations (id) ON DELETE CASCADE,
        sequence  INTEGER NOT NULL,
        at        INTEGER NOT NULL,
        body      TEXT NOT NULL,
        PRIMARY KEY (operation, sequence)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE communities (
        instance  TEXT NOT NULL,
        community TEXT NOT NULL,
        name      TEXT,
        PRIMARY KEY (instance, community)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE ordinary_groups (
        instance TEXT NOT NULL,
        group_id TEXT NOT NULL,
        PRIMARY KEY (instance, group_id)
    ) STRICT, WITHOUT ROWID;
",
        server: "
    -- An index over the events, which alone are the truth.
    CREATE TABLE operations (
        id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        instance text NOT NULL,
        created  bigint NOT NULL,
        ended    bigint,
        summary  text,
        handed_over_until bigint,
        operator text NOT NULL,
        host     text NOT NULL
    );
    CREATE INDEX operations_of_instance ON operations (instance, id);
    CREATE INDEX operations_without_end ON operations (instance, id) WHERE ended IS NULL;
    -- One order of all events of an instance: its lock allows one writer at a time.
    CREATE TABLE events (
        position  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        operation bigint NOT NULL REFERENCES operations (id) ON DELETE CASCADE,
        sequence  bigint NOT NULL,
        at        bigint NOT NULL,
        body      text NOT NULL,
        operator  text NOT NULL,
        host      text NOT NULL,
        recorded  timestamptz NOT NULL DEFAULT clock_timestamp(),
        UNIQUE (operation, sequence)
    );
    CREATE INDEX requests_sent ON events (operation, position) WHERE body LIKE '{\"event\":\"sending\"%';
    -- What other processes ask of a running operation; removed when it ends.
    CREATE TABLE requests (
        position  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        operation bigint NOT NULL REFERENCES operations (id) ON DELETE CASCADE,
        request   text NOT NULL,
        at        bigint NOT NULL,
        operator  text NOT NULL,
        host      text NOT NULL
    );
    CREATE INDEX requests_of_operation ON requests (operation, position);
    -- What was removed, by whom and when; nothing else is ever removed.
    CREATE TABLE removals (
        position   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        operations bigint[] NOT NULL,
        operator   text NOT NULL,
        host       text NOT NULL,
        recorded   timestamptz NOT NULL DEFAULT clock_timestamp()
    );
",
    },
    Migration {
        file: "
    -- When an operation ended, according to its events, so that those without an end are found at once.
    ALTER TABLE operations ADD COLUMN ended INTEGER;
    UPDATE operations SET ended = (
        SELECT max(at) FROM events WHERE operation = id AND json_extract(body, '$.event') = 'ended'
    );
    CREATE INDEX operations_without_end ON operations (instance, id) WHERE ended IS NULL;
    -- Secrets: whoever has a link can enter the group.
    CREATE TABLE invite_links (
        instance TEXT NOT NULL,
        group_id TEXT NOT NULL,
        link     TEXT NOT NULL,
        PRIMARY KEY (instance, group_id)
    ) STRICT, WITHOUT ROWID;
",
        server: "",
    },
    Migration {
        file: "
    -- What each instance had when it was last read, a part a row; only ever shown, with its age, until it is read again.
    CREATE TABLE directory (
        instance  TEXT NOT NULL,
        community TEXT NOT NULL, -- empty: the list of groups
        begun     INTEGER NOT NULL,
        body      TEXT NOT NULL,
        PRIMARY KEY (instance, community)
    ) STRICT;
",
        server: "",
    },
    Migration {
        file: "
    -- One order of all events, whoever writes them: `position` grows and is never given again. Those of earlier versions
    -- get theirs by operation.
    CREATE TABLE positioned_events (
        position  INTEGER PRIMARY KEY AUTOINCREMENT,
        operation INTEGER NOT NULL REFERENCES operations (id) ON DELETE CASCADE,
        sequence  INTEGER NOT NULL,
        at        INTEGER NOT NULL,
        body      TEXT NOT NULL,
        UNIQUE (operation, sequence)
    ) STRICT;
    INSERT INTO positioned_events (operation, sequence, at, body)
        SELECT operation, sequence, at, body FROM events ORDER BY operation, sequence;
    DROP TABLE events;
    ALTER TABLE positioned_events RENAME TO events;
",
        server: "",
    },
    Migration {
        file: "
    -- What each instance had when it was last read; only ever shown, with its age, until it is read again. `places` says which
    -- list of groups a listing refers to.
    DROP TABLE directory;
    CREATE TABLE lists (
        instance TEXT PRIMARY KEY,
        begun    INTEGER NOT NULL,
        places   INTEGER NOT NULL,
        digest   INTEGER NOT NULL,
        body     BLOB NOT NULL
    ) STRICT;
    CREATE TABLE listings (
        instance  TEXT NOT NULL,
        community TEXT NOT NULL,
        begun     INTEGER NOT NULL,
        places    INTEGER NOT NULL,
        body      BLOB NOT NULL,
        PRIMARY KEY (instance, community)
    ) STRICT;
",
        server: "",
    },
    Migration {
        file: "
    -- The summary of an ended operation, so that a list needs no events. Valid only up to the sequence number in it; made again
    -- from the events if it is missing or older.
    ALTER TABLE operations ADD COLUMN summary TEXT;
",
        server: "",
    },
    Migration {
        file: "
    -- The number's roles in groups whose list does not say them, each with the time of its read.
    CREATE TABLE roles (
        instance TEXT NOT NULL,
        group_id TEXT NOT NULL,
        role     TEXT NOT NULL,
        begun    INTEGER NOT NULL,
        PRIMARY KEY (instance, group_id)
    ) STRICT, WITHOUT ROWID;
",
        server: "",
    },
    Migration {
        file: "
    -- What other processes ask of a running operation; removed when it ends.
    CREATE TABLE requests (
        position  INTEGER PRIMARY KEY AUTOINCREMENT,
        operation INTEGER NOT NULL REFERENCES operations (id) ON DELETE CASCADE,
        request   TEXT NOT NULL,
        at        INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX requests_of_operation ON requests (operation, position);
    -- Until when another process may take over the operation from the one that ran it.
    ALTER TABLE operations ADD COLUMN handed_over_until INTEGER;
",
        server: "",
    },
    Migration {
        file: "
    -- Who wrote each record; unknown for those of earlier versions.
    ALTER TABLE operations ADD COLUMN operator TEXT;
    ALTER TABLE operations ADD COLUMN host TEXT;
    ALTER TABLE events ADD COLUMN operator TEXT;
    ALTER TABLE events ADD COLUMN host TEXT;
    ALTER TABLE requests ADD COLUMN operator TEXT;
    ALTER TABLE requests ADD COLUMN host TEXT;
    -- What was removed, by whom and when.
    CREATE TABLE removals (
        position  INTEGER PRIMARY KEY AUTOINCREMENT,
        operation INTEGER NOT NULL,
        operator  TEXT,
        host      TEXT,
        recorded  INTEGER NOT NULL
    ) STRICT;
",
        server: "
    -- A copied journal may not know who wrote.
    ALTER TABLE operations ALTER COLUMN operator DROP NOT NULL, ALTER COLUMN host DROP NOT NULL;
    ALTER TABLE events ALTER COLUMN operator DROP NOT NULL, ALTER COLUMN host DROP NOT NULL;
    -- Encrypted with the key of the operators, and bound to the instance and the group.
    CREATE TABLE invite_links (
        instance text NOT NULL,
        group_id text NOT NULL,
        sealed   bytea NOT NULL,
        operator text NOT NULL,
        host     text NOT NULL,
        PRIMARY KEY (instance, group_id)
    );
    -- Which operations were copied from the journals of machines, and their numbers here. The digest is that of the order, because a
    -- restored journal may have another operation with the same number.
    CREATE TABLE copies (
        digest    text NOT NULL,
        operation bigint NOT NULL,
        copied_as bigint NOT NULL,
        PRIMARY KEY (digest, operation)
    );
",
    },
];

/// The number of the newest version.
pub(super) fn newest() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// The changes that a store with this version lacks; `None` if it is newer than this program.
pub(super) fn missing(found: i64) -> Option<&'static [Migration]> {
    usize::try_from(found).ok().and_then(|found| MIGRATIONS.get(found..))
}
