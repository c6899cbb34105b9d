package queue

import (
	"slices"
	"time"
)

// Of returns the local time of day on a business day; false when it is none.
func (t TimeOfDay) Of(d Day) (Stamp, bool) {
	at, err := time.ParseInLocation("2006-01-02 15:04", string(d)+" "+string(t), Zone)
	if err != nil || at.Format("15:04") != string(t) {
		return 0, false
	}
	return StampOf(at), true
}

// Valid reports whether t is a time of day in the form 15:04.
func (t TimeOfDay) Valid() bool {
	at, err := time.Parse("15:04", string(t))
	return err == nil && at.Format("15:04") == string(t)
}

var weekdays = [...]Weekday{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// Valid reports whether w is a weekday's code.
func (w Weekday) Valid() bool { return slices.Contains(weekdays[:], w) }

// Weekday is the day of the week of a valid day.
func (d Day) Weekday() Weekday {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return ""
	}
	return weekdays[t.Weekday()]
}

// Next is the day after a valid day.
func (d Day) Next() Day {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return d
	}
	return Day(t.AddDate(0, 0, 1).Format(time.DateOnly))
}

// Sitting is a session on a certain day.
type Sitting struct {
	Session SessionID
	Day     Day
	From    Stamp // it serves from here …
	To      Stamp // … to here
	Doors   Stamp // numbers are given out from here …
	CutOff  Stamp // … to here
}

// Takes reports whether the sitting gives out numbers at an instant.
func (s Sitting) Takes(at Stamp) bool { return s.Doors <= at && at < s.CutOff }

// Holiday finds the holiday a day falls on; nil when it is none, or when it is
// an extra working day.
func (c *Config) Holiday(d Day) *Holiday {
	if slices.ContainsFunc(c.ExtraDays, func(x ExtraDay) bool { return x.Day == d }) {
		return nil
	}
	for i := range c.Holidays {
		h := &c.Holidays[i]
		if h.From == d || h.From < d && d <= h.To {
			return h
		}
	}
	return nil
}

// Sittings lists the sessions of a day by their beginning; none on a holiday
// or a day without sessions.
func (c *Config) Sittings(d Day) []Sitting {
	if c.Holiday(d) != nil {
		return nil
	}
	on := d.Weekday()
	for _, x := range c.ExtraDays {
		if x.Day == d {
			on = x.As
		}
	}
	var list []Sitting
	for i := range c.Sessions {
		x := &c.Sessions[i]
		from, ok := x.From.Of(d)
		to, ok2 := x.To.Of(d)
		if !ok || !ok2 || !slices.Contains(x.Days, on) {
			continue
		}
		list = append(list, Sitting{Session: x.ID, Day: d, From: from, To: to,
			Doors: from.Add(-minutes(x.Doors)), CutOff: to.Add(-minutes(x.CutOff))})
	}
	slices.SortStableFunc(list, func(a, b Sitting) int { return int(min(max(a.From-b.From, -1), 1)) })
	return list
}

// Session finds a session; nil when there is none of that id.
func (c *Config) Session(id SessionID) *Session {
	for i := range c.Sessions {
		if c.Sessions[i].ID == id {
			return &c.Sessions[i]
		}
	}
	return nil
}

// In reports whether the category has numbers in a session.
func (k *Category) In(s SessionID) bool {
	return len(k.Sessions) == 0 || slices.Contains(k.Sessions, s)
}

// lookAhead bounds the search for the next session: longer than any holiday.
const lookAhead = 40

// sitting finds the session a new ticket of a category belongs to, or refuses
// it with the reason. It asks the plan alone.
func (c *Config) sitting(k *Category, day Day, now Stamp) (Sitting, *Error) {
	today := c.Sittings(day)
	before, during := false, false
	for _, s := range today {
		if !k.In(s.Session) {
			continue
		}
		if s.Takes(now) {
			return s, nil
		}
		before = before || now < s.Doors
		during = during || s.CutOff <= now && now < s.To
	}
	var e *Error
	switch h := c.Holiday(day); {
	case h != nil:
		e = refuse(Closed, WhyHoliday, "Come back on the next working day.", "%s is a holiday", day)
	case during:
		e = refuse(Closed, WhySessionCutOff, "Come back in the next session.", "no more numbers are given out in this session")
	case before:
		e = refuse(Closed, WhyOutsideHours, "Come back when numbers are given out.", "numbers are not given out yet")
	default:
		e = refuse(Closed, WhyOutsideHours, "Come back in the next session.", "numbers are not given out at this hour")
	}
	return Sitting{}, e
}

// nextSitting finds the first session from now on in which a category has
// numbers and which full, unless nil, does not rule out.
func (c *Config) nextSitting(k *Category, day Day, now Stamp, full func(Sitting) bool) (Sitting, bool) {
	if len(c.Sessions) == 0 {
		return Sitting{}, false
	}
	for range lookAhead {
		for _, s := range c.Sittings(day) {
			if k.In(s.Session) && now < s.CutOff && (full == nil || !full(s)) {
				return s, true
			}
		}
		day = day.Next()
	}
	return Sitting{}, false
}

// Offered reports whether a category is served at a point: it is meant to be,
// and a counter there serves it.
func (c *Config) Offered(id CategoryID, p PointID) bool {
	k := c.Category(id)
	return k != nil && k.At(p) && slices.ContainsFunc(c.Counters, func(d Desk) bool { return d.Point == p && d.Serves(id) })
}

// OfferedAt lists the service points at which numbers of a category are given
// out, in the order of the configuration.
func (c *Config) OfferedAt(id CategoryID) []*Point {
	var at []*Point
	if k := c.Category(id); k == nil || k.Draining {
		return nil
	}
	for i := range c.Points {
		if p := &c.Points[i]; !p.Draining && c.Offered(id, p.ID) {
			at = append(at, p)
		}
	}
	return at
}

// called reports whether a counter of a point calls tickets of a category,
// also those that are left of one that is draining.
func (c *Config) called(id CategoryID, p PointID) bool {
	return slices.ContainsFunc(c.Counters, func(d Desk) bool { return d.Point == p && (d.Serves(id) || slices.Contains(d.Drains, id)) })
}

// PointOf finds where a leg of a visit is served: at the ticket's own point,
// or, when its label is unique in the whole centre, at the first that offers
// the category.
func (c *Config) PointOf(id CategoryID, at PointID, series SeriesID) (PointID, bool) {
	if c.Offered(id, at) {
		return at, true
	}
	if s := c.series(series); s == nil || !s.AcrossPoints {
		return "", false
	}
	for i := range c.Points {
		if c.Offered(id, c.Points[i].ID) {
			return c.Points[i].ID, true
		}
	}
	return "", false
}

func (c *Config) series(id SeriesID) *Series {
	for i := range c.Series {
		if c.Series[i].ID == id {
			return &c.Series[i]
		}
	}
	return nil
}

// reserved counts the dossiers of a quota that are gone in a sitting: those of
// tickets, when it is of the current business day, and of appointments still to come.
func (s *State) reserved(q *Quota, sit Sitting) int {
	n := 0
	if sit.Day == s.Day.ID {
		for _, u := range s.Used {
			if u.Category == q.Category && u.Session == q.Session && (q.Point == "" || q.Point == u.Point) {
				n += u.Dossiers
			}
		}
	}
	for i := range s.Appointments {
		a := &s.Appointments[i]
		if a.State == AppointmentIsBooked && a.Category == q.Category && a.Session == q.Session &&
			(q.Point == "" || q.Point == a.Point) && DayOf(a.Slot.Time()) == sit.Day {
			n += int(a.Dossiers)
		}
	}
	return n
}

// Left is how many dossiers the quotas of a category still allow in a sitting;
// false when none bounds it.
func (s *State) Left(k CategoryID, p PointID, sit Sitting) (int, bool) {
	left, bounded := 0, false
	for i := range s.Config.Quotas {
		q := &s.Config.Quotas[i]
		if q.Category != k || q.Session != sit.Session || q.Point != "" && q.Point != p {
			continue
		}
		if n := max(q.Dossiers-s.reserved(q, sit), 0); !bounded || n < left {
			left, bounded = n, true
		}
	}
	return left, bounded
}
