package kiosk

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"motcua/kiosk/scanner"
	"motcua/kiosk/scans"
	"motcua/printer"
	"motcua/queue"
)

// Words gives the sentence of a key in a language, its arguments filled in;
// internal/web's catalogue is one.
type Words interface {
	Text(language, key string, args map[string]any) string
	// When says a time of day, with the day unless it is today's.
	When(language string, at, now time.Time) string
}

// NewSlip says on paper what a ticket is. The language is the one chosen at
// the machine, or "" for the hall's first; link is what the code holds, or ""
// for none. A time is printed only when the clock it came from was trusted.
func NewSlip(s *queue.State, id queue.TicketID, ahead int, language, link string, w Words) (printer.Slip, bool) {
	t, cfg := s.Ticket(id), s.Config
	if t == nil || cfg == nil {
		return printer.Slip{}, false
	}
	languages := preferred(cfg, language)
	in := languages[0]
	slip := printer.Slip{
		Unit:   cfg.Centre.Unit.In(languages...),
		Centre: cfg.Centre.Name.In(languages...),
		Number: t.Label,
		Notice: cfg.Centre.Slip.In(languages...),
		Link:   link,
	}
	if c := cfg.Category(t.Category); c != nil {
		slip.Category = c.Name.In(languages...)
	}
	if c := cfg.Class(t.Class); c != nil && c.Mark {
		slip.Mark = c.Name.In(languages...)
	}
	if k := cfg.Class(t.Claim); k != nil {
		slip.Rows = append(slip.Rows, printer.Row{Label: k.Name.In(languages...), Value: w.Text(in, "slip.claim", nil)})
	}
	if t.Slot != 0 {
		slip.Rows = append(slip.Rows, printer.Row{Label: w.Text(in, "slip.appointment", nil), Value: t.Slot.Time().In(queue.Zone).Format("15:04")})
	}
	if t.Reprint {
		slip.Reprint = w.Text(in, "slip.reprint", nil)
	}
	if !t.Reprint || t.State == queue.Waiting { // nobody is ahead of who has been called
		slip.Rows = append(slip.Rows, printer.Row{
			Label: w.Text(in, "slip.ahead", nil),
			Value: w.Text(in, "slip.ahead.n", map[string]any{"n": ahead}),
		})
	}
	if p := cfg.Point(t.Point); p != nil && len(cfg.Points) > 1 {
		slip.Rows = append(slip.Rows, printer.Row{Label: w.Text(in, "slip.point", nil), Value: p.Name.In(languages...)})
	}
	if where := where(s, t.Category, t.Point, languages, w); where != "" {
		slip.Rows = append(slip.Rows, printer.Row{Label: w.Text(in, "slip.where", nil), Value: where})
	}
	slip.Rows = append(slip.Rows, legs(s, t, languages, w)...)
	if t.Dossiers > 1 {
		slip.Rows = append(slip.Rows, printer.Row{Label: w.Text(in, "slip.dossiers", nil), Value: strconv.Itoa(int(t.Dossiers))})
	}
	if link != "" {
		slip.LinkHint = w.Text(in, "slip.link", nil)
	}
	if at := t.Issued.Time().In(queue.Zone); t.ClockOK {
		slip.Issued = []printer.Line{
			{Text: w.Text(in, "slip.issued", nil), Bold: at.Format("15:04")},
			{Text: session(cfg, t, at, languages, w)},
			{Bold: at.Format("02/01/2006")},
		}
	}
	return slip, true
}

// NewRefusal is the short paper without a number: why none of the category was
// given out, when there are some again or where, and where to ask. The words
// are those of the refusal's reason.
func NewRefusal(cfg *queue.Config, c queue.CategoryID, refusal *queue.Error, language string, now time.Time, w Words) printer.Slip {
	languages := preferred(cfg, language)
	in := languages[0]
	key := "error." + string(refusal.Code) + "." + refusal.Reason
	args := map[string]any{"wait": refusal.Wait, "name": w.Text(in, "error.name", nil)}
	if k := cfg.Category(c); k != nil {
		args["name"] = k.Name.In(languages...)
	}
	if refusal.Code == queue.Closed && refusal.Reason == queue.WhyOtherPoint {
		var at []string
		for _, p := range cfg.OfferedAt(c) {
			at = append(at, p.Name.In(languages...))
		}
		args["n"], args["list"] = len(at), strings.Join(at, ", ")
	}
	if refusal.Next != 0 {
		args["has"], args["next"] = "yes", w.When(in, refusal.Next.Time(), now)
	}
	title := "slip.closed"
	if refusal.Code == queue.Conflict || refusal.Code == queue.NotFound {
		title = "slip.refused" // of an appointment: others do get numbers
	}
	return printer.Slip{
		Unit:     cfg.Centre.Unit.In(languages...),
		Centre:   cfg.Centre.Name.In(languages...),
		Category: w.Text(in, title, nil),
		Notice:   strings.Join([]string{w.Text(in, key, args), w.Text(in, "slip.closed.hint", nil)}, " "),
	}
}

// NewAnswer is the short paper for who scanned something that gets no number:
// how a slip's number stands, or what to do instead. It bears no number that
// could be taken for a slip's.
func NewAnswer(s *queue.State, a scans.Ask, language string, now time.Time, w Words) (printer.Slip, bool) {
	cfg := s.Config
	if cfg == nil {
		return printer.Slip{}, false
	}
	languages := preferred(cfg, language)
	in := languages[0]
	say := func(key string) string { return w.Text(in, key, nil) }
	slip := printer.Slip{Unit: cfg.Centre.Unit.In(languages...), Centre: cfg.Centre.Name.In(languages...)}
	t := s.Ticket(a.Ticket)
	switch {
	case a.Kind == scanner.Ticket && t != nil:
		slip.Category = w.Text(in, "slip.standing", map[string]any{"label": t.Label})
		slip.Rows, slip.Notice = standing(s, t, languages, now, w)
	case a.Kind == scanner.Ticket:
		slip.Category, slip.Notice = say("slip.over"), say("ticket.expired.hint")
	case a.Kind == scanner.IDCard:
		slip.Category, slip.Notice = say("slip.card"), say("slip.card.hint")
	default:
		slip.Category, slip.Notice = say("slip.unknown"), say("slip.unknown.hint")
	}
	return slip, true
}

// standing says how a number stands: where to wait and behind how many, or
// where to go.
func standing(s *queue.State, t *queue.Ticket, languages []string, now time.Time, w Words) ([]printer.Row, string) {
	cfg, in := s.Config, languages[0]
	say := func(key string) string { return w.Text(in, key, nil) }
	switch t.State {
	case queue.Waiting:
		rows := []printer.Row{{Label: say("slip.ahead"), Value: w.Text(in, "slip.ahead.n", map[string]any{"n": s.View().Ahead(t, queue.StampOf(now))})}}
		if p := cfg.Point(t.Point); p != nil && len(cfg.Points) > 1 {
			rows = append(rows, printer.Row{Label: say("slip.point"), Value: p.Name.In(languages...)})
		}
		if there := where(s, t.Category, t.Point, languages, w); there != "" {
			rows = append(rows, printer.Row{Label: say("slip.where"), Value: there})
		}
		return rows, say("slip.standing.keep")
	case queue.Called, queue.Serving:
		if d := cfg.Desk(t.Counter); d != nil {
			return nil, w.Text(in, "ticket.called.go", map[string]any{"counter": d.Number}) + "."
		}
		return nil, say("slip.standing.keep")
	case queue.Parked:
		return nil, say("ticket.parked") + ". " + say("ticket.parked.hint")
	case queue.Missed:
		return nil, say("ticket.missed") + ". " + say("ticket.missed.hint")
	case queue.Cancelled:
		return nil, say("ticket.cancelled") + ". " + say("ticket.cancelled.hint")
	case queue.Expired:
		return nil, say("ticket.expired.hint")
	}
	return nil, say("ticket.finished") + ". " + say("ticket.finished.hint")
}

// preferred puts the chosen language before the hall's order.
func preferred(cfg *queue.Config, language string) []string {
	if language == "" || !slices.Contains(cfg.Languages, language) {
		return cfg.Languages
	}
	return append([]string{language}, cfg.Languages...)
}

// session names the session the ticket was issued in, or else the half of the
// day, with the weekday.
func session(cfg *queue.Config, t *queue.Ticket, at time.Time, languages []string, w Words) string {
	day := [...]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}[at.Weekday()]
	if x := cfg.Session(t.Session); x != nil {
		if name := x.Name.In(languages...); name != "" {
			return w.Text(languages[0], "slip.session.named", map[string]any{"session": name, "weekday": day})
		}
	}
	part := "morning"
	if at.Hour() >= 12 {
		part = "afternoon"
	}
	return w.Text(languages[0], "slip.session.day", map[string]any{"session": part, "weekday": day})
}

// legs says where the visit goes on to, one row for each service to come: the
// hall, where it is another than the one before, the area and the counters.
func legs(s *queue.State, t *queue.Ticket, languages []string, w Words) []printer.Row {
	var rows []printer.Row
	from := t.Point
	for _, id := range t.Next {
		k := s.Config.Category(id)
		if k == nil {
			continue
		}
		var at []string
		if to, ok := s.Config.PointOf(id, from, t.Series); ok && to != from {
			from = to
			at = append(at, s.Config.Point(to).Name.In(languages...))
		}
		if there := where(s, id, from, languages, w); there != "" {
			at = append(at, there)
		}
		value := k.Name.In(languages...)
		if len(at) > 0 {
			value += " – " + strings.Join(at, ", ")
		}
		rows = append(rows, printer.Row{Label: w.Text(languages[0], "slip.then", nil), Value: value})
	}
	return rows
}

// where names the area and the counters of a category at a point: those open
// now, or all that serve it when none is.
func where(s *queue.State, id queue.CategoryID, point queue.PointID, languages []string, w Words) string {
	cfg := s.Config
	var open, all []int
	for i := range cfg.Counters {
		d := &cfg.Counters[i]
		if d.Point != point || !d.Serves(id) {
			continue
		}
		all = append(all, d.Number)
		if s.Counters[i].State != queue.CounterIsClosed {
			open = append(open, d.Number)
		}
	}
	if len(open) == 0 {
		open = all
	}
	args := map[string]any{"n": len(open), "list": ranges(open)}
	area := ""
	if c := cfg.Category(id); c != nil {
		area = c.Area.In(languages...)
	}
	switch {
	case len(open) == 0:
		return area
	case area == "":
		return w.Text(languages[0], "slip.where.counter", args)
	}
	args["area"] = area
	return w.Text(languages[0], "slip.where.area", args)
}

// ranges writes counters as people say them: 1–3, 5.
func ranges(numbers []int) string {
	n := slices.Clone(numbers)
	slices.Sort(n)
	var parts []string
	for i := 0; i < len(n); {
		j := i
		for j+1 < len(n) && n[j+1] == n[j]+1 {
			j++
		}
		switch {
		case j == i:
			parts = append(parts, strconv.Itoa(n[i]))
		case j == i+1:
			parts = append(parts, strconv.Itoa(n[i]), strconv.Itoa(n[j]))
		default:
			parts = append(parts, strconv.Itoa(n[i])+"–"+strconv.Itoa(n[j]))
		}
		i = j + 1
	}
	return strings.Join(parts, ", ")
}
