package queue

import (
	"slices"
)

// order is a number that is being asked for, as far as it is known.
type order struct {
	category *Category
	point    PointID
	class    ClassID
	claim    ClassID
	dossiers int
	entry    Entry
	session  SessionID
	arrival  Stamp // 0: now
	slot     Stamp
	legs     []CategoryID
	ref      Ref
}

func (d *decision) issue(c Issue) ([]Event, error) {
	if !d.Day.Open {
		return nil, dayClosed()
	}
	point, err := d.pointFor(c.Point)
	if err != nil {
		return nil, err
	}
	id := c.Category
	if id == "" && c.Entry == EntryReceipt {
		if id = d.Config.results(point); id == "" {
			return nil, refuse(Closed, WhyCategoryClosed, "Choose a category by its button.", "no category for results is served at %s", point)
		}
	}
	o := order{point: point, dossiers: max(c.Dossiers, 1), entry: c.Entry, ref: c.Ref}
	if o.category, err = d.offered(id, point); err != nil {
		return nil, err
	}
	if o.class, o.claim, err = d.granted(c.Class); err != nil {
		return nil, err
	}
	if err := d.manyDossiers(c.Dossiers); err != nil {
		return nil, err
	}
	if a := d.Config.Agents; a.Category != "" && o.dossiers > a.Above && id != a.Category {
		return nil, refuse(Closed, WhyBulkElsewhere, "Give out a number of that category.",
			"%d dossiers are more than %d: they take a number of category %s", o.dossiers, a.Above, a.Category)
	}
	if o.legs, err = d.legs(o.category, point, c.Legs); err != nil {
		return nil, err
	}
	if o.session, err = d.admit(o.category, point, o.dossiers); err != nil {
		return nil, err
	}
	g, err := d.give(o)
	if err != nil {
		return nil, err
	}
	return g.events(c.Shown), nil
}

// CauseShown is the cause of a slip that is not printed because its number
// stands on a screen. It never comes out by itself.
const CauseShown = "shown"

// given is a number that is given out.
type given struct {
	event Event
	id    TicketID
	label string
	paper bool
}

// events give the number out; shown instead of its slip, if it has one.
func (g given) events(shown bool) []Event {
	if shown && g.paper {
		return []Event{g.event, SlipFailed{Ticket: g.id, Cause: CauseShown}}
	}
	return []Event{g.event}
}

// give takes the next number of the order: of the roll in use, when staff give
// it out by hand, else of the category's series.
func (d *decision) give(o order) (given, error) {
	if d.env.Role.Staff() {
		if r := d.rollFor(o.point, o.category.ID); r != nil {
			return d.fromRoll(r, o, 0, d.Pos.Seq+1)
		}
	}
	e, err := d.number(o)
	return given{e, TicketID(d.Pos.Seq + 1), e.Label, o.entry.Paper()}, err
}

func (d *decision) walkDirect(c WalkDirect) ([]Event, error) {
	k, desk, err := d.free(c.Counter)
	if err != nil {
		return nil, err
	}
	if desk.Draining {
		return nil, goingOut(desk)
	}
	o := order{point: desk.Point, dossiers: max(c.Dossiers, 1), entry: EntryDirect, ref: c.Ref}
	if o.category, err = d.offered(c.Category, desk.Point); err != nil {
		return nil, err
	}
	if o.class, o.claim, err = d.granted(c.Class); err != nil {
		return nil, err
	}
	if err := d.manyDossiers(c.Dossiers); err != nil {
		return nil, err
	}
	if o.legs, err = d.legs(o.category, desk.Point, nil); err != nil {
		return nil, err
	}
	o.session = d.present(o.category)
	e, err := d.number(o)
	if err != nil {
		return nil, err
	}
	return []Event{e, TicketStarted{Ticket: TicketID(d.Pos.Seq + 1), Label: e.Label, Counter: k.ID}}, nil
}

// number takes the next number of the order's series.
func (d *decision) number(o order) (TicketIssued, error) {
	series := d.Config.series(o.category.Series)
	n := d.next(o.point, *series)
	if n > 9999 {
		return TicketIssued{}, refuse(Closed, WhySeriesFull, "Use another category until tomorrow, or give it a second series.",
			"series %s has given out its last number", series.ID)
	}
	return d.issued(o, label(series.Prefix, n), n, TicketID(d.Pos.Seq+1)), nil
}

// issued is the issue of a number whose label is settled.
func (d *decision) issued(o order, label string, n int, id TicketID) TicketIssued {
	now := max(d.now, d.LastAt)
	t := Ticket{ID: id, Point: o.point, Category: o.category.ID, Class: o.class, Arrival: now}
	if o.arrival > now {
		t.Arrival = o.arrival
	} else {
		o.arrival = 0
	}
	return TicketIssued{
		Label: label, Number: n, Series: o.category.Series, Day: d.Day.ID, Point: o.point, Category: o.category.ID,
		Class: o.class, Dossiers: o.dossiers, Entry: o.entry, Ahead: d.View().Ahead(&t, now), Ref: o.ref,
		Session: o.session, Arrival: o.arrival, Slot: o.slot, Claim: o.claim, Legs: o.legs,
	}
}

// fourDigits is where a series goes on past its range.
const fourDigits = 1000

// next is the number a series gives out next at a point: none whose label
// somebody has brought there from another one, and none of a roll.
func (s *State) next(p PointID, series Series) int {
	n := series.From
	for i := range s.Series {
		if c := &s.Series[i]; c.Series == series.ID && (c.Point == p || series.AcrossPoints) {
			n = max(c.Last+1, n)
		}
	}
	for ; ; n++ {
		if n > series.To {
			n = max(n, fourDigits) // it never wraps within a day
		}
		if !s.Mingled || !s.labelled(p, label(series.Prefix, n)) {
			return n
		}
	}
}

// labelled reports whether a label of a point is some ticket's today, or will be:
// it is still to come on a roll in use there.
func (s *State) labelled(p PointID, label string) bool {
	has := func(t Ticket) bool { return t.Point == p && t.Label == label }
	return slices.ContainsFunc(s.Tickets, has) || slices.ContainsFunc(s.Back, has) ||
		slices.ContainsFunc(s.Rolls, func(r Roll) bool {
			n, ok := r.number(label)
			return r.Open && r.Point == p && ok && n >= r.Next
		})
}

func dayClosed() error {
	return refuse(Closed, WhyDayClosed, "Come back when the office opens.", "no numbers are given out: the business day is closed")
}

// pointFor looks a service point up; an empty one is the centre's first.
func (d *decision) pointFor(id PointID) (PointID, error) {
	if id == "" {
		id = d.Config.Points[0].ID
	}
	if p := d.Config.Point(id); p == nil || p.Draining {
		return "", refuse(NotFound, WhyPointUnknown, "Choose one of the centre's service points.", "there is no service point %q", id)
	}
	return id, nil
}

// offered looks a category up in which numbers are given out at a point.
func (d *decision) offered(id CategoryID, p PointID) (*Category, error) {
	k := d.Config.Category(id)
	switch {
	case k == nil:
		return nil, refuse(NotFound, WhyCategoryUnknown, "Choose one of the centre's categories.", "there is no category %q", id)
	case k.Draining:
		return nil, refuse(Closed, WhyCategoryClosed, "Choose another category.", "category %s is no longer offered", id)
	case d.Config.Offered(id, p):
		return k, nil
	case len(d.Config.OfferedAt(id)) > 0:
		return nil, refuse(Closed, WhyOtherPoint, "Go to a service point that serves it.", "category %s is not served at %s", id, p)
	}
	return nil, refuse(Closed, WhyCategoryClosed, "Choose another category.", "no counter serves category %s", id)
}

// results is the category a scanned receipt gets a number of; "" for none.
func (c *Config) results(p PointID) CategoryID {
	for i := range c.Categories {
		if k := &c.Categories[i]; k.Results && !k.Draining && c.Offered(k.ID, p) {
			return k.ID
		}
	}
	return ""
}

// granted decides on the class somebody asks for: granted, or only claimed.
func (d *decision) granted(id ClassID) (class, claim ClassID, err error) {
	if id == "" || id == Normal {
		return Normal, "", nil
	}
	k := d.Config.Class(id)
	if k == nil || k.Draining {
		return "", "", refuse(NotFound, WhyClassUnknown, "Choose one of the centre's classes.", "there is no class %q", id)
	}
	if k.MayGrant(d.env.Role) {
		return id, "", nil
	}
	if k.Button && !d.env.Role.Staff() {
		return Normal, id, nil
	}
	return "", "", refuse(Denied, WhyClassByStaff, "Ask the greeter or an officer.", "you may not grant class %q", id)
}

// MayGrant reports whether a role may grant the class.
func (k *Class) MayGrant(r Role) bool {
	if len(k.Grant) == 0 {
		return r.Staff()
	}
	return slices.Contains(k.Grant, r)
}

// manyDossiers refuses a wrong number of dossiers, and several to all but staff.
func (d *decision) manyDossiers(n int) error {
	if n < 0 || n > 99 {
		return refuse(Invalid, WhyBadField, "Give 1 to 99 dossiers.", "%d dossiers", n)
	}
	if n > 1 && !d.env.Role.Staff() {
		return refuse(Denied, WhyClassByStaff, "Ask the greeter or an officer.", "only staff may take in several dossiers")
	}
	return nil
}

// legs decides to what a visit goes on: what was asked for, or what the
// category names and is served today.
func (d *decision) legs(k *Category, p PointID, asked []CategoryID) ([]CategoryID, error) {
	if len(asked) > 0 {
		if !d.env.Role.Staff() {
			return nil, refuse(Denied, WhyClassByStaff, "Ask the greeter or an officer.", "only staff may plan a visit")
		}
		return asked, d.possible(asked, p, k.Series)
	}
	var legs []CategoryID
	for _, id := range k.Then {
		if c := d.Config.Category(id); c != nil && !c.Draining {
			if _, ok := d.Config.PointOf(id, p, k.Series); ok {
				legs = append(legs, id)
			}
		}
	}
	return legs, nil
}

// possible refuses legs a ticket of a series can't take from a point.
func (d *decision) possible(legs []CategoryID, p PointID, series SeriesID) error {
	if len(legs) > MaxLegs {
		return refuse(Invalid, WhyBadField, "Plan fewer, and give out another number for the rest.", "%d further services are more than %d", len(legs), MaxLegs)
	}
	for _, id := range legs {
		k := d.Config.Category(id)
		if k == nil {
			return refuse(NotFound, WhyCategoryUnknown, "Choose one of the centre's categories.", "there is no category %q", id)
		}
		if _, ok := d.Config.PointOf(id, p, series); !ok || k.Draining {
			return refuse(Closed, WhyCategoryClosed, "Choose a category that is served at this point.", "category %s is not served at %s", id, p)
		}
	}
	return nil
}

// unbounded reports whether hours and quotas don't bind: nobody is sent home
// because a clock is wrong, and a supervisor may let somebody in.
func (d *decision) unbounded() bool { return !d.env.ClockOK || d.env.Role == Supervisor }

// present is the session a number given out now belongs to, whatever is
// refused: the one that gives out numbers, else the one running; "" for none.
func (d *decision) present(k *Category) SessionID {
	sit, err := d.Config.sitting(k, d.Day.ID, d.now)
	if err == nil {
		return sit.Session
	}
	for _, s := range d.Config.Sittings(d.Day.ID) {
		if s.Doors <= d.now && d.now < s.To {
			return s.Session
		}
	}
	return ""
}

// admit decides whether hours and quotas allow a number now, and in which
// session it counts.
func (d *decision) admit(k *Category, p PointID, dossiers int) (SessionID, error) {
	if len(d.Config.Sessions) == 0 {
		return "", nil
	}
	if d.unbounded() {
		return d.present(k), nil
	}
	full := func(s Sitting) bool {
		left, bounded := d.Left(k.ID, p, s)
		return bounded && left < dossiers
	}
	sit, refused := d.Config.sitting(k, d.Day.ID, d.now)
	if refused == nil && full(sit) {
		refused = refuse(Closed, WhyQuotaExhausted, "Come back in the next session.", "the numbers of category %s for this session are gone", k.ID)
	}
	if refused == nil {
		return sit.Session, nil
	}
	if next, ok := d.Config.nextSitting(k, d.Day.ID, d.now, full); ok {
		refused.Next = next.From
	}
	return "", refused
}

// Offer tells whether a machine would get a number of a category now; the
// error says why not, and when there will be one.
func (v View) Offer(c CategoryID, p PointID, env Env) error {
	if v.s.Config == nil {
		return notConfigured()
	}
	env.Role = Machine
	d := decision{State: v.s, env: env, now: StampOf(env.Now)}
	if !d.Day.Open {
		return dayClosed()
	}
	p, err := d.pointFor(p)
	if err != nil {
		return err
	}
	k, err := d.offered(c, p)
	if err != nil {
		return err
	}
	_, err = d.admit(k, p, 1)
	return err
}
