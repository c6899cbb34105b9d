package demo_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"motcua/display"
	"motcua/internal/staff"
	"motcua/queue"
	"motcua/queue/queuetest"
	"motcua/router"
)

// office is the demonstration office's shape: seven counters with overlapping skills.
func office() queue.Config {
	text := func(s string) queue.Text { return queue.Text{"vi": s, "en": s} }
	c := queue.Config{
		Centre:    queue.Centre{ID: "demo", Unit: text("Trung tâm"), Name: text("Phường Mẫu")},
		Languages: []string{"vi", "en"},
		Points:    []queue.Point{{ID: "main", Name: text("Sảnh chính")}},
		Classes: []queue.Class{
			{ID: queue.Normal, Name: text("Thường")},
			{ID: "priority", Name: text("Ưu tiên"), HeadStart: 60, Mark: true},
		},
		Routing: queue.DefaultRouting(),
		Calls:   queue.DefaultCalls(),
	}
	for _, k := range []struct {
		id      queue.CategoryID
		minutes int
	}{{"A", 6}, {"B", 12}, {"C", 18}, {"D", 12}, {"E", 15}, {"F", 12}, {"G", 12}, {"H", 8}, {"K", 12}, {"L", 10}, {"M", 6}, {"P", 10}, {"R", 4}, {"T", 15}} {
		c.Series = append(c.Series, queue.Series{ID: queue.SeriesID(k.id), Prefix: string(k.id), From: 1, To: 999})
		c.Categories = append(c.Categories, queue.Category{ID: k.id, Name: text(string(k.id)), Series: queue.SeriesID(k.id), Minutes: k.minutes, Panel: true})
	}
	for i, skills := range []string{"ABR", "ABFG", "ADM", "CEK", "CDE", "BFGHLP", "RTA"} {
		d := queue.Desk{ID: queue.CounterID(fmt.Sprint(i + 1)), Number: i + 1, Point: "main"}
		for _, s := range skills {
			d.Skills = append(d.Skills, queue.CategoryID(s))
		}
		c.Counters = append(c.Counters, d)
	}
	return c
}

// hall is the API in this process: the real rules and the real router over a
// journal in memory. It is an http.RoundTripper, so that it lives in a bubble.
type hall struct {
	// latency and fault are set before use. A fault changes what an answered
	// request looks like from outside.
	latency time.Duration
	fault   func(r *http.Request) fault

	mu      sync.Mutex // protects everything below
	book    *queuetest.Book
	answers map[string]answer // by idempotency key
	acked   map[string]string // keys whose success went out, and their verb
	flying  map[string]int    // commands under way by counter
	most    int               // the largest of flying, ever
	touched map[string]int    // commands by counter
}

type fault int

const (
	well     fault = iota
	lost           // carried out, and no answer
	down           // 503 and not carried out
	crowded        // 429
	conflict       // 409 and not carried out
	garbage        // carried out, 200 and no JSON
	strange        // not carried out, 200 and JSON of another kind
	huge           // carried out, and an endless answer
	hanging        // not carried out, and no answer for ever
	moved          // a redirect to nowhere
	faults
)

type answer struct {
	status int
	body   []byte
}

func newHall() *hall {
	b := queuetest.NewBook(router.HeadStart{})
	b.Now = time.Now()
	b.Must(queue.ApplyConfig{Config: office()})
	b.Must(queue.OpenDay{})
	return &hall{book: b, latency: 2 * time.Millisecond, fault: func(*http.Request) fault { return well },
		answers: make(map[string]answer), acked: make(map[string]string),
		flying: make(map[string]int), touched: make(map[string]int)}
}

// do is a visitor's or the test's own command.
func (h *hall) do(c queue.Command) ([]queue.Record, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.book.Now = time.Now()
	return h.book.Do(c)
}

func (h *hall) look(f func(s *queue.State)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f(h.book.State)
}

func (h *hall) RoundTrip(r *http.Request) (*http.Response, error) {
	verb, counter := "", ""
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/api/v1/"), "/")
	verb = parts[len(parts)-1]
	if parts[0] == "counters" && r.Method == http.MethodPost {
		counter = parts[1]
		h.mu.Lock()
		h.flying[counter]++
		h.touched[counter]++
		h.most = max(h.most, h.flying[counter])
		h.mu.Unlock()
		defer func() {
			h.mu.Lock()
			h.flying[counter]--
			h.mu.Unlock()
		}()
	}
	f := h.fault(r)
	wait := time.NewTimer(h.latency)
	defer wait.Stop()
	if f == hanging {
		wait.Reset(time.Hour)
	}
	select {
	case <-wait.C:
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	header := http.Header{"Content-Type": {"application/json"}}
	reply := func(status int, body []byte) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(bytes.NewReader(body)), Request: r}, nil
	}
	switch f {
	case down:
		return reply(503, problem(&queue.Error{Code: queue.Unavailable, Reason: queue.WhyNotStored}))
	case crowded:
		header.Set("Retry-After", "1")
		return reply(429, []byte("slow down"))
	case conflict:
		return reply(409, problem(&queue.Error{Code: queue.Conflict, Reason: queue.WhyWrongState}))
	case strange:
		return reply(200, []byte(`{"board":[],"desk":7,"ticket":"A001","id":{}}`))
	case moved:
		header.Set("Location", "http://127.0.0.1:1/elsewhere")
		return reply(302, nil)
	}
	a := h.answer(r, verb)
	switch f {
	case lost:
		return nil, errors.New("connection reset by peer")
	case garbage:
		return reply(200, []byte("<html>"))
	case huge:
		return reply(200, bytes.Repeat([]byte(" "), 2<<20))
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if key := r.Header.Get("Idempotency-Key"); key != "" && a.status < 300 {
		h.mu.Lock()
		h.acked[key] = verb
		h.mu.Unlock()
	}
	return reply(a.status, a.body)
}

// acks counts the acknowledged intents of a verb.
func (h *hall) acks(verb string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := 0
	for _, v := range h.acked {
		if v == verb {
			n++
		}
	}
	return n
}

func problem(e *queue.Error) []byte {
	b, _ := json.Marshal(map[string]any{"code": e.Code, "reason": e.Reason, "title": e.Msg, "hint": e.Hint, "wait": e.Wait})
	return b
}

func (h *hall) answer(r *http.Request, verb string) answer {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.book.Now = time.Now()
	s, now := h.book.State, queue.StampOf(h.book.Now)
	ok := func(status int, v any) answer {
		b, err := json.Marshal(v)
		if err != nil {
			panic(err)
		}
		return answer{status, b}
	}
	if r.Method == http.MethodGet {
		if verb == "board" {
			return ok(200, map[string]any{"epoch": "test", "seq": s.Pos.Seq, "board": display.NewBoard(s, queue.PointID(r.URL.Query().Get("point")), now, true)})
		}
		d, found := staff.NewDesk(s, counterOf(r), router.HeadStart{}, h.book.Now)
		if !found {
			return answer{404, problem(&queue.Error{Code: queue.NotFound, Reason: queue.WhyCounterUnknown})}
		}
		return ok(200, map[string]any{"epoch": "test", "seq": s.Pos.Seq, "desk": d})
	}
	key := r.Header.Get("Idempotency-Key")
	if len(key) != 36 || r.Header.Get("Content-Type") != "application/json" {
		return answer{422, problem(&queue.Error{Code: queue.Invalid, Reason: queue.WhyBadField})}
	}
	if a, known := h.answers[key]; known {
		return a
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(err)
	}
	c := commandOf(r, verb, body)
	if c == nil {
		return answer{400, problem(&queue.Error{Code: queue.Invalid, Reason: "json"})}
	}
	recs, err := h.book.Do(c)
	if e := (*queue.Error)(nil); errors.As(err, &e) {
		status := map[queue.Code]int{queue.Conflict: 409, queue.NotFound: 404, queue.Denied: 403, queue.Closed: 409, queue.Invalid: 422}[e.Code]
		return answer{status, problem(e)}
	} else if err != nil {
		panic(err)
	}
	a := ok(200, map[string]any{"epoch": "test", "seq": recs[len(recs)-1].Seq})
	for _, rec := range recs {
		switch e := rec.Event.(type) {
		case queue.TicketIssued:
			a = ok(201, map[string]any{"id": rec.Seq, "label": e.Label, "ahead": e.Ahead})
		case queue.TicketCalled:
			a = ok(200, map[string]any{"epoch": "test", "seq": rec.Seq, "ticket": map[string]any{"id": e.Ticket, "label": e.Label, "category": e.Category, "state": "called"}})
		case queue.TicketFinished:
			a = ok(200, map[string]any{"epoch": "test", "seq": rec.Seq, "ticket": map[string]any{"id": e.Ticket, "label": e.Label, "state": "finished"}})
		}
	}
	h.answers[key] = a
	return a
}

func counterOf(r *http.Request) queue.CounterID {
	return queue.CounterID(strings.Split(r.URL.Path, "/")[4])
}

// commandOf reads a request as strictly as the API does; nil when it can't be read.
func commandOf(r *http.Request, verb string, body []byte) queue.Command {
	read := func(into any) bool {
		d := json.NewDecoder(bytes.NewReader(body))
		d.DisallowUnknownFields()
		return d.Decode(into) == nil
	}
	var one struct {
		Ticket queue.TicketID `json:"ticket"`
	}
	var t queue.TicketID
	if strings.HasPrefix(r.URL.Path, "/api/v1/tickets/") {
		fmt.Sscanf(r.URL.Path, "/api/v1/tickets/%d/cancel", &t)
		return queue.Cancel{Ticket: t}
	}
	switch verb {
	case "tickets":
		var b struct {
			Category     queue.CategoryID `json:"category"`
			Class        queue.ClassID    `json:"class"`
			SlipLanguage string           `json:"slip_language"`
			Dossiers     int              `json:"dossiers"`
			Point        queue.PointID    `json:"point"`
		}
		if read(&b) {
			return queue.Issue{Category: b.Category, Class: b.Class, Dossiers: b.Dossiers, Point: b.Point, Entry: queue.EntryAPI}
		}
	case "open":
		if read(&struct{}{}) {
			return queue.OpenCounter{Counter: counterOf(r)}
		}
	case "pause":
		var b struct {
			Reason queue.PauseReason `json:"reason"`
		}
		if read(&b) {
			return queue.PauseCounter{Counter: counterOf(r), Reason: b.Reason}
		}
	case "next":
		if read(&struct{}{}) {
			return queue.CallNext{Counter: counterOf(r)}
		}
	case "call":
		if read(&one) {
			return queue.CallTicket{Counter: counterOf(r), Ticket: one.Ticket}
		}
	case "start":
		if read(&one) {
			return queue.Start{Counter: counterOf(r), Ticket: one.Ticket}
		}
	case "recall":
		if read(&one) {
			return queue.Recall{Counter: counterOf(r), Ticket: one.Ticket}
		}
	case "no-show":
		if read(&one) {
			return queue.NoShow{Counter: counterOf(r), Ticket: one.Ticket}
		}
	case "park":
		if read(&one) {
			return queue.Park{Counter: counterOf(r), Ticket: one.Ticket}
		}
	case "unpark":
		if read(&one) {
			return queue.Unpark{Counter: counterOf(r), Ticket: one.Ticket}
		}
	case "transfer":
		var b struct {
			Ticket     queue.TicketID   `json:"ticket"`
			ToCategory queue.CategoryID `json:"to_category"`
		}
		if read(&b) {
			return queue.Transfer{Counter: counterOf(r), Ticket: b.Ticket, ToCategory: b.ToCategory}
		}
	case "finish":
		var b struct {
			Ticket  queue.TicketID `json:"ticket"`
			Outcome queue.Outcome  `json:"outcome"`
			Next    bool           `json:"next"`
		}
		if read(&b) {
			return queue.Finish{Counter: counterOf(r), Ticket: b.Ticket, Outcome: b.Outcome, Next: b.Next}
		}
	}
	return nil
}
