package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/google/renameio/v2"

	"motcua/internal/journal"
	"motcua/queue"
)

type exportCmd struct {
	data   `embed:""`
	From   queue.Seq `help:"First record." default:"1" placeholder:"N"`
	To     queue.Seq `help:"Last record." placeholder:"N"`
	Output string    `short:"o" help:"File to write, complete or not at all; - = standard output." default:"-" placeholder:"FILE"`
}

func (c *exportCmd) Run(io *console) (err error) {
	j, err := c.open(io.ctx)
	if err != nil {
		return err
	}
	defer j.Close()
	if c.Output == "-" {
		_, err := c.write(io, j, io.out)
		return err
	}
	f, err := renameio.NewPendingFile(c.Output, renameio.WithPermissions(0o600))
	if err != nil {
		return fmt.Errorf("make export: %w", err)
	}
	defer func() { err = errors.Join(err, f.Cleanup()) }()
	out := bufio.NewWriterSize(f, 64<<10)
	n, err := c.write(io, j, out)
	if err != nil {
		return err
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write export: %w", err)
	}
	if err := f.CloseAtomicallyReplace(); err != nil {
		return fmt.Errorf("write export: %w", err)
	}
	fmt.Fprintf(io.out, "%d records in %s\n", n, c.Output)
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
