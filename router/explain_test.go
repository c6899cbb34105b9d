package router_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"motcua/queue"
	"motcua/queue/queuetest"
	"motcua/router"
)

// scene is a small centre in the middle of its day: tickets by label.
type scene struct {
	*queuetest.Book
	ids map[string]queue.TicketID
}

func newScene(edit func(*queue.Config)) *scene {
	b := queuetest.NewBook(router.Live{})
	cfg := queuetest.Config()
	cfg.Classes = append(cfg.Classes, queue.Class{ID: queue.Appointed, Name: queue.Text{"vi": "Hẹn", "en": "Appointment"}, HeadStart: 15})
	if edit != nil {
		edit(&cfg)
	}
	b.Must(queue.ApplyConfig{Config: cfg})
	b.Must(queue.OpenDay{})
	for _, c := range cfg.Counters {
		b.Must(queue.OpenCounter{Counter: c.ID})
	}
	return &scene{b, map[string]queue.TicketID{}}
}

// come issues a number some minutes after the one before and returns its label.
func (s *scene) come(after int, c queue.Issue) string {
	s.Pass(time.Duration(after) * time.Minute)
	r := s.Must(c)[0]
	label := r.Event.(queue.TicketIssued).Label
	s.ids[label] = queue.TicketID(r.Seq)
	return label
}

// checkIn books an appointment so many minutes from now and checks in at once.
func (s *scene) checkIn(in int, c queue.CategoryID, class queue.ClassID) string {
	code := fmt.Sprintf("SCENE-%d", len(s.ids))
	s.Must(queue.BookAppointments{Bookings: []queue.Booking{{Code: code, Slot: queue.StampOf(s.Now).Add(time.Duration(in) * time.Minute), Category: c}}})
	r := s.Must(queue.CheckIn{Code: code, Class: class})[0]
	label := r.Event.(queue.TicketIssued).Label
	s.ids[label] = queue.TicketID(r.Seq)
	return label
}

func clock(s queue.Stamp) string { return s.Time().In(queue.Zone).Format("15:04") }

// TestExplain: the answers, each in a scene of its own. In all of them the
// question is asked at counter 1, which serves A and B.
func TestExplain(t *testing.T) {
	a, b := queue.Issue{Category: "A"}, queue.Issue{Category: "B"}
	priority := queue.Issue{Category: "A", Class: "priority"}
	strict := func(c *queue.Config) { c.Classes[1].HeadStart = queue.Strict }
	for _, c := range []struct {
		name   string
		edit   func(*queue.Config)
		scene  func(s *scene)
		asked  string
		chosen string
		want   string // code and what is said with it
	}{
		{"came first", nil, func(s *scene) { s.come(0, a); s.come(9, a) }, "A002", "A001", "first 07:30"},
		{"the chosen one itself", nil, func(s *scene) { s.come(0, a); s.come(9, a) }, "A001", "A001", "first 07:30"},
		{"came first, though the other has priority", nil, func(s *scene) { s.come(0, a); s.come(70, priority) }, "A002", "A001", "first 07:30"},
		{"came earlier, though another one first", nil, func(s *scene) { s.come(0, a); s.come(50, priority); s.come(1, a) }, "A003", "A002", "earlier 08:20 against A003"},
		{"by the guard alone", nil, func(s *scene) { s.come(0, a); s.come(50, priority); s.Pass(11 * time.Minute) }, "A002", "A001", "guard 60 against A002"},
		{"priority", nil, func(s *scene) { s.come(0, a); s.come(50, priority) }, "A001", "A002", "priority 60 07:20 against A001"},
		{"strict priority", strict, func(s *scene) { s.come(0, a); s.come(50, priority) }, "A001", "A002", "priority 0  against A001"},
		{"appointment", nil, func(s *scene) { s.come(0, a); s.checkIn(10, "A", "") }, "A001", "A002", "appointment 07:40"},
		{"nobody else is there for an early appointment", nil, func(s *scene) { s.checkIn(10, "A", ""); s.Pass(time.Minute); s.checkIn(30, "B", "") }, "B001", "A001", "appointment 07:40"},
		{"priority with an appointment counts from the check-in", nil, func(s *scene) { s.come(0, a); s.Pass(50 * time.Minute); s.checkIn(90, "B", "priority") }, "A001", "B001", "priority 60 07:20 against A001"},
		{"shorter", nil, func(s *scene) { s.come(0, b); s.come(4, a) }, "B001", "A001", "shorter 6 against B001 12"},
		{"shorter than who stands before", nil, func(s *scene) { s.come(0, b); s.come(1, b); s.come(1, a) }, "B002", "A001", "shorter 6 against B001 12"},
		{"transfer", nil, func(s *scene) {
			s.come(0, b)
			s.Must(queue.Transfer{Ticket: s.ids["B001"], ToCategory: "A"})
			s.come(9, a)
		}, "A001", "B001", "transfer 07:30"},
		{"returned", nil, func(s *scene) {
			s.come(0, a)
			s.Must(queue.CallNext{Counter: "1"})
			s.Must(queue.Park{Counter: "1", Ticket: s.ids["A001"]})
			s.come(20, a)
			s.Must(queue.Unpark{Counter: "1", Ticket: s.ids["A001"]})
		}, "A002", "A001", "returned 07:40"},
		{"transferred to the front", nil, func(s *scene) {
			s.come(0, a)
			s.come(9, b)
			s.Must(queue.Transfer{Ticket: s.ids["B001"], ToCategory: "B", Mode: queue.First})
		}, "A001", "B001", "manual transferred_first"},
		{"by arrival", func(c *queue.Config) { c.Routing.Policy = queue.PolicyArrival }, func(s *scene) { s.come(0, a); s.come(1, priority) }, "A002", "A001", "first 07:30"},

		{"another category", nil, func(s *scene) { s.come(0, queue.Issue{Category: "R"}); s.come(9, a) }, "B001", "A001", "not_served R at 1"},
		{"another category, and nobody for this counter", nil, func(s *scene) { s.come(0, queue.Issue{Category: "R"}) }, "B001", "", "not_served R at 1"},
		{"another point", nil, func(s *scene) { s.come(0, queue.Issue{Category: "A", Point: "annex"}); s.come(9, b) }, "A001", "B001", "elsewhere annex"},
		{"another counter alone", nil, func(s *scene) {
			s.come(0, a)
			s.Must(queue.Transfer{Ticket: s.ids["A001"], ToCounter: "2"})
			s.come(9, a)
		}, "A001", "A002", "bound to 2"},
		{"parked", nil, func(s *scene) {
			s.come(0, a)
			s.Must(queue.CallNext{Counter: "1"})
			s.Must(queue.Park{Counter: "1", Ticket: s.ids["A001"]})
			s.come(9, a)
		}, "A001", "A002", "not_waiting parked at 1"},
		{"called", nil, func(s *scene) { s.come(0, b); s.come(1, a); s.Must(queue.CallNext{Counter: "2"}) }, "B001", "A001", "not_waiting called at 2"},
		{"not issued yet", nil, func(s *scene) { s.come(0, a) }, "A999", "A001", "not_issued"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScene(c.edit)
			c.scene(s)
			e := router.Explain(s.State.View(), "1", s.ids[c.asked], s.Now)
			if got := answer(e); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
			if e.Chosen.Label != c.chosen || s.ids[c.asked] != 0 && e.Asked.Label != c.asked {
				t.Errorf("answers for %q against %q, want %q against %q", e.Chosen.Label, e.Asked.Label, c.chosen, c.asked)
			}
		})
	}
}

// answer writes an explanation's code with the values its words need.
func answer(e router.Explanation) string {
	s := string(e.Why.Code)
	switch e.Why.Code {
	case queue.ByArrival, queue.ByTransfer, queue.ByReturn:
		return s + " " + clock(e.Why.Arrival)
	case router.Earlier:
		return s + " " + clock(e.Why.Arrival) + " against " + e.Why.Other
	case queue.ByGuard:
		return fmt.Sprintf("%s %d against %s", s, e.Why.Guard, e.Why.Other)
	case queue.ByPriority:
		counted := ""
		if e.Why.Effective != 0 {
			counted = clock(e.Why.Effective)
		}
		return fmt.Sprintf("%s %d %s against %s", s, e.Why.HeadStart, counted, e.Why.Other)
	case queue.ByAppointment:
		return s + " " + clock(e.Why.Slot)
	case queue.ByShorter:
		return fmt.Sprintf("%s %d against %s %d", s, e.Why.Expected, e.Why.Other, e.Why.OtherMin)
	case queue.ByHand:
		return s + " " + string(e.Why.Cause)
	case queue.NotServed:
		return fmt.Sprintf("%s %s at %s", s, e.Why.Category, e.Counter)
	case router.Elsewhere:
		return s + " " + string(e.Point)
	case router.BoundTo:
		return s + " to " + string(e.Counter)
	case router.NotWaiting:
		return fmt.Sprintf("%s %s at %s", s, e.State, e.Counter)
	}
	return s
}

// TestExplainCall asks the journal: the state before a call, and the call.
func TestExplainCall(t *testing.T) {
	s := newScene(nil)
	asked := s.ids[s.come(0, queue.Issue{Category: "A"})]
	s.come(50, queue.Issue{Category: "A", Class: "priority"})
	before, at := s.State.Clone(), s.Now
	call := s.Must(queue.CallNext{Counter: "1"})[0].Event.(queue.TicketCalled)
	s.Pass(time.Hour)

	if e := router.ExplainCall(before.View(), call, asked, at); e.Why.Code != queue.ByPriority || e.Why.Other != "A001" {
		t.Errorf("the call as it was made: %+v", e)
	}
	byHand := call
	byHand.Reason = queue.Reason{Code: queue.ByHand, Cause: queue.CallAccompanied}
	if e := router.ExplainCall(before.View(), byHand, asked, at); e.Why != byHand.Reason {
		t.Errorf("the same call by hand: %+v", e)
	}
	// A rule of another release, which took whom this one would not have taken.
	other := call
	other.Ticket = s.ids[s.come(0, queue.Issue{Category: "A"})]
	other.Reason = queue.Reason{Code: "lottery"}
	if e := router.ExplainCall(s.State.View(), other, asked, s.Now); e.Why != other.Reason {
		t.Errorf("a call by another rule: %+v", e)
	}
}

// TestExplainIsTrue checks what is claimed about every ticket of random
// centres against the tickets themselves.
func TestExplainIsTrue(t *testing.T) {
	codes := map[queue.ReasonCode]int{}
	rapid.Check(t, func(t *rapid.T) {
		cfg := drawCentre(t)
		if rapid.IntRange(0, 7).Draw(t, "by arrival") == 0 {
			cfg.Routing.Policy = queue.PolicyArrival
		}
		s := newStory(t, cfg, router.Live{})
		for n := range rapid.IntRange(20, 400).Draw(t, "steps") {
			s.step()
			if n%4 != 0 {
				continue // to ask about everybody takes its time
			}
			v, now := s.State.View(), queue.StampOf(s.Now)
			c := s.counter()
			choice, _ := router.Live{}.Pick(v, c, s.Now)
			x := v.Ticket(choice.Ticket)
			for k := range s.State.Tickets {
				i := &s.State.Tickets[k]
				e := router.Explain(v, c, i.ID, s.Now)
				codes[e.Why.Code]++
				if e.Chosen.Ticket != choice.Ticket || e.Asked.Label != i.Label {
					t.Fatalf("asked about %s: %+v", i.Label, e)
				}
				if i == x {
					if e.Why != choice.Reason {
						t.Fatalf("%s is the chosen one: %+v", i.Label, e)
					}
				} else if claim := wrongClaim(s, s.cfg.Desk(c), x, i, e, now); claim != "" {
					t.Fatalf("counter %s takes %+v and not %+v: %+v: %s", c, x, i, e, claim)
				}
			}
		}
	})
	for _, code := range []queue.ReasonCode{queue.ByArrival, queue.ByPriority, queue.ByShorter, queue.ByGuard,
		router.Earlier, queue.ByTransfer, queue.ByReturn, queue.ByHand, queue.NotServed, router.NotWaiting, router.Elsewhere} {
		if codes[code] == 0 {
			t.Errorf("%q was never the answer: the centres are too tame", code)
		}
	}
}

func wrongClaim(s *story, d *queue.Desk, x, i *queue.Ticket, e router.Explanation, now queue.Stamp) string {
	const minute = 60_000
	var first bool
	var hx, hi int
	if x != nil {
		first = x.Arrival < i.Arrival || x.Arrival == i.Arrival && x.ID < i.ID
		hx, hi = s.cfg.Class(x.Class).HeadStart, s.cfg.Class(i.Class).HeadStart
	}
	if (e.Why.Code == router.NotWaiting) != (i.State != queue.Waiting) {
		return "whether it waits"
	}
	switch e.Why.Code {
	case router.NotWaiting:
		if e.State != i.State {
			return "its state"
		}
		return ""
	case router.Elsewhere:
		if i.Point == d.Point {
			return "its point"
		}
		return ""
	case router.BoundTo:
		if i.Bound != e.Counter || e.Counter == d.ID {
			return "its counter"
		}
		return ""
	case queue.NotServed:
		if able(d, i) || d.Serves(e.Why.Category) || i.Category != e.Why.Category {
			return "what the counter serves"
		}
		return ""
	}
	if !able(d, i) {
		return "whether the counter may take it"
	}
	switch e.Why.Code {
	case queue.ByHand:
		if !x.Front {
			return "transferred to the front"
		}
	case queue.ByArrival, router.Earlier, queue.ByTransfer, queue.ByReturn:
		if !first || e.Why.Arrival != x.Arrival {
			return "came first"
		}
		ahead := slices.ContainsFunc(s.State.Tickets, func(o queue.Ticket) bool {
			return o.State == queue.Waiting && able(d, &o) && (o.Arrival < x.Arrival || o.Arrival == x.Arrival && o.ID < x.ID)
		})
		if e.Why.Code == queue.ByArrival && ahead || e.Why.Code == router.Earlier && !ahead {
			return "whether before all others"
		}
	case queue.ByAppointment, queue.ByPriority:
		if e.Why.Slot != 0 && now < e.Why.Slot && first {
			break // nobody else is there for it
		}
		if first || hx <= hi || hx < queue.Strict && e.Why.HeadStart != hx || hx == queue.Strict && e.Why.Effective != 0 {
			return "the head start"
		}
	case queue.ByGuard:
		if !first || now-x.Arrival <= queue.Stamp(e.Why.Guard)*minute || hi <= hx || i.Arrival-queue.Stamp(hi)*minute > x.Arrival-queue.Stamp(hx)*minute {
			return "the guard"
		}
	case queue.ByShorter:
		var other *queue.Ticket
		for k := range s.State.Tickets {
			if o := &s.State.Tickets[k]; o.Label == e.Why.Other && o.Point == d.Point {
				other = &s.State.Tickets[k]
			}
		}
		v := s.State.View()
		apart := v.Effective(x, now) - v.Effective(other, now)
		if other.Category != i.Category || e.Why.Expected >= e.Why.OtherMin || apart < 0 || apart > queue.Stamp(e.Why.Window)*minute {
			return "the window"
		}
	default:
		return "no reason"
	}
	return ""
}

// able reports whether a counter may call a waiting ticket.
func able(d *queue.Desk, t *queue.Ticket) bool {
	return t.Point == d.Point && (t.Bound == d.ID || t.Bound == "" && d.Serves(t.Category))
}

// TestNoPass: what the holder is told.
func TestNoPass(t *testing.T) {
	for _, c := range []struct {
		name  string
		edit  func(*queue.Config)
		class queue.ClassID
		want  string
	}{
		{"normal", nil, "", "08:35"},
		{"priority", nil, "priority", "07:35"},
		{"by arrival", func(c *queue.Config) { c.Routing.Policy = queue.PolicyArrival }, "", "07:30"},
		{"strict", func(c *queue.Config) { c.Classes[1].HeadStart = queue.Strict }, "", ""},
	} {
		s := newScene(c.edit)
		id := s.ids[s.come(0, queue.Issue{Category: "A", Class: c.class})]
		got := ""
		if stamp, ok := router.NoPass(s.State.View(), id); ok {
			got = clock(stamp)
		}
		if got != c.want {
			t.Errorf("%s: nobody taken after %q passes, want %q", c.name, got, c.want)
		}
		s.Must(queue.CallNext{Counter: "1"})
		if stamp, ok := router.NoPass(s.State.View(), id); ok {
			t.Errorf("%s: a called ticket is still promised %s", c.name, clock(stamp))
		}
	}
}
