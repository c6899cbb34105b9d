package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"motcua/internal/journal"
	"motcua/queue"
	"motcua/queue/queuetest"
	"motcua/queue/queuetest/linear"
)

var (
	kills   = flag.Int("kills", 0, "kill the daemon so `often` in TestLinearizableThroughKills and print the result as one line; 0: a few times")
	clients = flag.Int("clients", 32, "how `many` clients TestLinearizableThroughKills has")
	seed    = flag.Uint64("seed", 0, "what the clients of TestLinearizableThroughKills draw from; 0: another one each time")
)

const (
	halls      = 4 // service points, each with a history of its own
	desksEach  = 3
	asksEach   = 8 // operations of a client between two surveys
	checkLimit = 2 * time.Minute
)

// TestLinearizableThroughKills lets 32 clients work in four halls while the
// daemon is killed again and again. A client whose connection died asks again
// under the same key until it is answered, or gives up and never learns what
// became of it. All they were told must be what one clerk could have said,
// doing one thing after the other; and the journal must hold it.
func TestLinearizableThroughKills(t *testing.T) {
	many, draw := *kills, *seed
	if many == 0 {
		many = 5
	}
	if draw == 0 {
		draw = rand.Uint64()
	}
	t.Logf("seed %d", draw)
	r := &rounds{t: t, data: t.TempDir(), began: time.Now(), random: rand.New(rand.NewPCG(draw, 0)), lobbies: make([]*lobby, halls)}
	r.start(t, r.data, "--centre", fourHalls(t))
	var cfg queue.Config
	r.running().get("/api/v1/centre", &cfg)
	for i := range r.lobbies {
		r.lobbies[i] = newLobby(cfg, cfg.Points[i].ID)
	}
	for _, d := range cfg.Counters {
		r.running().command(fmt.Sprintf("/counters/%s/open", d.ID), `{}`)
	}
	all := make([]*client, *clients)
	for i := range all {
		all[i] = &client{rounds: r, id: i, lobby: r.lobbies[i%halls], random: rand.New(rand.NewPCG(draw, uint64(i+1)))}
		if n := i / halls; n%8 != 7 { // every eighth of a hall only gives out numbers
			all[i].desk = all[i].lobby.desks[n%desksEach]
		}
	}
	for r.kills < many && !t.Failed() {
		r.round(all, many)
	}
	if !t.Failed() {
		r.replays(all)
	}
	operations, repeated, lost := 0, 0, 0
	for _, c := range all {
		operations += c.asked
		repeated += c.repeated
		lost += c.lost
	}
	if repeated+lost == 0 && !t.Failed() {
		t.Error("no kill met a request: the test shows nothing")
	}
	if t.Failed() && r.violations+r.undecided == 0 {
		r.violations++ // an answer that is none
	}
	if *kills > 0 { // for whoever reads the output of go test -v
		fmt.Printf("kills=%d operations=%d violations=%d undecided=%d repeated=%d lost=%d seed=%d\n", r.kills, operations, r.violations, r.undecided, repeated, lost, draw)
	}
	t.Logf("%d kills, %d operations, %d repeated after a kill, %d never answered, %d violations, %d undecided", r.kills, operations, repeated, lost, r.violations, r.undecided)
}

// fourHalls is a centre of four points with three counters and two categories
// each, and rules that time does not touch (see package linear).
func fourHalls(t *testing.T) string {
	var b strings.Builder
	b.WriteString(`languages = ["vi"]
[centre]
id = "halls"
name = { vi = "Bốn sảnh" }
[routing]
window = 0
guard = 0
return_within = 60
return_credit = 60
[calls]
recall_after = 0
no_show_calls = 1
no_show_after = 0
undo_within = 60
[[classes]]
id = "normal"
name = { vi = "Thường" }
[[classes]]
id = "priority"
name = { vi = "Ưu tiên" }
head_start = 60
`)
	for _, c := range []string{"A", "B"} {
		fmt.Fprintf(&b, "[[series]]\nid = %q\nprefix = %q\nfrom = 1\nto = 999\n", c, c)
		fmt.Fprintf(&b, "[[categories]]\nid = %q\nname = { vi = \"Lĩnh vực\" }\nseries = %q\nminutes = 6\n", c, c)
	}
	for i := range halls {
		fmt.Fprintf(&b, "[[points]]\nid = \"p%d\"\nname = { vi = \"Sảnh\" }\n", i+1)
		for k := range desksEach {
			skills := []string{`"A", "B"`, `"A"`, `"B"`}[k%3]
			fmt.Fprintf(&b, "[[counters]]\nid = \"%d%d\"\nnumber = %d\npoint = \"p%d\"\nskills = [%s]\n", i+1, k+1, k+1, i+1, skills)
		}
	}
	path := filepath.Join(t.TempDir(), "centre.toml")
	write(t, path, b.String())
	return path
}

// rounds is a daemon that is killed and started again, and all that is known
// of it. Between two rounds nobody asks anything, so that the history of all
// of them is checked round by round.
type rounds struct {
	t       *testing.T
	data    string
	began   time.Time
	random  *rand.Rand
	lobbies []*lobby

	steps atomic.Int64 // until the next kill: a request sent is one, an answer another
	due   chan struct{}

	mu sync.Mutex    // protects below
	p  *process      // the last one started
	up chan struct{} // closed while p runs

	kills, violations, undecided int
}

func (r *rounds) now() int64 { return time.Since(r.began).Nanoseconds() }

// start runs the daemon and lets the clients at it.
func (r *rounds) start(t *testing.T, data string, args ...string) {
	p := start(t, data, args...)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.p = p
	if r.up == nil {
		r.up = make(chan struct{})
	}
	close(r.up)
}

// kill ends the daemon in this very moment and lets nobody new at it.
func (r *rounds) kill() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.p.cmd.Process.Kill()
	r.up = make(chan struct{})
}

// running is the daemon, as soon as there is one.
func (r *rounds) running() *process {
	for {
		r.mu.Lock()
		p, up := r.p, r.up
		r.mu.Unlock()
		select {
		case <-up:
			return p
		case <-r.t.Context().Done():
			return p
		}
	}
}

// step counts what happens; the client whose step it is kills the daemon, so
// that nothing lies between the two.
func (r *rounds) step() {
	if r.steps.Add(-1) == 0 {
		r.kill()
		close(r.due)
	}
}

// round has every client ask some things, with one kill or two amid them, and
// checks what they were told.
func (r *rounds) round(all []*client, many int) {
	var asking sync.WaitGroup
	left := min(1+r.random.IntN(2), many-r.kills)
	r.arm(1 + r.random.Int64N(int64(len(all)*asksEach)))
	for _, c := range all {
		asking.Go(func() {
			for range asksEach {
				c.act()
			}
		})
	}
	done := make(chan struct{})
	go func() {
		asking.Wait()
		close(done)
	}()
	for ; left > 0; left-- {
		select {
		case <-r.due:
		case <-done: // a kill of a daemon that nobody asks
			r.kill()
		}
		<-r.p.done
		r.kills++
		r.start(r.t, r.data)
		if left > 1 {
			r.arm(1 + r.random.Int64N(int64(len(all)))) // while they repeat themselves
		}
	}
	<-done
	seen := r.survey()
	var checks sync.WaitGroup
	results := make([]error, len(r.lobbies))
	for i, l := range r.lobbies {
		history := []linear.Operation{seen[l.point]}
		for _, c := range all {
			if c.lobby == l {
				history = append(history, c.history...)
				c.history = nil
			}
		}
		checks.Go(func() {
			results[i] = l.told.Check(history, checkLimit)
		})
	}
	checks.Wait()
	for i, err := range results {
		switch {
		case errors.Is(err, linear.ErrUndecided):
			r.undecided++
		case err != nil:
			r.violations++
		}
		if err != nil {
			r.t.Errorf("hall %s, after %d kills: %v", r.lobbies[i].point, r.kills, err)
		}
	}
}

func (r *rounds) arm(steps int64) {
	r.due = make(chan struct{})
	r.steps.Store(steps)
}

// survey looks at all halls while nobody asks anything.
func (r *rounds) survey() map[queue.PointID]linear.Operation {
	var state struct {
		Tickets []struct {
			ID       queue.TicketID    `json:"id"`
			Label    string            `json:"label"`
			Category queue.CategoryID  `json:"category"`
			Class    queue.ClassID     `json:"class"`
			Point    queue.PointID     `json:"point"`
			State    queue.TicketState `json:"state"`
			Counter  queue.CounterID   `json:"counter"`
			Bound    queue.CounterID   `json:"bound"`
		} `json:"tickets"`
	}
	from := r.now()
	r.running().get("/api/v1/state", &state)
	to := r.now()
	seen := map[queue.PointID][]linear.Answer{}
	for _, x := range state.Tickets {
		if x.State == queue.Waiting {
			x.Counter = "" // where it was last
		}
		seen[x.Point] = append(seen[x.Point], linear.Answer{Ticket: x.ID, Label: x.Label, Category: x.Category, Class: x.Class,
			State: x.State, Counter: x.Counter, Bound: x.Bound})
	}
	operations := map[queue.PointID]linear.Operation{}
	for _, l := range r.lobbies {
		operations[l.point] = linear.Operation{ClientId: -1, Call: from, Return: to, Input: linear.Survey{}, Output: linear.Answer{Seen: seen[l.point]}}
		l.remind(seen[l.point])
	}
	return operations
}

// lobby is a service point and what its people have heard: where they think
// that things stand.
type lobby struct {
	point queue.PointID
	desks []queue.CounterID
	told  *linear.Trail

	mu      sync.Mutex // protects below
	tickets []queue.TicketID
	at      map[queue.CounterID]linear.Answer
	paused  map[queue.CounterID]bool
}

func newLobby(cfg queue.Config, p queue.PointID) *lobby {
	l := &lobby{point: p, told: linear.NewTrail(linear.NewHall(cfg, p)),
		at: map[queue.CounterID]linear.Answer{}, paused: map[queue.CounterID]bool{}}
	for _, d := range cfg.Counters {
		if d.Point == p {
			l.desks = append(l.desks, d.ID)
		}
	}
	return l
}

// remind tells what there is to know: nobody names a ticket of an earlier
// round that is over.
func (l *lobby) remind(seen []linear.Answer) {
	l.tickets = nil
	for _, a := range seen {
		if a.State != queue.Finished {
			l.tickets = append(l.tickets, a.Ticket)
		}
	}
	maps.DeleteFunc(l.at, func(_ queue.CounterID, a linear.Answer) bool { return !slices.Contains(l.tickets, a.Ticket) })
}

// hear takes in what was told at a counter.
func (l *lobby) hear(c queue.CounterID, in any, a linear.Answer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if a.Ticket != 0 && !slices.Contains(l.tickets, a.Ticket) {
		l.tickets = append(l.tickets, a.Ticket)
	}
	if _, ok := in.(queue.Issue); ok || a.Lost || a.Refused != "" {
		return
	}
	switch in.(type) {
	case queue.OpenCounter, queue.PauseCounter:
		_, l.paused[c] = in.(queue.PauseCounter)
	default:
		l.at[c] = a
	}
}

// client is a citizen's panel or, with a desk, one of the consoles of a counter.
type client struct {
	*rounds
	id     int
	lobby  *lobby
	desk   queue.CounterID
	random *rand.Rand

	history               []linear.Operation
	deeds                 []deed
	asked, repeated, lost int
}

// deed is a command with its key and what was answered.
type deed struct {
	key     string
	command queue.Command
	answer  linear.Answer
}

// act asks one thing. Whoever gave up or was surprised looks at the counter,
// and others sometimes do.
func (c *client) act() {
	command := c.choose()
	a, ok := c.ask(command)
	if !ok {
		return
	}
	c.lobby.hear(c.desk, command, a)
	if c.desk != "" && (a.Lost || a.Refused != "" && a.Refused != queue.WhyQueueEmpty || c.random.IntN(4) == 0) {
		c.look()
	}
}

// choose draws what may be meant at the counter as far as is known there.
func (c *client) choose() queue.Command {
	l := c.lobby
	l.mu.Lock()
	defer l.mu.Unlock()
	if c.desk == "" || c.random.IntN(12) == 0 {
		issue := queue.Issue{Point: l.point, Category: []queue.CategoryID{"A", "B"}[c.random.IntN(2)]}
		if c.random.IntN(5) == 0 {
			issue.Class = "priority"
		}
		return issue
	}
	k, now := c.desk, l.at[c.desk]
	id := now.Ticket
	someone := func() queue.TicketID { return l.tickets[c.random.IntN(len(l.tickets))] }
	d := c.random.IntN(100)
	switch {
	case l.paused[k] && d < 60:
		return queue.OpenCounter{Counter: k}
	case d < 3:
		return queue.PauseCounter{Counter: k}
	case id == 0 || len(l.tickets) == 0:
		return queue.CallNext{Counter: k}
	case d < 10:
		id = someone()
	}
	other := l.desks[c.random.IntN(len(l.desks))]
	mode := []queue.TransferMode{queue.Keep, queue.Keep, queue.First}[c.random.IntN(3)]
	switch d = c.random.IntN(100); {
	case d < 3:
		return queue.Transfer{Counter: k, Ticket: someone(), ToCounter: other, Mode: mode}
	case d < 6:
		return queue.Transfer{Counter: k, Ticket: someone(), ToCategory: []queue.CategoryID{"A", "B"}[d%2], Mode: mode}
	case d < 12:
		return queue.Undo{Counter: k}
	case d < 15:
		return queue.Undo{Counter: k, Ticket: id}
	}
	switch now.State {
	case queue.Called:
		switch {
		case d < 70:
			return queue.Start{Counter: k, Ticket: id}
		case d < 80:
			return queue.NoShow{Counter: k, Ticket: id}
		case d < 85:
			return queue.Recall{Counter: k, Ticket: id}
		case d < 92:
			return queue.Park{Counter: k, Ticket: id}
		}
	case queue.Serving:
		switch {
		case d < 50:
			return queue.Finish{Counter: k, Ticket: id}
		case d < 80:
			return queue.Finish{Counter: k, Ticket: id, Next: true}
		case d < 90:
			return queue.Park{Counter: k, Ticket: id}
		}
	case queue.Parked:
		switch {
		case d < 40:
			return queue.CallTicket{Counter: k, Ticket: id, Reason: queue.CallOther}
		case d < 60:
			return queue.Unpark{Counter: k, Ticket: id}
		}
	default:
		if d < 30 {
			return queue.CallTicket{Counter: k, Ticket: someone(), Reason: queue.CallAccompanied}
		}
	}
	return queue.CallNext{Counter: k}
}

// ask sends a command until it is answered, or gives up once the daemon is
// dead; false: the test is over.
func (c *client) ask(command queue.Command) (linear.Answer, bool) {
	key := fmt.Sprintf("c%d-%d", c.id, c.asked)
	path, body := request(c.t, command)
	c.asked++
	from := c.now()
	for tries := 0; ; tries++ {
		p := c.running()
		var got reply
		c.step()
		code, err := p.post(path, key, body, &got)
		c.step()
		var a linear.Answer
		switch {
		case c.t.Context().Err() != nil:
			return a, false
		case err != nil:
			if !c.killed(p, err) {
				return a, false
			}
			if tries > 0 || c.random.IntN(4) > 0 {
				if tries == 0 {
					c.repeated++
				}
				continue
			}
			a.Lost = true // never after its death
			c.lost++
		case code == 503:
			continue // not stored, or not known to be: the key tells
		case code >= 500 || got.Code == queue.Invalid || got.Code == "" && code >= 300:
			c.t.Errorf("POST %s %s: %d %+v", path, body, code, got)
			return a, false
		default:
			a = got.answer()
		}
		c.history = append(c.history, linear.Operation{ClientId: c.id, Call: from, Return: c.now(), Input: command, Output: a})
		c.deeds = append(c.deeds, deed{key, command, a})
		return a, true
	}
}

// killed waits until the daemon is dead, which alone excuses an error; false:
// it lives, or the test is over.
func (c *client) killed(p *process, err error) bool {
	select {
	case <-p.done:
		return true
	case <-c.t.Context().Done():
	case <-time.After(checkLimit):
		c.t.Errorf("%v, and the daemon lives", err)
	}
	return false
}

// look asks what the counter holds; an answer that never came is none.
func (c *client) look() {
	var view struct {
		Desk struct {
			Current *struct {
				ID    queue.TicketID    `json:"id"`
				Label string            `json:"label"`
				State queue.TicketState `json:"state"`
			} `json:"current"`
			Counter struct {
				State queue.CounterState `json:"state"`
			} `json:"counter"`
		} `json:"desk"`
	}
	from := c.now()
	p := c.running()
	err := p.read("/api/v1/counters/"+string(c.desk)+"/desk", &view)
	c.step()
	if err != nil {
		c.killed(p, err)
		return
	}
	var a linear.Answer
	if t := view.Desk.Current; t != nil {
		a = linear.Answer{Ticket: t.ID, Label: t.Label, State: t.State, Counter: c.desk}
	}
	c.history = append(c.history, linear.Operation{ClientId: c.id, Call: from, Return: c.now(), Input: linear.Look{Counter: c.desk}, Output: a})
	c.lobby.hear(c.desk, linear.Look{}, a)
	c.lobby.mu.Lock()
	defer c.lobby.mu.Unlock()
	c.lobby.paused[c.desk] = view.Desk.Counter.State == queue.CounterIsPaused
}

// request is a command as it goes over HTTP.
func request(t *testing.T, command queue.Command) (path, body string) {
	b, err := json.Marshal(command)
	if err != nil {
		t.Error(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(b, &fields); err != nil {
		t.Error(err)
	}
	path = "/tickets"
	if c, ok := fields["counter"]; ok {
		delete(fields, "counter")
		path = fmt.Sprintf("/counters/%s/%s", c, verb(command))
	}
	if b, err = json.Marshal(fields); err != nil {
		t.Error(err)
	}
	return path, string(b)
}

func verb(c queue.Command) string {
	switch c.(type) {
	case queue.OpenCounter:
		return "open"
	case queue.PauseCounter:
		return "pause"
	case queue.CallNext:
		return "next"
	case queue.CallTicket:
		return "call"
	case queue.NoShow:
		return "no-show"
	}
	return strings.ToLower(strings.TrimPrefix(fmt.Sprintf("%T", c), "queue."))
}

// reply is every answer to a command at once.
type reply struct {
	Seq    queue.Seq  `json:"seq"`
	Code   queue.Code `json:"code"`
	Reason string     `json:"reason"`
	told              // of an issue
	Ahead  int        `json:"ahead"`
	Ticket *told      `json:"ticket"` // of all others
}

type told struct {
	ID       queue.TicketID    `json:"id"`
	Label    string            `json:"label"`
	Category queue.CategoryID  `json:"category"`
	Class    queue.ClassID     `json:"class"`
	State    queue.TicketState `json:"state"`
	Counter  queue.CounterID   `json:"counter"`
}

func (r reply) answer() linear.Answer {
	if r.Code != "" {
		return linear.Answer{Refused: r.Reason}
	}
	x := r.told
	if r.Ticket != nil {
		x = *r.Ticket
	}
	return linear.Answer{Seq: r.Seq, Ticket: x.ID, Label: x.Label, Category: x.Category, Class: x.Class, State: x.State, Counter: x.Counter, Ahead: r.Ahead}
}

// replays ends the daemon and holds its journal against what the clients were
// told: every effect that was acknowledged is there once, nothing that was
// refused is, no label names two tickets, and the records make a sound state.
func (r *rounds) replays(all []*client) {
	r.running().stop()
	wrong := func(format string, args ...any) {
		r.t.Helper()
		r.violations++
		r.t.Errorf(format, args...)
	}
	j, err := journal.Open(r.t.Context(), r.data, journal.Options{ReadOnly: true})
	if err != nil {
		r.t.Fatal(err)
	}
	defer j.Close()
	if _, err := j.Verify(r.t.Context()); err != nil {
		wrong("verify: %v", err)
	}
	state := queue.NewState(j.Epoch())
	byKey := map[string][]queue.Record{}
	labels := map[string]queue.Seq{}
	for rec, err := range j.Records(r.t.Context(), 1) {
		if err == nil {
			err = state.Apply(rec)
		}
		if err != nil {
			wrong("replay: %v", err)
			return
		}
		if rec.Key != "" {
			byKey[rec.Key] = append(byKey[rec.Key], rec)
		}
		if e, ok := rec.Event.(queue.TicketIssued); ok {
			label := string(e.Point) + " " + e.Label
			if other := labels[label]; other != 0 {
				wrong("%s was issued at %d and %d", label, other, rec.Seq)
			}
			labels[label] = rec.Seq
		}
	}
	for _, broken := range queuetest.Invariants(state) {
		wrong("replayed: %s", broken)
	}
	for _, c := range all {
		for _, d := range c.deeds {
			recs := byKey[d.key]
			stored := linear.AnswerOf(recs, nil)
			switch {
			case d.answer.Lost:
			case d.answer.Refused != "" && len(recs) > 0:
				wrong("%s %+v was refused (%s) and stands at %d", d.key, d.command, d.answer.Refused, recs[0].Seq)
			case d.answer.Refused != "":
			case len(recs) == 0:
				wrong("%s %+v was acknowledged (%+v) and is not in the journal", d.key, d.command, d.answer)
			case int(recs[len(recs)-1].Seq-recs[0].Seq) != len(recs)-1:
				wrong("%s %+v was carried out twice: %d records from %d to %d", d.key, d.command, len(recs), recs[0].Seq, recs[len(recs)-1].Seq)
			case stored.Seq != d.answer.Seq || stored.Ticket != d.answer.Ticket || stored.Label != d.answer.Label || stored.State != d.answer.State:
				wrong("%s %+v was answered with %+v and is stored as %+v", d.key, d.command, d.answer, stored)
			}
		}
	}
}
