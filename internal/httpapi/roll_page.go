package httpapi

import (
	"cmp"
	"crypto/rand"
	"errors"
	"net/http"
	"slices"
	"strings"

	"motcua/internal/auth"
	"motcua/internal/web"
	"motcua/queue"
)

// RollData is the page's on which staff give out the numbers of a pre-printed
// roll. All words are in the page's language.
type RollData struct {
	Centre string
	Open   bool // the business day
	Point  queue.PointID
	Points []RollPoint // to choose from; none where there is only one, or the access is bound to it
	Rolls  []RollCard  // in use
	Free   []RollChoice
	// Suggested is the number at which the roll of all categories stood that was
	// put away last, or that of the only category that had one.
	Suggested string
	Classes   []RollChoice // that may be granted here, the normal one first; none: there is no choice
	Said      *RollSaid
	Problem   *Problem
	Typed     map[string]string // what was refused, to be corrected
	Key       string            // of the next command
	Who       Who
	// ClockAsks: nobody vouches for the machine's clock. Lead: the one who looks may.
	ClockAsks, Lead bool
}

// RollPoint is a service point to choose.
type RollPoint struct {
	ID      queue.PointID
	Name    string
	Chosen  bool
	InUse   int // rolls
	Waiting int
}

// RollChoice is a category, or a class.
type RollChoice struct {
	ID   string
	Name string
}

// RollCard is one roll in use.
type RollCard struct {
	Category   queue.CategoryID // "" = all
	Name       string           // of the category; "" = all
	Next       string           // "" = used up
	Self       bool
	Since      string
	Categories []RollChoice // for which its numbers are given out
	Given      []RollNumber // newest first
	Count      int          // given out today
	Waiting    int
}

// RollNumber is a number that was given out.
type RollNumber struct {
	Label, Category string
	State           queue.TicketState
}

// RollSaid is what the page has just done: one of hand, torn, back, start, end.
type RollSaid struct {
	What, Label, Last string
	N, Ahead          int
	Category          string
	Link              string
}

// shownNumbers is how many numbers of a roll the page lists.
const shownNumbers = 12

// rollAt is the service point of somebody's roll: the one asked for, or the
// one they are bound to, or where their counter stands.
func rollAt(st *queue.State, who auth.Principal, asked queue.PointID) (p queue.PointID, bound bool) {
	if who.Point != "" {
		return who.Point, true
	}
	if d := st.Config.Desk(who.Counter); asked == "" && d != nil {
		return d.Point, false
	}
	return cmp.Or(asked, st.Config.Points[0].ID), false
}

func (s *Server) rollPage(w http.ResponseWriter, r *http.Request) error {
	return s.renderRoll(w, r, http.StatusOK, RollData{Point: queue.PointID(r.URL.Query().Get("point"))})
}

// renderRoll draws the page as things stand; d brings what was done or refused.
func (s *Server) renderRoll(w http.ResponseWriter, r *http.Request, status int, d RollData) error {
	d.Who, d.Key = whoOf(r), "roll-"+rand.Text()
	d.ClockAsks, d.Lead = !s.o.Clock.OK(), callOf(r.Context()).who.Is(leads...)
	done := make(chan error, 1)
	var lang string
	at, err := s.look(r.Context(), func(st *queue.State) {
		switch {
		case st.Config == nil:
			done <- notConfigured()
			return
		case d.Point != "" && st.Config.Point(d.Point) == nil:
			done <- &queue.Error{Code: queue.NotFound, Reason: queue.WhyPointUnknown,
				Msg: "there is no service point " + string(d.Point), Hint: "Name one of the centre's points, or none for the first."}
			return
		}
		lang = s.pageLanguage(r, faceRoll, st.Config.Languages)
		d.read(st, callOf(r.Context()).who, append([]string{lang}, st.Config.Languages...))
		done <- nil
	})
	if err == nil {
		err = <-done
	}
	if err != nil {
		return err
	}
	return s.render(w, r, status, web.Page{Face: faceRoll, Lang: lang, Topic: "board:" + string(d.Point),
		Epoch: at.epoch, Seq: uint64(at.seq), Data: d}, at.hall)
}

// read fills in what the state says; on the engine's goroutine.
func (d *RollData) read(st *queue.State, who auth.Principal, languages []string) {
	cfg := st.Config
	in := func(t queue.Text) string { return t.In(languages...) }
	var bound bool
	d.Point, bound = rollAt(st, who, d.Point)
	d.Centre, d.Open = in(cfg.Centre.Name), st.Day.Open
	for _, p := range cfg.Points {
		if bound || len(cfg.Points) < 2 || p.Draining {
			continue
		}
		x := RollPoint{ID: p.ID, Name: in(p.Name), Chosen: p.ID == d.Point}
		for _, r := range st.View().Rolls(p.ID) {
			if r.Open {
				x.InUse++
			}
		}
		d.Points = append(d.Points, x)
	}
	for i := range cfg.Classes {
		if k := &cfg.Classes[i]; !k.Draining && k.ID != queue.Appointed && (k.ID == queue.Normal || k.MayGrant(who.Role)) {
			d.Classes = append(d.Classes, RollChoice{string(k.ID), in(k.Name)})
		}
	}
	slices.SortStableFunc(d.Classes, func(a, b RollChoice) int {
		return cmp.Compare(b2i(a.ID != string(queue.Normal)), b2i(b.ID != string(queue.Normal)))
	})
	if len(d.Classes) < 2 {
		d.Classes = nil
	}
	name := func(id queue.CategoryID) string {
		if k := cfg.Category(id); k != nil {
			return in(k.Name)
		}
		return string(id)
	}
	rolls := st.View().Rolls(d.Point)
	for i := range cfg.Categories {
		id := cfg.Categories[i].ID
		if !cfg.Offered(id, d.Point) || cfg.Categories[i].Draining {
			continue
		}
		if !slices.ContainsFunc(rolls, func(r *queue.Roll) bool { return r.Open && r.Category == id }) {
			d.Free = append(d.Free, RollChoice{string(id), name(id)})
		}
	}
	for _, r := range rolls {
		if !r.Open {
			d.Suggested = r.Upcoming()
			continue
		}
		card := RollCard{Category: r.Category, Next: r.Upcoming(), Self: r.Self, Since: r.Since.Time().In(queue.Zone).Format("15:04")}
		if r.Category == "" {
			card.Categories = d.Free // all without a roll of their own
		} else {
			card.Name = name(r.Category)
			card.Categories = []RollChoice{{string(r.Category), card.Name}}
		}
		for i := len(st.Tickets) - 1; i >= 0; i-- {
			t := &st.Tickets[i]
			if t.Entry != queue.EntryRoll || t.TakenAt != d.Point || t.Label != r.Label(int(t.Number)) || int(t.Number) < r.First {
				continue
			}
			card.Count++
			if t.State == queue.Waiting {
				card.Waiting++
			}
			card.Given = append(card.Given, RollNumber{Label: t.Label, Category: name(t.Category), State: t.State})
		}
		slices.SortStableFunc(card.Given, func(a, b RollNumber) int { return strings.Compare(b.Label, a.Label) })
		card.Given = card.Given[:min(len(card.Given), shownNumbers)]
		d.Rolls = append(d.Rolls, card)
	}
	if slices.ContainsFunc(rolls, func(r *queue.Roll) bool { return r.Open && r.Category == "" }) {
		d.Free = slices.Clip(d.Free)
	} else if len(d.Free) > 1 {
		d.Free = append([]RollChoice{{}}, d.Free...)
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// maxRollForm is the largest form of the page in bytes.
const maxRollForm = 4 << 10

// rollForm does what a form of the page asks for and draws the page again. The
// key in the form makes a second press, or a reload, the same command.
func (s *Server) rollForm(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxRollForm)
	if err := r.ParseForm(); err != nil {
		return s.refusal(r.Context(), whyTooLarge)
	}
	who := callOf(r.Context()).who
	d := RollData{Point: queue.PointID(r.PostFormValue("point"))}
	if who.Point != "" {
		d.Point = who.Point
	}
	category, number := queue.CategoryID(r.PostFormValue("category")), strings.TrimSpace(r.PostFormValue("number"))
	what := r.PostFormValue("do")
	var c queue.Command
	switch what {
	case "start":
		c = queue.StartRoll{Point: d.Point, Category: category, First: number, Self: r.PostFormValue("self") != ""}
	case "end":
		c = queue.EndRoll{Point: d.Point, Category: category}
	case "torn":
		c = queue.TearOff{Point: d.Point, Category: queue.CategoryID(r.PostFormValue("for")), UpTo: number}
	case "back":
		c = queue.TakeBack{Point: d.Point, Category: category, UpTo: number}
	case "hand":
		c = queue.Issue{Point: d.Point, Category: queue.CategoryID(r.PostFormValue("for")), Class: queue.ClassID(r.PostFormValue("class")),
			Entry: queue.EntryGreeter, Ref: auth.NewRef()}
	default:
		return s.refusal(r.Context(), whyRoute)
	}
	callOf(r.Context()).lang = s.pageLanguage(r, faceRoll, nil) // a person reads the refusal, on the page
	res, epoch, err := s.do(r.Context(), r.PostFormValue("key"), "", c)
	if err != nil {
		var refusal *Problem
		if !errors.As(s.explain(r.Context(), err), &refusal) {
			return err
		}
		if what == "start" {
			category = "" // it is chosen in the form
		}
		d.Problem, d.Typed = refusal, map[string]string{what + "/" + string(category): number}
		return s.renderRoll(w, r, refusal.Status, d)
	}
	x := rollDoneOf(res, epoch)
	d.Said = &RollSaid{What: what, Label: cmp.Or(x.First, x.Next), Last: x.Last, N: len(x.Tickets)}
	for _, rec := range res.Records {
		if e, ok := rec.Event.(queue.RollTakenBack); ok {
			d.Said.N = len(e.Tickets)
		}
	}
	if t, ok := s.issuedOf(res, epoch); ok && what == "hand" {
		d.Said.Ahead, d.Said.Link = t.Ahead, t.Link
	}
	return s.renderRoll(w, r, http.StatusOK, d)
}
