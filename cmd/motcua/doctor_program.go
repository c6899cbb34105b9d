package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"runtime"

	"motcua/internal/journal"
	"motcua/printer/escpos"
)

// program tries what this very binary can do on this processor: commit and read
// back, in a folder of its own, and turn a slip into bytes. The ticket's hash is
// the same on every machine: one of another number draws other slips.
func (p *patient) program(r *report) {
	r.note("%s/%s, %s", runtime.GOOS, runtime.GOARCH, runtime.Version())
	if sqlite, err := tryJournal(p.ctx); err != nil {
		r.bad("SQLite "+sqlite+": "+err.Error(), "Install the package anew, the one for this machine's processor; look for room in "+os.TempDir()+".")
	} else {
		r.note("SQLite %s commits and reads back (WAL, FULL)", sqlite)
	}
	if ticket, err := ticketHash(); err != nil {
		r.bad(err.Error(), "Install the package anew.")
	} else {
		r.note("ticket %s", ticket)
	}
}

func tryJournal(ctx context.Context) (sqlite string, err error) {
	dir, err := os.MkdirTemp("", "motcua-doctor")
	if err != nil {
		return "", fmt.Errorf("make folder: %w", err)
	}
	defer func() {
		if e := os.RemoveAll(dir); err == nil {
			err = e
		}
	}()
	return journal.Try(ctx, dir)
}

// ticketHash is of the bytes a printer without any skills is sent for a slip
// that never changes: typeface, layout and language are all in it.
func ticketHash() (string, error) {
	profile, err := escpos.Named("generic")
	if err != nil {
		return "", err
	}
	lang, err := escpos.New(profile)
	if err != nil {
		return "", err
	}
	job, err := lang.Encode(benchSlip(), 1)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%x", sha256.Sum256(job.Bytes)), nil
}
