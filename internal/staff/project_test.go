package staff_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"motcua/internal/staff"
	"motcua/queue"
	"motcua/queue/queuetest"
	"motcua/router"
)

func desk(t *testing.T, b *queuetest.Book, c queue.CounterID) staff.Desk {
	t.Helper()
	d, ok := staff.NewDesk(b.State, c, router.HeadStart{}, b.Now)
	if !ok {
		t.Fatalf("no desk for counter %s", c)
	}
	return d
}

func labels(tickets []staff.Ticket) []string {
	list := []string{}
	for _, t := range tickets {
		list = append(list, t.Label)
	}
	return list
}

func TestDeskOfAMorning(t *testing.T) {
	b := queuetest.OpenBook(router.HeadStart{})
	a1 := b.Issue("A")
	b.Issue("B")
	a2 := b.Issue("A")
	b.Must(queue.Issue{Category: "A", Class: "priority", Dossiers: 3})
	d := desk(t, b, "1")
	if d.Current != nil || d.Counter.Number != 1 || d.Counter.State != queue.CounterIsOpen {
		t.Errorf("idle: %+v", d.Counter)
	}
	var next []string
	for _, c := range d.Next {
		next = append(next, c.Label+" "+string(c.Why.Code))
	}
	if diff := cmp.Diff([]string{"A003 priority", "A001 first", "A002 shorter", "B001 first"}, next); diff != "" {
		t.Errorf("next (-want +got):\n%s", diff)
	}
	if d.Next[0].Dossiers != 3 || d.Next[0].Minutes != 13 || d.Next[0].ClassName["vi"] != "Ưu tiên" {
		t.Errorf("priority candidate: %+v", d.Next[0])
	}
	if !d.Lanes[0].Mine || d.Lanes[0].Waiting != 3 || d.Lanes[2].Mine {
		t.Errorf("lanes: %+v", d.Lanes)
	}

	b.Must(queue.CallTicket{Counter: "1", Ticket: a1, Reason: queue.CallOther})
	if d := desk(t, b, "1"); d.Current == nil || d.Current.Label != "A001" || d.Current.Calls != 1 {
		t.Errorf("current: %+v", d.Current)
	}
	b.Must(queue.Park{Counter: "1", Ticket: a1})
	b.Must(queue.CallTicket{Counter: "2", Ticket: a2, Reason: queue.CallOther})
	b.Pass(time.Minute)
	b.Must(queue.NoShow{Counter: "2", Ticket: a2})
	b.Must(queue.SlipMoved{Ticket: a1, To: queue.SlipIsUnknown})
	d = desk(t, b, "2")
	if diff := cmp.Diff([][]string{{"A001"}, {"A002"}, {"A001"}}, [][]string{labels(d.Parked), labels(d.Missed), labels(d.Slips)}); diff != "" {
		t.Errorf("parked, missed, slips (-want +got):\n%s", diff)
	}
	if !d.Missed[0].Returnable || d.Parked[0].Counter != 1 {
		t.Errorf("missed %+v, parked %+v", d.Missed[0], d.Parked[0])
	}
}

// TestTargetsAreReachable: everything a console offers to transfer to is accepted.
func TestTargetsAreReachable(t *testing.T) {
	b := queuetest.OpenBook(router.HeadStart{})
	b.Must(queue.CloseCounter{Counter: "2"})
	for _, target := range desk(t, b, "1").Targets {
		id := b.Issue("A")
		if _, err := b.Do(queue.Transfer{Ticket: id, ToCategory: target.Category, ToCounter: target.Counter}); err != nil {
			t.Errorf("%+v is offered and refused: %v", target, err)
		}
	}
	for _, target := range desk(t, b, "1").Targets {
		if target.Category == "R" || target.Counter == "2" || target.Counter == "3" {
			t.Errorf("%+v is offered: closed, or of another point", target)
		}
	}
}

func TestNoSuchCounter(t *testing.T) {
	b := queuetest.OpenBook(router.HeadStart{})
	if _, ok := staff.NewDesk(b.State, "9", router.HeadStart{}, b.Now); ok {
		t.Error("a desk for a counter there is not")
	}
}

// TestDeskOfAVisit: the legs of a visit, those that are over with their times.
func TestDeskOfAVisit(t *testing.T) {
	b := queuetest.OpenBook(router.HeadStart{})
	id := queue.TicketID(b.Must(queue.Issue{Category: "A", Legs: []queue.CategoryID{"B", "R"}})[0].Seq)
	b.Pass(4 * time.Minute)
	b.Must(queue.CallNext{Counter: "1"})
	b.Pass(time.Minute)
	b.Must(queue.Start{Counter: "1", Ticket: id})
	b.Pass(3 * time.Minute)
	b.Must(queue.Finish{Counter: "1", Ticket: id})
	between := queue.StampOf(b.Now)
	b.Pass(2 * time.Minute)
	b.Must(queue.CallNext{Counter: "2"})
	got := *desk(t, b, "2").Current
	past := []staff.Leg{{Category: "A", Name: queue.Text{"vi": "Chứng thực", "en": "Certification"}, Counter: 1,
		Wait: (4 * time.Minute).Milliseconds(), Service: (3 * time.Minute).Milliseconds(), Ended: between, Outcome: queue.Done}}
	if d := cmp.Diff(past, got.Past); d != "" {
		t.Errorf("legs that are over (-want +got):\n%s", d)
	}
	if len(got.Then) != 1 || got.Then[0].Category != "R" || got.Leg != 2 || got.Category != "B" || got.Origin != "A" || got.WaitSince != between {
		t.Errorf("present leg: %+v", got)
	}
}

// TestDeskUndo: what the counter may take back is offered, no longer and no
// less than the domain takes it back.
func TestDeskUndo(t *testing.T) {
	b := queuetest.OpenBook(router.HeadStart{})
	a1 := b.Issue("A")
	b.Issue("A")
	if u := desk(t, b, "1").Undo; u != nil {
		t.Errorf("nothing was done, and %+v is offered", u)
	}
	b.Must(queue.CallNext{Counter: "1"})
	called := queue.StampOf(b.Now)
	want := &staff.Undo{What: "ticket.called.v1", Ticket: a1, Label: "A001", Until: called.Add(10 * time.Second)}
	if d := cmp.Diff(want, desk(t, b, "1").Undo); d != "" {
		t.Errorf("after a call (-want +got):\n%s", d)
	}
	if u := desk(t, b, "2").Undo; u != nil {
		t.Errorf("another counter is offered %+v", u)
	}
	b.Pass(10 * time.Second)
	if u := desk(t, b, "1").Undo; u == nil {
		t.Error("not offered in the last moment")
	}
	b.Pass(time.Millisecond)
	if u := desk(t, b, "1").Undo; u != nil {
		t.Errorf("too late, and %+v is offered", u)
	}
	// A finish that called the next ticket is one command.
	b.Must(queue.Start{Counter: "1", Ticket: a1})
	b.Must(queue.Finish{Counter: "1", Ticket: a1, Next: true})
	if u := desk(t, b, "1").Undo; u == nil || u.What != "ticket.finished.v1" || u.Label != "A001" {
		t.Errorf("after finish and next: %+v", u)
	}
	b.Must(queue.Undo{Counter: "1"})
	if d := desk(t, b, "1"); d.Current == nil || d.Current.Label != "A001" || d.Current.State != queue.Serving {
		t.Errorf("taken back: %+v", d.Current)
	}
}

// TestDeskOfTheRules: claims, classes, breaks, the proposal and the alarm.
func TestDeskOfTheRules(t *testing.T) {
	cfg := queuetest.Config()
	cfg.Classes[1].Button, cfg.Classes[1].Grant = true, []queue.Role{queue.Greeter}
	cfg.Classes = append(cfg.Classes, queue.Class{ID: queue.Appointed, Name: queue.Text{"vi": "Có hẹn"}, HeadStart: 15})
	cfg.Breaks = []queue.Break{
		{Counter: "1", From: "15:00", To: "15:15"},
		{Counter: "1", From: "11:30", To: "13:00", Reason: queue.PauseLunch, Days: []queue.Weekday{"mon"}},
		{Counter: "1", From: "08:00", To: "09:00", Days: []queue.Weekday{"tue"}},
	}
	cfg.Calls.Propose = 2
	b := queuetest.NewBook(router.HeadStart{})
	b.Must(queue.ApplyConfig{Config: cfg})
	b.Must(queue.OpenDay{})
	b.Must(queue.OpenCounter{Counter: "1"})
	local := func(hour, minute int) queue.Stamp {
		return queue.StampOf(time.Date(2026, 11, 23, hour, minute, 0, 0, queue.Zone))
	}

	b.Role = queue.Kiosk
	claim := queue.TicketID(b.Must(queue.Issue{Category: "A", Class: "priority"})[0].Seq)
	b.Role = queue.Supervisor
	d := desk(t, b, "1")
	if diff := cmp.Diff([]string{"A001"}, labels(d.Claims)); diff != "" || d.Claims[0].Claim != "priority" || d.Claims[0].Class != queue.Normal || d.Claims[0].ClaimName["en"] != "Priority" {
		t.Errorf("claims %+v (-want +got):\n%s", d.Claims, diff)
	}
	classes := []staff.Class{
		{ID: queue.Normal, Name: cfg.Classes[0].Name, Grant: []queue.Role{queue.Greeter, queue.Officer, queue.Supervisor}},
		{ID: "priority", Name: cfg.Classes[1].Name, Grant: []queue.Role{queue.Greeter}},
	}
	if diff := cmp.Diff(classes, d.Classes); diff != "" {
		t.Errorf("classes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(&staff.Break{From: local(11, 30), To: local(13, 0), Reason: queue.PauseLunch}, d.Counter.Break); diff != "" {
		t.Errorf("next break (-want +got):\n%s", diff)
	}
	b.Role = queue.Greeter
	b.Must(queue.SetClass{Ticket: claim, Class: "priority"})
	b.Role = queue.Supervisor
	if got := desk(t, b, "1").Claims; len(got) != 0 {
		t.Errorf("confirmed, and still claimed: %+v", got)
	}

	// The lunch break pauses the counter, and the afternoon's is next.
	b.Now = local(11, 30).Time()
	b.Must(queue.Tick{})
	d = desk(t, b, "1")
	if d.Counter.State != queue.CounterIsPaused || d.Counter.Until != local(13, 0) || d.Counter.Break == nil || d.Counter.Break.From != local(15, 0) {
		t.Errorf("at lunch: %+v, next %+v", d.Counter, d.Counter.Break)
	}
	// One of three waits past the guard: more than a fifth.
	b.Issue("A")
	b.Issue("B")
	if g := desk(t, b, "1").Guarded; g != (staff.Guarded{Waiting: 3, Guarded: 1, Alarm: true}) {
		t.Errorf("guarded: %+v", g)
	}
	for range 2 {
		b.Issue("B")
	}
	if g := desk(t, b, "1").Guarded; g.Alarm {
		t.Errorf("one of five is no alarm: %+v", g)
	}

	b.Must(queue.OpenCounter{Counter: "1"})
	b.Must(queue.CallNext{Counter: "1"})
	if c := desk(t, b, "1").Current; c.ProposeNoShow {
		t.Error("a no-show is proposed after one call")
	}
	b.Pass(25 * time.Second)
	b.Must(queue.Recall{Counter: "1", Ticket: claim})
	d = desk(t, b, "1")
	if !d.Current.ProposeNoShow || d.Rules.Propose != 2 || d.Rules.UndoWithin != 10 {
		t.Errorf("after two calls: %+v, rules %+v", d.Current, d.Rules)
	}
}

// TestDrainingIsNoTarget: what was taken out finishes what it has, and gets no more.
func TestDrainingIsNoTarget(t *testing.T) {
	b := queuetest.OpenBook(router.HeadStart{})
	b.Issue("B")
	cfg := queuetest.Config()
	cfg.Categories = append(cfg.Categories[:1], cfg.Categories[2])
	cfg.Categories[1].Points = nil
	for i := range cfg.Counters {
		cfg.Counters[i].Skills = []queue.CategoryID{"A", "R"}
	}
	b.Must(queue.ApplyConfig{Config: cfg})
	d := desk(t, b, "1")
	for _, target := range d.Targets {
		if target.Category == "B" {
			t.Error("a category that is gone is offered")
		}
		id := b.Issue("A")
		if _, err := b.Do(queue.Transfer{Ticket: id, ToCategory: target.Category, ToCounter: target.Counter}); err != nil {
			t.Errorf("%+v is offered and refused: %v", target, err)
		}
	}
	if len(d.Next) != 1 || d.Next[0].Label != "B001" {
		t.Errorf("the ticket that is left would not be called: %+v", d.Next)
	}
	if lane := d.Lanes[slices.IndexFunc(d.Lanes, func(l staff.Lane) bool { return l.Category == "B" })]; !lane.Mine || lane.Waiting != 1 {
		t.Errorf("its lane: %+v", lane)
	}
}
