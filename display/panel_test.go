package display_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"motcua/display"
	"motcua/queue"
	"motcua/queue/queuetest"
	"motcua/router"
)

// TestPanelNumbers: what is given out without a slip stands there for 20 s, at
// its own point, with what its holder must know and nothing that is theirs alone.
func TestPanelNumbers(t *testing.T) {
	b := queuetest.OpenBook(router.Live{})
	b.Role = queue.Kiosk
	shown := func(x *queue.Ticket) bool { return x.Slip == queue.SlipIsFailed }
	panel := func(p queue.PointID) display.Panel {
		return display.NewPanel(b.State, p, queue.StampOf(b.Now), true, shown)
	}
	labels := func(p queue.PointID) string {
		var l []string
		for _, n := range panel(p).Numbers {
			l = append(l, n.Label)
		}
		return strings.Join(l, " ")
	}
	take := func(c queue.CategoryID, p queue.PointID, shown bool) queue.TicketID {
		return queue.TicketID(b.Must(queue.Issue{Category: c, Point: p, Entry: queue.EntryPanel, Shown: shown, Ref: queue.Ref{7}})[0].Seq)
	}
	take("A", "main", false)
	take("A", "main", true)
	take("A", "annex", true)
	b.Pass(15 * time.Second)
	id := take("B", "main", true)
	if main, annex := labels("main"), labels("annex"); main != "A002 B001" || annex != "A001" {
		t.Errorf("main shows %q, the annex %q", main, annex)
	}
	n := panel("").Numbers[0]
	if n.Ahead != 1 || n.Category["vi"] != "Chứng thực" || !cmp.Equal(n.Counters, []int{1}) || n.Ref != (queue.Ref{7}) {
		t.Errorf("A002: %+v", n)
	}
	b.Pass(5 * time.Second)
	if got := labels("main"); got != "B001" {
		t.Errorf("after 20 s it shows %q", got)
	}
	b.Role = queue.Officer
	b.Must(queue.CallTicket{Counter: "2", Ticket: id, Reason: queue.CallOther})
	if got := panel("main").Numbers[0].Counter; got != 2 {
		t.Errorf("called to counter %d, want 2", got)
	}
	text, err := json.Marshal(panel("main"))
	if err != nil || strings.Contains(string(text), "ref") || strings.Contains(string(text), "BwAAAA") {
		t.Errorf("the feed carries the link's secret: %s %v", text, err)
	}
	b.Role = queue.Kiosk
	for range 12 {
		take("A", "main", true)
	}
	if got := len(panel("main").Numbers); got != 8 {
		t.Errorf("%d numbers at once, want the newest 8", got)
	}
}

// TestPanelButtons: each category with a button here, and when a closed one
// gives out numbers again.
func TestPanelButtons(t *testing.T) {
	cfg := queuetest.Full()
	b := queuetest.NewBook(router.Live{})
	b.Must(queue.ApplyConfig{Config: cfg})
	b.Must(queue.OpenDay{})
	p := display.NewPanel(b.State, "main", queue.StampOf(b.Now), true, func(*queue.Ticket) bool { return false })
	got := map[string]bool{}
	for _, x := range p.Buttons {
		got[x.Category] = x.Closed == nil
		if x.Category == "X" && (x.Closed == nil || x.Closed.Next == 0) {
			t.Errorf("X opens in the afternoon: %+v", x.Closed)
		}
	}
	if d := cmp.Diff(map[string]bool{"A": true, "B": true, "C": true, "R": true, "X": false}, got); d != "" {
		t.Errorf("open buttons (-want +got):\n%s", d)
	}
	if p := display.NewPanel(queue.NewState("x"), "", 0, false, nil); p.Open || p.Numbers == nil || p.Buttons == nil {
		t.Errorf("without a configuration: %+v", p)
	}
}
