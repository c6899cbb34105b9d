package config

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"motcua/queue"
)

// Change is one thing in which two configurations differ.
type Change struct {
	Section string     // the file's: "categories"
	Entry   string     // which one: "C"; "" where a section has no entries, or for their order
	Kind    ChangeKind // what happened to it
	Words   []string   // what it says, or of a change each key: "minutes: 18 → 20"
	Note    string     // what becomes of it while people are in the hall; "" = it holds at once
}

// ChangeKind is what happened to an entry.
type ChangeKind string

const (
	Added   ChangeKind = "added"
	Removed ChangeKind = "removed"
	Changed ChangeKind = "changed"
)

// Diff lists what applying next would change, in the file's order; nothing when
// both say the same. What drains already and what waits for the next opening
// count as they will be (see [queue.Config.Plain]).
func Diff(have, next *queue.Config) []Change {
	a, b := have.Plain(), next.Plain()
	d := differ{languages: b.Languages}
	old := reflect.ValueOf(*a)
	for field, v := range reflect.ValueOf(*b).Fields() {
		key, was := field.Tag.Get("toml"), old.FieldByIndex(field.Index)
		switch {
		case key == "-":
		case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Struct:
			d.list(key, was, v)
		case v.Kind() == reflect.Struct:
			if words := d.keys(was, v); len(words) > 0 {
				d.add(Change{Section: key, Kind: Changed, Words: words})
			}
		default:
			if words := d.key(key, was, v); len(words) > 0 {
				d.add(Change{Section: key, Kind: Changed, Words: words})
			}
		}
	}
	return d.found
}

type differ struct {
	languages []string
	found     []Change
}

func (d *differ) add(c Change) {
	c.Note = note(c)
	d.found = append(d.found, c)
}

// note says what a change means for who is in the hall.
func note(c Change) string {
	switch {
	case c.Section == "routing", c.Section == "classes" && c.Kind == Changed && slices.ContainsFunc(c.Words, func(s string) bool { return strings.HasPrefix(s, "head_start: ") }):
		return "the order waits for the next opening if numbers were given out today"
	case c.Kind == Changed && c.Section == "counters" && slices.ContainsFunc(c.Words, func(s string) bool { return strings.HasPrefix(s, "skills: ") && strings.Contains(s, "−") }):
		return "finishes what it has; who waits already is still served"
	case c.Kind != Removed:
		return ""
	}
	switch c.Section {
	case "points":
		return "gives out no more numbers; who waits there is served, then it goes at the next opening"
	case "series":
		return "goes at the next opening once its numbers are done"
	case "categories":
		return "gives out no more numbers; who waits for it is served, then it goes at the next opening"
	case "classes":
		return "is granted no more; who has it keeps it to the end of the day"
	case "counters":
		return "finishes what it has and calls nobody else, then goes at the next opening"
	}
	return ""
}

// list compares entries by what they are called.
func (d *differ) list(section string, was, v reflect.Value) {
	before, after := entries(was), entries(v)
	for _, e := range before {
		i := slices.IndexFunc(after, func(x named) bool { return x.name == e.name })
		if i < 0 {
			d.add(Change{Section: section, Entry: e.name, Kind: Removed, Words: d.summary(e)})
		} else if words := d.keys(e.v, after[i].v); len(words) > 0 {
			d.add(Change{Section: section, Entry: e.name, Kind: Changed, Words: words})
		}
	}
	kept := func(in, other []named) (names []string) {
		for _, e := range in {
			if slices.ContainsFunc(other, func(x named) bool { return x.name == e.name }) {
				names = append(names, e.name)
			}
		}
		return names
	}
	for _, e := range after {
		if !slices.ContainsFunc(before, func(x named) bool { return x.name == e.name }) {
			d.add(Change{Section: section, Entry: e.name, Kind: Added, Words: d.summary(e)})
		}
	}
	if x, y := kept(before, after), kept(after, before); !slices.Equal(x, y) {
		d.add(Change{Section: section, Kind: Changed, Words: []string{"order: " + strings.Join(x, ", ") + " → " + strings.Join(y, ", ")}})
	}
}

type named struct {
	name string
	by   []string // the keys that make the name
	v    reflect.Value
}

// entries gives each entry of a list a name of its own.
func entries(list reflect.Value) []named {
	count := map[string]int{}
	var all []named
	for i := range list.Len() {
		v := list.Index(i)
		name, by := identity(v.Interface())
		if count[name]++; count[name] > 1 {
			name = fmt.Sprintf("%s (%d)", name, count[name])
		}
		all = append(all, named{name, by, v})
	}
	return all
}

// identity is what an entry is called, and the keys that say so.
func identity(x any) (name string, by []string) {
	switch x := x.(type) {
	case queue.Holiday:
		return string(x.From), []string{"from"}
	case queue.ExtraDay:
		return string(x.Day), []string{"day"}
	case queue.Quota:
		return strings.TrimSuffix(fmt.Sprintf("%s, %s, %s", x.Category, x.Session, x.Point), ", "), []string{"category", "session", "point"}
	case queue.Break:
		return fmt.Sprintf("counter %s at %s", x.Counter, x.From), []string{"counter", "from"}
	}
	return reflect.ValueOf(x).FieldByName("ID").String(), []string{"id"}
}

// keys lists the keys of a table in which two structs differ.
func (d *differ) keys(was, v reflect.Value) []string {
	var words []string
	for field, x := range v.Fields() {
		if key := field.Tag.Get("toml"); key != "-" {
			words = append(words, d.key(key, was.FieldByIndex(field.Index), x)...)
		}
	}
	return words
}

func (d *differ) key(key string, was, v reflect.Value) []string {
	switch v.Kind() {
	case reflect.Map:
		before, after := was.Interface().(queue.Text), v.Interface().(queue.Text)
		both := maps.Clone(after)
		if both == nil {
			both = queue.Text{}
		}
		maps.Copy(both, before)
		var words []string
		for _, l := range slices.Sorted(maps.Keys(both)) {
			x, had := before[l]
			y, has := after[l]
			if x != y || had != has {
				words = append(words, fmt.Sprintf("%s.%s: %s → %s", key, l, orNone(quote(x), had), orNone(quote(y), has)))
			}
		}
		return words
	case reflect.Slice:
		x, y := value(was, nil), value(v, nil)
		if x == y {
			return nil
		}
		gone, come := lacks(was, v), lacks(v, was)
		switch {
		case key == "then":
			return []string{fmt.Sprintf("%s: %s → %s", key, orNone(x, was.Len() > 0), orNone(y, v.Len() > 0))}
		case was.Len() == 0: // left out: not bounded
			x = "all"
		case v.Len() == 0:
			y = "all"
		}
		if key == "languages" || was.Len() == 0 || v.Len() == 0 || len(gone)+len(come) == 0 {
			return []string{fmt.Sprintf("%s: %s → %s", key, x, y)}
		}
		var parts []string
		for _, s := range come {
			parts = append(parts, "+ "+s)
		}
		for _, s := range gone {
			parts = append(parts, "− "+s)
		}
		return []string{key + ": " + strings.Join(parts, ", ")}
	}
	if was.Equal(v) {
		return nil
	}
	return []string{fmt.Sprintf("%s: %s → %s", key, orNone(value(was, nil), !empty(was)), orNone(value(v, nil), !empty(v)))}
}

// lacks lists the entries of a list of texts that another lacks.
func lacks(list, other reflect.Value) []string {
	var found []string
	for i := range list.Len() {
		s, has := list.Index(i).String(), false
		for j := range other.Len() {
			has = has || other.Index(j).String() == s
		}
		if !has {
			found = append(found, s)
		}
	}
	return found
}

// empty reports whether a value is a text that says nothing.
func empty(v reflect.Value) bool { return v.Kind() == reflect.String && v.Len() == 0 }

func orNone(s string, some bool) string {
	if !some {
		return "none"
	}
	return s
}

// summary is what an entry says besides its name, words in the hall's first language.
func (d *differ) summary(e named) []string {
	var words []string
	for field, x := range e.v.Fields() {
		key := field.Tag.Get("toml")
		switch {
		case key == "-" || slices.Contains(e.by, key) || x.IsZero():
		case x.Kind() == reflect.Map:
			words = append(words, key+" = "+quote(x.Interface().(queue.Text).In(d.languages...)))
		default:
			words = append(words, key+" = "+value(x, nil))
		}
	}
	return []string{strings.Join(words, ", ")}
}
