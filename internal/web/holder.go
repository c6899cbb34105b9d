package web

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// holder is what the ticket page reads of its snapshot (display.Ticket). A
// snapshot of null is a ticket nobody knows, or no longer.
type holder struct {
	Centre    struct{ Unit, Name, Notice said }
	Languages []string
	Label     string
	Category  said
	State     string
	Ahead     int
	Now       string
	Counter   int
	Counters  []int
	Area      said
	Point     said
	Issued    int64
	CalledAt  int64  `json:"called_at"`
	Then      []said // what the visit goes on to
	Slot      int64  // of the appointment it came to in time
	NoPass    int64  `json:"no_pass"` // no number taken after it is placed before this one
	Claimed   bool   // priority awaits confirmation
	Rebooked  *struct {
		Code string
		Slot int64
	}

	Unknown  bool   `json:"-"`
	Places   string `json:"-"` // counters as written, "1–3, 5"
	Clock    string `json:"-"` // of now
	IssuedAt string `json:"-"`
	Called   string `json:"-"`
	SlotAt   string `json:"-"`
	Promised string `json:"-"` // NoPass, rounded up to the minute
	New      moment `json:"-"` // of Rebooked
}

// moment is a date and a time of day, as texts take them.
type moment struct {
	Weekday string // "mon"
	D, M    int
	At      string // "13:30"
}

// Place says where to go, but for the counters: the point, the area.
func (h *holder) Place(lang string) string {
	var words []string
	for _, t := range []said{h.Point, h.Area} {
		if s := t.in(lang); s != "" {
			words = append(words, s)
		}
	}
	return strings.Join(words, ", ")
}

// Next says what the visit goes on to.
func (h *holder) Next(lang string) string {
	var words []string
	for _, t := range h.Then {
		words = append(words, t.in(lang))
	}
	return strings.Join(words, " → ") // names have commas of their own
}

func newHolder(snapshot json.RawMessage, langs []string, now time.Time) (*holder, error) {
	h := &holder{}
	if err := json.Unmarshal(snapshot, h); err != nil {
		return nil, fmt.Errorf("decode ticket: %w", err)
	}
	h.Unknown = h.Label == ""
	if h.Unknown {
		h.State = "unknown"
	}
	h.Places, h.Clock = ranges(h.Counters), now.In(zone).Format("15:04")
	if h.Issued > 0 {
		h.IssuedAt = time.UnixMilli(h.Issued).In(zone).Format("15:04")
	}
	if h.CalledAt > 0 {
		h.Called = time.UnixMilli(h.CalledAt).In(zone).Format("15:04")
	}
	if h.Slot > 0 {
		h.SlotAt = time.UnixMilli(h.Slot).In(zone).Format("15:04")
	}
	if h.NoPass > 0 {
		h.Promised = time.UnixMilli(h.NoPass + 59_999).In(zone).Format("15:04")
	}
	if h.Rebooked != nil {
		at := time.UnixMilli(h.Rebooked.Slot).In(zone)
		h.New = moment{Weekday: strings.ToLower(at.Format("Mon")), D: at.Day(), M: int(at.Month()), At: at.Format("15:04")}
	}
	h.Languages = langs
	return h, nil
}

// title is the window's: a phone in a pocket shows little else.
func (h *holder) title(t *tree, lang string) string {
	switch {
	case h.Unknown:
		return t.text(lang, "ticket.unknown.title", nil)
	case h.State == "called":
		return t.text(lang, "ticket.title.called", map[string]any{"label": h.Label, "counter": h.Counter})
	}
	return t.text(lang, "ticket.title", map[string]any{"label": h.Label})
}
