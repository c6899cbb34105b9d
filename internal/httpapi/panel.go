package httpapi

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"motcua/display"
	"motcua/internal/auth"
	"motcua/internal/web"
	"motcua/queue"
)

// PanelView is what the page beside the button panel shows.
type PanelView struct {
	display.Panel
	State string      `json:"state"`
	Codes []PanelCode `json:"-"` // of Numbers, in their order; the links are their holders' alone
}

// PanelCode is a QR code as an SVG path; its Size is 0 where there is none.
type PanelCode struct {
	Size int // modules, without the quiet zone
	Path string
}

// The states of a panel, as its screen says them.
const (
	PanelPress     = "press"      // press a button, a slip comes out
	PanelShows     = "shows"      // press a button, the number stands here
	PanelNoPaper   = "no_paper"   // no slips: ask the greeter
	PanelNoButtons = "no_buttons" // some don't work: ask the greeter
	PanelClosed    = "closed"     // no button gives out a number now
)

// seesPanel reports whether somebody may look at the screen beside the panel:
// its numbers carry the codes of their pages. It is a display of the centre's,
// the machine the daemon runs on, or staff.
func seesPanel(r *http.Request, who auth.Principal) bool {
	return who.Is(slices.Concat([]queue.Role{auth.Board, queue.Kiosk}, anyone)...) || auth.FromLoopback(r)
}

func (s *Server) panelPage(w http.ResponseWriter, r *http.Request) error {
	if done, err := s.unready(w, r, true); done {
		return err
	}
	who := callOf(r.Context()).who
	if !seesPanel(r, who) {
		if !who.Known() {
			s.toSignIn(w, r)
			return nil
		}
		return s.refusal(r.Context(), whyRole)
	}
	point := shownAt(r.Context(), queue.PointID(r.URL.Query().Get("point")))
	type seen struct {
		position
		PanelView
	}
	v, err := at(r.Context(), s, point, func(st *queue.State) seen { return seen{positionOf(st), s.o.Panel(st, point)} })
	if err != nil {
		return err
	}
	topic := "screen"
	if point != "" {
		topic += ":" + string(point)
	}
	now := s.o.Now()
	d := PanelData{State: v.State, Unit: v.Centre.Unit, Centre: v.Centre.Name}
	for i, n := range v.Numbers {
		x := PanelNumber{Label: n.Label, Category: n.Category, Area: n.Area, Ahead: n.Ahead, Counter: n.Counter, Code: v.Codes[i]}
		for _, c := range n.Counters {
			x.Counters = append(x.Counters, strconv.Itoa(c))
		}
		d.Numbers = append(d.Numbers, x)
	}
	for _, b := range v.Buttons {
		x := PanelButton{Letter: b.Category, Name: b.Name, Shut: b.Closed != nil}
		if x.Shut && b.Closed.Next != 0 {
			next := b.Closed.Next.Time().In(queue.Zone)
			x.Next = next.Format("15:04")
			if queue.DayOf(next) != queue.DayOf(now) {
				x.Next = next.Format("02/01 15:04")
			}
		}
		d.Buttons = append(d.Buttons, x)
	}
	return s.render(&private{ResponseWriter: w}, r, http.StatusOK, web.Page{Face: facePanel, Topic: topic,
		Epoch: v.epoch, Seq: uint64(v.seq), Data: d}, v.Languages)
}

// PanelData is the page's: texts in all the hall's languages.
type PanelData struct {
	State        string
	Unit, Centre map[string]string
	Numbers      []PanelNumber
	Buttons      []PanelButton
}

// PanelNumber is a number to be remembered.
type PanelNumber struct {
	Label          string
	Category, Area map[string]string
	Counters       []string
	Ahead, Counter int
	Code           PanelCode
}

// PanelButton is a category with a button.
type PanelButton struct {
	Letter string
	Name   map[string]string
	Shut   bool
	Next   string // when it gives out numbers again; "" = nobody knows
}

// Quiet is the code's box with the quiet zone a reader needs.
func (c PanelCode) Quiet() string {
	return fmt.Sprintf("-4 -4 %d %d", c.Size+8, c.Size+8)
}

// Places are the counters as a sentence lists them.
func (n PanelNumber) Places() string { return strings.Join(n.Counters, ", ") }
