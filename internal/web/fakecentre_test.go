package web_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"motcua/internal/staff"
	"motcua/internal/web"
	"motcua/queue"
)

// asked is a command as the fake centre received it.
type asked struct {
	Path, Key string
	Body      map[string]any
}

// fakeCentre stands for the daemon behind the staff pages: it serves a page,
// the pages' files, a feed of whole states and the command API. It decides
// nothing; a test scripts what each command does.
type fakeCentre struct {
	*httptest.Server
	t    testing.TB
	web  *web.Web
	page func(r *http.Request) web.Page

	mu      sync.Mutex
	seq     uint64
	state   any
	sockets map[*websocket.Conn]*follower
	asks    []asked
	news    chan asked
	// answer decides a command: a status and a body. Status 0 loses the reply.
	answer func(a asked) (int, any)
	// quiet stops the heartbeats and everything else, without closing.
	quiet bool
	done  chan struct{}
	// files are further paths that begin so.
	files map[string]http.HandlerFunc
}

// follower is one socket: its topic, and the lock of its writes.
type follower struct {
	topic string
	lock  sync.Mutex
}

const fakeEpoch = "e1"

func newFakeCentre(t testing.TB, state any, page func(*http.Request) web.Page) *fakeCentre {
	t.Helper()
	w, err := web.New(web.Options{})
	if err != nil {
		t.Fatal(err)
	}
	f := &fakeCentre{t: t, web: w, page: page, seq: 100, state: state,
		sockets: map[*websocket.Conn]*follower{}, news: make(chan asked, 64), done: make(chan struct{}), files: map[string]http.HandlerFunc{}}
	mux := http.NewServeMux()
	mux.Handle("/a/", w.Assets())
	mux.HandleFunc("/feed", f.feed)
	mux.HandleFunc("POST /api/v1/", f.command)
	mux.HandleFunc("/", func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/favicon.ico" {
			http.NotFound(rw, r)
			return
		}
		for path, serve := range f.files {
			if strings.HasPrefix(r.URL.Path, path) {
				serve(rw, r)
				return
			}
		}
		p := f.page(r)
		f.mu.Lock()
		if p.Snapshot == nil {
			p.Snapshot = f.encode("")
		}
		p.Epoch, p.Seq = fakeEpoch, f.seq
		f.mu.Unlock()
		p.Host = r.Host
		if l := r.URL.Query().Get("lang"); l != "" {
			p.Lang = l
		}
		if err := f.web.Render(rw, http.StatusOK, p); err != nil {
			http.Error(rw, err.Error(), http.StatusInternalServerError)
		}
	})
	f.Server = httptest.NewServer(mux)
	beat := make(chan struct{})
	go func() {
		defer close(beat)
		tick := time.NewTicker(3 * time.Second)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				f.mu.Lock()
				seq := f.seq
				f.mu.Unlock()
				f.broadcast("", map[string]any{"type": "hb", "seq": seq, "now": time.Now().UTC().Format(time.RFC3339Nano)})
			case <-f.done:
				return
			}
		}
	}()
	t.Cleanup(func() {
		close(f.done)
		<-beat
		f.drop()
		f.Server.CloseClientConnections()
		f.Server.Close()
	})
	return f
}

func (f *fakeCentre) feed(rw http.ResponseWriter, r *http.Request) {
	up := websocket.Upgrader{}
	c, err := up.Upgrade(rw, r, nil)
	if err != nil {
		return
	}
	topic := r.URL.Query().Get("topic")
	who := &follower{topic: topic}
	f.mu.Lock()
	f.sockets[c] = who
	seq, state := f.seq, f.encode(topic)
	f.mu.Unlock()
	f.write(c, who, map[string]any{"type": "hello", "proto": 1, "server": "test", "asset": f.web.Hash(), "epoch": fakeEpoch, "seq": seq, "now": time.Now().UTC().Format(time.RFC3339Nano)})
	f.write(c, who, map[string]any{"type": "snap", "topic": topic, "epoch": fakeEpoch, "seq": seq, "state": state})
	for {
		if _, _, err := c.ReadMessage(); err != nil {
			f.mu.Lock()
			delete(f.sockets, c)
			f.mu.Unlock()
			c.Close()
			return
		}
	}
}

// stateOf is the topic's part of the state where the page follows several.
func (f *fakeCentre) stateOf(topic string) any {
	if m, ok := f.state.(map[string]any); ok {
		if s, ok := m[topic]; ok {
			return s
		}
	}
	return f.state
}

func (f *fakeCentre) write(c *websocket.Conn, who *follower, frame any) {
	who.lock.Lock()
	defer who.lock.Unlock()
	_ = c.WriteJSON(frame) // a socket that went away is noticed by its reader
}

// broadcast tells the followers of a topic; all of them when it is empty.
func (f *fakeCentre) broadcast(topic string, frame any) {
	f.mu.Lock()
	quiet := f.quiet
	all := make(map[*websocket.Conn]*follower, len(f.sockets))
	for c, who := range f.sockets {
		if topic == "" || who.topic == topic {
			all[c] = who
		}
	}
	f.mu.Unlock()
	if quiet {
		return
	}
	for c, who := range all {
		f.write(c, who, frame)
	}
}

// change moves the state on and tells every page, each what it follows.
func (f *fakeCentre) change(do func()) uint64 {
	f.mu.Lock()
	do()
	f.seq++
	seq := f.seq
	frames := map[string]json.RawMessage{}
	for _, who := range f.sockets {
		frames[who.topic] = f.encode(who.topic)
	}
	f.mu.Unlock()
	for topic, state := range frames {
		f.broadcast(topic, map[string]any{"type": "snap", "topic": topic, "epoch": fakeEpoch, "seq": seq, "state": state})
	}
	return seq
}

// drop closes every socket, as a restarting daemon does.
func (f *fakeCentre) drop() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for c := range f.sockets {
		c.Close()
	}
}

func (f *fakeCentre) command(rw http.ResponseWriter, r *http.Request) {
	a := asked{Path: strings.TrimPrefix(r.URL.Path, "/api/v1/"), Key: r.Header.Get("Idempotency-Key")}
	if err := json.NewDecoder(r.Body).Decode(&a.Body); err != nil {
		http.Error(rw, err.Error(), http.StatusBadRequest)
		return
	}
	f.mu.Lock()
	f.asks = append(f.asks, a)
	answer := f.answer
	f.mu.Unlock()
	f.news <- a
	status, body := 200, any(map[string]any{"epoch": fakeEpoch, "seq": 0})
	if answer != nil {
		status, body = answer(a)
	}
	if status == 0 { // done, but nobody hears of it
		c, _, err := http.NewResponseController(rw).Hijack()
		if err == nil {
			c.Close()
		}
		return
	}
	if status >= 400 {
		rw.Header().Set("Content-Type", "application/problem+json")
	} else {
		rw.Header().Set("Content-Type", "application/json")
	}
	rw.WriteHeader(status)
	_ = json.NewEncoder(rw).Encode(body)
}

// decide scripts the answers from now on.
func (f *fakeCentre) decide(answer func(asked) (int, any)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answer = answer
}

// encode is the topic's state as it is now; the caller holds the lock.
func (f *fakeCentre) encode(topic string) json.RawMessage {
	b, err := json.Marshal(f.stateOf(topic))
	if err != nil {
		f.t.Error(err)
	}
	return b
}

// commands are those received so far.
func (f *fakeCentre) commands() []asked {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]asked(nil), f.asks...)
}

// next waits for a command.
func (f *fakeCentre) next() asked {
	f.t.Helper()
	select {
	case a := <-f.news:
		return a
	case <-time.After(15 * time.Second):
		f.t.Fatal("no command came in 15 s")
		return asked{}
	}
}

func name(vi, en string) queue.Text { return queue.Text{"vi": vi, "en": en} }

var categoryNames = map[queue.CategoryID]queue.Text{
	"A": name("Chứng thực", "Certification"),
	"B": name("Hộ tịch", "Civil status"),
	"C": name("Đất đai", "Land"),
	"D": name("Hộ kinh doanh", "Household business"),
	"E": name("Xây dựng, đô thị", "Construction, planning"),
	"R": name("Trả kết quả", "Collect a result"),
	"T": name("Hướng dẫn nộp trực tuyến", "Help with online filing"),
}

func ago(d time.Duration) queue.Stamp { return queue.StampOf(time.Now().Add(-d)) }

// busyDesk is counter 3 in the middle of a morning.
func busyDesk() *staff.Desk {
	ticket := func(id queue.TicketID, label string, minutes, waited int) staff.Ticket {
		c := queue.CategoryID(label[:1])
		issued := ago(time.Duration(waited) * time.Minute)
		return staff.Ticket{ID: id, Label: label, Category: c, Name: categoryNames[c], Minutes: minutes, Class: queue.Normal,
			ClassName: name("Thường", "Normal"), Dossiers: 1, State: queue.Waiting, Issued: issued, Since: issued,
			Reason: queue.Reason{Code: queue.ByArrival, Arrival: issued}}
	}
	candidate := func(t staff.Ticket, why queue.Reason) staff.Candidate {
		why.Arrival = t.Issued
		return staff.Candidate{Ticket: t, Why: why}
	}
	b18 := ticket(18, "B018", 12, 8)
	b18.Class, b18.ClassName = "priority", name("Ưu tiên", "Priority")
	a45 := ticket(45, "A045", 6, 15)
	a45.Dossiers = 3
	parked := func(id queue.TicketID, label string, counter, age int) staff.Ticket {
		t := ticket(id, label, 6, age+14)
		t.State, t.Counter, t.Since, t.Calls = queue.Parked, counter, ago(time.Duration(age)*time.Minute), 1
		return t
	}
	missed := func(id queue.TicketID, label string, age int, back bool) staff.Ticket {
		t := ticket(id, label, 6, age+20)
		t.State, t.Counter, t.Since, t.Calls, t.Returnable = queue.Missed, 3, ago(time.Duration(age)*time.Minute), 3, back
		return t
	}
	slip := ticket(52, "A052", 6, 1)
	slip.Slip = queue.SlipIsUnknown
	return &staff.Desk{
		Centre:    name("Phường Phú Xuân", "Phú Xuân ward"),
		Languages: []string{"vi", "en"},
		Day:       staff.DayState{ID: "2026-11-23", Open: true},
		Counter: staff.Counter{ID: "3", Number: 3, Point: "main", State: queue.CounterIsOpen, Since: ago(134 * time.Minute), Served: 14,
			Skills: []queue.CategoryID{"A", "B", "R"}},
		Next: []staff.Candidate{
			candidate(b18, queue.Reason{Code: queue.ByPriority, HeadStart: 60, Effective: b18.Issued - 3600_000}),
			candidate(ticket(9, "R009", 4, 12), queue.Reason{Code: queue.ByShorter, Other: "A045", Window: 5, Expected: 4, OtherMin: 6}),
			candidate(a45, queue.Reason{Code: queue.ByArrival}),
			candidate(ticket(36, "A036", 6, 10), queue.Reason{Code: queue.ByReturn}),
		},
		Lanes: []staff.Lane{
			{Category: "A", Name: categoryNames["A"], Mine: true, Waiting: 6, Oldest: ago(15 * time.Minute)},
			{Category: "B", Name: categoryNames["B"], Mine: true, Waiting: 3, Oldest: ago(8 * time.Minute)},
			{Category: "R", Name: categoryNames["R"], Mine: true, Waiting: 2, Oldest: ago(12 * time.Minute)},
			{Category: "C", Name: categoryNames["C"], Waiting: 5, Oldest: ago(31 * time.Minute)},
			{Category: "D", Name: categoryNames["D"]},
		},
		Parked: []staff.Ticket{parked(31, "A031", 3, 16), parked(12, "B012", 3, 6), parked(13, "B013", 5, 2)},
		Missed: []staff.Ticket{missed(29, "A029", 34, true), missed(11, "B011", 11, false)},
		Slips:  []staff.Ticket{slip},
		Rules:  staff.Rules{RecallAfter: 20, NoShowCalls: 2, NoShowAfter: 60},
		Targets: []staff.TransferTarget{
			{Category: "A", Name: categoryNames["A"]}, {Category: "B", Name: categoryNames["B"]},
			{Category: "C", Name: categoryNames["C"]}, {Category: "R", Name: categoryNames["R"]},
			{Counter: "1", Number: 1}, {Counter: "2", Number: 2}, {Counter: "5", Number: 5},
		},
	}
}

// current puts a ticket into the officer's hand.
func current(d *staff.Desk, state queue.TicketState) *staff.Ticket {
	t := staff.Ticket{ID: 42, Label: "A042", Category: "A", Name: categoryNames["A"], Minutes: 6, Class: queue.Normal,
		ClassName: name("Thường", "Normal"), Dossiers: 1, State: state, Counter: 3, Issued: ago(17 * time.Minute),
		FirstCall: ago(5 * time.Minute), LastCall: ago(2 * time.Second), Since: ago(2 * time.Second), Calls: 1,
		Reason: queue.Reason{Code: queue.ByArrival, Arrival: ago(17 * time.Minute)}}
	if state == queue.Serving {
		t.Started = ago(271 * time.Second)
		t.Since, t.LastCall = t.Started, ago(5*time.Minute)
	}
	d.Current = &t
	return &t
}

// visit makes the ticket in hand the second of three legs.
func visit(k *staff.Ticket) {
	k.Category, k.Name, k.Leg, k.Dossiers = "B", categoryNames["B"], 2, 3
	k.Past = []staff.Leg{{Category: "A", Name: categoryNames["A"], Counter: 2, Wait: 8 * 60000, Service: 5 * 60000}}
	k.Then = []staff.LegAhead{{Category: "R", Name: categoryNames["R"]}}
	k.Entry = queue.EntryKiosk
	k.WaitSince = k.Issued + 5*60000
}

// rich is a desk with something to say of everything it can.
func rich(d *staff.Desk) {
	d.Rules.UndoWithin = 10
	d.Undo = &staff.Undo{What: "ticket.finished.v1", Ticket: 12, Label: "A012", Until: ago(-9 * time.Second)}
	claim := d.Next[2].Ticket
	claim.Claim, claim.ClaimName = "priority", name("Ưu tiên", "Priority")
	d.Claims = []staff.Ticket{claim}
	d.Guarded = staff.Guarded{Waiting: 16, Guarded: 4, Alarm: true}
	for i := range d.Next {
		d.Next[i].Session = "morning"
	}
	d.Counter.Break = &staff.Break{From: ago(-10 * time.Minute), To: ago(-40 * time.Minute), Reason: queue.PauseLunch}
}

func consolePage(*http.Request) web.Page {
	return web.Page{Face: "console", Lang: "vi", Languages: []string{"vi", "en", "de"}, Topic: "desk:3", Data: map[string]any{"counter": 3}}
}
