package config

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"

	"motcua/queue"
)

// WriteCentre writes a centre file that explains itself: every section with
// what its keys mean, in an order that depends on the configuration alone, so
// that two files can be compared line by line. [ParseCentre] reads the same
// configuration from it. What drains, and what waits for the next opening, has
// no place in a file (see [queue.Config.Plain]).
func WriteCentre(w io.Writer, c *queue.Config) error {
	out := writer{out: bufio.NewWriter(w), languages: c.Languages}
	out.comment(preface)
	// Keys that belong to no table come before the first of them.
	out.section("languages")
	out.pair("languages", reflect.ValueOf(c.Languages))
	for field, v := range reflect.ValueOf(*c.Plain()).Fields() {
		switch key := field.Tag.Get("toml"); {
		case key == "-" || v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.String:
		case v.Kind() == reflect.Slice:
			out.list(key, v)
		default:
			out.table(key, v, strings.Contains(field.Tag.Get("json"), ",omitzero"))
		}
	}
	if err := out.out.Flush(); err != nil {
		return fmt.Errorf("write centre: %w", err)
	}
	return nil
}

type writer struct {
	out       *bufio.Writer // keeps the first error
	languages []string
}

func (w *writer) line(s string) {
	w.out.WriteString(s)
	w.out.WriteByte('\n')
}

func (w *writer) comment(text string) {
	for l := range strings.Lines(text) {
		w.line(strings.TrimRight("# "+strings.TrimRight(l, "\n"), " "))
	}
}

// columns is where the explanations of keys end.
const columns = 100

// section explains what comes, key by key.
func (w *writer) section(name string) {
	s := explained[name]
	w.line("")
	w.comment(s.about)
	width := 0
	for _, k := range s.keys {
		width = max(width, len(k[0]))
	}
	for _, k := range s.keys {
		head := fmt.Sprintf("#   %-*s  ", width, k[0])
		for _, l := range wrap(k[1], columns-len(head)) {
			w.line(head + l)
			head = "#" + strings.Repeat(" ", width+5)
		}
	}
}

// wrap breaks a text between words.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	return append(lines, line)
}

func (w *writer) table(key string, v reflect.Value, optional bool) {
	w.section(key)
	if optional && v.IsZero() {
		w.comment(explained[key].example)
		return
	}
	w.line("[" + key + "]")
	w.pairs(v)
}

func (w *writer) list(key string, v reflect.Value) {
	w.section(key)
	if v.Len() == 0 {
		w.comment(explained[key].example)
	}
	for i := range v.Len() {
		if i > 0 {
			w.line("")
		}
		w.line("[[" + key + "]]")
		w.pairs(v.Index(i))
	}
}

// pairs writes the keys of a struct but those that may be left out and say nothing.
func (w *writer) pairs(v reflect.Value) {
	for field, x := range v.Fields() {
		key := field.Tag.Get("toml")
		optional := strings.Contains(field.Tag.Get("json"), ",omitempty")
		nothing := optional && x.IsZero()
		if x.Kind() == reflect.Map || x.Kind() == reflect.Slice {
			nothing = x.Len() == 0
		}
		if key != "-" && !nothing {
			w.pair(key, x)
		}
	}
}

func (w *writer) pair(key string, v reflect.Value) { w.line(key + " = " + value(v, w.languages)) }

// value is a value of a configuration as TOML writes it, words in the order of
// the languages.
func value(v reflect.Value, languages []string) string {
	switch v.Kind() {
	case reflect.Map:
		t := v.Interface().(queue.Text)
		keys := slices.SortedFunc(maps.Keys(t), func(a, b string) int {
			if x, y := place(languages, a), place(languages, b); x != y {
				return x - y
			}
			return strings.Compare(a, b)
		})
		for i, l := range keys {
			keys[i] = bare(l) + " = " + quote(t[l])
		}
		return "{ " + strings.Join(keys, ", ") + " }"
	case reflect.Slice:
		entries := make([]string, v.Len())
		for i := range entries {
			entries[i] = value(v.Index(i), languages)
		}
		return "[" + strings.Join(entries, ", ") + "]"
	case reflect.String:
		return quote(v.String())
	}
	return fmt.Sprint(v.Interface())
}

// place is where a language stands in the hall's order; those it lacks are last.
func place(languages []string, l string) int {
	if i := slices.Index(languages, l); i >= 0 {
		return i
	}
	return len(languages)
}

// bare is a key as TOML writes it: in quotes only where it must be.
func bare(key string) string {
	if key != "" && strings.Trim(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == "" {
		return key
	}
	return quote(key)
}

// quote is a basic string of TOML 1.0.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < 0x20 || r == 0x7f:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
