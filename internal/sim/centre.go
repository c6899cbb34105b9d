package sim

import (
	"fmt"
	"slices"

	"motcua/queue"
)

// Centre draws a small centre that uses every feature routing knows: one or
// two points, overlapping skills, shared series, three classes or four, window
// and guard, sessions with cut-offs, quotas, planned breaks, visits of several
// legs, bulk tickets and appointments. It passes queue.Config.Check.
func Centre(seed, index uint64) queue.Config {
	s := NewStream(seed, Centres, index)
	c := queue.Config{
		Centre:    queue.Centre{ID: "drawn", Name: words("Trung tâm")},
		Languages: []string{"vi"},
		Points:    []queue.Point{{ID: "main", Name: words("Sảnh chính")}},
		Routing: queue.Routing{
			Policy: queue.PolicyHeadStart, Window: s.Below(11), Guard: []int{0, 30, 60, 90, 240}[s.Below(5)],
			ReturnWithin: s.Below(61), ReturnCredit: s.Below(61), Late: s.Below(61),
		},
		Calls: queue.DefaultCalls(),
		Sessions: []queue.Session{
			{ID: "morning", Name: words("Sáng"), Days: everyDay, From: "07:30", To: "11:30", Doors: 30, CutOff: s.Below(30)},
			{ID: "afternoon", Name: words("Chiều"), Days: everyDay, From: "13:30", To: "17:00", Doors: 30, CutOff: s.Below(30)},
		},
	}
	if s.Chance(.15) {
		c.Routing.Policy = queue.PolicyArrival
	}
	if s.Chance(.3) {
		c.Points = append(c.Points, queue.Point{ID: "annex", Name: words("Sảnh phụ")})
	}
	priority := 15 + s.Below(106)
	if c.Routing.Guard > 0 && s.Chance(.1) {
		priority = queue.Strict
	}
	c.Classes = []queue.Class{
		{ID: queue.Normal, Name: words("Thường")},
		{ID: "priority", Name: words("Ưu tiên"), HeadStart: priority, Mark: true, Button: s.Chance(.3)},
		{ID: queue.Appointed, Name: words("Hẹn"), HeadStart: s.Below(16)},
	}
	if s.Chance(.3) {
		c.Classes = append(c.Classes, queue.Class{ID: "bulk", Name: words("Nộp thay"), HeadStart: s.Below(10)})
	}

	prefixes := []string{"A", "B", "C", "D", "E", "F", "G", "H"}
	for i := range 1 + s.Below(4) {
		c.Series = append(c.Series, queue.Series{ID: queue.SeriesID(prefixes[i]), Prefix: prefixes[i], From: 1, To: 999, AcrossPoints: s.Chance(.5)})
	}
	for i := range 2 + s.Below(6) {
		k := queue.Category{ID: queue.CategoryID(prefixes[i]), Name: words(prefixes[i]), Series: c.Series[s.Below(len(c.Series))].ID,
			Minutes: 4 + s.Below(12), Panel: true}
		c.Categories = append(c.Categories, k)
	}
	c.Categories[0].Results = true
	if s.Chance(.5) {
		c.Agents = queue.Agents{Above: 5, Category: c.Categories[len(c.Categories)-1].ID}
	}

	desks := 3 + s.Below(6)
	for i := range desks {
		d := queue.Desk{ID: queue.CounterID(fmt.Sprint(i + 1)), Number: i + 1, Point: c.Points[i%len(c.Points)].ID}
		for k := range c.Categories {
			if s.Chance(.4) || i == k%desks {
				d.Skills = append(d.Skills, c.Categories[k].ID)
			}
		}
		if len(d.Skills) == 0 {
			d.Skills = []queue.CategoryID{c.Categories[s.Below(len(c.Categories))].ID}
		}
		c.Counters = append(c.Counters, d)
		if s.Chance(.4) {
			from := 9*60 + s.Below(360)
			c.Breaks = append(c.Breaks, queue.Break{Counter: d.ID, From: clock(from), To: clock(from + 10 + s.Below(40))})
		}
	}
	for i := range c.Categories {
		k := &c.Categories[i]
		if to := s.Below(3 * len(c.Categories)); to < len(c.Categories) && to != i && follows(&c, k, c.Categories[to].ID) {
			k.Then = []queue.CategoryID{c.Categories[to].ID}
		}
		if s.Chance(.3) {
			c.Quotas = append(c.Quotas, queue.Quota{Category: k.ID, Session: "morning", Dossiers: 20 + s.Below(60)})
		}
	}
	return c
}

// follows reports whether a visit can go on to a category wherever it begins.
func follows(c *queue.Config, k *queue.Category, to queue.CategoryID) bool {
	across := slices.ContainsFunc(c.Series, func(s queue.Series) bool { return s.ID == k.Series && s.AcrossPoints })
	return across || !slices.ContainsFunc(c.Points, func(p queue.Point) bool { return c.Offered(k.ID, p.ID) && !c.Offered(to, p.ID) })
}

var everyDay = []queue.Weekday{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

func words(s string) queue.Text { return queue.Text{"vi": s} }

func clock(minutes int) queue.TimeOfDay {
	return queue.TimeOfDay(fmt.Sprintf("%02d:%02d", minutes/60, minutes%60))
}

// Reference is the centre every figure of the simulator is told of: eight
// counters of overlapping skills, nine categories, and how often each is asked
// for in a day of 365 citizens.
func Reference() (cfg queue.Config, demand []int) {
	cfg = queue.Config{
		Centre:    queue.Centre{ID: "reference", Name: words("Trung tâm")},
		Languages: []string{"vi"},
		Points:    []queue.Point{{ID: "main", Name: words("Sảnh")}},
		Classes: []queue.Class{
			{ID: queue.Normal, Name: words("Thường")},
			{ID: "priority", Name: words("Ưu tiên"), HeadStart: 60, Mark: true},
			{ID: queue.Appointed, Name: words("Hẹn"), HeadStart: 15},
		},
		Routing: queue.DefaultRouting(),
		Calls:   queue.DefaultCalls(),
	}
	for i, minutes := range []int{5, 6, 8, 10, 12, 7, 15, 20, 9} {
		id := string(rune('A' + i))
		prefix := "ABCDEFGHK"[i : i+1]
		cfg.Series = append(cfg.Series, queue.Series{ID: queue.SeriesID(id), Prefix: prefix, From: 1, To: 999})
		cfg.Categories = append(cfg.Categories, queue.Category{ID: queue.CategoryID(id), Name: words(id), Series: queue.SeriesID(id), Minutes: minutes, Panel: true})
	}
	for i, skills := range []string{"ABC", "ABCD", "CDE", "DE", "FG", "FGH", "HI", "AFI"} {
		d := queue.Desk{ID: queue.CounterID(fmt.Sprint(i + 1)), Number: i + 1, Point: "main"}
		for _, k := range skills {
			d.Skills = append(d.Skills, queue.CategoryID(k))
		}
		cfg.Counters = append(cfg.Counters, d)
	}
	return cfg, []int{80, 60, 50, 35, 25, 50, 25, 15, 25}
}
