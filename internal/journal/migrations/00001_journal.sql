-- +goose Up

-- The journal itself: one row per event, chained by hash, never changed.
CREATE TABLE records (
	seq      INTEGER PRIMARY KEY CHECK (seq > 0),
	at       INTEGER NOT NULL, -- ms since 1970 UTC, never decreasing
	boot     TEXT    NOT NULL,
	mono     INTEGER NOT NULL, -- CLOCK_BOOTTIME, ms
	clock_ok INTEGER NOT NULL CHECK (clock_ok IN (0, 1)),
	actor    TEXT    NOT NULL,
	key      TEXT    NOT NULL, -- '' = none
	key_sum  INTEGER NOT NULL, -- the 64 bits, as SQLite's signed integer
	type     TEXT    NOT NULL,
	data     TEXT    NOT NULL, -- JSON, exactly as hashed
	hash     BLOB    NOT NULL CHECK (length(hash) = 32)
) STRICT;

-- Keys are random: in one index each would dirty a page of its own. By
-- thousands of records they stay together, and a look-up asks the newest first.
CREATE INDEX records_key ON records (seq >> 10, key) WHERE key <> '';

-- +goose StatementBegin
CREATE TRIGGER records_no_update BEFORE UPDATE ON records
BEGIN
	SELECT RAISE(ABORT, 'records are append-only: a record is never changed; correct it with a new event');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER records_no_delete BEFORE DELETE ON records
BEGIN
	SELECT RAISE(ABORT, 'records are append-only: a record is never deleted; archive by exporting a copy');
END;
-- +goose StatementEnd

-- No number names two people, by constraint and not by hope.
CREATE TABLE labels (
	day    TEXT    NOT NULL,
	point  TEXT    NOT NULL,
	label  TEXT    NOT NULL,
	ticket INTEGER NOT NULL,
	PRIMARY KEY (day, point, label)
) STRICT, WITHOUT ROWID;

CREATE TABLE meta (
	name  TEXT PRIMARY KEY,
	value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The language a slip is printed in, for as long as the paper is not out.
CREATE TABLE slip_languages (
	ticket   INTEGER PRIMARY KEY,
	language TEXT NOT NULL
) STRICT;

CREATE TABLE secrets (
	name  TEXT PRIMARY KEY,
	value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
