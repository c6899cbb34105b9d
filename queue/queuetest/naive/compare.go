package naive

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"time"

	"motcua/queue"
	"motcua/queue/queuetest"
	"motcua/router"
)

// Compare gives at least so many random commands to queue and to the model, in
// stories of some hundred each, and compares every answer and what it led to.
// It returns how many it did and the first difference with a short list of
// commands that leads there; "" when there is none. Equal seeds give equal stories.
func Compare(commands int, seed uint64) (done int, difference string) {
	return CompareRouter(router.Live{}, commands, seed)
}

// CompareRouter is Compare with a router in place of the product's own.
func CompareRouter(picker queue.Picker, commands int, seed uint64) (done int, difference string) {
	for i := uint64(0); done < commands; i++ {
		steps, bad := tell(picker, seed, i)
		done += len(steps)
		if bad != "" {
			steps, bad = shrink(picker, steps, bad)
			return done, fmt.Sprintf("seed %d, story %d, command %d: %s\n%s", seed, i, len(steps), bad, source(picker, steps))
		}
	}
	return done, ""
}

// step is a command with its circumstances. Its tickets are named by the
// numbers of the steps that issued them, so that a step can be left out.
type step struct {
	number  int
	at      time.Time
	role    queue.Role
	noClock bool
	command queue.Command
}

// pair is queue and the model side by side.
type pair struct {
	book  *queuetest.Book
	model *Model
	ids   map[int]queue.TicketID // by step
	steps map[queue.TicketID]int

	config, modelConfig *queue.Config // compared last
}

func newPair(picker queue.Picker) *pair {
	return &pair{book: queuetest.NewBook(picker), model: &Model{Series: map[Run]int{}}, ids: map[int]queue.TicketID{}, steps: map[queue.TicketID]int{}}
}

// perStep is more tickets than one command issues.
const perStep = 128

// unknown is added to the name of a ticket that is none.
const unknown = 1 << 40

func (p *pair) real(id queue.TicketID) queue.TicketID {
	if r, ok := p.ids[int(id)]; ok || id == 0 {
		return r
	}
	return id | unknown
}

func (p *pair) named(id queue.TicketID) queue.TicketID {
	if n, ok := p.steps[id]; ok || id == 0 {
		return queue.TicketID(n)
	}
	return id | unknown
}

// do gives a step to both and says how they differ.
func (p *pair) do(s step) string {
	p.book.Now, p.book.Role, p.book.NoClock = s.at, s.role, s.noClock
	p.book.Records = p.book.Records[:0]
	records, err := p.book.Do(renamed(s.command, p.real))
	got := ""
	var next queue.Stamp
	if err != nil {
		var e *queue.Error
		if !errors.As(err, &e) {
			return err.Error()
		}
		got, next = string(e.Code)+"/"+e.Reason, e.Next
	}
	p.model.ID = s.number * perStep
	want := ""
	if code, reason := p.model.Do(s.command, s.role, s.at, !s.noClock); code != "" {
		want = code + "/" + reason
	}
	if got != want || next != p.model.Next {
		return fmt.Sprintf("queue answers %q (next %v), the model %q (next %v)", got, next.Time(), want, p.model.Next.Time())
	}
	if n := len(p.book.State.Tickets); n == len(p.model.Tickets) {
		for i := n - 1; i >= max(n-perStep, 0); i-- {
			if id, name := p.book.State.Tickets[i].ID, p.model.Tickets[i].ID; p.ids[name] == 0 {
				p.ids[name], p.steps[id] = id, name
			}
		}
	}
	for _, r := range records {
		if e, ok := r.Event.(queue.DayClosed); ok && *e.Totals != p.model.Totals {
			return fmt.Sprintf("queue's account of the day is %+v, the model's %+v", *e.Totals, p.model.Totals)
		}
	}
	return p.differ()
}

// renamed is the command with its ticket named otherwise.
func renamed(c queue.Command, name func(queue.TicketID) queue.TicketID) queue.Command {
	v := reflect.New(reflect.TypeOf(c)).Elem()
	v.Set(reflect.ValueOf(c))
	f := v.FieldByName("Ticket")
	if !f.IsValid() {
		return c
	}
	f.SetUint(uint64(name(queue.TicketID(f.Uint()))))
	return v.Interface().(queue.Command)
}

// differ says in what the two states differ.
func (p *pair) differ() string {
	s, m := p.book.State, p.model
	var bad []string
	check := func(what string, got, want any) {
		if !reflect.DeepEqual(got, want) {
			bad = append(bad, fmt.Sprintf("%s: queue has %+v, the model %+v", what, got, want))
		}
	}
	check("day", s.Day.ID, m.Day)
	check("open", s.Day.Open, m.Open)
	if s.Config != p.config || m.Config != p.modelConfig {
		p.config, p.modelConfig = s.Config, m.Config
		sections(check, s.Config, m.Config)
	}
	if len(s.Tickets) != len(m.Tickets) || len(s.Counters) != len(m.Counters) || len(s.Appointments) != len(m.Booked) {
		check("tickets, counters, appointments", []int{len(s.Tickets), len(s.Counters), len(s.Appointments)}, []int{len(m.Tickets), len(m.Counters), len(m.Booked)})
		return strings.Join(bad, "\n")
	}
	for i := range s.Tickets {
		if t := m.Tickets[i]; !p.same(&s.Tickets[i], t) {
			bad = append(bad, fmt.Sprintf("ticket %s:\nqueue %+v\nmodel %+v", t.Label, s.Tickets[i], *t))
		}
	}
	for i, k := range s.Counters {
		x := *m.Counters[i]
		if x != (Counter{k.ID, k.State, k.Staff, k.Pause, p.steps[k.Ticket], int(k.Served), k.Until, k.BreakTo, p.steps[k.Last]}) {
			bad = append(bad, fmt.Sprintf("counter %s:\nqueue %+v\nmodel %+v", k.ID, k, x))
		}
	}
	for i, a := range s.Appointments {
		b := queue.Booking{Code: a.Code, Slot: a.Slot, Category: a.Category, Point: a.Point, Dossiers: int(a.Dossiers)}
		if x := *m.Booked[i]; x != (Appointment{b, a.Session, a.State, p.steps[a.Ticket]}) {
			bad = append(bad, fmt.Sprintf("appointment %s:\nqueue %+v\nmodel %+v", a.Code, a, x))
		}
	}
	if len(s.Rolls) != len(m.Rolls) || len(s.Back) != len(m.Back) {
		check("rolls, numbers taken back", []int{len(s.Rolls), len(s.Back)}, []int{len(m.Rolls), len(m.Back)})
		return strings.Join(bad, "\n")
	}
	for i := range s.Rolls {
		r, x := &s.Rolls[i], m.Rolls[i]
		next := ""
		if len(x.Left) > 0 {
			next = x.Left[0]
		}
		if r.Point != x.Point || r.Category != x.Category || r.Self != x.Self || r.Open != x.Open || r.Upcoming() != next {
			bad = append(bad, fmt.Sprintf("roll %d:\nqueue %+v\nmodel next %s of %+v", i, *r, next, *x))
		}
	}
	series := map[Run]int{}
	for _, c := range s.Series {
		series[Run{c.Point, c.Series}] = c.Last
	}
	if len(series) != len(m.Series) {
		check("series", series, m.Series)
	}
	for r, n := range series {
		if m.Series[r] != n {
			check("series", series, m.Series)
			break
		}
	}
	bad = append(bad, queuetest.Invariants(s)...)
	return strings.Join(bad, "\n")
}

// sections compares two configurations part by part, so that a difference is short.
func sections(check func(string, any, any), got, want *queue.Config) {
	if got == nil || want == nil {
		check("configuration", got == nil, want == nil)
		return
	}
	g, w := reflect.ValueOf(*got), reflect.ValueOf(*want)
	for i := range g.NumField() {
		a, b := g.Field(i), w.Field(i)
		if a.Kind() == reflect.Slice && a.Len() == b.Len() {
			for j := range a.Len() {
				check(fmt.Sprintf("configuration %s %d", g.Type().Field(i).Name, j), a.Index(j).Interface(), b.Index(j).Interface())
			}
			continue
		}
		if a.Kind() == reflect.Pointer && !a.IsNil() && !b.IsNil() {
			a, b = a.Elem(), b.Elem()
		}
		check("configuration "+g.Type().Field(i).Name, a.Interface(), b.Interface())
	}
}

// same compares a ticket of queue with one of the model.
func (p *pair) same(q *queue.Ticket, t *Ticket) bool {
	return p.ids[t.ID] == q.ID && t.Label == q.Label && t.Series == q.Series && t.Point == q.Point &&
		t.Category == q.Category && t.Origin == q.Origin && t.Class == q.Class && t.Claim == q.Claim && t.State == q.State &&
		t.Counter == q.Counter && (t.Bound == q.Bound || t.State == queue.Finished || t.State == queue.Expired) && t.Front == q.Front && t.Dossiers == int(q.Dossiers) && t.Entry == q.Entry &&
		t.Issued == q.Issued && t.Arrival == q.Arrival && t.FirstCall == q.FirstCall && t.LastCall == q.LastCall &&
		t.Started == q.Started && t.Served == q.Served && t.Since == q.Since && t.Slot == q.Slot && t.LegSince == q.LegSince &&
		t.Cause == q.ArrivalCause && t.Calls == int(q.Calls) && t.Returns == int(q.Returns) && t.Why == q.Reason.Code && t.Outcome == q.Outcome &&
		t.Session == q.Session && t.TakenAt == q.TakenAt && t.NotThere == q.NotThere && t.Rebooked == q.Rebooked && t.Number == int(q.Number) && t.Slip == q.Slip && slices.Equal(t.Next, q.Next) && slices.Equal(t.Past, q.Past)
}

// tell draws a story and follows it to its end or the first difference.
func tell(picker queue.Picker, seed, story uint64) (steps []step, difference string) {
	r := rand.New(rand.NewPCG(seed, story))
	p := newPair(picker)
	now := queuetest.Morning.Add(time.Duration(r.IntN(7*60)-60) * time.Minute)
	paces := [][]time.Duration{
		{0, 1, 5, 500, 1000, 4000, 9000},
		{1, 1000, 5000, 11_000, 25_000, 70_000},
		{1, 1000, 5000, 11_000, 25_000, 70_000, 300_000, 1_200_000},
	}
	pace := paces[r.IntN(len(paces))]
	noClock := r.IntN(10) == 0
	roles := []queue.Role{queue.Supervisor, queue.Officer, queue.Officer, queue.Greeter, queue.Kiosk, queue.Machine}
	for i := range 100 + r.IntN(900) {
		now = now.Add(pace[r.IntN(len(pace))] * time.Millisecond)
		switch r.IntN(200) {
		case 0:
			now = now.Add(time.Duration(r.IntN(18)) * time.Hour)
		case 1:
			pace = paces[r.IntN(len(paces))]
		case 2:
			noClock = r.IntN(5) == 0
		}
		s := step{number: i + 1, at: now, role: roles[r.IntN(len(roles))], noClock: noClock}
		if i == 0 {
			s.command = queue.ApplyConfig{Config: queuetest.RandomCentre(r)}
		} else {
			s.command = renamed(queuetest.Random(r, p.book.State), p.named)
		}
		steps = append(steps, s)
		if bad := p.do(s); bad != "" {
			return steps, bad
		}
	}
	return steps, ""
}

// follow replays steps up to the first difference.
func follow(picker queue.Picker, steps []step) (n int, difference string) {
	p := newPair(picker)
	for i, s := range steps {
		if bad := p.do(s); bad != "" {
			return i + 1, bad
		}
	}
	return len(steps), ""
}

// shrink leaves out whatever the difference does not need.
func shrink(picker queue.Picker, steps []step, bad string) ([]step, string) {
	for size := len(steps) / 2; size > 0; size /= 2 {
		for at := 0; at+size <= len(steps); {
			fewer := slices.Concat(steps[:at], steps[at+size:])
			if n, b := follow(picker, fewer); b != "" {
				steps, bad = fewer[:n], b
				continue
			}
			at += size
		}
	}
	return steps, bad
}

// source is the steps as Go: what a test of queue would write.
func source(picker queue.Picker, steps []step) string {
	var out strings.Builder
	p := newPair(picker)
	for _, s := range steps {
		c := fmt.Sprintf("%#v", renamed(s.command, p.real))
		if a, ok := s.command.(queue.ApplyConfig); ok {
			out.WriteString(changes(a.Config))
			c = "queue.ApplyConfig{Config: cfg}"
		}
		c = strings.ReplaceAll(c, fmt.Sprintf(", Ref:%#v", queue.Ref{}), "")
		fmt.Fprintf(&out, "b.Now, b.Role, b.NoClock = time.UnixMilli(%d), %q, %t // %s\nb.Do(%s)\n",
			s.at.UnixMilli(), s.role, s.noClock, s.at.Format("Mon 15:04:05.000"), c)
		p.do(s)
	}
	return out.String()
}

// changes is a configuration as Go: what of its centre it changes.
func changes(c queue.Config) string {
	var out strings.Builder
	name, centre := "Full", queuetest.Full()
	if small := queuetest.Config(); c.Centre.ID == small.Centre.ID {
		name, centre = "Config", small
	}
	fmt.Fprintf(&out, "cfg := queuetest.%s()\n", name)
	got, full := reflect.ValueOf(c), reflect.ValueOf(centre)
	for i := range got.NumField() {
		if x := got.Field(i).Interface(); !reflect.DeepEqual(x, full.Field(i).Interface()) {
			fmt.Fprintf(&out, "cfg.%s = %#v\n", got.Type().Field(i).Name, x)
		}
	}
	return out.String()
}
