package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"motcua/internal/journal"
	"motcua/queue"
)

type exportCmd struct {
	data   `embed:""`
	From   queue.Seq `help:"First record." default:"1" placeholder:"N"`
	To     queue.Seq `help:"Last record." placeholder:"N"`
	Output string    `short:"o" help:"File to write, complete or not at all; - = standard output." default:"-" placeholder:"FILE"`
}

func (c *exportCmd) Run(con *console) (err error) {
	j, err := c.open(con.ctx)
	if err != nil {
		return err
	}
	defer j.Close()
	if c.Output == "-" {
		_, err := c.write(con, j, con.out)
		return err
	}
	n := 0
	err = replaceFile(con, c.Output, 0o600, func(w io.Writer) (err error) {
		n, err = c.write(con, j, w)
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(con.out, "%d records in %s\n", n, c.Output)
	return nil
}

// replaceFile writes beside the file and moves it into place, with this mode,
// when it is whole and on the disk.
func replaceFile(con *console, path string, mode os.FileMode, write func(io.Writer) error) (err error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("make export: %s is no file that could be replaced: name another, or - for standard output", path)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".export-*")
	if err != nil {
		return fmt.Errorf("make export: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close(), os.Remove(f.Name()))
		}
	}()
	out := bufio.NewWriterSize(f, 64<<10)
	if err = write(out); err != nil {
		return err
	}
	if err = errors.Join(out.Flush(), f.Chmod(mode), f.Sync()); err != nil {
		return fmt.Errorf("write export: %w", err)
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("put export in place: %w", err)
	}
	if e := f.Close(); e != nil { // whole, synced and in place: nothing to undo
		fmt.Fprintf(con.err, "motcua: close export: %v\n", e)
	}
	return nil
}

// write verifies the chain as far as it goes, so that no export holds what
// was not written.
func (c *exportCmd) write(con *console, j *journal.Journal, out io.Writer) (int, error) {
	// The record before the first is read for its hash.
	begin := max(c.From, 1)
	if begin > 1 {
		begin--
	}
	var before [32]byte
	n := 0
	for r, err := range j.Records(con.ctx, begin) {
		if err != nil {
			return n, broken(c.Data, err)
		}
		if c.To > 0 && r.Seq > c.To {
			break
		}
		if r.Seq >= max(c.From, 1) {
			if queue.ChainHash(before, &r, r.Event.EventType()) != r.Hash {
				return n, broken(c.Data, &journal.ChainError{Dir: c.Data, Seq: r.Seq, Cause: "it does not match its hash"})
			}
			b, err := encodeLine(&r)
			if err != nil {
				return n, err
			}
			if _, err := out.Write(append(b, '\n')); err != nil {
				return n, fmt.Errorf("write export: %w", err)
			}
			n++
		}
		before = r.Hash
	}
	if n == 0 && c.From > 1 {
		return 0, fmt.Errorf("export from record %d: the journal ends before it; `motcua journal verify` tells where", c.From)
	}
	return n, nil
}
