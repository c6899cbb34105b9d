package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"motcua/printer/printertest"
)

// who looks at a hall while its printer fails: each holds what it saw last.
type onlookers struct {
	h    *hardware
	seen map[string]chan json.RawMessage // topic → newest state
	last map[string]json.RawMessage
}

func (h *hardware) watch(topics ...string) *onlookers {
	h.t.Helper()
	o := &onlookers{h: h, seen: map[string]chan json.RawMessage{}, last: map[string]json.RawMessage{}}
	for _, topic := range topics {
		s, to := h.follow(topic, nil), make(chan json.RawMessage, 1)
		o.seen[topic] = to
		go func() {
			for {
				var f frame
				if err := s.c.ReadJSON(&f); err != nil {
					return
				}
				if f.State == nil {
					continue
				}
				select {
				case <-to:
				default:
				}
				to <- f.State
			}
		}()
	}
	return o
}

// see waits until a topic shows something, and returns how long that took.
func (o *onlookers) see(topic, what string, shows func(json.RawMessage) bool) time.Duration {
	o.h.t.Helper()
	begin, late := time.Now(), time.After(30*time.Second)
	for o.last[topic] == nil || !shows(o.last[topic]) {
		select {
		case o.last[topic] = <-o.seen[topic]:
		case <-late:
			o.h.t.Fatalf("%s: not on %s within 30 s: %s", what, topic, o.last[topic])
		}
	}
	return time.Since(begin)
}

// broken looks for a device with one of the codes in a board or desk; without
// codes there must be none of that kind.
func broken(kind string, codes ...string) func(json.RawMessage) bool {
	return func(b json.RawMessage) bool {
		var v struct {
			Devices []struct{ Kind, Code string }
		}
		if json.Unmarshal(b, &v) != nil {
			return false
		}
		for _, d := range v.Devices {
			if d.Kind == kind {
				return slices.Contains(codes, d.Code)
			}
		}
		return len(codes) == 0
	}
}

// lampOf looks for the lamp of button A.
func lampOf(want string) func(json.RawMessage) bool {
	return func(b json.RawMessage) bool {
		var v panelView
		if json.Unmarshal(b, &v) != nil {
			return false
		}
		i := slices.IndexFunc(v.Buttons, func(b panelButton) bool { return b.ID == "A" })
		return i >= 0 && string(v.Buttons[i].Lamp) == want
	}
}

// What the printer says is on the panel's lamps, the staff's console and the
// wall within two seconds, by real time and through real sockets; a crowded
// machine may add one. So is that it is well again, and the wall says nothing
// of a roll that still prints.
func TestPrinterFaultsReachEverybody(t *testing.T) {
	const bound = 3 * time.Second
	for _, profile := range []string{"epson", "generic"} { // tells by itself; must be asked
		t.Run(profile, func(t *testing.T) {
			t.Parallel()
			h := startPaperAs(t, profile)
			o := h.watch("panel", "desk:1", "board")
			o.see("panel", "at first", lampOf("ready"))
			for _, c := range []struct {
				kind  printertest.Kind
				codes []string
			}{
				{printertest.PaperOut, []string{"paper_out"}},
				{printertest.CoverOpen, []string{"cover_open"}},
				{printertest.CutterJam, []string{"cutter"}},
				{printertest.HeadHot, []string{"head_hot"}},
				{printertest.Offline, []string{"offline"}},
				{printertest.Mute, []string{"offline"}},
				{printertest.Cable, []string{"unreachable"}},
			} {
				begin := time.Now()
				h.printer.Fault(printertest.Fault{Kind: c.kind})
				o.see("panel", string(c.kind), lampOf("fault"))
				o.see("desk:1", string(c.kind), broken("printer", c.codes...))
				o.see("board", string(c.kind), broken("printer", c.codes...))
				if took := time.Since(begin); took > bound {
					t.Errorf("%s was known after %v", c.kind, took)
				}
				begin = time.Now()
				h.printer.Repair()
				o.see("panel", "repaired "+string(c.kind), lampOf("ready"))
				o.see("desk:1", "repaired "+string(c.kind), broken("printer"))
				o.see("board", "repaired "+string(c.kind), broken("printer"))
				if took := time.Since(begin); took > bound {
					t.Errorf("the end of %s was known after %v", c.kind, took)
				}
			}
			if profile == "epson" { // clones have no near-end sensor
				h.printer.Fault(printertest.Fault{Kind: printertest.PaperLow})
				o.see("desk:1", "low", broken("printer", "paper_low"))
				o.see("panel", "low", lampOf("ready"))
				if !broken("printer")(o.last["board"]) {
					t.Errorf("the wall tells of a roll that prints: %s", o.last["board"])
				}
			}
			h.stop()
		})
	}
}

// A printer that says nothing prints: the lamps stay lit and the wall is quiet,
// but staff and health know that nobody vouches for its slips.
func TestSilentPrinterIsTold(t *testing.T) {
	p := printertest.New(printertest.Options{NoStatus: true, NoProcessID: true})
	server, err := p.Start(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(server.Close(), p.Close()); err != nil {
			t.Error(err)
		}
	})
	h := &hardware{t: t, data: t.TempDir(), printer: p}
	conf := filepath.Join(t.TempDir(), "motcua.toml")
	write(t, conf, fmt.Sprintf("[printer]\ndevice = %q\n", server.URI()))
	h.args = []string{"--config", conf}
	h.start()
	o := h.watch("panel", "desk:1", "board")
	o.see("desk:1", "silent", broken("printer", "silent"))
	o.see("panel", "silent", lampOf("ready"))
	o.see("board", "silent", broken("printer"))
	var health json.RawMessage
	h.get("/api/v1/health", &health)
	says(t, string(health), `"name":"printer","status":"degraded","code":"silent","message":"prints without proof"`)
	link := h.issue(`{"category":"B","slip_language":"en"}`).Link
	if paper := h.cut(1); read(t, paper.Image) != link {
		t.Errorf("the slip has another link; %d bytes as text", paper.TextBytes)
	}
	p.Fault(printertest.Fault{Kind: printertest.Stray, Bytes: []byte("\xFF\xE0\xF3\xC1\xFC\xFD\xF8\xFE\xF3\xC1\xFC\xFD\xF8\xFE\xF3\xC1\xFC\xFD\xF8\xFE")})
	o.see("panel", "garbled", lampOf("fault"))
	o.see("desk:1", "garbled", broken("printer", "garbled"))
	o.see("board", "garbled", broken("printer", "garbled"))
	h.stop()
}

// startTwo runs a daemon with two printers.
func startTwo(t *testing.T) (h *hardware, second *printertest.Printer) {
	t.Helper()
	h = &hardware{t: t, data: t.TempDir()}
	var devices []any
	for range 2 {
		p := printertest.New(printertest.Options{Keep: 100})
		server, err := p.Start(t.Context(), "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := errors.Join(server.Close(), p.Close()); err != nil {
				t.Error(err)
			}
		})
		devices = append(devices, server.URI())
		h.printer, second = second, p
	}
	conf := filepath.Join(t.TempDir(), "motcua.toml")
	write(t, conf, fmt.Sprintf("[printer]\ndevice = %q\n[second_printer]\ndevice = %q\n", devices...))
	h.args = []string{"--config", conf}
	h.start()
	return h, second
}

// The first printer runs out of paper in the middle of a slip while others
// wait; the second prints them all, the one in doubt marked. The lamps stay lit,
// staff are told which roll to change, and with it the first goes on.
func TestSecondPrinter(t *testing.T) {
	h, second := startTwo(t)
	o := h.watch("panel", "desk:1", "board")
	o.see("panel", "at first", lampOf("ready"))
	links := map[string]string{} // link → label
	issue := func() string {
		a := h.issue(`{"category":"B","slip_language":"en"}`)
		links[a.Link] = a.Label
		return a.Label
	}
	number := func(p printertest.Ticket) string { return links[read(t, p.Image)] }
	one := issue()
	if got := number(h.cut(1)); got != one {
		t.Errorf("the first printer printed %q, want %s", got, one)
	}
	h.printer.Fault(printertest.Fault{Kind: printertest.PaperOut, At: 3000, Drop: true})
	cut, waits, later := issue(), issue(), issue()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	o.see("desk:1", "paper out", broken("printer", "paper_out"))
	papers, err := second.Wait(ctx, 3)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range papers {
		got = append(got, number(p))
	}
	if want := []string{waits, later, cut}; !slices.Equal(got, want) {
		t.Errorf("the second printer printed %q, want %q", got, want)
	}
	if b, w := papers[2].Image.Bounds().Dy(), papers[0].Image.Bounds().Dy(); b <= w {
		t.Errorf("the slip in doubt is %d dots high, those before it %d: it has no mark", b, w)
	}
	o.see("board", "slips come out", broken("printer"))
	if !lampOf("ready")(o.last["panel"]) || !broken("printer")(o.last["board"]) {
		t.Errorf("lamps %s, wall %s", o.last["panel"], o.last["board"])
	}
	var v struct {
		Devices []struct {
			Kind, Code string
			Covered    bool
		}
	}
	if err := json.Unmarshal(o.last["desk:1"], &v); err != nil || len(v.Devices) != 1 || !v.Devices[0].Covered {
		t.Errorf("staff see %s (%v)", o.last["desk:1"], err)
	}
	var health json.RawMessage
	h.get("/api/v1/health", &health)
	says(t, string(health), `"name":"printer","status":"degraded","code":"paper_out"`, `"name":"second_printer","status":"ok"`)

	second.Fault(printertest.Fault{Kind: printertest.CoverOpen}) // now neither
	o.see("panel", "both broken", lampOf("fault"))
	o.see("desk:1", "both broken", broken("second_printer", "cover_open"))
	o.see("board", "both broken", broken("printer", "paper_out"))
	last := issue()
	h.printer.Repair()
	o.see("panel", "the first is back", lampOf("ready"))
	if got := number(h.cut(2)); got != last {
		t.Errorf("the first printer printed %q, want %s", got, last)
	}
	if n := len(second.Tickets()); n != 3 {
		t.Errorf("%d papers from the second printer, want 3", n)
	}
	h.stop()
	if strings.Contains(h.errs.String(), "not recorded") {
		t.Error(h.errs.String())
	}
}
