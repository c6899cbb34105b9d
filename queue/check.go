package queue

import (
	"fmt"
	"slices"
	"strings"
)

// Problem is one mistake in a configuration: where, what stands there, what is
// wrong and how to mend it.
type Problem struct {
	Field string `json:"field"` // "categories[3].series"
	Value string `json:"value"`
	Msg   string `json:"message"`
	Hint  string `json:"hint"`
}

func (p Problem) String() string {
	return fmt.Sprintf("%s = %q: %s. %s", p.Field, p.Value, p.Msg, p.Hint)
}

// Problems is every mistake of a configuration at once.
type Problems []Problem

func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, x := range p {
		lines[i] = x.String()
	}
	return strings.Join(lines, "\n")
}

// most is the largest number of categories: they are bits of one word.
const most = 64

// Check finds every mistake of the configuration. Whether the words can be
// printed is checked by who prints them.
func (c *Config) Check() Problems {
	var p Problems
	add := func(field string, value any, hint, msg string, args ...any) {
		p = append(p, Problem{Field: field, Value: fmt.Sprint(value), Msg: fmt.Sprintf(msg, args...), Hint: hint})
	}
	id := func(field, v string) {
		if v == "" || len(v) > 32 || strings.IndexFunc(v, func(r rune) bool {
			return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_')
		}) >= 0 {
			add(field, v, "Use 1 to 32 letters, digits, - or _.", "is no id")
		}
	}
	words := func(field string, t Text) {
		if len(c.Languages) > 0 && t[c.Languages[0]] == "" {
			add(field, "", "Write it at least in "+c.Languages[0]+", the hall's first language.", "has no words")
		}
	}
	within := func(field string, v, low, high int, unit string) {
		if v < low || v > high {
			add(field, v, fmt.Sprintf("Give %d to %d %s.", low, high, unit), "is out of range")
		}
	}
	twice := func(field, v string, seen map[string]bool) {
		if seen[v] {
			add(field, v, "Give each its own.", "stands twice")
		}
		seen[v] = true
	}

	id("centre.id", c.Centre.ID)
	words("centre.name", c.Centre.Name)
	if len(c.Languages) == 0 {
		add("languages", "", `Write at least one, such as ["vi", "en"].`, "is empty")
	}
	seen := map[string]bool{}
	for i, l := range c.Languages {
		f := fmt.Sprintf("languages[%d]", i)
		if len(l) < 2 || len(l) > 8 || strings.ToLower(l) != l {
			add(f, l, "Use a code such as vi or en.", "is no language code")
		}
		twice(f, l, seen)
	}
	if len(c.Points) == 0 {
		add("points", "", "Write at least one service point.", "is empty")
	}
	seen = map[string]bool{}
	for i, x := range c.Points {
		f := fmt.Sprintf("points[%d]", i)
		id(f+".id", string(x.ID))
		twice(f+".id", string(x.ID), seen)
	}

	seen = map[string]bool{}
	prefixes := map[string]bool{}
	for i, x := range c.Series {
		f := fmt.Sprintf("series[%d]", i)
		id(f+".id", string(x.ID))
		twice(f+".id", string(x.ID), seen)
		twice(f+".prefix", x.Prefix, prefixes)
		if len(x.Prefix) > 2 || strings.Trim(x.Prefix, "ABCDEFGHKLMNPRTUVWXY") != "" {
			add(f+".prefix", x.Prefix, "Use one or two capital letters; I, J, O, Q, S, Z and Đ are mistaken for others.", "is no prefix")
		}
		within(f+".from", x.From, 0, 9998, "")
		within(f+".to", x.To, x.From, 9999, "")
	}
	knownSeries := seen

	if len(c.Categories) == 0 || len(c.Categories) > most {
		add("categories", len(c.Categories), fmt.Sprintf("Give 1 to %d.", most), "is out of range")
	}
	seen = map[string]bool{}
	for i := range c.Categories {
		x := &c.Categories[i]
		f := fmt.Sprintf("categories[%d]", i)
		id(f+".id", string(x.ID))
		twice(f+".id", string(x.ID), seen)
		words(f+".name", x.Name)
		within(f+".minutes", x.Minutes, 1, 480, "minutes")
		if !knownSeries[string(x.Series)] {
			add(f+".series", x.Series, "Name one of [[series]].", "is no series")
		}
		for j, at := range x.Points {
			if c.Point(at) == nil {
				add(fmt.Sprintf("%s.points[%d]", f, j), at, "Name one of [[points]].", "is no service point")
			}
		}
		if !slices.ContainsFunc(c.Counters, func(d Desk) bool { return x.At(d.Point) && d.Serves(x.ID) }) {
			add(f+".id", x.ID, "Add it to the skills of a counter, or take the category out.", "is served by no counter")
		}
	}

	seen = map[string]bool{}
	for i, x := range c.Classes {
		f := fmt.Sprintf("classes[%d]", i)
		id(f+".id", string(x.ID))
		twice(f+".id", string(x.ID), seen)
		words(f+".name", x.Name)
		switch {
		case x.ID == Normal && x.HeadStart != 0:
			add(f+".head_start", x.HeadStart, "Leave it at 0: all others are counted against it.", "is not 0 for the normal class")
		case x.HeadStart != Strict:
			within(f+".head_start", x.HeadStart, 0, 120, fmt.Sprintf("minutes, or %d for strict priority", Strict))
		}
		if x.HeadStart == Strict && c.Routing.Guard == 0 {
			add("routing.guard", 0, "Give 30 to 240 minutes: strict priority without it lets others wait for ever.", "is off under strict priority")
		}
	}
	if !seen[string(Normal)] {
		add("classes", "", `Write one with id = "normal".`, "lacks the normal class")
	}

	if len(c.Counters) == 0 || len(c.Counters) > 200 {
		add("counters", len(c.Counters), "Give 1 to 200.", "is out of range")
	}
	seen = map[string]bool{}
	numbers := map[string]bool{}
	for i, x := range c.Counters {
		f := fmt.Sprintf("counters[%d]", i)
		id(f+".id", string(x.ID))
		twice(f+".id", string(x.ID), seen)
		within(f+".number", x.Number, 1, 999, "")
		twice(f+".number", fmt.Sprintf("%s %d", x.Point, x.Number), numbers)
		if c.Point(x.Point) == nil {
			add(f+".point", x.Point, "Name one of [[points]].", "is no service point")
		}
		if len(x.Skills) == 0 {
			add(f+".skills", "", "Name the categories it serves.", "is empty")
		}
		have := map[string]bool{}
		for j, k := range x.Skills {
			g := fmt.Sprintf("%s.skills[%d]", f, j)
			if c.Category(k) == nil {
				add(g, k, "Name one of [[categories]].", "is no category")
			}
			twice(g, string(k), have)
		}
	}

	r := c.Routing
	within("routing.window", r.Window, 0, 10, "minutes")
	if r.Guard != 0 {
		within("routing.guard", r.Guard, 30, 240, "minutes, or 0 for none")
	}
	within("routing.return_within", r.ReturnWithin, 0, 60, "minutes")
	within("routing.return_credit", r.ReturnCredit, 0, 60, "minutes")
	within("calls.recall_after", c.Calls.RecallAfter, 0, 300, "seconds")
	within("calls.no_show_calls", c.Calls.NoShowCalls, 1, 10, "calls")
	within("calls.no_show_after", c.Calls.NoShowAfter, 0, 600, "seconds")
	return p
}

// Strict is the head start, in minutes, that no arrival can make good: pure priority.
const Strict = 100000
