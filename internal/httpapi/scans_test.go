package httpapi_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"motcua/internal/httpapi"
	"motcua/kiosk/scanner"
	"motcua/queue"
)

// TestScans: a receipt and an appointment get their number, an ID card and
// anything else none; nothing of a card is answered or logged. The codes are
// invented (domain.md §6).
func TestScans(t *testing.T) {
	h := newHouse(t)
	cfg := h.engine.state.Config
	results := queue.CategoryID("R")
	do := func(c queue.Command) {
		t.Helper()
		if _, err := h.engine.Do(t.Context(), queue.Request{Role: queue.Supervisor, Command: c}); err != nil {
			t.Fatal(err)
		}
	}
	do(queue.BookAppointments{Bookings: []queue.Booking{{Code: "AB-12", Slot: queue.StampOf(h.engine.now.Add(10 * time.Minute)), Category: cfg.Categories[0].ID}}})
	scan := func(role queue.Role, text string) (int, httpapi.Scanned, string) {
		w := h.send(request{method: "POST", path: "/api/v1/scans", role: role, body: text,
			header: map[string]string{"Content-Type": "application/octet-stream"}})
		var s httpapi.Scanned
		if w.Code == http.StatusOK {
			if err := json.Unmarshal(w.Body.Bytes(), &s); err != nil {
				t.Fatal(err)
			}
		}
		return w.Code, s, w.Body.String()
	}
	card := "046058001234||HỌ VÀ TÊN|15081958|Nam|ĐỊA CHỈ|10052021"
	for _, c := range []struct {
		text     string
		kind     scanner.Kind
		category queue.CategoryID
		from60   bool
	}{
		{"https://example.vn/hs?ma=H57.999-260130-0042", scanner.Receipt, results, false},
		{"AB-12\r\n", scanner.Appointment, cfg.Categories[0].ID, false},
		{card, scanner.IDCard, "", true},
		{"ZZ-99", scanner.Unknown, "", false},
		{"\xff\x00", scanner.Unknown, "", false},
	} {
		code, s, body := scan(queue.Kiosk, c.text)
		if code != http.StatusOK || s.Kind != c.kind || s.From60 != c.from60 || (s.Ticket != nil) != (c.category != "") || s.Ticket != nil && s.Ticket.Category != c.category {
			t.Errorf("%q: %d %s", c.text, code, body)
		}
	}
	// The link on a slip tells how its number stands, and gives out none.
	_, r, _ := scan(queue.Kiosk, "H57.999-260130-0042")
	_, slip, body := scan(queue.Kiosk, r.Ticket.Link)
	if s := slip; s.Kind != scanner.Ticket || s.Ticket != nil || s.Standing == nil || s.Standing.Label != r.Ticket.Label || s.Standing.Ahead == nil || *s.Standing.Ahead != r.Ticket.Ahead {
		t.Errorf("%s: %s", r.Ticket.Link, body)
	}
	flipped := []byte(r.Ticket.Link)
	flipped[len(flipped)-20] ^= 1
	if _, s, body := scan(queue.Kiosk, string(flipped)); s.Kind != scanner.Unknown || s.Standing != nil {
		t.Errorf("a link that is not ours: %s", body)
	}
	yesterday := queue.Day("2026-11-20")
	if _, s, body := scan(queue.Kiosk, h.links.URL(yesterday, queue.Ref{7})); s.Kind != scanner.Ticket || s.Standing != nil {
		t.Errorf("a slip of another day: %s", body)
	}
	if code, _, body := scan(queue.Kiosk, "motcua:appointment:AB-12"); code != http.StatusConflict || !strings.Contains(body, "appointment_done") {
		t.Errorf("checked in twice: %d %s", code, body)
	}
	if code, _, _ := scan(queue.Kiosk, strings.Repeat("A", 2000)); code != http.StatusRequestEntityTooLarge {
		t.Errorf("too long: %d", code)
	}
	if code, _, _ := scan("", "AB-12"); code != http.StatusUnauthorized {
		t.Errorf("by nobody: %d", code)
	}
	for _, part := range []string{"046058001234", "15081958", "TÊN", "H57.999", "/t/"} {
		if strings.Contains(h.log.String(), part) {
			t.Errorf("the log holds %q of a scan", part)
		}
	}
}
