package main

import (
	"errors"
	"fmt"
	"os"

	"motcua/internal/story"
	"motcua/internal/web"
	"motcua/queue"
)

type explainCmd struct {
	data     `embed:""`
	Ticket   string        `arg:"" help:"Label, such as A010, or id."`
	Before   string        `help:"Answer only why this ticket was called before it." placeholder:"B012"`
	Day      queue.Day     `help:"Business day of the labels; without it the last one that has them." placeholder:"2026-11-23"`
	Point    queue.PointID `help:"Service point of the labels, in a centre with several." placeholder:"ID"`
	Language string        `help:"Language of the sentences: vi, en or de." enum:"vi,en,de" default:"${language}"`
	File     string        `help:"Read an export instead of a journal; - = standard input." placeholder:"export.jsonl"`
}

// Validate is called by kong before Run.
func (c *explainCmd) Validate() error {
	if c.Day != "" && !c.Day.Valid() {
		return fmt.Errorf("--day %q is no date; write it as 2026-11-23", c.Day)
	}
	return nil
}

func (c *explainCmd) Run(io *console) error {
	words, err := web.New(web.Options{})
	if err != nil {
		return fmt.Errorf("read the words: %w", err)
	}
	t := story.Teller{Words: words, Language: c.Language}
	records, done, err := c.records(io)
	if err != nil {
		return err
	}
	defer done()
	asked := story.Query{Ticket: c.Ticket, Day: c.Day, Point: c.Point}
	if c.Before != "" {
		line, err := t.Before(records, story.Query{Ticket: c.Before, Day: c.Day, Point: c.Point}, asked)
		if err != nil {
			return c.why(err)
		}
		if line.Seq != 0 {
			fmt.Fprintf(io.out, "%s  ", moment(line))
		}
		fmt.Fprintln(io.out, line.Text)
		return nil
	}
	s, err := t.OfTicket(records, asked)
	if err != nil {
		return c.why(err)
	}
	fmt.Fprintf(io.out, "%s  %s  %s\n\n", s.Ticket.Label, s.Day.Begins().Format("02/01/2006"), s.Point)
	doubt := false
	for _, l := range s.Lines {
		mark := "  "
		if l.Passed {
			mark = "› "
		}
		fmt.Fprintf(io.out, "%s  %s%s\n", moment(l), mark, l.Text)
		doubt = doubt || !l.ClockOK
	}
	fmt.Fprintln(io.out)
	for _, text := range t.Summary(s) {
		fmt.Fprintln(io.out, text)
	}
	if doubt {
		fmt.Fprintln(io.out, words.Text(c.Language, "explain.clock", nil))
	}
	return nil
}

// records opens what the story is told from.
func (c *explainCmd) records(io *console) (story.Records, func(), error) {
	switch c.File {
	case "":
		j, err := c.open(io.ctx)
		if err != nil {
			return nil, nil, err
		}
		return j.Records(io.ctx, 1), func() { j.Close() }, nil
	case "-":
		return readLines("standard input", io.in), func() {}, nil
	}
	f, err := os.Open(c.File)
	if err != nil {
		return nil, nil, fmt.Errorf("open export: %w", err)
	}
	return readLines(c.File, f), func() { f.Close() }, nil
}

// why tells a ticket that is not there, which is nobody's fault, from a journal
// that is broken.
func (c *explainCmd) why(err error) error {
	var missing *story.NotFoundError
	if errors.As(err, &missing) || c.File != "" {
		return err
	}
	return broken(c.Data, err)
}

// moment is the local time to the second; ~ where nobody vouched for it.
func moment(l story.Line) string {
	mark := " "
	if !l.ClockOK {
		mark = "~"
	}
	return mark + l.At.In(queue.Zone).Format("15:04:05")
}
