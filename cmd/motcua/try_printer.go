package main

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"motcua/internal/config"
	"motcua/internal/parts"
	"motcua/printer"
	"motcua/printer/device"
	"motcua/printer/escpos"
	"motcua/printer/spool"
	"motcua/queue"
)

type printerTestCmd struct {
	machineFile `embed:""`
	Second      bool   `help:"Try the second printer of the file."`
	Device      string `help:"Another printer than the file's." placeholder:"ADDRESS"`
	Profile     string `help:"Another profile than the file's, to see whether it fits: a name, or the path of a profile's file." placeholder:"NAME|FILE"`
	Wait        int    `help:"How many seconds the printer may take, with the time somebody needs to put paper in." default:"60" placeholder:"SECONDS"`
}

// step is what became of a job.
type step struct {
	id   printer.JobID
	word string
	bad  bool
}

// steps is a spool's log that tells who waits for the paper. A nil one is for a
// spool that prints nothing.
type steps chan step

func (s steps) Sending(context.Context, printer.JobID, bool) error { return nil }

func (s steps) Printed(_ context.Context, id printer.JobID, proof bool) error {
	word := "sent whole; the printer does not confirm slips"
	if proof {
		word = "printed, the printer says so"
	}
	s <- step{id: id, word: word}
	return nil
}

func (s steps) Failed(_ context.Context, id printer.JobID, reason string) error {
	s <- step{id: id, word: "not printed: " + reason, bad: true}
	return nil
}

func (s steps) Unknown(_ context.Context, id printer.JobID) error {
	s <- step{id: id, word: "may have come out, the printer did not say", bad: true}
	return nil
}

var _ spool.Log = steps(nil)

// The two papers of a test. A process id is four digits; the journal's tickets
// begin with low ones.
const (
	testSlip  printer.JobID = 9998
	testRuler printer.JobID = 9999
)

// sampler speaks a printer's language, and makes the two papers when the
// printer has been opened: it may have said by then what it is.
type sampler struct {
	printer.Protocol
	part *parts.Printer
	at   time.Time
}

func (s sampler) Encode(_ printer.Slip, id printer.JobID) (printer.Job, error) {
	now := s.part.Now()
	if id == testRuler {
		return now.EncodeRuler(id), nil
	}
	return now.Encode(sample(now.Profile(), s.at), id)
}

// sample is a slip with all that a slip can have, and every kind of Vietnamese
// letter.
func sample(p escpos.Profile, at time.Time) printer.Slip {
	return printer.Slip{
		Unit:     "In thử · không có giá trị",
		Centre:   "Trung tâm Phục vụ hành chính công",
		Category: "Hộ tịch – Chứng thực",
		Number:   "T000",
		Mark:     "Ưu tiên",
		Rows: []printer.Row{
			{Label: "Ẵ Ằ Ẳ Ắ Ặ Ề Ể Ễ Ế Ệ", Value: "Đđ"},
			{Label: "Ờ Ở Ỡ Ớ Ợ Ừ Ử Ữ Ứ Ự", Value: "Ỹỵ"},
			{Label: "ơ̆ ư̆ ê̆ o̱ ŏ ƀ ʔ", Value: "0123456789"},
		},
		Link:     "motcua printer test",
		LinkHint: "Quét mã: motcua printer test",
		Issued:   []printer.Line{{Text: "Lấy lúc", Bold: at.In(queue.Zone).Format("15:04")}},
		Notice:   fmt.Sprintf("%s, %d điểm, %d dpi", p.Name, p.WidthDots, p.DPI),
	}
}

func (c *printerTestCmd) Run(io *console) error {
	m, err := config.LoadMachine(c.Config)
	if err != nil && c.Device == "" {
		return err
	}
	if err != nil {
		m = config.Defaults() // a printer to try out needs no file
	}
	if c.Second {
		m.Printer = m.Second
	}
	m.Printer.Device = cmp.Or(c.Device, m.Printer.Device)
	m.Printer.Profile = cmp.Or(c.Profile, m.Printer.Profile)
	if m.Printer.Device == "" {
		table := "[printer]"
		if c.Second {
			table = "[second_printer]"
		}
		return fmt.Errorf("no printer is configured: name it under %s device in %s, or with --device", table, c.Config)
	}
	if err := device.Check(device.Address(m.Printer.Device)); err != nil {
		return err // no waiting makes it an address
	}
	if err := notBeside(io.ctx, m, "printer"); err != nil { // it has the second one as well
		return err
	}
	made, err := parts.NewPrinter(m.Printer)
	if err != nil {
		return err
	}
	if made.Unusable != nil {
		return made.Unusable
	}
	io.say("printer  %s", made.URI)

	done := make(steps, 8)
	changes := make(chan spool.Health, 64)
	now := time.Now()
	s := spool.New(spool.Options{
		Open: made.Open, Protocol: sampler{made.Protocol, made, now}, Log: done, AutoReprints: -1,
		OnHealth: func(h spool.Health) { offer(changes, h) },
	})
	defer s.Close()
	for _, r := range []spool.Request{{ID: testSlip, At: now}, {ID: testRuler, At: now}} {
		if err := s.Submit(r); err != nil {
			return fmt.Errorf("hand over to the spool: %w", err)
		}
	}

	names := map[printer.JobID]string{testSlip: "slip", testRuler: "ruler"}
	late := time.After(time.Duration(c.Wait) * time.Second)
	failed := false
	last := spool.HealthConnecting
	status := func(h spool.Health) {
		if h.Code == last || h.Code == spool.HealthConnecting {
			return
		}
		last = h.Code
		line := "status   " + printerWords(made.URI, h)
		if hint := parts.PrinterHint(h.Code); hint != "" {
			line += " → " + hint
		}
		io.say("%s", line)
	}
	for len(names) > 0 {
		select {
		case h := <-changes:
			status(h)
		case d := <-done:
			status(s.Status())
			if len(names) == 2 {
				profile := made.Now().Profile()
				io.say("profile  %s: %d dots at %d dpi", profile.Name, profile.WidthDots, profile.DPI)
				if note := cmp.Or(made.Misfit(), made.Note()); note != "" {
					io.say("warning  %s", note)
				}
			}
			io.say("%-8s %s", names[d.id], d.word)
			delete(names, d.id)
			failed = failed || d.bad
		case <-late:
			h := s.Status()
			for _, id := range []printer.JobID{testSlip, testRuler} {
				if name, waits := names[id]; waits {
					io.say("%-8s did not come out within %d s: %s", name, c.Wait, printerWords(made.URI, h))
				}
			}
			return result(exitBroken)
		case <-io.ctx.Done():
			return io.ctx.Err()
		}
	}
	if failed {
		return result(exitBroken)
	}
	io.say("\nLook at the paper:\n" +
		"- Every letter has its marks, and the code can be read with a phone.\n" +
		"- The ruler has a bar at both edges and a mark each millimetre; lay one beside it.\n" +
		"  A bar missing at the right, or a muddle: a profile with fewer dots. A wide white\n" +
		"  edge at the right: one with more. Marks too close or too far: another dpi.\n" +
		"- Each paper is cut, or ends at the tear bar.")
	return nil
}
