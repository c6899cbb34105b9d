package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"motcua/queue"
	"motcua/queue/queuetest"
	"motcua/router"
)

// daemonAPI answers as a motcuad does, for the small centre of queuetest with
// two appointments a slot, at the present time: the domain itself decides.
type daemonAPI struct {
	mu     sync.Mutex // held by a request from beginning to end
	book   *queuetest.Book
	first  map[string][]byte // answers, by key
	asked  []int             // bookings in each request
	breaks int               // the booking, counted from 1, that is answered by a page
}

func newDaemonAPI() *daemonAPI {
	d := &daemonAPI{book: queuetest.NewBook(router.HeadStart{}), first: map[string][]byte{}}
	d.book.Now = time.Now()
	cfg := queuetest.Config()
	cfg.Appointments.Capacity = 2
	d.book.Must(queue.ApplyConfig{Config: cfg})
	return d
}

const goodToken = "good-token"

func (d *daemonAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	answer := func(v any) []byte {
		b, err := json.Marshal(v)
		if err != nil {
			panic(err)
		}
		w.Header().Set("Content-Type", "application/json")
		w.Write(b)
		return b
	}
	if r.Header.Get("Authorization") != "Bearer "+goodToken {
		refusal(w, http.StatusUnauthorized, &queue.Error{Code: queue.Denied, Reason: "sign_in", Msg: needsToken(r), Hint: "Send the header Authorization: Bearer <token>."})
		return
	}
	switch r.Method + " " + r.URL.Path {
	case "GET /api/v1/centre":
		answer(d.book.State.Config)
	case "POST /api/v1/appointments":
		var body struct {
			Bookings []struct {
				Code     string
				Slot     time.Time
				Category queue.CategoryID
				Point    queue.PointID
				Dossiers int
			}
		}
		in := json.NewDecoder(r.Body)
		in.DisallowUnknownFields()
		if err := in.Decode(&body); err != nil {
			refusal(w, http.StatusBadRequest, &queue.Error{Code: queue.Invalid, Reason: "json", Msg: err.Error(), Hint: "Send one JSON object."})
			return
		}
		d.asked = append(d.asked, len(body.Bookings))
		if len(d.asked) == d.breaks {
			http.Error(w, "bad gateway", http.StatusBadGateway)
			return
		}
		key := r.Header.Get("Idempotency-Key")
		if b := d.first[key]; key != "" && b != nil {
			w.Header().Set("Idempotency-Replayed", "true")
			w.Header().Set("Content-Type", "application/json")
			w.Write(b)
			return
		}
		c := queue.BookAppointments{}
		for _, b := range body.Bookings {
			c.Bookings = append(c.Bookings, queue.Booking{Code: b.Code, Slot: queue.StampOf(b.Slot), Category: b.Category, Point: b.Point, Dossiers: b.Dossiers})
		}
		records, err := d.book.Do(c)
		var e *queue.Error
		if errors.As(err, &e) {
			refusal(w, http.StatusUnprocessableEntity, e)
			return
		}
		b := answer(map[string]int{"booked": len(records), "unchanged": len(c.Bookings) - len(records)})
		if key != "" {
			d.first[key] = b
		}
	default:
		http.NotFound(w, r)
	}
}

// needsToken is a refusal's title; of another language than English it names that.
func needsToken(r *http.Request) string {
	if lang := r.Header.Get("Accept-Language"); lang != "en" {
		return "asked in " + lang
	}
	return "This needs an access token"
}

// refusal is a problem document as the API has it.
func refusal(w http.ResponseWriter, status int, e *queue.Error) {
	type field struct {
		Field   string `json:"field"`
		Message string `json:"message"`
	}
	p := struct {
		Title  string     `json:"title"`
		Status int        `json:"status"`
		Code   queue.Code `json:"code"`
		Reason string     `json:"reason"`
		Hint   string     `json:"hint"`
		Errors []field    `json:"errors,omitempty"`
	}{e.Msg, status, e.Code, e.Reason, e.Hint, nil}
	var list queue.Problems
	if errors.As(e.Err, &list) {
		p.Title = fmt.Sprintf("%d problems", len(list))
		for _, x := range list {
			p.Errors = append(p.Errors, field{x.Field, x.Msg + ". " + x.Hint})
		}
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(p)
}

// motcuadCmd starts a daemon's API: $URL is its address, good and bad are
// files with a token it knows and one it does not.
func motcuadCmd(ts *testscript.TestScript, _ bool, _ []string) {
	s := httptest.NewServer(newDaemonAPI())
	ts.Defer(s.Close)
	ts.Setenv("URL", s.URL)
	check(ts, os.WriteFile(ts.MkAbs("good"), []byte(goodToken+"\n"), 0o600))
	check(ts, os.WriteFile(ts.MkAbs("bad"), []byte("bad-token\n"), 0o600))
}

// datesCmd writes days around today in place of $DAY (in a week) and $PAST
// (a week ago) into files.
func datesCmd(ts *testscript.TestScript, _ bool, args []string) {
	now := time.Now().In(queue.Zone)
	days := strings.NewReplacer("$DAY", now.AddDate(0, 0, 7).Format(time.DateOnly), "$PAST", now.AddDate(0, 0, -7).Format(time.DateOnly))
	for _, name := range args {
		check(ts, os.WriteFile(ts.MkAbs(name), []byte(days.Replace(ts.ReadFile(name))), 0o600))
	}
}

// imported runs an import in this process and returns its status and output.
func imported(t *testing.T, d *daemonAPI, file string, flags ...string) (int, string) {
	t.Helper()
	s := httptest.NewServer(d)
	defer s.Close()
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte(goodToken), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	args := append([]string{"appointments", "import", "-", "--url", s.URL, "--token-file", token, "--language", "en"}, flags...)
	status := (&Main{Stdin: strings.NewReader(file), Stdout: &out, Stderr: &out}).Run(t.Context(), args)
	return status, out.String()
}

// longList has one appointment a minute.
func longList(rows int) string {
	var b strings.Builder
	b.WriteString("code,slot,category\n")
	at := time.Now().In(queue.Zone).AddDate(0, 0, 7)
	for i := range rows {
		fmt.Fprintf(&b, "C-%04d,%s,A\n", i, at.Add(time.Duration(i)*time.Minute).Format("2006-01-02 15:04"))
	}
	return b.String()
}

// A long list goes in parts; a part that is refused leaves those before it booked.
func TestImportInParts(t *testing.T) {
	d := newDaemonAPI()
	status, out := imported(t, d, longList(1200))
	if status != exitDone || !slices.Equal(d.asked, []int{500, 500, 200}) || len(d.book.State.Appointments) != 1200 {
		t.Errorf("status %d, parts %v, %d appointments\n%s", status, d.asked, len(d.book.State.Appointments), out)
	}
	if want := "lines 2-501: 500 booked\nlines 502-1001: 500 booked\nlines 1002-1201: 200 booked\n"; out != want {
		t.Errorf("got %q", out)
	}

	for _, c := range []struct {
		name   string
		flags  []string
		parts  []int
		booked int
		status int
		says   []string
	}{
		{"the second part is refused", nil, []int{500, 500}, 502, exitBroken, []string{"line 601: slot: is full: 2 at most", "so lines 502-1001 were not booked", "those printed as booked are in"}},
		{"the bad row is skipped", []string{"--skip-bad"}, []int{500, 500, 499, 200}, 1201, exitDone, []string{"not imported: 1 of 1200 rows\nline 601: slot: is full"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, list := newDaemonAPI(), longList(1200)
			line := strings.Split(list, "\n")[600]
			slot, err := time.ParseInLocation("2006-01-02 15:04", strings.Split(line, ",")[1], queue.Zone)
			if err != nil {
				t.Fatal(err)
			}
			for _, code := range []string{"FULL-1", "FULL-2"} {
				d.book.Must(queue.BookAppointments{Bookings: []queue.Booking{{Code: code, Slot: queue.StampOf(slot), Category: "A"}}})
			}
			status, out := imported(t, d, list, c.flags...)
			if status != c.status || !slices.Equal(d.asked, c.parts) || len(d.book.State.Appointments) != c.booked {
				t.Errorf("status %d, parts %v, %d appointments\n%s", status, d.asked, len(d.book.State.Appointments), out)
			}
			for _, s := range c.says {
				if !strings.Contains(out, s) {
					t.Errorf("missing %q in\n%s", s, out)
				}
			}
		})
	}
}

// After an answer that did not come the same import goes on where it stopped.
func TestImportGoesOn(t *testing.T) {
	d, list := newDaemonAPI(), longList(1200)
	d.breaks = 2
	status, out := imported(t, d, list)
	if status != exitCannot || !strings.Contains(out, "lines 502-1001 may have been booked or not; import the file again") {
		t.Errorf("status %d\n%s", status, out)
	}
	if n := len(d.book.State.Appointments); n != 500 {
		t.Errorf("%d appointments before the break", n)
	}
	status, out = imported(t, d, list)
	if status != exitDone || !strings.Contains(out, "lines 2-501: these very rows were imported before") || !strings.Contains(out, "lines 502-1001: 500 booked") {
		t.Errorf("status %d\n%s", status, out)
	}
	if n := len(d.book.State.Appointments); n != 1200 {
		t.Errorf("%d appointments", n)
	}
}

// An appointment cancelled after an import stays cancelled when the file is
// imported again, unless it is asked for.
func TestImportAgain(t *testing.T) {
	d, list := newDaemonAPI(), longList(2)
	booked := func() (n int) {
		for _, a := range d.book.State.Appointments {
			if a.State == queue.AppointmentIsBooked {
				n++
			}
		}
		return n
	}
	imported(t, d, list)
	d.book.Must(queue.CancelAppointment{Code: "C-0001"})
	if _, out := imported(t, d, list); booked() != 1 || !strings.Contains(out, "nothing was done") {
		t.Errorf("%d booked\n%s", booked(), out)
	}
	if _, out := imported(t, d, list, "--again"); booked() != 2 || !strings.Contains(out, "1 booked, 1 were booked already") {
		t.Errorf("%d booked\n%s", booked(), out)
	}
}

// An answer that does not say what was booked is not taken for one that does.
func TestImportAtAnotherRelease(t *testing.T) {
	d := newDaemonAPI()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			json.NewEncoder(w).Encode(d.book.State.Config)
			return
		}
		io.WriteString(w, `{"seq":7}`)
	}))
	defer s.Close()
	var out bytes.Buffer
	status := (&Main{Stdin: strings.NewReader(longList(1)), Stdout: &out, Stderr: &out}).Run(t.Context(), []string{"appointments", "import", "-", "--url", s.URL, "--language", "en"})
	if status != exitCannot || !strings.Contains(out.String(), "does not say what was booked") {
		t.Errorf("status %d\n%s", status, out.String())
	}
}
