package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// table reads the keys of one TOML table and remembers every problem, so that
// one wrong value does not hide the next. What is left over is unknown.
type table struct {
	path string // "", "printer.", "access[0]."
	in   map[string]any
	at   map[string]int
	to   *[]Problem
}

func (t table) problem(key, value string, w flaw) {
	field := t.path + key
	line := t.at[field]
	if line == 0 { // a table that lacks the key: point at its head
		line = t.at[strings.TrimSuffix(t.path, ".")]
	}
	*t.to = append(*t.to, Problem{Line: line, Field: field, Code: w.code, Value: value, Msg: w.msg, Hint: w.hint, Args: w.args})
}

// text reads a string; check returns what is wrong with it.
func (t table) text(key string, into *string, check func(string) flaw) {
	v, ok := t.in[key]
	if ok {
		delete(t.in, key)
		s, ok := v.(string)
		if !ok {
			t.problem(key, fmt.Sprint(v), flaw{flawText, "this must be text", `Write it in double quotes: ` + key + ` = "…".`, nil})
			return
		}
		*into = s
	}
	if check != nil {
		if w := check(*into); w.code != "" {
			t.problem(key, *into, w)
		}
	}
}

// number reads a whole number from low to high.
func (t table) number(key string, into *int, low, high int) {
	v, ok := t.in[key]
	if !ok {
		return
	}
	delete(t.in, key)
	n, ok := v.(int64)
	if !ok || n < int64(low) || n > int64(high) {
		t.problem(key, fmt.Sprint(v), flaw{flawRange, fmt.Sprintf("this is no whole number from %d to %d", low, high),
			"Write it without quotes: " + key + " = …", args{"low": low, "high": high}})
		return
	}
	*into = int(n)
}

// flag reads true or false.
func (t table) flag(key string, into *bool) {
	v, ok := t.in[key]
	if !ok {
		return
	}
	delete(t.in, key)
	b, ok := v.(bool)
	if !ok {
		t.problem(key, fmt.Sprint(v), flaw{flawBool, "this must be true or false", "Write it without quotes.", nil})
		return
	}
	*into = b
}

// texts reads a list of strings.
func (t table) texts(key string, into *[]string, check func(string) flaw) {
	v, ok := t.in[key]
	if !ok {
		return
	}
	delete(t.in, key)
	list, ok := v.([]any)
	if !ok {
		t.problem(key, fmt.Sprint(v), flaw{flawList, "this must be a list", `Write it in square brackets: ` + key + ` = ["…", "…"].`, args{"path": t.path + key}})
		return
	}
	*into = nil
	for _, x := range list {
		s, ok := x.(string)
		if !ok {
			t.problem(key, fmt.Sprint(x), flaw{flawText, "every entry must be text", "Write each in double quotes.", nil})
			continue
		}
		if w := check(s); w.code != "" {
			t.problem(key, s, w)
			continue
		}
		*into = append(*into, s)
	}
}

// sub reads a table below this one; an absent one is empty.
func (t table) sub(key string, read func(table)) {
	v, ok := t.in[key]
	delete(t.in, key)
	m, isTable := v.(map[string]any)
	if ok && !isTable {
		t.problem(key, fmt.Sprint(v), flaw{flawTable, "this must be a table", "Write [" + t.path + key + "] on a line of its own and its keys below.", args{"path": t.path + key}})
		return
	}
	if m == nil {
		m = map[string]any{}
	}
	s := table{path: t.path + key + ".", in: m, at: t.at, to: t.to}
	read(s)
	s.rest()
}

// list reads tables written [[key]].
func (t table) list(key string, read func(i int, e table)) {
	v, ok := t.in[key]
	delete(t.in, key)
	if !ok {
		return
	}
	var list []map[string]any
	switch v := v.(type) {
	case []map[string]any:
		list = v
	case []any:
		for _, x := range v {
			if m, ok := x.(map[string]any); ok {
				list = append(list, m)
			}
		}
		if len(list) != len(v) {
			t.problem(key, "", flaw{flawTables, "this must be a list of tables", "Write [[" + t.path + key + "]] before each entry.", args{"path": t.path + key}})
			return
		}
	default:
		t.problem(key, "", flaw{flawTables, "this must be a list of tables", "Write [[" + t.path + key + "]] before each entry.", args{"path": t.path + key}})
		return
	}
	for i, m := range list {
		s := table{path: fmt.Sprintf("%s%s[%d].", t.path, key, i), in: m, at: t.at, to: t.to}
		read(i, s)
		s.rest()
	}
}

// rest names every key nobody has read.
func (t table) rest() {
	for _, key := range slices.Sorted(maps.Keys(t.in)) {
		t.problem(key, "", flaw{flawUnknownKey, "this key is unknown", "Check its spelling against the example, or remove it.", args{"n": 0, "list": ""}})
	}
}
