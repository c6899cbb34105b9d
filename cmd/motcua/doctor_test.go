package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/gpio/gpiotest"

	"motcua/internal/config"
	"motcua/internal/journal"
	"motcua/internal/sysd"
	"motcua/kiosk"
	"motcua/kiosk/gpiopanel"
	"motcua/printer/printertest"
)

// machineOf writes a motcua.toml with a data folder of its own.
func machineOf(t *testing.T, more string) (file, folder string) {
	t.Helper()
	dir := t.TempDir()
	folder = filepath.Join(dir, "data")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(dir, "motcua.toml")
	text := fmt.Sprintf("data = %q\n", folder)
	if !strings.Contains(more, "listen") {
		text += "listen = \"127.0.0.1:0\"\n"
	}
	if err := os.WriteFile(file, []byte(text+more), 0o600); err != nil {
		t.Fatal(err)
	}
	return file, folder
}

// run carries out a command line and returns its status and what it printed.
func run(t *testing.T, m *Main, args ...string) (int, string) {
	t.Helper()
	var out, errs bytes.Buffer
	m.Stdin, m.Stdout, m.Stderr = strings.NewReader(""), &out, &errs
	status := m.Run(t.Context(), args)
	return status, out.String() + errs.String()
}

func has(t *testing.T, text string, lines ...string) {
	t.Helper()
	for _, l := range lines {
		if !strings.Contains(text, l) {
			t.Errorf("lacks %q:\n%s", l, text)
		}
	}
}

// aPrinter is a printer in software on a port of its own.
func aPrinter(t *testing.T, o printertest.Options) (*printertest.Printer, string) {
	t.Helper()
	p := printertest.New(o)
	t.Cleanup(func() { p.Close() })
	s, err := p.Start(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return p, s.URI()
}

// pins are buttons A, B, … on fakes, with their lamps.
func pins(n int) (in, lamps []*gpiotest.Pin, m *Main) {
	var lines []gpiopanel.Line
	for i := range n {
		in = append(in, &gpiotest.Pin{N: fmt.Sprint("IN", i), L: gpio.High, EdgesChan: make(chan gpio.Level, 64)})
		lamps = append(lamps, &gpiotest.Pin{N: fmt.Sprint("OUT", i)})
		lines = append(lines, gpiopanel.Line{Button: kiosk.Button(rune('A' + i)), In: in[i], Lamp: lamps[i]})
	}
	m = &Main{panel: func(config.Panel) (testedPanel, error) { return gpiopanel.New(lines, gpiopanel.Options{}), nil }}
	return in, lamps, m
}

const twoButtons = `
[[panel.buttons]]
button = "A"
pin = "GPIO17"
lamp = "GPIO27"
[[panel.buttons]]
button = "B"
pin = "GPIO22"
lamp = "GPIO23"
`

func TestDoctorOnAWellMachine(t *testing.T) {
	_, uri := aPrinter(t, printertest.Options{})
	file, folder := machineOf(t, fmt.Sprintf("hosts = [\"localhost\"]\n[printer]\ndevice = %q\n", uri)+twoButtons)
	j, err := journal.Open(t.Context(), folder, journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	_, _, m := pins(2)
	status, out := run(t, m, "doctor", "--config", file, "--writes", "20")
	if status != exitDone {
		t.Errorf("status %d", status)
	}
	has(t, out, "ok       config    "+file+" is right", "ok       program   linux/", "commits and reads back (WAL, FULL); ticket ",
		"ok       motcuad   does not run", "ok       journal   sound and empty",
		"20 writes: p50 ", "127.0.0.1:0 is free", "ok       printer   "+uri+" answers and is ready",
		"ok       panel     2 buttons on their lines", "ok       scanner   none is configured", "ok       displays  known only while motcuad runs")
	if n := strings.Count(out, "\n"); n != 11 {
		t.Errorf("%d lines, want one for each of 11 checks:\n%s", n, out)
	}
}

// Every bad thing has its line with what to do, and the status says so.
func TestDoctorFinds(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone := "tcp://" + taken.Addr().String()
	if err := taken.Close(); err != nil {
		t.Fatal(err)
	}
	printers := func(kind printertest.Kind) string {
		p, uri := aPrinter(t, printertest.Options{})
		p.Fault(printertest.Fault{Kind: kind})
		return uri
	}
	for name, c := range map[string]struct {
		check, more string
		status      int
		want        []string
	}{
		"config":       {"", "lisen = \":1\"\n", exitBroken, []string{"bad      config    line", "lisen", " → "}},
		"no printer":   {"printer", "", exitDone, []string{"warning  printer   none is configured", "[printer] device"}},
		"unreachable":  {"printer", "[printer]\ndevice = \"" + gone + "\"\n", exitBroken, []string{"bad      printer   " + gone + " cannot be reached", "→ Check its power"}},
		"paper out":    {"printer", "[printer]\ndevice = \"" + printers(printertest.PaperOut) + "\"\n", exitBroken, []string{"is out of paper → Put in a new roll."}},
		"paper low":    {"printer", "[printer]\ndevice = \"" + printers(printertest.PaperLow) + "\"\n", exitDone, []string{"warning  printer", "→ Have a new roll at hand."}},
		"cover open":   {"printer", "[printer]\ndevice = \"" + printers(printertest.CoverOpen) + "\"\n", exitBroken, []string{"→ Close the cover."}},
		"mute":         {"printer", "[printer]\ndevice = \"" + printers(printertest.Mute) + "\"\n", exitDone, []string{"warning  printer", "answers nothing", "profile"}},
		"profile":      {"printer", "[printer]\ndevice = \"" + printers(printertest.PaperLow) + "\"\nprofile = \"/nowhere/mine.toml\"\n", exitBroken, []string{"bad      printer", "/nowhere/mine.toml", "`motcua printer profile` explains every key."}},
		"a file":       {"printer", "[printer]\ndevice = \"file://" + t.TempDir() + "/slips.bin\"\n", exitDone, []string{"ok       printer", "collects bytes"}},
		"second well":  {"printer", "[printer]\ndevice = \"" + printers(printertest.CoverOpen) + "\"\n[second_printer]\ndevice = \"" + printers(printertest.PaperLow) + "\"\n", exitBroken, []string{"bad      printer   ", "→ Close the cover.", "\nwarning  printer2  ", "→ Have a new roll at hand."}},
		"no panel":     {"panel", "", exitDone, []string{"warning  panel     none is wired"}},
		"no pins":      {"panel", twoButtons, exitBroken, []string{"bad      panel", "→ "}}, // a machine without gpio chips, or without these lines
		"scanner":      {"scanner", "[scanner]\ndevice = \"serial://" + scannerLine(t) + "\"\n", exitDone, []string{"ok       scanner", "is there and can be taken"}},
		"no scanner":   {"scanner", "[scanner]\ndevice = \"serial:///dev/ttyACM77\"\n", exitBroken, []string{"bad      scanner", "no such port → check that the scanner is plugged in"}},
		"no keyboard":  {"scanner", "[scanner]\ndevice = \"evdev:?name=nobody calls it so\"\n", exitBroken, []string{"bad      scanner", "no keyboard calls itself"}},
		"no device":    {"scanner", "[scanner]\ndevice = \"/dev/null\"\n", exitBroken, []string{"is not an input device → name one under /dev/input/by-id"}},
		"host unknown": {"network", "hosts = [\"nowhere.invalid\"]\n", exitDone, []string{"warning  network", "nowhere.invalid is not found", "take it out of hosts", `set listen = ":8480"`}},
	} {
		t.Run(name, func(t *testing.T) {
			file, _ := machineOf(t, c.more)
			args := []string{"doctor", "--config", file}
			if c.check != "" {
				args = append(args, c.check)
			}
			status, out := run(t, &Main{}, args...)
			if status != c.status {
				t.Errorf("status %d, want %d", status, c.status)
			}
			has(t, out, c.want...)
			lines := 1 + strings.Count(c.more, "[second_printer]")
			if n := strings.Count(out, "\n"); n != lines {
				t.Errorf("%d lines, want %d:\n%s", n, lines, out)
			}
		})
	}
}

// A program that can't write where it tries itself says so, and is not well.
func TestDoctorTriesTheProgram(t *testing.T) {
	file, _ := machineOf(t, "")
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "gone"))
	status, out := run(t, &Main{}, "doctor", "--config", file, "program")
	if status != exitBroken {
		t.Errorf("status %d", status)
	}
	has(t, out, "bad      program", "look for room in")
}

func TestDoctorWithoutItsFiles(t *testing.T) {
	status, out := run(t, &Main{}, "doctor", "--config", filepath.Join(t.TempDir(), "none.toml"))
	if status != exitBroken {
		t.Errorf("status %d", status)
	}
	has(t, out, "bad      config", "→ Name the file with --config.")

	file, folder := machineOf(t, "")
	if err := os.Remove(folder); err != nil {
		t.Fatal(err)
	}
	status, out = run(t, &Main{}, "doctor", "--config", file, "journal", "disk")
	if status != exitBroken {
		t.Errorf("status %d", status)
	}
	has(t, out, "ok       journal   none yet", "bad      disk", "→ Start motcuad once")

	if status, out = run(t, &Main{}, "doctor", "teeth"); status != exitUsage {
		t.Errorf("status %d: %s", status, out)
	}
}

func TestDoctorFindsABrokenJournal(t *testing.T) {
	file, folder := machineOf(t, "")
	if err := os.WriteFile(filepath.Join(folder, journal.File), bytes.Repeat([]byte("no database"), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	status, out := run(t, &Main{}, "doctor", "--config", file, "journal")
	if status != exitBroken {
		t.Errorf("status %d", status)
	}
	has(t, out, "bad      journal")
}

// aDaemon answers as a motcuad does, or as health says.
func aDaemon(t *testing.T, health string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.Header.Get("Authorization") == "" && strings.HasPrefix(health, "{") {
			fmt.Fprint(w, `{"status":"degraded"}`)
			return
		}
		fmt.Fprint(w, health)
	})}
	go s.Serve(l)
	t.Cleanup(func() { s.Close() })
	return l.Addr().String()
}

// A running motcuad has printer and panel for itself: its word is taken, and
// neither is touched.
func TestDoctorBesideMotcuad(t *testing.T) {
	at := aDaemon(t, `{"status":"degraded","version":"9.9","since":"2026-11-23T01:00:00Z","parts":[
		{"name":"printer","status":"degraded","code":"paper_out","hint":"Put in a new roll."},
		{"name":"panel","status":"ok","message":"12 buttons"},
		{"name":"scanner","status":"degraded","code":"absent","message":"no such device","hint":"check its cable"},
		{"name":"clock","status":"degraded","code":"untrusted","message":"nobody vouches for the time","hint":"Fit a clock module."},
		{"name":"displays","status":"ok","message":"3 displays connected"}]}`)
	file, data := machineOf(t, fmt.Sprintf("listen = %q\n[printer]\ndevice = \"tcp://192.0.2.1:9100\"\n[scanner]\ndevice = \"evdev:\"\n", at)+twoButtons)
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	m := &Main{panel: func(config.Panel) (testedPanel, error) { return nil, errors.New("the panel was touched") }}
	status, out := run(t, m, "doctor", "--config", file, "--token-file", token, "--writes", "5")
	if status != exitBroken {
		t.Errorf("status %d", status)
	}
	has(t, out, `motcuad   9.9 runs since 2026-11-23 08:00:00 and says "degraded"`, "motcuad answers at "+at,
		"bad      printer   motcuad says: paper_out → Put in a new roll.", "ok       panel     motcuad says: 12 buttons",
		"bad      scanner   motcuad says: no such device → check its cable",
		"warning  clock     motcuad says: nobody vouches", "ok       displays  motcuad says: 3 displays connected")

	// The daemon's own token does as well, for who may read it.
	own := filepath.Join(data, config.LocalToken)
	if err := os.WriteFile(own, []byte("drawn-at-the-start\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, out := run(t, m, "doctor", "--config", file, "printer", "panel"); !strings.Contains(out, "motcuad says: paper_out") {
		t.Errorf("with %s:\n%s", own, out)
	}
	if err := os.Remove(own); err != nil {
		t.Fatal(err)
	}

	status, out = run(t, m, "doctor", "--config", file, "motcuad", "printer", "panel", "displays")
	if status != exitDone {
		t.Errorf("status %d", status)
	}
	has(t, out, `warning  motcuad   runs and says "degraded"`, "--token-file", "ok       printer   motcuad has it")

	for _, part := range []string{"printer", "panel", "scanner"} {
		status, out = run(t, m, part, "test", "--config", file)
		if status != exitCannot {
			t.Errorf("%s test: status %d", part, status)
		}
		has(t, out, "motcuad runs and has the "+part, "systemctl stop motcuad")
	}
}

func TestDoctorMeetsAStranger(t *testing.T) {
	file, _ := machineOf(t, fmt.Sprintf("listen = %q\n", aDaemon(t, `["a web server of another kind"]`)))
	status, out := run(t, &Main{}, "doctor", "--config", file, "motcuad")
	if status != exitBroken {
		t.Errorf("status %d", status)
	}
	has(t, out, "bad      motcuad", "not as a motcuad does", "→ Free the address")
}

func TestJudgeDisk(t *testing.T) {
	ms := time.Millisecond
	writes := func(most int, d time.Duration, rest ...time.Duration) []time.Duration {
		return append(slices.Repeat([]time.Duration{d}, most), rest...)
	}
	for name, c := range map[string]struct {
		judge func(*report)
		want  verdict
		says  string
	}{
		"a good card":      {func(r *report) { judgeSync(r, writes(1000, 8*ms, 60*ms)) }, fine, "1001 writes: p50 8ms, p99 8ms, max 60ms"},
		"a slow card":      {func(r *report) { judgeSync(r, writes(100, 8*ms, 150*ms, 150*ms, 150*ms)) }, warning, "p99 150ms"},
		"a very slow card": {func(r *report) { judgeSync(r, writes(10, 1100*ms)) }, bad, "p50 1.1s"},
		"one long stall":   {func(r *report) { judgeSync(r, writes(1000, ms, 6*time.Second)) }, bad, "max 6s"},
		"room":             {func(r *report) { judgeSpace(r, 8<<30, 16<<30) }, fine, "8192 of 16384 MB free"},
		"little room":      {func(r *report) { judgeSpace(r, 400<<20, 16<<30) }, warning, "Make room"},
		"no room":          {func(r *report) { judgeSpace(r, 20<<20, 16<<30) }, bad, "Make room"},
		"ext4": {func(r *report) {
			judgeMount(r, sysd.Mount{Type: "ext4", Source: "/dev/mmcblk0p3", Options: []string{"rw"}})
		}, fine, "ext4 on /dev/mmcblk0p3"},
		"read-only":         {func(r *report) { judgeMount(r, sysd.Mount{Point: "/data", Type: "ext4", Options: []string{"ro"}}) }, bad, "/data is mounted read-only"},
		"in memory":         {func(r *report) { judgeMount(r, sysd.Mount{Type: "tmpfs"}) }, bad, "in memory"},
		"overlay":           {func(r *report) { judgeMount(r, sysd.Mount{Point: "/", Type: "overlay"}) }, warning, "partition of its own"},
		"a stick's":         {func(r *report) { judgeMount(r, sysd.Mount{Type: "vfat"}) }, bad, "Use ext4."},
		"without a barrier": {func(r *report) { judgeMount(r, sysd.Mount{Type: "ext4", Options: []string{"barrier=0"}}) }, bad, "power cut"},
	} {
		r := &report{}
		c.judge(r)
		line := r.line("disk")
		if got := cmpVerdict(r); got != c.want || !strings.Contains(line, c.says) {
			t.Errorf("%s: %s", name, line)
		}
	}
	lines := histogram(writes(3, 3*ms, 100*time.Microsecond))
	if len(lines) != 2 || !strings.Contains(lines[0], "≤ 125µs      1  ##############") || !strings.Contains(lines[1], "≤ 4ms      3  ####") {
		t.Errorf("histogram\n%s", strings.Join(lines, "\n"))
	}
}

func cmpVerdict(r *report) verdict {
	if r.verdict == "" {
		return fine
	}
	return r.verdict
}

func TestJudgeClock(t *testing.T) {
	now := time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		synced bool
		floor  time.Time
		rtc    string
		want   verdict
		says   string
	}{
		"NTP":           {true, time.Time{}, "", fine, "2026-11-23 08:00:00, vouched for; no clock module"},
		"NTP and a RTC": {true, time.Time{}, "rtc-ds1307 1-0068", fine, "clock module rtc-ds1307 1-0068"},
		"nobody":        {false, time.Time{}, "", warning, "nobody vouches for it"},
		"the past":      {true, now.Add(time.Hour), "", bad, "before the journal's last record of 2026-11-23 09:00:00"},
	} {
		clock := sysd.NewClock(sysd.ClockOptions{NotBefore: c.floor, Now: func() time.Time { return now },
			Mono: func() int64 { return 5000 }, Synced: func() bool { return c.synced }})
		r := &report{}
		judgeClock(r, clock, c.floor, c.rtc)
		if got, line := cmpVerdict(r), r.line("clock"); got != c.want || !strings.Contains(line, c.says) {
			t.Errorf("%s: %s", name, line)
		}
	}
}

func TestDoctorFindsAPressedButton(t *testing.T) {
	file, _ := machineOf(t, twoButtons)
	var status int
	var out string
	synctest.Test(t, func(t *testing.T) {
		in, _, m := pins(2)
		go func() {
			time.Sleep(100 * time.Millisecond) // configuring gpiotest's pin pulls it up
			in[1].EdgesChan <- gpio.Low
		}()
		status, out = run(t, m, "doctor", "--config", file, "panel")
	})
	if status != exitDone {
		t.Errorf("status %d", status)
	}
	has(t, out, "warning  panel     2 buttons on their lines; B is pressed → Unless somebody stands there")
}

func TestPanelTest(t *testing.T) {
	file, _ := machineOf(t, twoButtons)
	var status int
	var out string
	var lit [][2]gpio.Level // both lamps, each second
	synctest.Test(t, func(t *testing.T) {
		in, lamps, m := pins(2)
		go func() {
			for range 4 { // 0.5, 1.5, … s
				time.Sleep(500 * time.Millisecond)
				lit = append(lit, [2]gpio.Level{lamps[0].Read(), lamps[1].Read()})
				time.Sleep(500 * time.Millisecond)
			}
			in[1].EdgesChan <- gpio.Low // at 4 s
			time.Sleep(200 * time.Millisecond)
			in[1].EdgesChan <- gpio.High
		}()
		status, out = run(t, m, "panel", "test", "--config", file, "--seconds", "6")
		synctest.Wait()
	})
	if status != exitDone {
		t.Errorf("status %d", status)
	}
	want := [][2]gpio.Level{{gpio.High, gpio.Low}, {gpio.Low, gpio.High}, {gpio.High, gpio.High}, {gpio.High, gpio.High}}
	if !slices.Equal(lit, want) {
		t.Errorf("lamps %v, want first one, then the other, then both", lit)
	}
	has(t, out, "A        its lamp is lit now", "B        its lamp is lit now", "Press each button.",
		"B        closed\n", "B        pressed, 21 ms after the first touch\n", "B        open\n", "A        never pressed\nB        pressed 1 times\n")
}

// A line that can't be had is a fault, and the status says so.
func TestPanelTestFaults(t *testing.T) {
	file, _ := machineOf(t, twoButtons)
	var status int
	var out string
	synctest.Test(t, func(t *testing.T) {
		in, _, m := pins(2)
		in[0].EdgesChan = nil // refuses edges
		status, out = run(t, m, "panel", "test", "--config", file, "--seconds", "5")
	})
	if status != exitBroken {
		t.Errorf("status %d", status)
	}
	has(t, out, "A        fault: ", " → ")
}

// Where there is no panel nothing is said of lamps and contacts.
func TestPanelTestWithoutPins(t *testing.T) {
	file, _ := machineOf(t, twoButtons)
	for name, m := range map[string]*Main{
		"no panel": {panel: func(config.Panel) (testedPanel, error) { return gpiopanel.New(nil, gpiopanel.Options{}), nil }},
		"no lines": {panel: func(config.Panel) (testedPanel, error) {
			return realPanel(config.Panel{Buttons: []config.Button{{Button: "A", Pin: "NO-SUCH-LINE"}}})
		}},
	} {
		status, out := run(t, m, "panel", "test", "--config", file, "--seconds", "1")
		if status != exitBroken {
			t.Errorf("%s: status %d", name, status)
		}
		has(t, out, " fault: ", " → ")
		if strings.Contains(out, "closed\n") || name == "no panel" && strings.Contains(out, "lit now") {
			t.Errorf("%s: it says what nobody saw:\n%s", name, out)
		}
	}
}

func TestPrinterTest(t *testing.T) {
	p, uri := aPrinter(t, printertest.Options{})
	file, _ := machineOf(t, fmt.Sprintf("[printer]\ndevice = %q\n", uri))
	testsWell(t, p, uri, file)
	p, uri = aPrinter(t, printertest.Options{})
	file, _ = machineOf(t, fmt.Sprintf("[printer]\ndevice = \"usb:\"\n[second_printer]\ndevice = %q\n", uri))
	testsWell(t, p, uri, file, "--second")
}

// testsWell prints the two papers of a test and looks at them.
func testsWell(t *testing.T, p *printertest.Printer, uri, file string, flags ...string) {
	t.Helper()
	status, out := run(t, &Main{}, append([]string{"printer", "test", "--config", file}, flags...)...)
	if status != exitDone {
		t.Errorf("status %d", status)
	}
	has(t, out, "profile  epson: 576 dots at 203 dpi\n", "status   "+uri+" is ready", "slip     printed, the printer says so",
		"ruler    printed, the printer says so", "Look at the paper")
	papers := p.Tickets()
	if len(papers) != 2 {
		t.Fatalf("%d papers, want a slip and a ruler", len(papers))
	}
	for _, paper := range papers {
		if paper.Unknown != 0 || paper.TextBytes != 0 {
			t.Errorf("paper %d: %d unknown commands, %q as text", paper.Seq, paper.Unknown, paper.Text)
		}
	}
	slip, ruler := papers[0], papers[1]
	if b := slip.Image.Bounds(); b.Dy() < 400 {
		t.Errorf("the slip is %d dots high", b.Dy())
	}
	edges := 0
	for y := range ruler.Image.Bounds().Dy() {
		if ruler.Image.Black(0, y) && ruler.Image.Black(575, y) {
			edges++
		}
	}
	if edges < 60 {
		t.Errorf("the ruler's edges are %d dots high, want 8 mm", edges)
	}
}

// Clones confirm nothing; a roll put in while the test waits is enough.
func TestPrinterTestGoesOn(t *testing.T) {
	_, uri := aPrinter(t, printertest.Options{NoProcessID: true, NoMotionUnits: true, NoRealTimeOff: true})
	status, out := run(t, &Main{}, "printer", "test", "--device", uri, "--profile", "generic", "--config", "/nowhere.toml")
	if status != exitDone {
		t.Errorf("status %d", status)
	}
	has(t, out, "slip     sent whole; the printer does not confirm slips")

	p, uri := aPrinter(t, printertest.Options{})
	p.Fault(printertest.Fault{Kind: printertest.PaperOut})
	repaired := make(chan struct{})
	m := &Main{}
	out = ""
	w := lineWriter(func(line string) {
		out += line
		if strings.Contains(line, "Put in a new roll") {
			go func() { p.Repair(); close(repaired) }()
		}
	})
	m.Stdin, m.Stdout, m.Stderr = strings.NewReader(""), w, w
	if status := m.Run(context.WithoutCancel(t.Context()), []string{"printer", "test", "--device", uri, "--config", "/nowhere.toml"}); status != exitDone {
		t.Errorf("status %d: %s", status, out)
	}
	<-repaired
	has(t, out, "is out of paper → Put in a new roll.", "slip     printed", "ruler    printed")
}

func TestPrinterTestFails(t *testing.T) {
	p, uri := aPrinter(t, printertest.Options{})
	p.Fault(printertest.Fault{Kind: printertest.CoverOpen})
	status, out := run(t, &Main{}, "printer", "test", "--device", uri, "--config", "/nowhere.toml", "--wait", "2")
	if status != exitBroken {
		t.Errorf("status %d", status)
	}
	has(t, out, "→ Close the cover.", "slip     did not come out within 2 s", "ruler    did not come out within 2 s")
	if got := len(p.Tickets()); got != 0 {
		t.Errorf("%d papers came out", got)
	}

	file, _ := machineOf(t, "")
	for args, want := range map[string]string{
		"printer test --config " + file:                                         "no printer is configured",
		"printer test --second --config " + file:                                "name it under [second_printer]",
		"printer test --device bogus --config " + file:                          "scheme missing (write usb:///dev/usb/lp0",
		"panel test --config " + file:                                           "no panel is wired",
		"scanner test --config " + file:                                         "no scanner is configured",
		"scanner test --device usb: --config " + file:                           "neither evdev: nor serial:",
		"printer test --device " + uri + " --profile none --config " + file:     "no",
		"printer test --config " + filepath.Join(filepath.Dir(file), "no.toml"): "read configuration",
	} {
		status, out := run(t, &Main{}, strings.Fields(args)...)
		if status != exitCannot {
			t.Errorf("%s: status %d", args, status)
		}
		has(t, out, want)
	}
}

// lineWriter hands over what is written.
type lineWriter func(string)

func (w lineWriter) Write(b []byte) (int, error) { w(string(b)); return len(b), nil }
