package main

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"motcua/internal/config"
	"motcua/printer"
	"motcua/printer/escpos"
)

type printerBenchCmd struct {
	Profile string `help:"Printer profile, by its name or its file; the goal is that of one that knows everything." default:"everything" placeholder:"NAME|FILE"`
}

// profileOf is a built-in profile, or that of a file.
func profileOf(nameOrFile string) (escpos.Profile, error) {
	if config.IsProfileFile(nameOrFile) {
		return config.LoadProfile(nameOrFile)
	}
	return escpos.Named(nameOrFile)
}

type printerProfileCmd struct {
	spokenIn `embed:""`
	Profile  string `arg:"" optional:"" help:"A built-in profile, to print it; a file, to check it. Without it: the list of the built-in ones." placeholder:"NAME|FILE"`
}

// Run prints a built-in profile as a file, checks a file, or lists what there is.
func (c *printerProfileCmd) Run(io *console) error {
	v, err := c.voice()
	if err != nil {
		return err
	}
	return v.tell(c.run(io))
}

func (c *printerProfileCmd) run(io *console) error {
	switch {
	case c.Profile == "":
		t := tabwriter.NewWriter(io.out, 0, 0, 2, ' ', 0)
		for _, name := range escpos.Profiles() {
			p, about, _, err := escpos.Explained(name)
			if err != nil {
				return err
			}
			fmt.Fprintf(t, "%s\t%d dots\t%d dpi\t%s\n", name, p.WidthDots, p.DPI, about)
		}
		if err := t.Flush(); err != nil {
			return fmt.Errorf("write list: %w", err)
		}
	case config.IsProfileFile(c.Profile):
		p, err := config.LoadProfile(c.Profile)
		if err != nil {
			return err
		}
		fmt.Fprintf(io.out, "%s is right: %d dots at %d dpi\n", c.Profile, p.WidthDots, p.DPI)
	default:
		return config.WriteProfile(io.out, c.Profile)
	}
	return nil
}

// bauds are the speeds of serial lines in bits a second.
var bauds = []int{9600, 19200, 38400, 115200}

const (
	bitsPerByte = 10 // start, eight, stop
	goalBaud    = 38400
	goal        = time.Second // for a ticket's bytes at goalBaud, on a printer that knows everything
)

// benchSlip is a ticket as the daemon makes it, in Vietnamese, with the code.
func benchSlip() printer.Slip {
	return printer.Slip{
		Unit: "Trung tâm Phục vụ hành chính công", Centre: "Phường Phú Xuân",
		Category: "Hộ tịch – Chứng thực bản sao", Number: "A055", Mark: "Ưu tiên",
		Rows: []printer.Row{{Label: "Trước bạn", Value: "12 người"}, {Label: "Chờ tại", Value: "Khu A, quầy 1–3"}},
		Link: "https://so.example.vn/t/2026-11-23/7F3K9Q2Mx7Kp0aBcDeFgHiJkLmNoPqRsTuVwXyZ01234", LinkHint: "Quét mã để theo dõi số trên điện thoại.",
		Issued: []printer.Line{{Text: "Lấy lúc", Bold: "09:42"}, {Text: "Buổi sáng, Thứ Hai"}, {Bold: "23/11/2026"}},
		Notice: "Mang theo căn cước và bản chính giấy tờ.",
	}
}

// keptSlip is what all tickets of the category share: what a printer keeps.
func keptSlip() printer.Slip {
	s := benchSlip()
	s.Rows[0].Value = ""
	s.Issued = nil
	return s
}

// encoding is one line of the table.
type encoding struct {
	profile string // where each line is another's
	level   escpos.Level
	bytes   int
	took    time.Duration // to lay out and encode, the fastest of three
}

// Run prints the table and the goals.
func (c *printerBenchCmd) Run(io *console) error {
	profile, err := profileOf(c.Profile)
	if err != nil {
		return err
	}
	lang, err := escpos.New(profile)
	if err != nil {
		return err
	}
	lines, err := encodings(lang)
	if err != nil {
		return err
	}
	if err := table(io, "encoding", lines, func(l encoding) string { return string(l.level) }); err != nil {
		return err
	}
	last := lines[len(lines)-1]
	at := transfer(last.bytes, goalBaud)
	if !profile.NativeCode || !profile.NativeNumber || !profile.Memory || profile.LeftTrim == escpos.NoLeftTrim {
		fmt.Fprintf(io.out, "\n%s does not know everything, so it has no goal; at best a ticket takes %.2f s at %d baud.\n", profile.Name, at.Seconds(), goalBaud)
		return nil
	}
	if err := allProfiles(io); err != nil {
		return err
	}
	verdict := "ok"
	if at > goal {
		verdict = "SHORT"
	}
	fmt.Fprintf(io.out, "\nticket_at_%d_baud  %.2f s  goal ≤%.1f  %s\n", goalBaud, at.Seconds(), goal.Seconds(), verdict)
	if at > goal {
		return result(exitBroken)
	}
	return nil
}

// table prints encodings below a header, each under what name calls it.
func table(io *console, first string, lines []encoding, name func(encoding) string) error {
	t := tabwriter.NewWriter(io.out, 0, 0, 2, ' ', 0)
	head := []string{first, "bytes"}
	for _, b := range bauds {
		head = append(head, fmt.Sprintf("s_at_%d", b))
	}
	fmt.Fprintln(t, strings.Join(append(head, "encode_ms"), "\t"))
	for _, l := range lines {
		row := []string{name(l), fmt.Sprint(l.bytes)}
		for _, b := range bauds {
			row = append(row, fmt.Sprintf("%.2f", transfer(l.bytes, b).Seconds()))
		}
		fmt.Fprintln(t, strings.Join(append(row, fmt.Sprintf("%.1f", float64(l.took)/float64(time.Millisecond))), "\t"))
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("write table: %w", err)
	}
	return nil
}

// allProfiles prints the best encoding of every built-in profile.
func allProfiles(io *console) error {
	var lines []encoding
	for _, name := range escpos.Profiles() {
		profile, err := escpos.Named(name)
		if err != nil {
			return err
		}
		lang, err := escpos.New(profile)
		if err != nil {
			return err
		}
		all, err := encodings(lang)
		if err != nil {
			return err
		}
		best := all[len(all)-1]
		best.profile = name
		lines = append(lines, best)
	}
	fmt.Fprintln(io.out)
	return table(io, "profile", lines, func(l encoding) string { return l.profile + ", " + string(l.level) })
}

// transfer is how long bytes take on a serial line.
func transfer(bytes, baud int) time.Duration {
	return time.Duration(bytes) * bitsPerByte * time.Second / time.Duration(baud)
}

// encodings measures a ticket at each level that the profile knows something
// new for.
func encodings(lang *escpos.Protocol) ([]encoding, error) {
	// The first slip reads the typeface; no ticket waits for that but one.
	if _, err := lang.Encode(benchSlip(), 1); err != nil {
		return nil, err
	}
	var lines []encoding
	for _, level := range escpos.Levels() {
		at := printer.Memory(lang.At(level))
		if level == escpos.Stored {
			_, stored, err := at.Store(keptSlip())
			if err != nil {
				return nil, err
			}
			at = stored
		}
		l := encoding{level: level, took: time.Hour}
		for range 3 {
			begin := time.Now()
			job, err := at.Encode(benchSlip(), 1)
			if err != nil {
				return nil, err
			}
			l.bytes, l.took = len(job.Bytes), min(l.took, time.Since(begin))
		}
		if n := len(lines); n > 0 && lines[n-1].bytes == l.bytes {
			continue // the profile does not know this
		}
		lines = append(lines, l)
	}
	return lines, nil
}
