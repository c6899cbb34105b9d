-- +goose Up

-- Machines that were paired by a code. A device is never deleted: the records
-- it made name it, so who it was must stay known after it was revoked.
CREATE TABLE devices (
	id         INTEGER PRIMARY KEY,
	name       TEXT    NOT NULL CHECK (name <> ''), -- the actor in records
	role       TEXT    NOT NULL CHECK (role <> ''),
	counter    TEXT    NOT NULL, -- '' = any
	point      TEXT    NOT NULL, -- '' = any
	token_sum  BLOB    NOT NULL CHECK (length(token_sum) = 32), -- SHA-256; the token is kept by the device alone
	paired_at  INTEGER NOT NULL, -- ms since 1970 UTC
	paired_by  TEXT    NOT NULL,
	revoked_at INTEGER, -- NULL = it may
	revoked_by TEXT    NOT NULL DEFAULT ''
) STRICT;

-- A name belongs to one device at a time; a broken machine's successor may take
-- its name.
CREATE UNIQUE INDEX devices_name ON devices (name) WHERE revoked_at IS NULL;
