package web

import (
	"encoding/json"
	"fmt"
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
	Issued    int64
	CalledAt  int64 `json:"called_at"`

	Unknown  bool   `json:"-"`
	Places   string `json:"-"` // counters as written, "1–3, 5"
	Clock    string `json:"-"` // of now
	IssuedAt string `json:"-"`
	Called   string `json:"-"`
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
