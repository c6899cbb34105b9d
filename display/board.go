package display

import "motcua/queue"

// Board is everything a wall display shows, public by definition: no class,
// no person, nobody's reasons. It is sent whole (class Latest), about 3 KB.
type Board struct {
	Centre    Centre     `json:"centre"`
	Point     string     `json:"point"`
	PointName queue.Text `json:"point_name,omitempty"`
	Languages []string   `json:"languages"`
	Day       Day        `json:"day"`
	Calls     []Call     `json:"calls"`             // newest first; those of today still of interest, at most 8
	Lanes     []Lane     `json:"lanes"`             // in the configuration's order
	Soon      []string   `json:"soon"`              // labels of the next few, in the order they would be called now
	Counters  []Counter  `json:"counters"`          // of this point
	Devices   []Device   `json:"devices,omitempty"` // what the hall must know: the printer is down
	// Timeless: nobody vouches for the clock, and no time of day is shown.
	Timeless bool `json:"timeless,omitempty"`
}

// Centre is the head of the board.
type Centre struct {
	Unit   queue.Text `json:"unit"`
	Name   queue.Text `json:"name"`
	Notice queue.Text `json:"notice,omitempty"`
}

// Day tells whether numbers are being given out.
type Day struct {
	ID   queue.Day `json:"id,omitempty"`
	Open bool      `json:"open"`
}

// Call is one call, as large as the wall allows.
type Call struct {
	Seq        queue.Seq   `json:"seq"` // identifies the announcement: a recall has its own
	Label      string      `json:"label"`
	Counter    int         `json:"counter"` // the number on the sign
	At         queue.Stamp `json:"at"`      // ms since 1970
	Nth        int         `json:"nth"`     // 2 = first recall
	OutOfOrder bool        `json:"out_of_order,omitempty"`
	Mark       bool        `json:"mark,omitempty"` // priority, only where the centre shows it
	Active     bool        `json:"active"`         // still called: the citizen has not yet sat down
}

// Lane is one category's row.
type Lane struct {
	Category string     `json:"category"` // "A"
	Name     queue.Text `json:"name"`
	Now      string     `json:"now,omitempty"`  // label last called
	Next     string     `json:"next,omitempty"` // label that would be called next of this lane
	Waiting  int        `json:"waiting"`
	Open     bool       `json:"open"`               // a counter that serves it is open
	Counters []int      `json:"counters,omitempty"` // numbers of the counters that serve it
	Closed   *Closed    `json:"closed,omitempty"`   // no numbers are given out; null: they are
}

// Closed says why no numbers are given out. Code and Reason are those of the
// refusal and are translated by the face.
type Closed struct {
	Code   queue.Code  `json:"code"`
	Reason string      `json:"reason"`
	Next   queue.Stamp `json:"next,omitempty"` // beginning of the next session with numbers; 0: the plan names none
}

// Counter is a counter as the hall sees it.
type Counter struct {
	Number int                `json:"number"`
	State  queue.CounterState `json:"state"`
	Label  string             `json:"label,omitempty"` // called or served there
}

// Device is a machine of the hall that does not work. Code is translated by the face.
type Device struct {
	Kind string `json:"kind"` // "printer", "panel"
	Code string `json:"code"` // "paper_out", "cover_open", "absent", …
}

// Ticket is the page behind a slip's code: one ticket, to its holder.
type Ticket struct {
	Centre    Centre            `json:"centre"`
	Languages []string          `json:"languages"`
	Label     string            `json:"label"`
	Category  queue.Text        `json:"category"`
	State     queue.TicketState `json:"state"`
	Ahead     int               `json:"ahead"`              // people, while waiting
	Now       string            `json:"now,omitempty"`      // label last called in its lane
	Counter   int               `json:"counter,omitempty"`  // once called
	Counters  []int             `json:"counters,omitempty"` // that may call it
	Area      queue.Text        `json:"area,omitempty"`
	Point     queue.Text        `json:"point,omitempty"` // service point to go to, where the centre has several
	Issued    queue.Stamp       `json:"issued"`
	NoPass    queue.Stamp       `json:"no_pass,omitempty"` // no number taken after it is placed before this one
	CalledAt  queue.Stamp       `json:"called_at,omitempty"`
	Leg       int               `json:"leg,omitempty"`     // 1 = the first, of a visit of several services
	Then      []queue.Text      `json:"then,omitempty"`    // what the visit goes on to, in order
	Slot      queue.Stamp       `json:"slot,omitempty"`    // of the appointment it came to in time
	Claimed   bool              `json:"claimed,omitempty"` // priority awaits staff's confirmation
	Rebooked  *Rebooked         `json:"rebooked,omitempty"`
}

// Rebooked is the appointment that a ticket was turned into.
type Rebooked struct {
	Code string      `json:"code"`
	Slot queue.Stamp `json:"slot"`
}
