package queue

import (
	"fmt"
	"strings"
)

// most is the largest number of categories: they are bits of one word.
const most = 64

// Strict is the head start, in minutes, that no arrival can make good: pure priority.
const Strict = 100000

// Check finds every mistake of the configuration. Whether the words can be
// printed is checked by who prints them. What is draining was checked when it
// was applied; it need not be served any more, and its prefix or number may
// already be another's.
func (c *Config) Check() Problems {
	k := checker{Config: c}
	k.centre()
	k.points()
	k.numbers()
	k.categories()
	k.legs()
	k.classes()
	k.counters()
	k.routing()
	k.calls()
	k.sessions()
	k.holidays()
	k.quotas()
	k.breaks()
	k.appointments()
	k.agents()
	return k.found
}

// checker collects the mistakes of one configuration.
type checker struct {
	*Config
	found Problems
}

func (k *checker) add(code, field string, value any, msg, hint string, args map[string]any) {
	k.found = append(k.found, Problem{Field: field, Code: code, Value: fmt.Sprint(value), Msg: msg, Hint: hint, Args: args})
}

func (k *checker) id(field, v string) {
	if v == "" || len(v) > 32 || strings.IndexFunc(v, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_')
	}) >= 0 {
		k.add(FlawID, field, v, "is no id", "Use 1 to 32 letters, digits, - or _.", nil)
	}
}

// seen finds what stands twice.
type seen map[string]bool

func (k *checker) twice(field, v string, in seen) {
	if in[v] {
		k.add(FlawTwice, field, v, "stands twice", "Give each its own.", nil)
	}
	in[v] = true
}

func (k *checker) words(field string, t Text) {
	if len(k.Languages) > 0 && t[k.Languages[0]] == "" {
		k.add(FlawWords, field, "", "has no words", "Write it at least in "+k.Languages[0]+", the hall's first language.",
			map[string]any{"language": k.Languages[0]})
	}
}

// within holds v to a range; unit is one of "", "minutes", "seconds", "calls", "dossiers".
func (k *checker) within(field string, v, low, high int, unit string) {
	if v < low || v > high {
		k.add(FlawRange, field, v, "is out of range", fmt.Sprintf("Give %s.", span(low, high, unit)),
			map[string]any{"low": low, "high": high, "unit": unit})
	}
}

// withinOr is within with one value beside the range; sense says what that
// means: "off" or "strict".
func (k *checker) withinOr(field string, v, low, high int, unit string, or int, sense string) {
	if v == or || v >= low && v <= high {
		return
	}
	means := map[string]string{"off": "none", "strict": "strict priority"}[sense]
	k.add(FlawRangeOr, field, v, "is out of range", fmt.Sprintf("Give %s, or %d for %s.", span(low, high, unit), or, means),
		map[string]any{"low": low, "high": high, "unit": unit, "or": or, "sense": sense})
}

func span(low, high int, unit string) string {
	return strings.TrimSpace(fmt.Sprintf("%d to %d %s", low, high, unit))
}

func (k *checker) empty(field, what, hint string) {
	k.add(FlawEmpty, field, "", "is empty", hint, map[string]any{"what": what})
}

// unknown names an id that stands for nothing; kind is what it should be one
// of, in the table of that name.
func (k *checker) unknown(field, v, kind, table string) {
	msg := "is no " + kind
	if kind == "point" {
		msg = "is no service point"
	}
	k.add(FlawUnknown, field, v, msg, "Name one of [["+table+"]].", map[string]any{"kind": kind, "table": table})
}

func (k *checker) knownPoint(field string, id PointID) bool {
	if k.Point(id) == nil {
		k.unknown(field, string(id), "point", "points")
		return false
	}
	return true
}

func (k *checker) knownCategory(field string, id CategoryID) bool {
	if k.Category(id) == nil {
		k.unknown(field, string(id), "category", "categories")
		return false
	}
	return true
}

func (k *checker) knownSession(field string, id SessionID) bool {
	if k.Session(id) != nil {
		return true
	}
	k.unknown(field, string(id), "session", "sessions")
	return false
}
