package queue

import (
	"cmp"
	"time"
)

type (
	CategoryID string // "A": also the letter on its button
	CounterID  string // "3"
	PointID    string // a service point: a hall with its own panel and boards
	ClassID    string // "normal", "priority"
	SeriesID   string // a run of numbers, shared by one or more categories
	SessionID  string // a part of the working day: "morning"
)

// Normal is the class of a ticket nobody has granted another one; Appointed
// that of a citizen who came to an appointment in time.
const (
	Normal    ClassID = "normal"
	Appointed ClassID = "appointment"
)

// Text is words by language ("vi", "en"). It is never ranged over.
type Text map[string]string

// In returns the words in the first of the languages that has any.
func (t Text) In(languages ...string) string {
	for _, l := range languages {
		if s := t[l]; s != "" {
			return s
		}
	}
	return ""
}

// Config is everything a centre is, applied and journalled whole, so that a
// replay needs nothing else. It is never changed after it was applied; clones
// of a State share it.
type Config struct {
	Centre     Centre     `json:"centre" toml:"centre"`
	Languages  []string   `json:"languages" toml:"languages"` // the hall's order, first one first
	Points     []Point    `json:"points" toml:"points"`
	Series     []Series   `json:"series" toml:"series"`
	Categories []Category `json:"categories" toml:"categories"` // at most 64
	Classes    []Class    `json:"classes" toml:"classes"`
	Counters   []Desk     `json:"counters" toml:"counters"`
	Routing    Routing    `json:"routing" toml:"routing"`
	Calls      Calls      `json:"calls" toml:"calls"`

	// Without sessions numbers are given out for as long as the day is open.
	Sessions     []Session    `json:"sessions,omitempty" toml:"sessions"`
	Holidays     []Holiday    `json:"holidays,omitempty" toml:"holidays"`
	ExtraDays    []ExtraDay   `json:"extra_days,omitempty" toml:"extra_days"`
	Quotas       []Quota      `json:"quotas,omitempty" toml:"quotas"`
	Breaks       []Break      `json:"breaks,omitempty" toml:"breaks"`
	Appointments Appointments `json:"appointments,omitzero" toml:"appointments"`
	Agents       Agents       `json:"agents,omitzero" toml:"agents"`

	// Later is what was applied during a business day and takes effect at the
	// next opening. Only ApplyConfig and the opening write it.
	Later *Later `json:"later,omitempty" toml:"-"`
}

// Centre is the office itself.
type Centre struct {
	ID     string `json:"id" toml:"id"`
	Unit   Text   `json:"unit,omitempty" toml:"unit"` // the kind of office, above its name
	Name   Text   `json:"name" toml:"name"`
	Notice Text   `json:"notice,omitempty" toml:"notice"` // strip of the wall display
	Slip   Text   `json:"slip,omitempty" toml:"slip"`     // foot of the slip
}

// Point is a service point.
type Point struct {
	ID   PointID `json:"id" toml:"id"`
	Name Text    `json:"name,omitempty" toml:"name"`

	Draining bool `json:"draining,omitempty" toml:"-"` // taken out, but still has tickets
}

// Series numbers tickets: Prefix + the number padded to three digits, from
// From to To and then on in four digits; it never wraps within a day.
type Series struct {
	ID     SeriesID `json:"id" toml:"id"`
	Prefix string   `json:"prefix" toml:"prefix"`
	From   int      `json:"from" toml:"from"`
	To     int      `json:"to" toml:"to"`
	// AcrossPoints runs one count through all points, so that a ticket may
	// move from one hall to another and still be the only one of its label.
	AcrossPoints bool `json:"across_points,omitempty" toml:"across_points"`

	Draining bool `json:"draining,omitempty" toml:"-"` // taken out, but still used
}

// Category is a group of procedures with one button.
type Category struct {
	ID      CategoryID `json:"id" toml:"id"`
	Name    Text       `json:"name" toml:"name"`
	Series  SeriesID   `json:"series" toml:"series"`
	Minutes int        `json:"minutes" toml:"minutes"`         // usual service, whole minutes ≥ 1
	Points  []PointID  `json:"points,omitempty" toml:"points"` // empty: all of them
	Area    Text       `json:"area,omitempty" toml:"area"`     // where to wait
	Panel   bool       `json:"panel" toml:"panel"`             // has a button of its own

	Then     []CategoryID `json:"then,omitempty" toml:"then"`         // legs a visit goes on to
	Sessions []SessionID  `json:"sessions,omitempty" toml:"sessions"` // in which numbers are given out; empty: all
	Results  bool         `json:"results,omitempty" toml:"results"`   // a scanned receipt gets a number here at once
	Draining bool         `json:"draining,omitempty" toml:"-"`        // taken out, but still has tickets
}

// Class is a class of priority. Its ground is never stored anywhere.
type Class struct {
	ID        ClassID `json:"id" toml:"id"`
	Name      Text    `json:"name" toml:"name"`
	HeadStart int     `json:"head_start" toml:"head_start"`       // minutes; routing.md §1
	Mark      bool    `json:"mark" toml:"mark"`                   // printed on the slip
	OnBoard   bool    `json:"on_board,omitempty" toml:"on_board"` // marked on the wall display; off unless the centre wants it

	Grant    []Role `json:"grant,omitempty" toml:"grant"`   // who may grant it; empty: greeter, officer, supervisor
	Button   bool   `json:"button,omitempty" toml:"button"` // may be claimed at a button; counts once staff confirm it
	Draining bool   `json:"draining,omitempty" toml:"-"`    // taken out, but still has tickets
}

// Desk is a counter as configured: its number and the categories it serves.
type Desk struct {
	ID     CounterID    `json:"id" toml:"id"`
	Number int          `json:"number" toml:"number"` // on the sign above it; unique in its point
	Point  PointID      `json:"point" toml:"point"`
	Skills []CategoryID `json:"skills" toml:"skills"`

	Draining bool         `json:"draining,omitempty" toml:"-"` // taken out, finishes what it has
	Drains   []CategoryID `json:"drains,omitempty" toml:"-"`   // no skills of its own any more, served until their tickets are done
}

// Routing holds the parameters of routing.md §1, in whole minutes. What changes
// while a day is open takes effect at the next opening.
type Routing struct {
	Policy       string `json:"policy,omitempty" toml:"policy"`     // "headstart" (also when empty) or "fcfs"
	Window       int    `json:"window" toml:"window"`               // D, 0–10
	Guard        int    `json:"guard" toml:"guard"`                 // G, 0 (off) or 30–240
	ReturnWithin int    `json:"return_within" toml:"return_within"` // 0–60
	ReturnCredit int    `json:"return_credit" toml:"return_credit"` // 0–60
	Late         int    `json:"late" toml:"late"`                   // 0–60: so long after its slot an appointment holds
}

// The policies a live centre may choose; the others of routing.md §1 are for
// comparison only.
const (
	PolicyHeadStart = "headstart"
	PolicyArrival   = "fcfs"
)

// Calls holds the rules of calling (domain.md §3.1, note 1).
type Calls struct {
	RecallAfter int `json:"recall_after" toml:"recall_after"`   // seconds since the last call
	NoShowCalls int `json:"no_show_calls" toml:"no_show_calls"` // calls that permit a no-show …
	NoShowAfter int `json:"no_show_after" toml:"no_show_after"` // … or seconds since the first call
	Propose     int `json:"propose" toml:"propose"`             // calls after which the console proposes a no-show; 0 = 3
	UndoWithin  int `json:"undo_within" toml:"undo_within"`     // seconds in which a command may be undone; 0 = 10
}

// Proposes is the number of calls after which a console proposes a no-show.
func (c Calls) Proposes() int { return cmp.Or(c.Propose, 3) }

// UndoWindow is how long a command may be undone.
func (c Calls) UndoWindow() time.Duration { return seconds(cmp.Or(c.UndoWithin, 10)) }

// TimeOfDay is a local time "07:30".
type TimeOfDay string

// Weekday is "mon" to "sun".
type Weekday string

// Session is a part of the working day in which the centre serves. Numbers are
// given out from Doors minutes before its beginning until CutOff minutes
// before its end.
type Session struct {
	ID     SessionID `json:"id" toml:"id"`
	Name   Text      `json:"name" toml:"name"`
	Days   []Weekday `json:"days" toml:"days"`
	From   TimeOfDay `json:"from" toml:"from"`
	To     TimeOfDay `json:"to" toml:"to"`
	Doors  int       `json:"doors" toml:"doors"`     // minutes, 0–180
	CutOff int       `json:"cut_off" toml:"cut_off"` // minutes, 0–180
}

// SetDefaults gives a session that is read from a file what it need not say.
func (s *Session) SetDefaults() { s.Doors, s.CutOff = 30, 15 }

// Holiday is a day, or a span of days, without sessions.
type Holiday struct {
	From Day  `json:"from" toml:"from"`
	To   Day  `json:"to,omitempty" toml:"to"` // empty: that one day
	Name Text `json:"name" toml:"name"`
}

// ExtraDay is a day with the sessions of another weekday, also on a holiday:
// a working day that was swapped.
type ExtraDay struct {
	Day Day     `json:"day" toml:"day"`
	As  Weekday `json:"as" toml:"as"`
}

// Quota bounds the dossiers of a category in a session. Appointments reserve
// their part of it until they are missed.
type Quota struct {
	Category CategoryID `json:"category" toml:"category"`
	Session  SessionID  `json:"session" toml:"session"`
	Point    PointID    `json:"point,omitempty" toml:"point"` // empty: all points together
	Dossiers int        `json:"dossiers" toml:"dossiers"`
}

// Break is a planned break of a counter: when it comes, the counter pauses as
// soon as it is free. Opening the counter again waives the rest of it.
type Break struct {
	Counter CounterID   `json:"counter" toml:"counter"`
	Days    []Weekday   `json:"days,omitempty" toml:"days"` // empty: every day
	From    TimeOfDay   `json:"from" toml:"from"`
	To      TimeOfDay   `json:"to" toml:"to"`
	Reason  PauseReason `json:"reason,omitempty" toml:"reason"` // empty: break
}

// Appointments holds the rules of booking.
type Appointments struct {
	Capacity int `json:"capacity" toml:"capacity"` // per category, point and slot; 0 = no bound
}

// Agents sends tickets of many dossiers to a category of their own.
type Agents struct {
	Above    int        `json:"above" toml:"above"`       // dossiers; more than these …
	Category CategoryID `json:"category" toml:"category"` // … take a number here; empty: no such category
}

// Later is what waits for the next opening: the promise printed on a slip
// ("no number taken after … is placed before yours") holds to the end of the day.
type Later struct {
	Routing    Routing      `json:"routing"`
	HeadStarts []ClassStart `json:"head_starts,omitempty"`
}

// ClassStart is a class's head start from the next opening on.
type ClassStart struct {
	Class     ClassID `json:"class"`
	HeadStart int     `json:"head_start"`
}

// DefaultRouting and DefaultCalls are the defaults of routing.md §1 and domain.md §3.1.
func DefaultRouting() Routing {
	return Routing{Window: 5, Guard: 60, ReturnWithin: 15, ReturnCredit: 10, Late: 15}
}

func DefaultCalls() Calls {
	return Calls{RecallAfter: 20, NoShowCalls: 2, NoShowAfter: 60, Propose: 3, UndoWithin: 10}
}

func minutes(n int) time.Duration { return time.Duration(n) * time.Minute }
func seconds(n int) time.Duration { return time.Duration(n) * time.Second }
