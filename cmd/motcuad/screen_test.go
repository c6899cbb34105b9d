package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"motcua/internal/browsertest"
	"motcua/internal/journal"
	"motcua/printer/printertest"
	"motcua/queue"
)

// slipOf is where a ticket's paper stands.
func (p *process) slipOf(id queue.TicketID) queue.SlipState {
	p.t.Helper()
	var v struct {
		Slip queue.SlipState `json:"slip"`
	}
	p.get(fmt.Sprintf("/api/v1/tickets/%d", id), &v)
	return v.Slip
}

// tickets are those of today with their slips.
func (p *process) tickets() []issued {
	p.t.Helper()
	var v struct{ Tickets []issued }
	p.get("/api/v1/state", &v)
	return v.Tickets
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for until := time.Now().Add(40 * time.Second); !ok(); {
		if time.Now().After(until) {
			t.Fatalf("%s: not within 40 s", what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// onScreen is a daemon whose panel shows numbers when there is no paper.
func onScreen(t *testing.T) *hardware {
	t.Helper()
	h := &hardware{t: t, printer: printertest.New(printertest.Options{Keep: 100}), data: t.TempDir()}
	server, err := h.printer.Start(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close(); h.printer.Close() })
	conf := filepath.Join(t.TempDir(), "motcua.toml")
	write(t, conf, fmt.Sprintf("public_url = \"https://so.example.vn\"\n[printer]\ndevice = %q\nprofile = \"epson\"\n[panel]\nwithout_paper = \"screen\"\n", server.URI()))
	h.args = []string{"--config", conf}
	h.start()
	return h
}

// ready waits until the panel's screen says that slips come out, or no more.
func (h *hardware) ready(want bool) {
	h.t.Helper()
	eventually(h.t, fmt.Sprintf("slips come out: %t", want), func() bool {
		return strings.Contains(h.page("/panel"), `data-state="press"`) == want
	})
}

// TestNumberOnTheScreen: a panel without a ready printer gives numbers out, the
// screen beside it shows them with a code, no slip comes out by itself when the
// paper is back, and staff print it then.
func TestNumberOnTheScreen(t *testing.T) {
	h := onScreen(t)
	b := browsertest.Start(t)
	screen, small := b.Tab(t, 1920, 1080), b.Tab(t, 800, 480)
	for _, tab := range []*browsertest.Tab{screen, small} {
		tab.Open(h.base + "/panel?lang=vi")
		tab.Wait(`document.querySelector('#link').textContent.includes('Đã kết nối') && document.querySelector('.panel').dataset.state === 'press'`)
	}
	accessible(t, screen, "a panel at rest")
	picture(screen, "panel-press")
	picture(small, "panel-press-small")
	h.printer.Fault(printertest.Fault{Kind: printertest.PaperOut})
	h.ready(false)
	for _, tab := range []*browsertest.Tab{screen, small} {
		tab.Wait(`document.querySelector('.panel').dataset.state === 'shows'`)
	}
	picture(small, "panel-shows-small")
	press := func(button string) {
		t.Helper()
		if code, err := h.post("/demo/press", "", `{"button":"`+button+`"}`, nil); err != nil || code != http.StatusNoContent {
			t.Fatalf("press %s: %d %v", button, code, err)
		}
	}
	press("A")
	for _, tab := range []*browsertest.Tab{screen, small} {
		tab.Wait(`document.querySelectorAll('.numbers li').length === 1 && document.querySelector('.label').textContent === 'A001'`)
	}
	accessible(t, screen, "a number on the screen")
	picture(screen, "panel-number")
	picture(small, "panel-number-small")
	if clipped := browsertest.Eval[[]string](small, `[...document.querySelectorAll('.numbers li *')].filter(e => { const b = e.getBoundingClientRect(), p = e.closest('li').getBoundingClientRect(); return b.bottom > p.bottom + 1 || b.right > p.right + 1 }).map(e => e.className)`); len(clipped) > 0 {
		t.Errorf("cut off on the small screen: %v", clipped)
	}
	for _, button := range []string{"B", "C", "D"} {
		press(button)
	}
	for _, tab := range []*browsertest.Tab{screen, small} {
		tab.Wait(`document.querySelectorAll('.numbers li').length === 4`)
	}
	picture(screen, "panel-four")
	picture(small, "panel-four-small")
	// The wall sends nobody away from buttons that work.
	var board struct {
		Board struct{ Devices []struct{ Kind string } }
	}
	h.get("/api/v1/board", &board)
	if len(board.Board.Devices) != 0 {
		t.Errorf("the wall tells of %v", board.Board.Devices)
	}
	first := h.tickets()[0]
	if got := h.slipOf(first.ID); got != queue.SlipIsFailed {
		t.Errorf("the slip of %s is %s", first.Label, got)
	}

	h.printer.Repair()
	h.ready(true)
	screen.Wait(`document.querySelector('.panel').dataset.state === 'press'`)
	press("R") // the first one to be printed
	h.cut(1)
	eventually(t, "R001 printed", func() bool { x := h.tickets(); return h.slipOf(x[len(x)-1].ID) == queue.SlipIsPrinted })
	if n := h.printer.Stats().Tickets; n != 1 {
		t.Errorf("%d slips came out, want that of R001 alone", n)
	}
	must[actedOn](h.process, fmt.Sprintf("/tickets/%d/reprint", first.ID), "")
	h.cut(2)
	eventually(t, "A001 printed", func() bool { return h.slipOf(first.ID) == queue.SlipIsPrinted })
	eventually(t, "the numbers' 20 s over", func() bool { return !strings.Contains(h.page("/panel"), `class="numbers"`) })
	for _, tab := range []*browsertest.Tab{screen, small} {
		tab.Wait(`!document.querySelector('.numbers')`)
		for _, problem := range tab.Problems() {
			t.Error(problem)
		}
	}
}

// TestPrinterFailsUnderWay: paper runs out between the press and the slip. The
// number appears on the screen, and what had not begun never comes out by itself.
func TestPrinterFailsUnderWay(t *testing.T) {
	h := onScreen(t)
	h.ready(true)
	h.printer.Fault(printertest.Fault{Kind: printertest.Slow, Rate: 200}) // a slip takes longer than the test
	for _, b := range []string{"A", "B"} {
		if code, err := h.post("/demo/press", "", `{"button":"`+b+`"}`, nil); err != nil || code != http.StatusNoContent {
			t.Fatalf("press: %d %v", code, err)
		}
	}
	eventually(t, "first slip under way", func() bool {
		x := h.tickets()
		return len(x) == 2 && h.slipOf(x[0].ID) == queue.SlipIsSending
	})
	h.printer.Fault(printertest.Fault{Kind: printertest.PaperOut})
	second := h.tickets()[1]
	eventually(t, "second slip given up", func() bool { return h.slipOf(second.ID) == queue.SlipIsFailed })
	page := h.page("/panel")
	for _, label := range []string{"A001", "B001"} {
		if !strings.Contains(page, ">"+label+"<") {
			t.Errorf("the screen does not show %s", label)
		}
	}
	h.printer.Repair()
	h.ready(true)
	third := h.issue(`{"category":"C"}`)
	eventually(t, "third slip printed", func() bool { return h.slipOf(third.ID) == queue.SlipIsPrinted })
	if got := h.slipOf(second.ID); got != queue.SlipIsFailed {
		t.Errorf("the slip of %s is %s", second.Label, got)
	}
}

// TestPanelStops: without a screen nothing is given out without paper.
func TestPanelStops(t *testing.T) {
	h := startPaper(t)
	h.ready(true)
	h.printer.Fault(printertest.Fault{Kind: printertest.PaperOut})
	h.ready(false)
	h.post("/demo/press", "", `{"button":"A"}`, nil)
	if page := h.page("/panel"); !strings.Contains(page, `data-state="no_paper"`) {
		t.Errorf("the screen says nothing of it:\n%s", page)
	}
	if x := h.tickets(); len(x) != 0 {
		t.Errorf("given out: %v", x)
	}
}

// TestNoPrinterAtAll: a centre that has none works with the screen and a roll,
// through a kill, and its journal is sound.
func TestNoPrinterAtAll(t *testing.T) {
	c := startStaffed(t)
	c.kill()
	conf := filepath.Join(filepath.Dir(c.data), "motcua.toml")
	text, err := os.ReadFile(conf)
	if err != nil {
		t.Fatal(err)
	}
	write(t, conf, string(text)+"[panel]\nwithout_paper = \"screen\"\n")
	c.process = launch(t, "--config", conf)
	do := func(role, path, body string, into any) {
		t.Helper()
		resp, answer := c.send(ask{path: "/api/v1" + path, body: body, role: role}, "en")
		if resp.StatusCode >= 300 {
			t.Fatalf("%s %s: %d %s", path, body, resp.StatusCode, answer)
		}
		if err := json.Unmarshal(answer, into); err != nil {
			t.Fatal(err)
		}
	}
	var taken issued
	do("kiosk", "/tickets", `{"category":"A","shown":true}`, &taken)
	if page := c.page("/panel"); !strings.Contains(page, ">"+taken.Label+"<") || !strings.Contains(page, `data-state="shows"`) {
		t.Errorf("the screen does not show %s:\n%s", taken.Label, page)
	}
	var roll struct{ Tickets []issued }
	do("greeter", "/rolls", `{"category":"A","first":"057"}`, &roll)
	do("greeter", "/rolls/torn", `{"category":"A","up_to":"062"}`, &roll)
	first := roll.Tickets
	do("greeter", "/rolls/back", `{"category":"A","up_to":"058"}`, &roll)
	c.kill()
	c.process = launch(t, "--config", conf)
	do("greeter", "/rolls/torn", `{"category":"A","up_to":"060"}`, &roll)
	if got := roll.Tickets; len(got) != 2 || got[0].Label != "059" || got[0].ID != first[2].ID {
		t.Errorf("given out again: %v, the first time %v", got, first)
	}
	c.kill()
	j, err := journal.Open(t.Context(), c.data, journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	if report, err := j.Verify(t.Context()); err != nil || report.Tickets != 7 {
		t.Errorf("journal: %+v, %v", report, err)
	}
}

// page is a page of the daemon as somebody at this machine gets it.
func (p *process) page(path string) string {
	p.t.Helper()
	r, err := http.NewRequestWithContext(p.t.Context(), "GET", p.base+path, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Accept", "text/html")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		p.t.Fatalf("GET %s: %d %v", path, resp.StatusCode, err)
	}
	return string(b)
}
