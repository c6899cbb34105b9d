package naive

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"motcua/queue"
)

// session is one of a day, as instants.
type session struct {
	id                      queue.SessionID
	doors, from, cutOff, to queue.Stamp
}

// clock is a time of day's instant on a business day.
func clock(d queue.Day, t queue.TimeOfDay) queue.Stamp {
	x, _ := time.ParseInLocation("2006-01-02 15:04", string(d)+" "+string(t), queue.Zone)
	return queue.StampOf(x)
}

// holiday reports whether a day is one and no extra working day.
func (m *Model) holiday(d queue.Day) bool {
	for _, x := range m.Config.ExtraDays {
		if x.Day == d {
			return false
		}
	}
	for _, h := range m.Config.Holidays {
		if d == h.From || d >= h.From && d <= h.To {
			return true
		}
	}
	return false
}

func weekday(d queue.Day) queue.Weekday {
	x, _ := time.Parse(time.DateOnly, string(d))
	return queue.Weekday(strings.ToLower(x.Weekday().String()[:3]))
}

// sessions are a category's on a day, by their beginning; all of them for nil.
func (m *Model) sessions(d queue.Day, k *queue.Category) []session {
	day := weekday(d)
	for _, x := range m.Config.ExtraDays {
		if x.Day == d {
			day = x.As
		}
	}
	if m.holiday(d) {
		return nil
	}
	var all []session
	for _, s := range m.Config.Sessions {
		if !slices.Contains(s.Days, day) || k != nil && len(k.Sessions) > 0 && !slices.Contains(k.Sessions, s.ID) {
			continue
		}
		from, to := clock(d, s.From), clock(d, s.To)
		all = append(all, session{s.ID, from - queue.Stamp(s.Doors)*minute, from, to - queue.Stamp(s.CutOff)*minute, to})
	}
	slices.SortStableFunc(all, func(x, y session) int { return cmp.Compare(x.from, y.from) })
	return all
}

// sessionNow is the session a number given out now belongs to; "" outside of all.
func (m *Model) sessionNow(k *queue.Category) queue.SessionID {
	for _, s := range m.sessions(m.Day, k) {
		if m.now >= s.doors && m.now < s.cutOff {
			return s.id
		}
	}
	return ""
}

// present is the session a number counts in that nothing refuses.
func (m *Model) present(k *queue.Category) queue.SessionID {
	if id := m.sessionNow(k); id != "" {
		return id
	}
	for _, s := range m.sessions(m.Day, nil) {
		if m.now >= s.doors && m.now < s.to {
			return s.id
		}
	}
	return ""
}

// hours refuses a number outside the sessions and beyond the quotas; neither
// binds a supervisor, nor anybody while the clock can't be trusted.
func (m *Model) hours(k *queue.Category, at queue.PointID, n int) (queue.SessionID, string) {
	if len(m.Config.Sessions) == 0 {
		return "", ""
	}
	if m.role == queue.Supervisor || !m.clock {
		return m.present(k), ""
	}
	id := m.sessionNow(k)
	no := ""
	switch all := m.sessions(m.Day, k); {
	case id != "":
		if m.room(m.Day, id, k.ID, at) >= n {
			return id, ""
		}
		no = "closed/quota_exhausted"
	case m.holiday(m.Day):
		no = "closed/holiday"
	case slices.ContainsFunc(all, func(s session) bool { return m.now >= s.cutOff && m.now < s.to }):
		no = "closed/session_cutoff"
	default:
		no = "closed/outside_hours"
	}
	_, s := m.next(k, at, n, nil)
	m.Next = s.from
	return "", no
}

// room is how many dossiers the quotas of a session leave.
func (m *Model) room(d queue.Day, s queue.SessionID, c queue.CategoryID, at queue.PointID) int {
	left := 1 << 30
	for _, q := range m.Config.Quotas {
		if q.Category != c || q.Session != s || q.Point != "" && q.Point != at {
			continue
		}
		used := 0
		for _, t := range m.Tickets {
			if d == m.Day && t.Origin == c && t.Session == s && (q.Point == "" || t.TakenAt == q.Point) {
				used += t.Dossiers
			}
		}
		for _, a := range m.Booked {
			if a.State == queue.AppointmentIsBooked && queue.DayOf(a.Slot.Time()) == d && a.Category == c && a.Session == s && (q.Point == "" || a.Point == q.Point) {
				used += a.Dossiers
			}
		}
		left = min(left, q.Dossiers-used)
	}
	return left
}

// next is the next session in which a number can be had, with its day; another
// one than the ticket's, unless that is nil.
func (m *Model) next(k *queue.Category, at queue.PointID, n int, t *Ticket) (queue.Day, session) {
	d := m.Day
	for range 60 {
		for _, s := range m.sessions(d, k) {
			if own := t != nil && d == m.Day && s.id == t.Session; !own && m.now < s.cutOff && (t == nil || m.now < s.from) && m.room(d, s.id, k.ID, at) >= n {
				return d, s
			}
		}
		x, _ := time.Parse(time.DateOnly, string(d))
		d = queue.Day(x.AddDate(0, 0, 1).Format(time.DateOnly))
	}
	return "", session{}
}
