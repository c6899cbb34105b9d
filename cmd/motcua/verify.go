package main

import (
	"errors"
	"fmt"

	"motcua/internal/journal"
	"motcua/queue"
)

type verifyCmd struct {
	data `embed:""`
}

func (c *verifyCmd) Run(io *console) error {
	j, err := c.open(io.ctx)
	if err != nil {
		return err
	}
	defer j.Close()
	rep, err := j.Verify(io.ctx)
	if err != nil {
		return broken(c.Data, err)
	}
	if rep.Records == 0 {
		fmt.Fprintf(io.out, "journal in %s is sound and empty\n", c.Data)
		return nil
	}
	fmt.Fprintf(io.out, "journal in %s is sound\n", c.Data)
	fmt.Fprintf(io.out, "records  %d, no gaps, %d of repeatable commands\n", rep.Records, rep.Keys)
	fmt.Fprintf(io.out, "tickets  %d, each with its label\n", rep.Tickets)
	fmt.Fprintf(io.out, "time     %s to %s\n", local(rep.FirstAt), local(rep.LastAt))
	fmt.Fprintf(io.out, "epoch    %s\n", rep.Position.Epoch)
	fmt.Fprintf(io.out, "head     %d %x\n", rep.Position.Seq, rep.Position.Hash)
	if rep.WrittenBy != "" {
		fmt.Fprintf(io.out, "release  %s\n", rep.WrittenBy)
	}
	return nil
}

// broken tells where the chain breaks and what can still be saved.
func broken(dir string, err error) error {
	var chain *journal.ChainError
	if !errors.As(err, &chain) {
		return err
	}
	f := &finding{
		what:   fmt.Sprintf("journal in %s is broken at record %d: %s", dir, chain.Seq, chain.Cause),
		remedy: "stop motcuad, set the folder aside unchanged, and restore the newest verified backup",
	}
	if sound := sound(chain); sound > 0 {
		f.remedy += fmt.Sprintf(";\nthe records before it are sound: `motcua journal export --data %s --to %d -o saved.jsonl` saves them", dir, sound)
	}
	return f
}

// sound is the last record before the break.
func sound(e *journal.ChainError) queue.Seq {
	if e.Seq == 0 {
		return 0
	}
	return e.Seq - 1
}
