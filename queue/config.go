package queue

import "time"

type (
	CategoryID string // "A": also the letter on its button
	CounterID  string // "3"
	PointID    string // a service point: a hall with its own panel and boards
	ClassID    string // "normal", "priority"
	SeriesID   string // a run of numbers, shared by one or more categories
)

// Normal is the class of a ticket nobody has granted another one.
const Normal ClassID = "normal"

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
}

// Centre is the office itself.
type Centre struct {
	ID     string `json:"id" toml:"id"`
	Unit   Text   `json:"unit" toml:"unit"` // the kind of office, above its name
	Name   Text   `json:"name" toml:"name"`
	Notice Text   `json:"notice,omitempty" toml:"notice"` // strip of the wall display
	Slip   Text   `json:"slip,omitempty" toml:"slip"`     // foot of the slip
}

// Point is a service point.
type Point struct {
	ID   PointID `json:"id" toml:"id"`
	Name Text    `json:"name" toml:"name"`
}

// Series numbers tickets: Prefix + the number padded to three digits, from
// From to To and then on in four digits; it never wraps within a day.
type Series struct {
	ID     SeriesID `json:"id" toml:"id"`
	Prefix string   `json:"prefix" toml:"prefix"`
	From   int      `json:"from" toml:"from"`
	To     int      `json:"to" toml:"to"`
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
}

// Class is a class of priority. Its ground is never stored anywhere.
type Class struct {
	ID        ClassID `json:"id" toml:"id"`
	Name      Text    `json:"name" toml:"name"`
	HeadStart int     `json:"head_start" toml:"head_start"`       // minutes; routing.md §1
	Mark      bool    `json:"mark" toml:"mark"`                   // printed on the slip
	OnBoard   bool    `json:"on_board,omitempty" toml:"on_board"` // marked on the wall display; off unless the centre wants it
}

// Desk is a counter as configured: its number and the categories it serves.
type Desk struct {
	ID     CounterID    `json:"id" toml:"id"`
	Number int          `json:"number" toml:"number"` // on the sign above it; unique in its point
	Point  PointID      `json:"point" toml:"point"`
	Skills []CategoryID `json:"skills" toml:"skills"`
}

// Routing holds the parameters of routing.md §1, in whole minutes.
type Routing struct {
	Window       int `json:"window" toml:"window"`               // D, 0–10
	Guard        int `json:"guard" toml:"guard"`                 // G, 0 (off) or 30–240
	ReturnWithin int `json:"return_within" toml:"return_within"` // 0–60
	ReturnCredit int `json:"return_credit" toml:"return_credit"` // 0–60
}

// Calls holds the rules of calling (domain.md §3.1, note 1).
type Calls struct {
	RecallAfter int `json:"recall_after" toml:"recall_after"`   // seconds since the last call
	NoShowCalls int `json:"no_show_calls" toml:"no_show_calls"` // calls that permit a no-show …
	NoShowAfter int `json:"no_show_after" toml:"no_show_after"` // … or seconds since the first call
}

// DefaultRouting and DefaultCalls are the defaults of routing.md §1 and domain.md §3.1.
func DefaultRouting() Routing {
	return Routing{Window: 5, Guard: 60, ReturnWithin: 15, ReturnCredit: 10}
}

func DefaultCalls() Calls { return Calls{RecallAfter: 20, NoShowCalls: 2, NoShowAfter: 60} }

func minutes(n int) time.Duration { return time.Duration(n) * time.Minute }
func seconds(n int) time.Duration { return time.Duration(n) * time.Second }
