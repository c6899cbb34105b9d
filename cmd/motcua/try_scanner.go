package main

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"motcua/internal/config"
	"motcua/internal/parts"
	"motcua/kiosk/scanner"
	"motcua/kiosk/scanner/reader"
)

type scannerTestCmd struct {
	machineFile `embed:""`
	Device      string `help:"Another scanner than the file's." placeholder:"ADDRESS"`
	Seconds     int    `help:"End after so many seconds; 0 = when interrupted (Ctrl+C)." placeholder:"N"`
}

// kindWords say what is done with a code, by its kind.
var kindWords = map[scanner.Kind]string{
	scanner.Receipt:     "a dossier's receipt: it gets a number for results",
	scanner.Appointment: "an appointment: it is checked in",
	scanner.Plain:       "an appointment, if the centre has one of this code",
	scanner.Ticket:      "a slip, if it is the centre's own: its holder is told how it stands",
	scanner.IDCard:      "an ID card: the next press may claim a class",
	scanner.Unknown:     "none of these: its holder is asked to choose a button",
}

func (c *scannerTestCmd) Run(io *console) error {
	m, err := config.LoadMachine(c.Config)
	if err != nil && c.Device == "" {
		return err
	}
	if err != nil {
		m = config.Defaults() // a scanner to try out needs no file
	}
	m.Scanner.Device = cmp.Or(c.Device, m.Scanner.Device)
	if m.Scanner.Device == "" {
		return fmt.Errorf("no scanner is configured: name it under [scanner] device in %s, or with --device", c.Config)
	}
	if err := notBeside(io.ctx, m, "scanner"); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(io.ctx)
	if c.Seconds > 0 {
		ctx, stop = context.WithTimeout(io.ctx, time.Duration(c.Seconds)*time.Second)
	}
	defer stop()
	read, last := 0, reader.Status{}
	r, err := parts.Scanner(m.Scanner,
		func(text []byte) {
			read++
			length := len(text)
			code := scanner.Read(text, time.Now())
			line := fmt.Sprintf("%-11s %s", code.Kind, kindWords[code.Kind])
			switch {
			case code.Kind != scanner.Unknown:
			case length == 0:
				line = fmt.Sprintf("%-11s too long, or a part of it was lost", code.Kind)
			default:
				line += fmt.Sprintf(" (%d bytes)", length)
			}
			io.say("%s", line)
		},
		func(s reader.Status) {
			if last = s; s.Code == reader.OK {
				io.say("ready       scan something; nothing of what it says is shown or kept")
				return
			}
			io.say("%-11s %s → %s", s.Code, s.Msg, s.Hint)
		})
	if err != nil {
		return err
	}
	r.Run(ctx)
	io.say("%d codes were read", read)
	if last.Code != reader.OK {
		return result(exitBroken)
	}
	return nil
}
