package queuetest

import (
	"fmt"
	"math/bits"
	"math/rand/v2"
	"slices"
	"time"

	"pgregory.net/rapid"

	"motcua/queue"
)

// Command draws any command of the set, sensible or not: ids that exist and
// ids that don't, in every order. A configuration is a variant of the one in force.
func Command(t *rapid.T, s *queue.State) queue.Command {
	return draw{s, func(label string, n int) int { return even(t, label, n) }}.command()
}

// even draws from 0 to n−1, each as often as the others: a rapid.IntRange
// prefers small numbers, and a command that stands last would hardly come.
func even(t *rapid.T, label string, n int) int {
	x := 0
	for range bits.Len(uint(n-1)) + 2 {
		x *= 2
		if rapid.Bool().Draw(t, label) {
			x++
		}
	}
	return x % n
}

// Random is Command for the long runs: fast and without shrinking.
func Random(r *rand.Rand, s *queue.State) queue.Command {
	return draw{s, func(_ string, n int) int { return r.IntN(n) }}.command()
}

// RandomCentre returns the full centre with some of its features left out.
func RandomCentre(r *rand.Rand) queue.Config {
	return draw{n: func(_ string, n int) int { return r.IntN(n) }}.variant()
}

// draw draws commands for a state; n draws from 0 to n−1.
type draw struct {
	s *queue.State
	n func(label string, n int) int
}

// one draws an element.
func one[T any](d draw, label string, of ...T) T { return of[d.n(label, len(of))] }

// often is true but once in n times.
func (d draw) often(label string, n int) bool { return d.n(label, n) > 0 }

func (d draw) counter() queue.CounterID {
	if c := d.s.Config; c != nil && d.often("known counter", 25) {
		return c.Counters[d.n("counter", len(c.Counters))].ID
	}
	return "9"
}

func (d draw) category() queue.CategoryID {
	if c := d.s.Config; c != nil && d.often("known category", 25) {
		return c.Categories[d.n("category", len(c.Categories))].ID
	}
	return "Z"
}

func (d draw) point() queue.PointID {
	if c := d.s.Config; c != nil && d.n("named point", 3) == 0 {
		return c.Points[d.n("point", len(c.Points))].ID
	}
	if !d.often("known point", 20) {
		return "nowhere"
	}
	return ""
}

func (d draw) class() queue.ClassID {
	if c := d.s.Config; c != nil && d.n("named class", 4) == 0 {
		return c.Classes[d.n("class", len(c.Classes))].ID
	}
	if !d.often("known class", 20) {
		return "king"
	}
	return ""
}

func (d draw) dossiers() int {
	return one(d, "dossiers", 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 3, 4, 6, 12, -1, 100)
}

func (d draw) ticket() queue.TicketID {
	if len(d.s.Tickets) == 0 || !d.often("today's ticket", 20) {
		return queue.TicketID(d.n("stranger", 50))
	}
	return d.s.Tickets[d.n("ticket", len(d.s.Tickets))].ID
}

// holding prefers a counter that holds a ticket, and that ticket, so that long
// stories happen.
func (d draw) holding() (queue.CounterID, queue.TicketID) {
	var of []*queue.Counter
	for i := range d.s.Counters {
		if d.s.Counters[i].Ticket != 0 {
			of = append(of, &d.s.Counters[i])
		}
	}
	if len(of) > 0 && d.often("its own", 8) {
		k := of[d.n("holder", len(of))]
		return k.ID, k.Ticket
	}
	return d.counter(), d.ticket()
}

// free prefers a counter that is open and holds nothing.
func (d draw) free() queue.CounterID {
	var of []queue.CounterID
	for i := range d.s.Counters {
		if k := &d.s.Counters[i]; k.State == queue.CounterIsOpen && k.Ticket == 0 {
			of = append(of, k.ID)
		}
	}
	if len(of) > 0 && d.often("free", 4) {
		return of[d.n("free counter", len(of))]
	}
	return d.counter()
}

// in prefers a ticket of the states, with the counter it stands at.
func (d draw) in(states ...queue.TicketState) (queue.CounterID, queue.TicketID) {
	if d.often("of the state", 6) {
		var of []*queue.Ticket
		for i := range d.s.Tickets {
			if slices.Contains(states, d.s.Tickets[i].State) {
				of = append(of, &d.s.Tickets[i])
			}
		}
		if len(of) > 0 {
			t := of[d.n("which", len(of))]
			return t.Counter, t.ID
		}
	}
	return d.counter(), d.ticket()
}

// sometimes leaves a counter out, as a supervisor does.
func (d draw) sometimes(c queue.CounterID) queue.CounterID {
	if d.often("with counter", 4) {
		return c
	}
	return ""
}

func (d draw) legs() []queue.CategoryID {
	legs := make([]queue.CategoryID, one(d, "legs", 0, 1, 1, 2, 2, 3, 7))
	for i := range legs {
		legs[i] = d.category()
	}
	return legs
}

func (d draw) code() string {
	if n := len(d.s.Appointments); n > 0 && d.often("known code", 5) {
		return d.s.Appointments[d.n("appointment", n)].Code
	}
	if d.often("sound code", 20) {
		return fmt.Sprintf("K-%04d", d.n("code", 30))
	}
	return one(d, "code", "k 7", "A1", "----", "12345678", "123456789", "1234-56789", "X123456789")
}

// booking is an appointment some time ahead, mostly soon and in office hours.
func (d draw) booking() queue.Booking {
	slot := d.s.LastAt.Time().Truncate(15 * time.Minute).Add(time.Duration(one(d, "slot", 15, 15, 30, 45, 60, 120, 240, 1440, -15, 7)) * time.Minute)
	if d.n("in hours", 3) > 0 {
		day := queue.DayOf(d.s.LastAt.Time()).Begins().AddDate(0, 0, one(d, "day", 0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 5, 600))
		slot = day.Add(time.Duration(one(d, "time", 7*60+30, 8*60, 9*60, 10*60+15, 11*60+15, 13*60+30, 14*60, 16*60+45)-180) * time.Minute)
	}
	return queue.Booking{Code: d.code(), Slot: queue.StampOf(slot), Category: d.category(), Point: d.point(), Dossiers: d.dossiers()}
}

func (d draw) command() queue.Command {
	if d.s.Config == nil && d.often("configured", 10) {
		return queue.ApplyConfig{Config: d.variant()}
	}
	if !d.s.Day.Open && d.n("day", 3) == 0 {
		return queue.OpenDay{}
	}
	// A hall without open counters has no stories.
	if d.s.Day.Open && d.n("shut counters", 8) == 0 {
		for _, k := range d.s.Counters {
			if k.State != queue.CounterIsOpen && d.n("open it", 3) > 0 {
				return queue.OpenCounter{Counter: k.ID, Staff: one(d, "staff", "", "", "s1", "s2", "s3")}
			}
		}
	}
	switch d.n("command", 54) {
	case 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11:
		c := queue.Issue{Category: d.category(), Point: d.point(), Class: d.class(), Dossiers: d.dossiers(),
			Entry: one(d, "entry", queue.EntryPanel, queue.EntryKiosk, queue.EntryGreeter, queue.EntryAPI, queue.EntryReceipt)}
		if c.Entry == queue.EntryReceipt && d.often("results", 4) {
			c.Category = ""
		}
		if d.n("own legs", 4) == 0 {
			c.Legs = d.legs()
		}
		c.Shown = d.n("shown", 6) == 0
		return c
	case 12, 13, 14, 15, 16, 17:
		return queue.CallNext{Counter: d.free()}
	case 18:
		_, t := d.in(queue.Waiting, queue.Parked)
		return queue.CallTicket{Counter: d.free(), Ticket: t,
			Reason: one[queue.CallReason](d, "reason", "", queue.CallAccompanied, queue.CallSupervisor, queue.CallCorrection, queue.CallOther, "because")}
	case 19:
		c, t := d.in(queue.Parked)
		return queue.CallTicket{Counter: c, Ticket: t, Reason: one[queue.CallReason](d, "reason", "", "", queue.CallOther)}
	case 20:
		c, t := d.holding()
		return queue.Recall{Counter: d.sometimes(c), Ticket: t}
	case 21, 22, 23:
		c, t := d.holding()
		return queue.Start{Counter: c, Ticket: t}
	case 24, 25, 26:
		c, t := d.holding()
		return queue.Finish{Counter: d.sometimes(c), Ticket: t, Next: d.n("next", 2) == 0,
			Outcome: one[queue.Outcome](d, "outcome", "", "", queue.Done, queue.Left, queue.PapersMissing, "gone")}
	case 27:
		c, t := d.holding()
		return queue.NoShow{Counter: c, Ticket: t}
	case 28:
		_, t := d.in(queue.Missed, queue.Cancelled)
		return queue.Reactivate{Ticket: t}
	case 29:
		c, t := d.holding()
		return queue.Park{Counter: c, Ticket: t}
	case 30:
		c, t := d.in(queue.Parked)
		return queue.Unpark{Counter: d.sometimes(c), Ticket: t}
	case 31, 32:
		c, t := d.holding()
		if d.n("not held", 2) == 0 {
			c, t = d.in(queue.Waiting, queue.Parked)
		}
		to := queue.Transfer{Counter: c, Ticket: t, Mode: one[queue.TransferMode](d, "mode", "", queue.Keep, queue.First, queue.Last, "jump")}
		what := d.n("target", 10)
		if what < 5 {
			to.ToCounter = d.counter()
		}
		if what > 3 && what < 9 {
			to.ToCategory = d.category()
		}
		return to
	case 33:
		_, t := d.in(queue.Waiting, queue.Called, queue.Parked, queue.Missed)
		return queue.Cancel{Counter: d.sometimes(d.counter()), Ticket: t}
	case 34:
		c := d.counter()
		switch d.n("counter command", 4) {
		case 0:
			return queue.OpenCounter{Counter: c, Staff: one(d, "staff", "", "s1", "s2")}
		case 1:
			return queue.CloseCounter{Counter: c}
		}
		return queue.PauseCounter{Counter: c, Reason: one[queue.PauseReason](d, "pause", "", queue.PauseLunch, queue.PauseDesk, "nap"), Minutes: one(d, "minutes", 0, 0, 5, 30, -1, 2000)}
	case 35:
		switch d.n("day command", 24) {
		case 0, 1, 2:
			return queue.CloseDay{}
		case 3, 4, 5, 6, 7, 8:
			return queue.ApplyConfig{Config: d.variant()}
		case 9:
			return queue.OpenDay{Day: one[queue.Day](d, "date", "2026-11-20", "2026-11-24", "2026-11-25", "2027-01-01", "23.11.2026")}
		}
		return queue.OpenDay{}
	case 36, 37:
		return queue.Tick{}
	case 38, 39:
		c, t := d.holding()
		if d.n("begin", 2) == 0 {
			return queue.Start{Counter: c, Ticket: t}
		}
		return queue.Finish{Counter: c, Ticket: t, Next: true}
	case 40:
		id := d.ticket()
		if t := d.s.Ticket(id); t != nil && t.Slip == queue.SlipIsUnknown && d.n("seen", 2) == 0 || d.n("seen", 8) == 0 {
			return queue.ConfirmSlip{Ticket: id}
		}
		if t := d.s.Ticket(id); t != nil && t.Slip != queue.SlipIsQueued && t.Slip != queue.SlipIsSending || d.n("slip", 4) == 0 {
			return queue.ReprintSlip{Ticket: id}
		}
		return queue.SlipMoved{Ticket: id, Cause: "jam", Proof: true, To: one(d, "to",
			queue.SlipIsSending, queue.SlipIsPrinted, queue.SlipIsFailed, queue.SlipIsUnknown, "eaten")}
	case 41:
		return queue.WalkDirect{Counter: d.free(), Category: d.category(), Class: d.class(), Dossiers: d.dossiers()}
	case 42:
		_, t := d.in(queue.Waiting, queue.Parked, queue.Missed)
		return queue.SetClass{Ticket: t, Class: d.class()}
	case 43:
		return queue.SetDossiers{Ticket: d.ticket(), Dossiers: d.dossiers()}
	case 44:
		_, t := d.in(queue.Waiting, queue.Called, queue.Serving)
		return queue.PlanLegs{Ticket: t, Legs: d.legs()}
	case 45, 46:
		if n := len(d.s.Undos); n > 0 && d.often("undoable", 5) {
			u := d.s.Undos[max(n-1-d.n("back", 3), 0)]
			c := queue.Undo{Counter: d.sometimes(u.Counter), Ticket: u.Before.ID}
			if c.Counter != "" && d.n("unnamed", 2) == 0 {
				c.Ticket = 0
			}
			return c
		}
		return queue.Undo{Counter: d.sometimes(d.counter()), Ticket: one(d, "named", 0, d.ticket())}
	case 47:
		list := make([]queue.Booking, one(d, "bookings", 1, 1, 1, 1, 2, 3, 6, 0))
		for i := range list {
			list[i] = d.booking()
			if i > 0 && d.n("beside the first", 3) > 0 {
				list[i].Slot, list[i].Category = list[0].Slot, list[0].Category
			}
		}
		return queue.BookAppointments{Bookings: list}
	case 48:
		if d.n("appointments", 4) == 0 {
			return queue.CancelAppointment{Code: d.code()}
		}
		c := queue.CheckIn{Code: d.code(), Class: d.class(), Shown: d.n("shown", 6) == 0}
		for _, a := range d.s.Appointments {
			if a.Ticket == 0 && queue.DayOf(a.Slot.Time()) == d.s.Day.ID && d.n("today's", 3) == 0 {
				c.Code = a.Code
			}
		}
		return c
	case 49:
		_, t := d.in(queue.Waiting, queue.Parked, queue.Missed)
		return queue.Rebook{Ticket: t}
	}
	return d.roll()
}

// roll is a command about a roll of numbers, mostly one in use.
func (d draw) roll() queue.Command {
	point, of := d.point(), one(d, "of all", "", d.category())
	var in *queue.Roll
	if n := len(d.s.Rolls); n > 0 && d.often("known roll", 6) {
		in = &d.s.Rolls[d.n("roll", n)]
		point, of = in.Point, in.Category
	}
	upTo := func(n int) string {
		if in == nil || !d.often("fitting number", 12) {
			return one(d, "number", "", "7", "A057", "12345", "x1", "B003")
		}
		if n = max(n, 0); d.often("digits alone", 3) {
			return in.Label(n)
		}
		return fmt.Sprint(n)
	}
	switch {
	case in == nil || !in.Open || d.n("another", 10) == 0:
		first := one(d, "first", "A001", "A003", "B002", "C005", "057", "007", "a12", "93", "R990", "0000", "A9990", "I12", "", "A1", "12345", "roll")
		if in != nil && d.often("goes on", 3) {
			first = in.Label(in.Next)
		}
		return queue.StartRoll{Point: point, Category: of, First: first, Self: d.n("torn off", 2) == 0}
	case d.n("end", 8) == 0:
		return queue.EndRoll{Point: point, Category: of}
	case d.n("take back", 3) == 0:
		return queue.TakeBack{Point: point, Category: of, UpTo: upTo(in.Next - 1 - d.n("back by", 5))}
	}
	c := queue.TearOff{Point: point, Category: of, UpTo: upTo(in.Next + one(d, "torn", -1, 0, 0, 0, 1, 1, 2, 3, 5, 98, 99))}
	if c.Category == "" {
		c.Category = d.category()
	}
	return c
}

// variant is a configuration to apply to the state's centre: the small one
// with two prefixes exchanged at times, or the full one with features left out.
func (d draw) variant() queue.Config {
	if d.s != nil && (d.s.Config == nil || d.s.Config.Centre.ID == Config().Centre.ID) {
		c := Config()
		if d.n("prefixes swapped", 2) == 0 {
			c.Series[0].Prefix, c.Series[1].Prefix = c.Series[1].Prefix, c.Series[0].Prefix
		}
		return c
	}
	c := Full()
	out := func(label string, n int) bool { return d.n("without "+label, n) == 0 }
	if out("sessions", 2) {
		c.Sessions, c.Quotas = nil, nil
		for i := range c.Categories {
			c.Categories[i].Sessions = nil
		}
	}
	if out("quotas", 3) {
		c.Quotas = nil
	}
	if out("breaks", 2) {
		c.Breaks = nil
	}
	if out("agents", 2) {
		c.Agents = queue.Agents{}
	}
	if out("capacity", 2) {
		c.Appointments.Capacity = 0
	}
	if out("a count through all points", 3) {
		c.Series[2].AcrossPoints = false
		c.Categories[3].Then = []queue.CategoryID{"R"}
	}
	if out("results", 4) {
		c.Categories[2].Results = false
	}
	if out("appointment class", 4) {
		c = withoutClass(c, queue.Appointed)
	}
	if out("urgent class", 4) {
		c = withoutClass(c, "urgent")
	}
	for _, id := range []queue.CategoryID{"B", "C", "F", "X"} {
		if out("category "+string(id), 5) {
			c = withoutCategory(c, id)
		}
	}
	for _, id := range []queue.CounterID{"1", "2", "4", "5"} {
		if out("counter "+string(id), 5) {
			c = withoutCounter(c, id)
		}
	}
	if d.n("a counter moved", 4) == 0 && len(c.Counters) > 0 {
		k := &c.Counters[len(c.Counters)-1]
		k.Number = 9
		k.Point = one[queue.PointID](d, "where it moves", "main", "annex")
	}
	if out("the annex", 8) {
		c = withoutAnnex(c)
	}
	if d.n("prefixes swapped", 6) == 0 {
		c.Series[0].Prefix, c.Series[2].Prefix = c.Series[2].Prefix, c.Series[0].Prefix
	}
	if d.n("hardly any numbers", 10) == 0 {
		c.Series[0].From, c.Series[0].To = 9990, 9999
	}
	if d.n("a series less", 6) == 0 {
		for i := range c.Categories {
			if c.Categories[i].Series == "B" {
				c.Categories[i].Series = "A"
			}
		}
		c.Series = append(c.Series[:1], c.Series[2:]...)
	}
	c.Routing.Policy = one(d, "policy", "", queue.PolicyHeadStart, queue.PolicyArrival)
	c.Routing.Window = one(d, "window", 0, 5, 10)
	c.Routing.Guard = one(d, "guard", 0, 30, 60)
	c.Routing.Late = one(d, "late", 0, 15, 60)
	c.Calls.RecallAfter = one(d, "recall after", 0, 20)
	c.Calls.UndoWithin = one(d, "undo within", 0, 30, 60)
	for i, k := range c.Classes {
		if k.ID == "priority" {
			c.Classes[i].HeadStart = one(d, "head start", 30, 60, 100000)
			if c.Classes[i].HeadStart == queue.Strict {
				c.Routing.Guard = 60
			}
		}
	}
	if !d.often("sound", 20) {
		c.Categories[0].Series = "none"
	}
	return c
}

func withoutClass(c queue.Config, id queue.ClassID) queue.Config {
	c.Classes = slices.DeleteFunc(c.Classes, func(k queue.Class) bool { return k.ID == id })
	return c
}

// withoutCategory takes a category out wherever it is named.
func withoutCategory(c queue.Config, id queue.CategoryID) queue.Config {
	is := func(x queue.CategoryID) bool { return x == id }
	c.Categories = slices.DeleteFunc(c.Categories, func(k queue.Category) bool { return k.ID == id })
	for i := range c.Categories {
		c.Categories[i].Then = slices.DeleteFunc(c.Categories[i].Then, is)
	}
	for i := range c.Counters {
		c.Counters[i].Skills = slices.DeleteFunc(c.Counters[i].Skills, is)
	}
	c.Quotas = slices.DeleteFunc(c.Quotas, func(q queue.Quota) bool { return q.Category == id })
	if c.Agents.Category == id {
		c.Agents = queue.Agents{}
	}
	return c
}

// withoutAnnex takes the second point out with all that is there alone.
func withoutAnnex(c queue.Config) queue.Config {
	c = withoutCategory(c, "F")
	for _, k := range slices.Clone(c.Counters) {
		if k.Point == "annex" {
			c = withoutCounter(c, k.ID)
		}
	}
	c.Points = c.Points[:1]
	c.Quotas = slices.DeleteFunc(c.Quotas, func(q queue.Quota) bool { return q.Point == "annex" })
	return c
}

// withoutCounter takes a counter and its breaks out.
func withoutCounter(c queue.Config, id queue.CounterID) queue.Config {
	c.Counters = slices.DeleteFunc(c.Counters, func(k queue.Desk) bool { return k.ID == id })
	c.Breaks = slices.DeleteFunc(c.Breaks, func(b queue.Break) bool { return b.Counter == id })
	return c
}
