package queue

import (
	"fmt"
	"slices"
	"strings"
)

// What stands in the hall: points, numbers, categories, classes, counters.

func (k *checker) centre() {
	k.id("centre.id", k.Centre.ID)
	k.words("centre.name", k.Centre.Name)
	if len(k.Languages) == 0 {
		k.empty("languages", "languages", `Write at least one, such as ["vi", "en"].`)
	}
	codes := seen{}
	for i, l := range k.Languages {
		f := fmt.Sprintf("languages[%d]", i)
		if len(l) < 2 || len(l) > 8 || strings.Trim(l, "abcdefghijklmnopqrstuvwxyz-") != "" {
			k.add(FlawLanguage, f, l, "is no language code", "Use a code such as vi or en.", nil)
		}
		k.twice(f, l, codes)
	}
}

func (k *checker) points() {
	if len(k.Points) == 0 {
		k.empty("points", "points", "Write at least one service point.")
	}
	ids := seen{}
	for i, x := range k.Points {
		f := fmt.Sprintf("points[%d]", i)
		k.id(f+".id", string(x.ID))
		k.twice(f+".id", string(x.ID), ids)
	}
}

// prefixLetters are told apart by eye and ear.
const prefixLetters = "ABCDEFGHKLMNPRTUVWXY"

func (k *checker) numbers() {
	ids, prefixes := seen{}, seen{}
	for i, x := range k.Series {
		f := fmt.Sprintf("series[%d]", i)
		k.id(f+".id", string(x.ID))
		k.twice(f+".id", string(x.ID), ids)
		if !x.Draining {
			k.twice(f+".prefix", x.Prefix, prefixes)
		}
		if len(x.Prefix) > 2 || strings.Trim(x.Prefix, prefixLetters) != "" {
			k.add(FlawPrefix, f+".prefix", x.Prefix, "is no prefix",
				"Use one or two capital letters; I, J, O, Q, S, Z and Đ are mistaken for others.", nil)
		}
		k.within(f+".from", x.From, 0, 9998, "")
		k.within(f+".to", x.To, x.From, 9999, "")
	}
}

func (k *checker) categories() {
	k.within("categories", len(k.Categories), 1, most, "")
	ids := seen{}
	results := map[PointID]CategoryID{}
	for i := range k.Categories {
		x := &k.Categories[i]
		f := fmt.Sprintf("categories[%d]", i)
		k.id(f+".id", string(x.ID))
		k.twice(f+".id", string(x.ID), ids)
		k.words(f+".name", x.Name)
		k.within(f+".minutes", x.Minutes, 1, 480, "minutes")
		if k.Config.series(x.Series) == nil {
			k.unknown(f+".series", string(x.Series), "series", "series")
		}
		if x.Draining {
			continue // its points and sessions may be gone
		}
		named := seen{}
		for j, at := range x.Points {
			g := fmt.Sprintf("%s.points[%d]", f, j)
			k.twice(g, string(at), named)
			if k.knownPoint(g, at) && !k.offered(x, at) {
				k.unservedAt(g, x, at)
			}
		}
		if len(x.Points) == 0 && !slices.ContainsFunc(k.Counters, func(d Desk) bool { return !d.Draining && d.Serves(x.ID) }) {
			k.unserved(f+".id", x)
		}
		hours := seen{}
		for j, s := range x.Sessions {
			g := fmt.Sprintf("%s.sessions[%d]", f, j)
			k.knownSession(g, s)
			k.twice(g, string(s), hours)
		}
		if x.Results {
			k.results(f+".results", x, results)
		}
	}
}

// offered reports whether a category can be served at a point: it is meant to
// be, and a counter there serves it.
func (k *checker) offered(x *Category, at PointID) bool {
	return x.At(at) && slices.ContainsFunc(k.Counters, func(d Desk) bool { return d.Point == at && !d.Draining && d.Serves(x.ID) })
}

func (k *checker) unserved(field string, x *Category) {
	k.add(FlawUnserved, field, x.ID, "is served by no counter", toSkills, map[string]any{"category": string(x.ID)})
}

func (k *checker) unservedAt(field string, x *Category, at PointID) {
	k.add(FlawUnservedAt, field, at, fmt.Sprintf("has no counter that serves category %s", x.ID), toSkills,
		map[string]any{"category": string(x.ID), "point": string(at)})
}

const toSkills = "Add it to the skills of a counter, or take the category out."

// results holds a point to one category for scanned receipts: they name none.
func (k *checker) results(field string, x *Category, at map[PointID]CategoryID) {
	for i := range k.Points {
		p := k.Points[i].ID
		if !k.offered(x, p) {
			continue
		}
		if other := at[p]; other != "" && other != x.ID {
			k.add(FlawResultsTwice, field, true, fmt.Sprintf("is set for %s as well, at point %s", other, p),
				"Keep it at one category of each point: a scanned receipt names none.",
				map[string]any{"other": string(other), "point": string(p)})
			return
		}
		at[p] = x.ID
	}
}

// legs checks where visits go on to. A ticket keeps its label, so it can only
// go to another point when its series counts across them.
func (k *checker) legs() {
	for i := range k.Categories {
		x := &k.Categories[i]
		if x.Draining {
			continue
		}
		f := fmt.Sprintf("categories[%d].then", i)
		if len(x.Then) > MaxLegs {
			k.add(FlawTooMany, f, len(x.Then), fmt.Sprintf("has more than %d legs", MaxLegs), "Leave out what can be a number of its own.",
				map[string]any{"high": MaxLegs})
		}
		before := x.ID
		for j, id := range x.Then {
			g := fmt.Sprintf("%s[%d]", f, j)
			if id == before {
				k.add(FlawLegRepeated, g, id, "is the leg before it once more", "Name another category, or leave it out.", nil)
			}
			before = id
			if k.knownCategory(g, id) {
				k.legAt(g, x, k.Category(id))
			}
		}
	}
}

func (k *checker) legAt(field string, x, leg *Category) {
	if s := k.Config.series(x.Series); leg.Draining || s == nil || s.AcrossPoints {
		return
	}
	for i := range k.Points {
		if p := k.Points[i].ID; k.offered(x, p) && !k.offered(leg, p) {
			k.add(FlawLegAway, field, leg.ID, fmt.Sprintf("is not offered at point %s, where %s is", p, x.ID),
				fmt.Sprintf("Offer it there, or set across_points = true for series %s.", x.Series),
				map[string]any{"point": string(p), "category": string(x.ID), "series": string(x.Series)})
			return
		}
	}
}

func (k *checker) classes() {
	ids := seen{}
	for i := range k.Classes {
		x := &k.Classes[i]
		f := fmt.Sprintf("classes[%d]", i)
		k.id(f+".id", string(x.ID))
		k.twice(f+".id", string(x.ID), ids)
		k.words(f+".name", x.Name)
		k.headStart(f+".head_start", x)
		if x.ID == Normal && x.Button {
			k.add(FlawNormalButton, f+".button", true, "is set for the normal class", "Leave it out: every number is normal until another class is granted.", nil)
		}
		k.grants(f+".grant", x.Grant)
	}
	if !ids[string(Normal)] {
		k.add(FlawNoNormal, "classes", "", "lacks the normal class", `Write one with id = "normal".`, nil)
	}
}

// headStart: 0–120 minutes or strict; an appointment's at most that of the
// highest other class (routing.md §1).
func (k *checker) headStart(field string, x *Class) {
	const longest = 120
	if x.ID == Normal {
		if x.HeadStart != 0 {
			k.add(FlawNormalStart, field, x.HeadStart, "is not 0 for the normal class", "Leave it at 0: all others are counted against it.", nil)
		}
		return
	}
	if x.HeadStart == Strict && k.Routing.Guard == 0 {
		k.add(FlawGuardOff, "routing.guard", 0, "is off under strict priority",
			"Give 30 to 240 minutes: strict priority without it lets others wait for ever.", nil)
	}
	if highest, known := k.highest(); x.ID == Appointed && known && highest < Strict {
		k.within(field, x.HeadStart, 0, highest, "minutes")
		return
	}
	k.withinOr(field, x.HeadStart, 0, longest, "minutes", Strict, "strict")
}

// highest is the largest head start of the classes that staff grant; false
// when there is none.
func (k *checker) highest() (minutes int, known bool) {
	for i := range k.Classes {
		if x := &k.Classes[i]; x.ID != Normal && x.ID != Appointed {
			minutes, known = max(minutes, x.HeadStart), true
		}
	}
	return minutes, known
}

func (k *checker) grants(field string, roles []Role) {
	named := seen{}
	for i, r := range roles {
		f := fmt.Sprintf("%s[%d]", field, i)
		k.twice(f, string(r), named)
		switch {
		case r == Kiosk || r == Machine:
			k.add(FlawButtonRole, f, r, "is a device, and devices grant nothing",
				"Set button = true instead: the class may then be asked for at a button, and counts once staff confirm it.", nil)
		case !r.Staff():
			k.add(FlawRole, f, r, "is no role that grants classes", "Use greeter, officer or supervisor.", nil)
		}
	}
}

func (k *checker) counters() {
	k.within("counters", len(k.Counters), 1, 200, "")
	ids, numbers := seen{}, seen{}
	for i, x := range k.Counters {
		f := fmt.Sprintf("counters[%d]", i)
		k.id(f+".id", string(x.ID))
		k.twice(f+".id", string(x.ID), ids)
		k.within(f+".number", x.Number, 1, 999, "")
		if !x.Draining {
			k.twice(f+".number", fmt.Sprintf("%s %d", x.Point, x.Number), numbers)
		}
		k.knownPoint(f+".point", x.Point)
		if len(x.Skills) == 0 && !x.Draining {
			k.empty(f+".skills", "skills", "Name the categories it serves.")
		}
		have := seen{}
		for j, id := range x.Skills {
			g := fmt.Sprintf("%s.skills[%d]", f, j)
			k.knownCategory(g, id)
			k.twice(g, string(id), have)
		}
	}
}
