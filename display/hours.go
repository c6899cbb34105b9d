package display

import (
	"errors"

	"motcua/queue"
)

// Hours is when a service point gives out numbers, public like the board.
type Hours struct {
	Day        queue.Day  `json:"day"`  // whose sessions these are: today's
	Open       bool       `json:"open"` // the business day
	Kept       bool       `json:"kept"` // hours and quotas are kept: nobody knows the time otherwise
	Holiday    queue.Text `json:"holiday,omitempty"`
	Sessions   []Session  `json:"sessions"`   // by their beginning; none on a holiday, or where there are no hours
	Categories []Offer    `json:"categories"` // of this point, in the configuration's order
}

// Session is a part of today in which the centre serves.
type Session struct {
	ID     queue.SessionID `json:"id"`
	Name   queue.Text      `json:"name,omitempty"`
	From   queue.Stamp     `json:"from"`
	To     queue.Stamp     `json:"to"`
	Doors  queue.Stamp     `json:"doors"`   // numbers are given out from here …
	CutOff queue.Stamp     `json:"cut_off"` // … to here
	State  SessionState    `json:"state"`
}

// SessionState is where a session stands. The literals reach the wire.
type SessionState string

const (
	SessionIsLater  SessionState = "later"   // the doors are not open yet
	SessionHasDoors SessionState = "doors"   // numbers are given out, nobody is called yet
	SessionIsOpen   SessionState = "open"    // numbers are given out, counters serve
	SessionIsCutOff SessionState = "cut_off" // counters serve who has a number
	SessionIsOver   SessionState = "over"
)

// Offer tells whether a machine would give a number of a category now.
type Offer struct {
	Category queue.CategoryID `json:"category"`
	Name     queue.Text       `json:"name"`
	Panel    bool             `json:"panel"`  // has a button of its own
	Closed   *Closed          `json:"closed"` // null: numbers are given out
	Session  queue.SessionID  `json:"session,omitempty"`
	Left     *int             `json:"left,omitempty"` // dossiers its quota still allows; absent: no quota
}

// NewHours projects the hours of a service point; an empty point is the
// centre's first. clockOK says that now may be trusted, without which no
// hours are kept. The result shares no memory that changes with the state.
func NewHours(s *queue.State, point queue.PointID, now queue.Stamp, clockOK bool) Hours {
	cfg := s.Config
	h := Hours{Day: s.Day.ID, Open: s.Day.Open, Kept: clockOK, Sessions: []Session{}, Categories: []Offer{}}
	if cfg == nil {
		return h
	}
	if clockOK || h.Day == "" {
		h.Day = queue.DayOf(now.Time())
	}
	if point == "" {
		point = cfg.Points[0].ID
	}
	if x := cfg.Holiday(h.Day); x != nil {
		h.Holiday = x.Name
	}
	today := cfg.Sittings(h.Day)
	for _, x := range today {
		session := Session{ID: x.Session, From: x.From, To: x.To, Doors: x.Doors, CutOff: x.CutOff, State: sessionState(x, now)}
		if k := cfg.Session(x.Session); k != nil {
			session.Name = k.Name
		}
		h.Sessions = append(h.Sessions, session)
	}
	for i := range cfg.Categories {
		k := &cfg.Categories[i]
		if !k.At(point) || k.Draining {
			continue
		}
		o := Offer{Category: k.ID, Name: k.Name, Panel: k.Panel, Closed: closed(s, k.ID, point, now, clockOK)}
		for _, x := range today {
			if !k.In(x.Session) || !x.Takes(now) {
				continue
			}
			o.Session = x.Session
			if n, bounded := s.Left(k.ID, point, x); bounded {
				o.Left = &n
			}
			break
		}
		h.Categories = append(h.Categories, o)
	}
	return h
}

func sessionState(x queue.Sitting, now queue.Stamp) SessionState {
	switch {
	case now < x.Doors:
		return SessionIsLater
	case now >= x.To:
		return SessionIsOver
	case now >= x.CutOff:
		return SessionIsCutOff
	case now < x.From:
		return SessionHasDoors
	}
	return SessionIsOpen
}

// closed says why a machine would give no number of the category; nil when it would.
func closed(s *queue.State, id queue.CategoryID, point queue.PointID, now queue.Stamp, clockOK bool) *Closed {
	err := s.View().Offer(id, point, queue.Env{Now: now.Time(), ClockOK: clockOK})
	var e *queue.Error
	if !errors.As(err, &e) {
		return nil
	}
	return &Closed{Code: e.Code, Reason: e.Reason, Next: e.Next}
}
