// Package journal keeps a centre's records: an append-only, hash-chained
// table in SQLite, and what must be as durable as it. Everything else the
// centre knows is rebuilt from here ([Journal.Load]).
//
// One process writes ([Open] takes a lock on the folder); any number may read
// with Options.ReadOnly. The files of a data folder:
//
//	centre.db, -wal, -shm  the database; move the three together or not at all
//	centre.lock            held while a process writes
//	centre.snapshot        a disposable copy of the state, to start faster
//
// DESIGN.md says why each setting is as it is.
package journal
