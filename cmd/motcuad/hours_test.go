package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"motcua/internal/sysd"
	"motcua/kiosk"
	"motcua/printer"
	"motcua/printer/printertest"
	"motcua/queue"
)

// timed is a demonstration with the hours of a real one, by a clock that the
// test sets and everybody trusts, and a printer that keeps its paper.
type timed struct {
	*Daemon
	t       *testing.T
	ahead   atomic.Int64 // of the machine's clock, in ns
	printer *printertest.Printer
}

// rules is what the office has besides the demonstration's file.
const rules = `
[[sessions]]
id = "am"
name = { vi = "Buổi sáng", en = "Morning", de = "Vormittag" }
days = ["mon", "tue", "wed", "thu", "fri"]
from = "07:30"
to = "11:30"

[[sessions]]
id = "pm"
name = { vi = "Buổi chiều", en = "Afternoon", de = "Nachmittag" }
days = ["mon", "tue", "wed", "thu", "fri"]
from = "13:30"
to = "17:00"

[[quotas]]
category = "C"
session = "am"
dossiers = 2
`

func openTimed(t *testing.T, clock string) *timed {
	t.Helper()
	return openOffice(t, clock, demoWith(t, rules), "")
}

// demoWith is the demonstration's file with more rules.
func demoWith(t *testing.T, rules string) string {
	t.Helper()
	centre, err := os.ReadFile("../../internal/config/demo.toml")
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(centre, []byte("[[sessions]]")) {
		t.Fatal("the demonstration has hours of its own: give this test its own file")
	}
	return string(centre) + rules
}

// openOffice is openTimed with another centre's file, and more in motcua.toml.
func openOffice(t *testing.T, clock, centre, machine string) *timed {
	t.Helper()
	o := &timed{t: t, printer: printertest.New(printertest.Options{Keep: 100})}
	o.set(clock)
	server, err := o.printer.Start(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		server.Close()
		o.printer.Close()
	})
	o.open(centre, fmt.Sprintf("[printer]\ndevice = %q\n", server.URI())+machine)
	return o
}

// open starts the daemon with these files; it ends with the test, before what
// was registered for its end until now.
func (o *timed) open(centre, machine string) {
	t := o.t
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "centre.toml"), centre)
	write(t, filepath.Join(dir, "motcua.toml"), machine)
	f := flags{Demo: true, Config: filepath.Join(dir, "motcua.toml"), Centre: filepath.Join(dir, "centre.toml"),
		Data: filepath.Join(dir, "data"), Listen: "127.0.0.1:0"}
	f.clock = sysd.ClockOptions{
		Now:    func() time.Time { return time.Now().Add(time.Duration(o.ahead.Load())) },
		Synced: func() bool { return true },
	}
	var err error
	if o.Daemon, err = Open(t.Context(), f, io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- o.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// set moves the clock to a time of Monday, 23 November 2026, in Vietnam.
func (o *timed) set(clock string) {
	o.t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", "2026-11-23 "+clock, time.FixedZone("ICT", 7*3600))
	if err != nil {
		o.t.Fatal(err)
	}
	o.ahead.Store(int64(time.Until(at)))
}

// ask sends a request from this machine and decodes the answer.
func (o *timed) ask(method, path, body string, into any) int {
	o.t.Helper()
	req, err := http.NewRequest(method, "http://"+o.Addr()+"/api/v1"+path, strings.NewReader(body))
	if err != nil {
		o.t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Accept-Language", "en")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		o.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		o.t.Fatal(err)
	}
	if into != nil {
		if err := json.Unmarshal(b, into); err != nil {
			o.t.Fatalf("%s %s: %d %s", method, path, resp.StatusCode, b)
		}
	}
	return resp.StatusCode
}

// lamp is how a button of the panel shines.
func (o *timed) lamp(button string) kiosk.Lamp {
	v := o.stage.panelView()
	i := slices.IndexFunc(v.Buttons, func(b panelButton) bool { return b.ID == button })
	return v.Buttons[i].Lamp
}

// until waits for what happens beside the commands.
func (o *timed) until(what string, ok func() bool) {
	o.t.Helper()
	poll := time.NewTicker(10 * time.Millisecond)
	defer poll.Stop()
	late := time.After(20 * time.Second)
	for !ok() {
		select {
		case <-poll.C:
		case <-late:
			o.t.Fatalf("%s: not within 20 s", what)
		}
	}
}

func (o *timed) paper(n int) printertest.Ticket {
	o.t.Helper()
	ctx, cancel := context.WithTimeout(o.t.Context(), 30*time.Second)
	defer cancel()
	tickets, err := o.printer.Wait(ctx, n)
	if err != nil {
		o.t.Fatal(err)
	}
	return tickets[n-1]
}

// TestQuotaAtThePanel: when today's numbers are gone, the lamp goes out and a
// press gives a paper with the reason and the next hour instead of a number.
func TestQuotaAtThePanel(t *testing.T) {
	o := openTimed(t, "08:00")
	o.until("lamp lit", func() bool { return o.lamp("C") == kiosk.LampReady })
	var a issued
	if code := o.ask("POST", "/tickets", `{"category":"C","dossiers":2}`, &a); code != 201 {
		t.Fatalf("issue: %d", code)
	}
	o.paper(1)
	o.until("lamp dark", func() bool { return o.lamp("C") == kiosk.LampOff && o.lamp("A") == kiosk.LampReady })
	if code := o.ask("POST", "/demo/press", `{"button":"C"}`, nil); code != 204 {
		t.Fatalf("press: %d", code)
	}
	refusal := printer.Slip{
		Unit: "Trung tâm Phục vụ hành chính công", Centre: "Phường Mẫu", Category: "Chưa cấp số",
		Notice: "Đã hết số của lĩnh vực Đất đai; buổi tiếp theo mở lúc 13:30. Mời hỏi bàn hướng dẫn.",
	}
	looksLike(t, o.paper(2).Image, refusal, true)
	var state struct{ Tickets []issued }
	o.ask("GET", "/state", "", &state)
	if len(state.Tickets) != 1 {
		t.Errorf("%d tickets, want the one before the refusal", len(state.Tickets))
	}
	var hours struct {
		Hours struct {
			Categories []struct {
				Category string
				Closed   *struct {
					Reason string
					Next   int64
				}
			}
		}
	}
	closed := func(id string) string {
		o.ask("GET", "/hours", "", &hours)
		for _, c := range hours.Hours.Categories {
			if c.Category == id && c.Closed != nil {
				return c.Closed.Reason + " " + time.UnixMilli(c.Closed.Next).In(queue.Zone).Format("15:04")
			}
		}
		return ""
	}
	if got := closed("C"); got != "quota_exhausted 13:30" {
		t.Errorf("hours say %q", got)
	}
	// At noon all are dark; when the doors open again, by the clock alone, lit.
	o.set("12:00")
	o.until("all dark", func() bool { return o.lamp("A") == kiosk.LampOff })
	if got := closed("A"); got != "outside_hours 13:30" {
		t.Errorf("hours at noon say %q", got)
	}
	o.set("13:00")
	o.until("lit again", func() bool { return o.lamp("A") == kiosk.LampReady && o.lamp("C") == kiosk.LampReady })
}

// TestAppointmentsOfAMorning: early, on time and late, over HTTP and on paper.
func TestAppointmentsOfAMorning(t *testing.T) {
	o := openTimed(t, "07:40")
	var booked struct{ Booked int }
	code := o.ask("POST", "/appointments", `{"bookings":[
		{"code":"HEN-E1","slot":"2026-11-23T08:30:00+07:00","category":"A"},
		{"code":"HEN-O1","slot":"2026-11-23T08:00:00+07:00","category":"A"},
		{"code":"HEN-L1","slot":"2026-11-23T08:15:00+07:00","category":"A"}]}`, &booked)
	if code != 200 || booked.Booked != 3 {
		t.Fatalf("book: %d %+v", code, booked)
	}
	type number struct {
		issued
		Class string
		Slot  int64
		Late  bool
	}
	var got []string
	for i, x := range []struct{ clock, code string }{{"07:45", "HEN-E1"}, {"08:10", "HEN-O1"}, {"08:31", "HEN-L1"}} {
		o.set(x.clock)
		var n number
		if code := o.ask("POST", "/appointments/"+x.code+"/check-in", `{}`, &n); code != 201 {
			t.Fatalf("%s: %d", x.code, code)
		}
		at := "-"
		if n.Slot != 0 {
			at = time.UnixMilli(n.Slot).In(queue.Zone).Format("15:04")
		}
		got = append(got, fmt.Sprintf("%s %s %s %v", n.Label, n.Class, at, n.Late))
		slip := vietnamese(n.issued, time.Date(2026, 11, 23, 0, 0, 0, 0, queue.Zone))
		slip.Category, slip.Issued[0].Bold = "Chứng thực", x.clock
		slip.Rows = append(slip.Rows, printer.Row{Label: "Chờ tại", Value: "Khu A, quầy 1–3, 7"})
		if n.Slot != 0 {
			slip.Mark, slip.Rows = "Lịch hẹn", append([]printer.Row{{Label: "Lịch hẹn", Value: at}}, slip.Rows...)
		}
		looksLike(t, o.paper(i+1).Image, slip, true)
	}
	want := []string{"A001 appointment 08:30 false", "A002 appointment 08:00 false", "A003 normal - true"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("numbers (-want +got):\n%s", d)
	}
	// Who came early waits until the hour: the one who was on time goes first.
	o.ask("POST", "/counters/1/open", `{}`, nil)
	var called struct {
		Ticket struct {
			Label  string
			Reason struct{ Code string }
		}
	}
	o.ask("POST", "/counters/1/next", `{}`, &called)
	if called.Ticket.Label != "A002" {
		t.Errorf("called %+v", called.Ticket)
	}
}
