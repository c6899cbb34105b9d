package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"motcua/internal/auth"
	"motcua/queue"
)

// staffed is a centre as it is installed: nobody is anybody without a token,
// and there is no printer, so that nothing but commands moves the journal.
type staffed struct {
	*process
	tokens map[string]string // by role
	data   string
}

func startStaffed(t *testing.T) *staffed {
	t.Helper()
	dir := t.TempDir()
	centre, err := os.ReadFile("../../internal/config/demo.toml")
	if err != nil {
		t.Fatal(err)
	}
	// One call is enough here to mark somebody as not there, and no results
	// are collected.
	text := strings.NewReplacer("no_show_calls = 2", "no_show_calls = 1", "results = true", "").Replace(string(centre))
	write(t, filepath.Join(dir, "centre.toml"), text)
	c := &staffed{tokens: map[string]string{}, data: filepath.Join(dir, "data")}
	var conf strings.Builder
	fmt.Fprintf(&conf, "listen = \"127.0.0.1:0\"\ndata = %q\ncentre = %q\nhosts = [\"motcua.test\"]\n", c.data, filepath.Join(dir, "centre.toml"))
	conf.WriteString("[limits]\nrequests_per_second = 100000\nburst = 100000\n")
	for _, role := range auth.Roles() {
		token, hash := auth.NewToken()
		c.tokens[string(role)] = token
		fmt.Fprintf(&conf, "[[access]]\nname = \"the-%s\"\nrole = %q\ntoken_sha256 = %q\n", role, role, hash)
		if role == queue.Officer {
			conf.WriteString("counter = \"1\"\n")
		}
	}
	write(t, filepath.Join(dir, "motcua.toml"), conf.String())
	c.process = launch(t, "--config", filepath.Join(dir, "motcua.toml"))
	c.must("/day/open", `{}`) // nobody vouches for a test machine's clock
	return c
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// ask is a request that must be refused.
type ask struct {
	name   string
	method string            // "" is POST
	path   string            // below the server
	body   string            //
	role   string            // whose token: "" is the supervisor's, "-" nobody's
	header map[string]string // "" takes one away
	host   string
	// what must be answered
	status       int
	code, reason string
	field        string // one of errors
}

func (c *staffed) send(a ask, language string) (*http.Response, []byte) {
	c.t.Helper()
	var body io.Reader
	if a.body != "" {
		body = strings.NewReader(a.body)
	}
	r, err := http.NewRequest(cmp.Or(a.method, "POST"), c.base+a.path, body)
	if err != nil {
		c.t.Fatal(err)
	}
	if a.body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if a.role != "-" {
		r.Header.Set("Authorization", "Bearer "+c.tokens[cmp.Or(a.role, "supervisor")])
	}
	r.Header.Set("Accept-Language", language)
	for k, v := range a.header {
		if v == "" {
			r.Header.Del(k)
			continue
		}
		r.Header.Set(k, v)
	}
	r.Host = a.host
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		c.t.Fatalf("%s: %v", a.name, err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatalf("%s: %v", a.name, err)
	}
	return resp, b
}

// must carries a command out as supervisor and returns its ticket's id.
func (c *staffed) must(path, body string) queue.TicketID {
	c.t.Helper()
	resp, b := c.send(ask{name: path, path: "/api/v1" + path, body: body}, "en")
	var a struct {
		ID     queue.TicketID `json:"id"`
		Ticket struct {
			ID queue.TicketID `json:"id"`
		} `json:"ticket"`
	}
	if resp.StatusCode >= 300 || json.Unmarshal(b, &a) != nil {
		c.t.Fatalf("POST %s %s: %d %s", path, body, resp.StatusCode, b)
	}
	return max(a.ID, a.Ticket.ID)
}

// state is all that commands can change, as bytes.
func (c *staffed) state() string {
	c.t.Helper()
	all := ""
	for _, path := range []string{"/state", "/appointments"} {
		resp, b := c.send(ask{name: "state", method: "GET", path: "/api/v1" + path}, "en")
		if resp.StatusCode != 200 {
			c.t.Fatalf("%s: %d %s", path, resp.StatusCode, b)
		}
		all += string(b)
	}
	return all
}

// refuses sends the request in each language and expects the whole of a
// problem document, in that language, and an unchanged journal.
func (c *staffed) refuses(a ask) {
	c.t.Helper()
	type problem struct {
		Type, Title, Detail, Code, Reason, Hint string
		Status                                  int
		Wait                                    int
		Errors                                  []struct{ Field, Message string }
	}
	before := c.state()
	got := map[string]problem{}
	for _, language := range []string{"vi", "en", "de"} {
		resp, b := c.send(a, language)
		if resp.StatusCode != a.status {
			c.t.Errorf("%s: status %d, want %d: %s", a.name, resp.StatusCode, a.status, b)
			return
		}
		if got := resp.Header.Get("WWW-Authenticate"); (got != "") != (a.status == 401) {
			c.t.Errorf("%s: WWW-Authenticate %q", a.name, got)
		}
		if got := resp.Header["Cache-Control"]; len(got) != 1 || got[0] != "no-store" {
			c.t.Errorf("%s: Cache-Control %q", a.name, got)
		}
		if kind := resp.Header.Get("Content-Type"); kind != "application/problem+json" {
			c.t.Errorf("%s: content type %q", a.name, kind)
		}
		var p problem
		if err := json.Unmarshal(b, &p); err != nil {
			c.t.Errorf("%s: %v in %s", a.name, err, b)
			return
		}
		if p.Code != a.code || p.Reason != a.reason || p.Status != a.status || p.Type != "urn:motcua:error:"+a.code+":"+a.reason {
			c.t.Errorf("%s: %s/%s, want %s/%s: %s", a.name, p.Code, p.Reason, a.code, a.reason, b)
		}
		if p.Title == "" || p.Hint == "" {
			c.t.Errorf("%s: no title or no remedy in %s: %s", a.name, language, b)
		}
		if language == "en" && p.Detail == "" && len(p.Errors) == 0 {
			c.t.Errorf("%s: does not say what is wrong in this very case: %s", a.name, b)
		}
		if a.field != "" {
			found, field := false, a.field
			if rest, ok := strings.CutPrefix(field, "line "); ok { // of a list, as its reader says it
				field = map[string]string{"vi": "dòng ", "en": "line ", "de": "Zeile "}[language] + rest
			} else if field == "file" {
				field = map[string]string{"vi": "cả tệp", "en": "file", "de": "Datei"}[language]
			}
			for _, e := range p.Errors {
				found = found || e.Field == field && e.Message != ""
			}
			if !found {
				c.t.Errorf("%s: does not name the field %s: %s", a.name, field, b)
			}
		}
		if a.reason == queue.WhyTooSoon && p.Wait < 1 {
			c.t.Errorf("%s: does not say how long to wait: %s", a.name, b)
		}
		got[language] = p
	}
	for what, w := range map[string][3]string{"title": {got["vi"].Title, got["en"].Title, got["de"].Title}, "hint": {got["vi"].Hint, got["en"].Hint, got["de"].Hint}} {
		if w[0] == w[1] || !strings.ContainsFunc(w[0], func(r rune) bool { return r > 0x7f }) {
			c.t.Errorf("%s: the %s is not Vietnamese: %q (English %q)", a.name, what, w[0], w[1])
		}
		if w[2] == w[0] || w[2] == w[1] {
			c.t.Errorf("%s: the %s is not German: %q (English %q)", a.name, what, w[2], w[1])
		}
	}
	if after := c.state(); after != before {
		c.t.Errorf("%s: something changed:\nbefore %s\nafter  %s", a.name, before, after)
	}
}

// TestBadInput asks a real daemon for everything that can't be had.
func TestBadInput(t *testing.T) {
	c := startStaffed(t)
	for _, n := range []string{"1", "2", "3", "5", "6"} {
		c.must("/counters/"+n+"/open", `{}`)
	}
	c.must("/counters/5/pause", `{"reason":"lunch"}`)
	c.must("/counters/6/open", `{"staff":"nv7"}`)

	// One ticket in each state; counter 1 has the called one, 2 the served one.
	ticket := map[queue.TicketState]queue.TicketID{}
	at := func(n, verb string, id queue.TicketID) { c.must("/counters/"+n+"/"+verb, about(id, "")) }
	for _, to := range []queue.TicketState{queue.Finished, queue.Missed, queue.Cancelled, queue.Parked, queue.Serving, queue.Called, queue.Waiting} {
		id := c.must("/tickets", `{"category":"A"}`)
		ticket[to] = id
		n := "1"
		if to == queue.Serving {
			n = "2"
		}
		if to != queue.Waiting && to != queue.Cancelled {
			c.must("/counters/"+n+"/call", about(id, `"reason":"supervisor"`))
		}
		switch to {
		case queue.Finished:
			at(n, "start", id)
			at(n, "finish", id)
		case queue.Missed:
			at(n, "no-show", id)
		case queue.Cancelled:
			c.must(fmt.Sprintf("/tickets/%d/cancel", id), `{}`)
		case queue.Parked:
			at(n, "park", id)
		case queue.Serving:
			at(n, "start", id)
		}
	}

	api := func(path string) string { return "/api/v1" + path }
	on := func(state queue.TicketState, verb string) string {
		return api(fmt.Sprintf("/tickets/%d/%s", ticket[state], verb))
	}
	csv := map[string]string{"Content-Type": "text/csv"}
	book := func(fields string) string { return `{"bookings":[{` + fields + `}]}` }
	asks := []ask{
		{name: "undo where nothing was done", path: api("/counters/3/undo"), body: `{}`, status: 409, code: "conflict", reason: "wrong_state"},
		{name: "undo a ticket nothing was done to", path: on(queue.Waiting, "undo"), status: 409, code: "conflict", reason: "wrong_state"},
		{name: "undo what another counter did", path: api("/counters/3/undo"), body: about(ticket[queue.Called], ""), status: 403, code: "denied", reason: "not_holder"},
		{name: "undo at no such counter", path: api("/counters/99/undo"), body: `{}`, status: 404, code: "not_found", reason: "counter"},
		{name: "undo no such ticket", path: api("/tickets/999999/undo"), status: 404, code: "not_found", reason: "ticket"},
		{name: "undo nothing's number", path: api("/counters/1/undo"), body: `{"ticket":0}`, status: 422, code: "invalid", reason: "field", field: "ticket"},
		{name: "undo by a panel", path: api("/counters/1/undo"), role: "kiosk", status: 403, code: "denied", reason: "role"},
		{name: "direct for no category", path: api("/counters/3/direct"), body: `{}`, status: 422, code: "invalid", reason: "field", field: "category"},
		{name: "direct for no such category", path: api("/counters/3/direct"), body: `{"category":"Q"}`, status: 404, code: "not_found", reason: "category"},
		{name: "direct of no such class", path: api("/counters/3/direct"), body: `{"category":"A","class":"vip"}`, status: 404, code: "not_found", reason: "class"},
		{name: "direct with too many dossiers", path: api("/counters/3/direct"), body: `{"category":"A","dossiers":100}`, status: 422, code: "invalid", reason: "field", field: "dossiers"},
		{name: "direct at a closed counter", path: api("/counters/4/direct"), body: `{"category":"A"}`, status: 409, code: "closed", reason: "counter_closed"},
		{name: "direct at a busy counter", path: api("/counters/2/direct"), body: `{"category":"A"}`, status: 409, code: "conflict", reason: "counter_busy"},
		{name: "direct by a greeter", path: api("/counters/3/direct"), body: `{"category":"A"}`, role: "greeter", status: 403, code: "denied", reason: "role"},
		{name: "a pause of less than nothing", path: api("/counters/3/pause"), body: `{"minutes":-1}`, status: 422, code: "invalid", reason: "field", field: "minutes"},
		{name: "a pause without end", path: api("/counters/3/pause"), body: `{"minutes":601}`, status: 422, code: "invalid", reason: "field", field: "minutes"},
		{name: "no class", path: on(queue.Waiting, "class"), body: `{}`, status: 422, code: "invalid", reason: "field", field: "class"},
		{name: "no such class to grant", path: on(queue.Waiting, "class"), body: `{"class":"vip"}`, status: 404, code: "not_found", reason: "class"},
		{name: "the class it has", path: on(queue.Waiting, "class"), body: `{"class":"normal"}`, status: 409, code: "conflict", reason: "wrong_state"},
		{name: "a class by a panel", path: on(queue.Waiting, "class"), body: `{"class":"priority"}`, role: "kiosk", status: 403, code: "denied", reason: "role"},
		{name: "no dossiers", path: on(queue.Waiting, "dossiers"), body: `{"dossiers":0}`, status: 422, code: "invalid", reason: "field", field: "dossiers"},
		{name: "too many dossiers", path: on(queue.Waiting, "dossiers"), body: `{"dossiers":100}`, status: 422, code: "invalid", reason: "field", field: "dossiers"},
		{name: "the dossiers it has", path: on(queue.Waiting, "dossiers"), body: `{"dossiers":1}`, status: 409, code: "conflict", reason: "wrong_state"},
		{name: "legs to no such category", path: on(queue.Waiting, "legs"), body: `{"legs":["B","Q"]}`, status: 404, code: "not_found", reason: "category"},
		{name: "too many legs", path: on(queue.Waiting, "legs"), body: `{"legs":["B","A","B","A","B","A","B"]}`, status: 422, code: "invalid", reason: "field", field: "legs"},
		{name: "no legs at all", path: on(queue.Waiting, "legs"), body: `{}`, status: 422, code: "invalid", reason: "field", field: "legs"},
		{name: "legs that are null", path: on(queue.Waiting, "legs"), body: `{"legs":null}`, status: 422, code: "invalid", reason: "field", field: "legs"},
		{name: "the legs it has", path: on(queue.Waiting, "legs"), body: `{"legs":[]}`, status: 409, code: "conflict", reason: "wrong_state"},
		{name: "legs from a panel", path: api("/tickets"), body: `{"category":"A","legs":["B"]}`, role: "kiosk", status: 403, code: "denied", reason: "class_by_staff"},
		{name: "legs to no such category at the door", path: api("/tickets"), body: `{"category":"A","legs":["Q"]}`, status: 404, code: "not_found", reason: "category"},
		{name: "rebook where there are no sessions", path: on(queue.Waiting, "rebook"), status: 404, code: "not_found", reason: "session"},
		{name: "rebook no such ticket", path: api("/tickets/999999/rebook"), status: 404, code: "not_found", reason: "ticket"},
		{name: "a way in that is none", path: api("/tickets"), body: `{"category":"A","entry":"direct"}`, status: 422, code: "invalid", reason: "field", field: "entry"},
		{name: "a receipt where no results are collected", path: api("/tickets"), body: `{"entry":"receipt"}`, status: 409, code: "closed", reason: "category_closed"},

		{name: "no such appointment to check in", path: api("/appointments/HEN-1/check-in"), status: 404, code: "not_found", reason: "appointment"},
		{name: "no such appointment to cancel", path: api("/appointments/HEN-1/cancel"), status: 404, code: "not_found", reason: "appointment"},
		{name: "check in in no such language", path: api("/appointments/HEN-1/check-in"), body: `{"slip_language":"xx"}`, status: 422, code: "invalid", reason: "field"},
		{name: "no appointments", path: api("/appointments"), body: `{"bookings":[]}`, status: 422, code: "invalid", reason: "field", field: "bookings"},
		{name: "an appointment without a zone", path: api("/appointments"), body: book(`"code":"HEN-1","slot":"2030-01-07 08:30","category":"A"`), status: 422, code: "invalid", reason: "field", field: "bookings[0].slot"},
		{name: "an appointment of somebody", path: api("/appointments"), body: book(`"code":"HEN-1","slot":"2030-01-07T08:30:00+07:00","category":"A","name":"x"`), status: 422, code: "invalid", reason: "field", field: "bookings[0].name"},
		{name: "an appointment of no category", path: api("/appointments"), body: book(`"code":"HEN-1","slot":"2030-01-07T08:30:00+07:00","category":"Q"`), status: 422, code: "invalid", reason: "bookings", field: "bookings[0].category"},
		{name: "an appointment with a telephone's number", path: api("/appointments"), body: book(`"code":"0912345678","slot":"2030-01-07T08:30:00+07:00","category":"A"`), status: 422, code: "invalid", reason: "bookings", field: "bookings[0].code"},
		{name: "an appointment in the past", path: api("/appointments"), body: book(`"code":"HEN-1","slot":"2020-01-07T08:30:00+07:00","category":"A"`), status: 422, code: "invalid", reason: "bookings", field: "bookings[0].slot"},
		{name: "appointments by a panel", path: api("/appointments"), body: book(`"code":"HEN-1","slot":"2030-01-07T08:30:00+07:00","category":"A"`), role: "kiosk", status: 403, code: "denied", reason: "role"},
		{name: "appointments of no day", method: "GET", path: api("/appointments?day=monday"), status: 422, code: "invalid", reason: "field", field: "day"},
		{name: "appointments for a panel", method: "GET", path: api("/appointments"), role: "kiosk", status: 403, code: "denied", reason: "role"},
		{name: "a list that is no list", path: api("/appointments/import"), body: "x", header: csv, status: 422, code: "invalid", reason: "bookings", field: "line 1"},
		{name: "a list that is a workbook", path: api("/appointments/import"), body: "PK\x03\x04", header: csv, status: 422, code: "invalid", reason: "bookings", field: "file"},
		{name: "a list that is empty", path: api("/appointments/import"), header: csv, status: 422, code: "invalid", reason: "bookings", field: "file"},
		{name: "a list with people in it", path: api("/appointments/import"), body: "code,slot,category,name\nHEN-1,2030-01-07 08:30,A,x\n", header: csv, status: 422, code: "invalid", reason: "bookings", field: "line 1, name"},
		{name: "a list with a wrong row", path: api("/appointments/import"), body: "code,slot,category\nHEN-1,2030-01-07 08:30,A\nHEN-2,2030-01-07 8:99,A\n", header: csv, status: 422, code: "invalid", reason: "bookings", field: "line 3, slot"},
		{name: "a list as JSON", path: api("/appointments/import"), body: `{}`, status: 415, code: "invalid", reason: "content_type"},
		{name: "an oversized list", path: api("/appointments/import"), body: strings.Repeat("x", 1<<20+1), header: csv, status: 413, code: "invalid", reason: "too_large"},
		{name: "a list to be skipped perhaps", path: api("/appointments/import?skip_bad=maybe"), body: "x", header: csv, status: 422, code: "invalid", reason: "field", field: "skip_bad"},
		{name: "the hours of no such point", method: "GET", path: api("/hours?point=x"), status: 404, code: "not_found", reason: "point"},

		{name: "unknown category", path: api("/tickets"), body: `{"category":"Q"}`, status: 404, code: "not_found", reason: "category"},
		{name: "unknown class", path: api("/tickets"), body: `{"category":"A","class":"vip"}`, status: 404, code: "not_found", reason: "class"},
		{name: "unknown point", path: api("/tickets"), body: `{"category":"A","point":"elsewhere"}`, status: 404, code: "not_found", reason: "point"},
		{name: "unknown point of a board", method: "GET", path: api("/board?point=x"), status: 404, code: "not_found", reason: "point"},
		{name: "unknown counter", path: api("/counters/99/next"), body: `{}`, status: 404, code: "not_found", reason: "counter"},
		{name: "unknown counter's desk", method: "GET", path: api("/counters/99/desk"), status: 404, code: "not_found", reason: "counter"},
		{name: "unknown ticket", path: api("/counters/1/start"), body: `{"ticket":999999}`, status: 404, code: "not_found", reason: "ticket"},
		{name: "unknown ticket to look at", method: "GET", path: api("/tickets/999999"), status: 404, code: "not_found", reason: "ticket"},
		{name: "no ticket's number", method: "GET", path: api("/tickets/A001"), status: 422, code: "invalid", reason: "field", field: "id"},
		{name: "a number beyond all", method: "GET", path: api("/tickets/99999999999999999999999"), status: 422, code: "invalid", reason: "field", field: "id"},
		{name: "a negative number", method: "GET", path: api("/tickets/-1"), status: 422, code: "invalid", reason: "field", field: "id"},
		{name: "closed counter", path: api("/counters/4/next"), body: `{}`, status: 409, code: "closed", reason: "counter_closed"},
		{name: "paused counter", path: api("/counters/5/next"), body: `{}`, status: 409, code: "closed", reason: "counter_closed"},
		{name: "call at a closed counter", path: api("/counters/4/call"), body: about(ticket[queue.Waiting], `"reason":"other"`), status: 409, code: "closed", reason: "counter_closed"},
		{name: "close a closed counter", path: api("/counters/4/close"), body: `{}`, status: 409, code: "closed", reason: "counter_closed"},
		{name: "pause a closed counter", path: api("/counters/4/pause"), body: `{}`, status: 409, code: "closed", reason: "counter_closed"},
		{name: "open an open counter", path: api("/counters/3/open"), body: `{}`, status: 409, code: "conflict", reason: "wrong_state"},
		{name: "one officer at two counters", path: api("/counters/4/open"), body: `{"staff":"nv7"}`, status: 409, code: "conflict", reason: "staff_elsewhere"},
		{name: "open an open day", path: api("/day/open"), body: `{}`, status: 409, code: "conflict", reason: "wrong_state"},
		{name: "open the day before", path: api("/day/open"), body: `{"day":"2020-01-02"}`, status: 409, code: "conflict", reason: "day_backwards"},
		{name: "open no day", path: api("/day/open"), body: `{"day":"today"}`, status: 422, code: "invalid", reason: "field", field: "day"},
		{name: "close the day while somebody is served", path: api("/day/close"), body: `{}`, status: 409, code: "conflict", reason: "counter_busy"},
		{name: "a second call while calling", path: api("/counters/1/next"), body: `{}`, status: 409, code: "conflict", reason: "counter_busy"},
		{name: "a second call while serving", path: api("/counters/2/next"), body: `{}`, status: 409, code: "conflict", reason: "counter_busy"},
		{name: "a given ticket while serving", path: api("/counters/2/call"), body: about(ticket[queue.Waiting], `"reason":"other"`), status: 409, code: "conflict", reason: "counter_busy"},
		{name: "close a counter that serves", path: api("/counters/2/close"), body: `{}`, status: 409, code: "conflict", reason: "counter_busy"},
		{name: "nobody waits", path: api("/counters/6/next"), body: `{}`, status: 404, code: "not_found", reason: "queue_empty"},
		{name: "recall at once", path: api("/counters/1/recall"), body: about(ticket[queue.Called], ""), status: 409, code: "conflict", reason: "too_soon"},
		{name: "another counter's ticket", path: api("/counters/3/start"), body: about(ticket[queue.Called], ""), status: 403, code: "denied", reason: "not_holder"},
		{name: "another counter's parked ticket", path: api("/counters/3/unpark"), body: about(ticket[queue.Parked], ""), status: 403, code: "denied", reason: "not_holder"},
		{name: "call without a reason", path: api("/counters/3/call"), body: about(ticket[queue.Waiting], ""), status: 422, code: "invalid", reason: "field"},
		{name: "call with a reason in words", path: api("/counters/3/call"), body: about(ticket[queue.Waiting], `"reason":"đang mang thai"`), status: 422, code: "invalid", reason: "field"},
		{name: "finish with no such outcome", path: api("/counters/2/finish"), body: about(ticket[queue.Serving], `"outcome":"happy"`), status: 422, code: "invalid", reason: "field"},
		{name: "pause for no such reason", path: api("/counters/3/pause"), body: `{"reason":"tired"}`, status: 422, code: "invalid", reason: "field"},
		{name: "transfer nowhere", path: api("/counters/2/transfer"), body: about(ticket[queue.Serving], ""), status: 422, code: "invalid", reason: "field"},
		{name: "transfer to no such category", path: api("/counters/2/transfer"), body: about(ticket[queue.Serving], `"to_category":"Q"`), status: 404, code: "not_found", reason: "category"},
		{name: "transfer to no such counter", path: api("/counters/2/transfer"), body: about(ticket[queue.Serving], `"to_counter":"99"`), status: 404, code: "not_found", reason: "counter"},
		{name: "transfer to a closed counter", path: api("/counters/2/transfer"), body: about(ticket[queue.Serving], `"to_counter":"4"`), status: 409, code: "closed", reason: "category_closed"},
		{name: "transfer to a category nobody serves now", path: api("/counters/2/transfer"), body: about(ticket[queue.Serving], `"to_category":"K"`), status: 409, code: "closed", reason: "category_closed"},
		{name: "transfer to no such place", path: api("/counters/2/transfer"), body: about(ticket[queue.Serving], `"to_category":"B","mode":"middle"`), status: 422, code: "invalid", reason: "field"},

		{name: "JSON cut short", path: api("/tickets"), body: `{"category":`, status: 400, code: "invalid", reason: "json"},
		{name: "no JSON", path: api("/tickets"), body: `category=A`, status: 400, code: "invalid", reason: "json"},
		{name: "two documents", path: api("/tickets"), body: `{"category":"A"}{"category":"A"}`, status: 400, code: "invalid", reason: "json"},
		{name: "no UTF-8", path: api("/tickets"), body: "{\"category\":\"\xff\"}", status: 404, code: "not_found", reason: "category"},
		{name: "no body", path: api("/tickets"), status: 400, code: "invalid", reason: "json"},
		{name: "a list", path: api("/tickets"), body: `[]`, status: 422, code: "invalid", reason: "field", field: "body"},
		{name: "null", path: api("/tickets"), body: `null`, status: 422, code: "invalid", reason: "field", field: "body"},
		{name: "a missing field", path: api("/tickets"), body: `{}`, status: 422, code: "invalid", reason: "field", field: "category"},
		{name: "a number for a word", path: api("/tickets"), body: `{"category":1}`, status: 422, code: "invalid", reason: "field", field: "category"},
		{name: "an unknown field", path: api("/tickets"), body: `{"category":"A","name":"x"}`, status: 422, code: "invalid", reason: "field", field: "name"},
		{name: "an unknown field of a command", path: api("/counters/3/next"), body: `{"ticket":1}`, status: 422, code: "invalid", reason: "field", field: "ticket"},
		{name: "too many dossiers", path: api("/tickets"), body: `{"category":"A","dossiers":100}`, status: 422, code: "invalid", reason: "field", field: "dossiers"},
		{name: "a key that is no key", path: api("/tickets"), body: `{"category":"A"}`, header: map[string]string{"Idempotency-Key": strings.Repeat("k", 201)}, status: 422, code: "invalid", reason: "field", field: "Idempotency-Key"},
		{name: "another content type", path: api("/tickets"), body: `{"category":"A"}`, header: map[string]string{"Content-Type": "text/plain"}, status: 415, code: "invalid", reason: "content_type"},
		{name: "a form", path: api("/counters/3/next"), body: `a=b`, header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, status: 415, code: "invalid", reason: "content_type"},
		{name: "no content type", path: api("/tickets"), body: `{"category":"A"}`, header: map[string]string{"Content-Type": ""}, status: 415, code: "invalid", reason: "content_type"},
		{name: "an oversized body", path: api("/tickets"), body: `{"category":"A","class":"` + strings.Repeat("x", 64<<10) + `"}`, status: 413, code: "invalid", reason: "too_large"},
		{name: "an oversized configuration", method: "PUT", path: api("/centre"), body: `{"centre":"` + strings.Repeat("x", 1<<20) + `"}`, status: 413, code: "invalid", reason: "too_large"},
		{name: "an unknown method", method: "DELETE", path: api("/tickets"), status: 405, code: "invalid", reason: "method"},
		{name: "reading a command", method: "GET", path: api("/counters/1/next"), status: 405, code: "invalid", reason: "method"},
		{name: "an unknown path", path: api("/nowhere"), body: `{}`, status: 404, code: "not_found", reason: "route"},
		{name: "an unknown verb", path: api("/counters/1/sing"), body: `{}`, status: 404, code: "not_found", reason: "route"},

		{name: "a foreign origin", path: api("/tickets"), body: `{"category":"A"}`, header: map[string]string{"Origin": "https://evil.example"}, status: 403, code: "denied", reason: "origin"},
		{name: "a foreign site", path: api("/tickets"), body: `{"category":"A"}`, header: map[string]string{"Sec-Fetch-Site": "cross-site"}, status: 403, code: "denied", reason: "origin"},
		{name: "an origin that is none", path: api("/tickets"), body: `{"category":"A"}`, header: map[string]string{"Origin": "null"}, status: 403, code: "denied", reason: "origin"},
		{name: "a foreign origin's websocket", method: "GET", path: "/feed?topic=board", header: upgrade("https://evil.example"), status: 403, code: "denied", reason: "origin"},
		{name: "a websocket without an origin", method: "GET", path: "/feed?topic=board", header: upgrade(""), status: 403, code: "denied", reason: "origin"},
		{name: "a feed without a websocket", method: "GET", path: "/feed?topic=board", status: 426, code: "invalid", reason: "upgrade"},
		{name: "no such topic", method: "GET", path: "/feed?topic=weather", status: 404, code: "not_found", reason: "topic"},
		{name: "a staff topic for nobody", method: "GET", path: "/feed?topic=staff", role: "-", status: 401, code: "denied", reason: "sign_in"},
		{name: "a staff topic for a panel", method: "GET", path: "/feed?topic=staff", role: "kiosk", status: 403, code: "denied", reason: "role"},
		{name: "an unknown host", method: "GET", path: api("/board"), host: "evil.example", status: 421, code: "denied", reason: "host"},
		{name: "an unknown host's command", path: api("/tickets"), body: `{"category":"A"}`, host: "evil.example:8480", status: 421, code: "denied", reason: "host"},

		{name: "no token", path: api("/tickets"), body: `{"category":"A"}`, role: "-", status: 401, code: "denied", reason: "sign_in"},
		{name: "no token to read the state", method: "GET", path: api("/state"), role: "-", status: 401, code: "denied", reason: "sign_in"},
		{name: "a token of nobody", path: api("/counters/3/next"), body: `{}`, header: map[string]string{"Authorization": "Bearer abc"}, status: 401, code: "denied", reason: "sign_in"},
		{name: "a class for nobody", path: api("/tickets"), body: `{"category":"A","class":"priority"}`, role: "-", status: 401, code: "denied", reason: "sign_in"},
		{name: "a class from a panel", path: api("/tickets"), body: `{"category":"A","class":"priority"}`, role: "kiosk", status: 403, code: "denied", reason: "class_by_staff"},
		{name: "dossiers from a panel", path: api("/tickets"), body: `{"category":"A","dossiers":2}`, role: "kiosk", status: 403, code: "denied", reason: "class_by_staff"},
		{name: "a board takes no number", path: api("/tickets"), body: `{"category":"A"}`, role: "board", status: 403, code: "denied", reason: "role"},
		{name: "a panel calls nobody", path: api("/counters/3/next"), body: `{}`, role: "kiosk", status: 403, code: "denied", reason: "role"},
		{name: "a greeter calls nobody", path: api("/counters/3/next"), body: `{}`, role: "greeter", status: 403, code: "denied", reason: "role"},
		{name: "an officer closes no day", path: api("/day/close"), body: `{}`, role: "officer", status: 403, code: "denied", reason: "role"},
		{name: "an officer works no other counter", path: api("/counters/3/next"), body: `{}`, role: "officer", status: 403, code: "denied", reason: "not_holder"},
	}

	// Every wrong transition of the state table (domain.md §3.1).
	table := map[string]map[queue.TicketState]bool{ // what may be done
		"call": {queue.Waiting: true, queue.Parked: true}, "start": {queue.Called: true}, "recall": {queue.Called: true},
		"no-show": {queue.Called: true}, "park": {queue.Called: true, queue.Serving: true}, "unpark": {queue.Parked: true},
		"transfer":   {queue.Waiting: true, queue.Called: true, queue.Serving: true, queue.Parked: true},
		"finish":     {queue.Serving: true},
		"cancel":     {queue.Waiting: true, queue.Called: true, queue.Parked: true, queue.Missed: true},
		"reactivate": {queue.Missed: true, queue.Cancelled: true},
		"class":      {queue.Waiting: true, queue.Parked: true, queue.Missed: true},
		"dossiers":   {queue.Waiting: true, queue.Called: true, queue.Serving: true, queue.Parked: true, queue.Missed: true},
		"legs":       {queue.Waiting: true, queue.Called: true, queue.Serving: true, queue.Parked: true, queue.Missed: true},
		"rebook":     {queue.Waiting: true, queue.Parked: true, queue.Missed: true},
	}
	wrong := 0
	for verb, may := range table {
		for state, id := range ticket {
			if may[state] {
				continue
			}
			n, more := "1", ""
			switch {
			case state == queue.Serving:
				n = "2"
			case verb == "call":
				n = "3" // it is free
			}
			switch verb {
			case "call":
				more = `"reason":"other"`
			case "transfer":
				more = `"to_category":"B"`
			}
			a := ask{name: fmt.Sprintf("%s a ticket that is %s", verb, state), path: api("/counters/" + n + "/" + verb), body: about(id, more),
				status: 409, code: "conflict", reason: "wrong_state"}
			switch {
			case state == queue.Finished || state == queue.Cancelled:
				a.reason = "ticket_over"
			case verb == "call" && (state == queue.Called || state == queue.Serving):
				a.reason = "ticket_taken"
			}
			if body, without := map[string]string{"cancel": `{}`, "reactivate": `{}`, "rebook": `{}`,
				"class": `{"class":"priority"}`, "dossiers": `{"dossiers":2}`, "legs": `{"legs":["B"]}`}[verb]; without {
				a.path, a.body = on(state, verb), body
			}
			asks = append(asks, a)
			wrong++
		}
	}
	for _, a := range asks {
		c.refuses(a)
	}

	// The same key twice.
	keyed := ask{name: "first use of a key", path: api("/tickets"), body: `{"category":"B"}`, header: map[string]string{"Idempotency-Key": "press-1"}}
	first, want := c.send(keyed, "vi")
	if first.StatusCode != 201 {
		t.Fatalf("issue: %d %s", first.StatusCode, want)
	}
	before := c.state()
	again, got := c.send(keyed, "en")
	if again.StatusCode != 201 || !bytes.Equal(got, want) || again.Header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("the same key with the same body: %d %s, then %d %s", first.StatusCode, want, again.StatusCode, got)
	}
	if after := c.state(); after != before {
		t.Errorf("a repeated key changed something:\nbefore %s\nafter  %s", before, after)
	}
	keyed.name, keyed.status, keyed.code, keyed.reason = "a key with another body", 409, "conflict", "key_reused"
	keyed.body = `{"category":"C"}`
	c.refuses(keyed)
	keyed.name, keyed.path, keyed.body = "a key with another command", api("/counters/3/next"), `{}`
	c.refuses(keyed)

	// The day is over.
	c.must("/counters/1/start", about(ticket[queue.Called], ""))
	at("1", "finish", ticket[queue.Called])
	at("2", "finish", ticket[queue.Serving])
	c.must("/day/close", `{}`)
	closed := []ask{
		{name: "a number on a closed day", path: api("/tickets"), body: `{"category":"A"}`, status: 409, code: "closed", reason: "day_closed"},
		{name: "a counter on a closed day", path: api("/counters/1/open"), body: `{}`, status: 409, code: "closed", reason: "day_closed"},
		{name: "a call on a closed day", path: api("/counters/1/next"), body: `{}`, status: 409, code: "closed", reason: "counter_closed"},
		{name: "a ticket of a closed day", path: api("/counters/1/start"), body: about(ticket[queue.Waiting], ""), status: 409, code: "closed", reason: "day_over"},
		{name: "bringing back a ticket of a closed day", path: api(fmt.Sprintf("/tickets/%d/reactivate", ticket[queue.Waiting])), body: `{}`, status: 409, code: "closed", reason: "day_over"},
		{name: "closing a closed day", path: api("/day/close"), body: `{}`, status: 409, code: "closed", reason: "day_closed"},
	}
	for _, a := range closed {
		c.refuses(a)
	}
	// Its answer is still known.
	keyed.path, keyed.body = api("/tickets"), `{"category":"B"}`
	if resp, got := c.send(keyed, "vi"); resp.StatusCode != 201 || !bytes.Equal(got, want) {
		t.Errorf("the key after the day: %d %s, want %s", resp.StatusCode, got, want)
	}
	c.stop()
	t.Logf("%d refusals in three languages, %d of them wrong transitions; nothing changed", len(asks)+len(closed)+2, wrong)
}

// about is the body of a command about a ticket.
func about(id queue.TicketID, more string) string {
	if more != "" {
		more = "," + more
	}
	return fmt.Sprintf(`{"ticket":%d%s}`, id, more)
}

func upgrade(origin string) map[string]string {
	return map[string]string{"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
		"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Origin": origin}
}

// A centre's configuration with mistakes is refused over HTTP as well, with
// all of them, those of the paper too.
func TestBadCentreOverHTTP(t *testing.T) {
	c := startStaffed(t)
	_, b := c.send(ask{name: "centre", method: "GET", path: "/api/v1/centre"}, "en")
	var centre map[string]any
	if err := json.Unmarshal(b, &centre); err != nil {
		t.Fatalf("%v in %s", err, b)
	}
	change := func(f func(category map[string]any)) string {
		var copied map[string]any
		if err := json.Unmarshal(b, &copied); err != nil {
			t.Fatal(err)
		}
		f(copied["categories"].([]any)[0].(map[string]any))
		text, err := json.Marshal(copied)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	put := ask{method: "PUT", path: "/api/v1/centre", status: 422, code: "invalid", reason: "config"}
	put.name, put.field = "a category of no series", "categories[0].series"
	put.body = change(func(c map[string]any) { c["series"] = "none" })
	c.refuses(put)
	put.name, put.field = "words that can't be printed", "categories[0].name.vi"
	put.body = change(func(c map[string]any) { c["name"] = map[string]any{"vi": "漢字", "en": "Kanji"} })
	c.refuses(put)
	put.name = "both at once"
	put.body = change(func(c map[string]any) { c["series"], c["name"] = "none", map[string]any{"vi": "漢字"} })
	for _, put.field = range []string{"categories[0].name.vi", "categories[0].series"} {
		c.refuses(put)
	}
	c.stop()
}

// One client that asks too much is told so, and when to come back.
func TestTooManyRequests(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "motcua.toml"), fmt.Sprintf("listen = \"127.0.0.1:0\"\ndata = %q\n[limits]\nrequests_per_second = 1\nburst = 3\n", filepath.Join(dir, "data")))
	p := launch(t, "--config", filepath.Join(dir, "motcua.toml"))
	for n := range 20 {
		resp, err := http.Get(p.base + "/api/v1/health")
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode != 429 {
			continue
		}
		if n < 3 {
			t.Errorf("refused after %d requests of 3", n)
		}
		if resp.Header.Get("Retry-After") == "" || resp.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("answer %v %s", resp.Header, b)
		}
		says(t, string(b), `"reason":"rate"`, `"hint":"Wait`)
		p.stop()
		return
	}
	t.Error("20 requests at once were taken where motcua.toml allows 3")
}
