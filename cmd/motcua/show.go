package main

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"motcua/queue"
)

type showCmd struct {
	data   `embed:""`
	From   queue.Seq `help:"First record." placeholder:"N"`
	To     queue.Seq `help:"Last record." placeholder:"N"`
	Type   string    `help:"Only events of this type; * stands for anything." placeholder:"ticket.*"`
	Ticket string    `help:"Only what happened to this ticket: its label, on all days, or its id." placeholder:"A001"`
	Last   int       `short:"n" help:"The last so many of what matches; 0 = all." default:"50"`
	JSON   bool      `name:"json" help:"As JSON Lines, like export."`
}

// warmUp is how many records before the first one shown are read, so that
// slips, whose events name the ticket by id alone, find its label.
const warmUp = 4096

// Validate is called by kong before Run; its errors are those of a wrong command line.
func (c *showCmd) Validate() error {
	if _, err := path.Match(c.Type, ""); err != nil {
		return fmt.Errorf("--type %q is no pattern; give one such as 'ticket.*' or 'ticket.called.v1'", c.Type)
	}
	if c.Last < 0 {
		return fmt.Errorf("-n %d is no number of records; give 1 or more, or 0 for all", c.Last)
	}
	return nil
}

func (c *showCmd) Run(io *console) error {
	j, err := c.open(io.ctx)
	if err != nil {
		return err
	}
	defer j.Close()
	first := max(c.From, 1)
	if c.From == 0 && c.Last > 0 && c.Type == "" && c.Ticket == "" {
		// Everything matches: only the end need be read.
		head, err := j.Head(io.ctx)
		if err != nil {
			return err
		}
		end := head.Seq
		if c.To > 0 {
			end = min(end, c.To)
		}
		if n := queue.Seq(c.Last); end > n {
			first = end - n + 1
		}
	}
	begin := first
	if begin > warmUp && c.Ticket == "" {
		begin -= warmUp
	} else {
		begin = 1
	}
	labels := make(map[queue.TicketID]string)
	var shown [][]byte // at least the last c.Last lines
	for r, err := range j.Records(io.ctx, begin) {
		if err != nil {
			return err
		}
		if c.To > 0 && r.Seq > c.To {
			break
		}
		id, label := subject(&r)
		if label != "" {
			labels[id] = label
		} else if id != 0 {
			if label = labels[id]; label == "" {
				label = fmt.Sprintf("ticket %d", id)
			}
		}
		if r.Seq < first || !c.wants(&r, id, label) {
			continue
		}
		text := []byte(line(&r, label))
		if c.JSON {
			if text, err = encodeLine(&r); err != nil {
				return err
			}
		}
		if c.Last > 0 {
			// Cut only now and then: moving the rest costs more than keeping it.
			if shown = append(shown, text); len(shown) >= 2*c.Last+64 {
				shown = slices.Delete(shown, 0, len(shown)-c.Last)
			}
			continue
		}
		if _, err := fmt.Fprintf(io.out, "%s\n", text); err != nil {
			return fmt.Errorf("write output: %w", err)
		}
	}
	if n := len(shown); c.Last > 0 && n > c.Last {
		shown = shown[n-c.Last:]
	}
	for _, text := range shown {
		if _, err := fmt.Fprintf(io.out, "%s\n", text); err != nil {
			return fmt.Errorf("write output: %w", err)
		}
	}
	return nil
}

func (c *showCmd) wants(r *queue.Record, id queue.TicketID, label string) bool {
	if c.Type != "" {
		if ok, _ := path.Match(c.Type, r.Event.EventType()); !ok { // the pattern has been checked
			return false
		}
	}
	return c.Ticket == "" || id != 0 && (strings.EqualFold(label, c.Ticket) || strconv.FormatUint(uint64(id), 10) == c.Ticket)
}
