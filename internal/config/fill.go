package config

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"
)

// filler puts a decoded TOML text into a struct. The TOML reader itself stops
// at the first value of a wrong kind; this one notes each and goes on.
type filler struct {
	at    map[string]int
	found []Problem
	wrong []string // fields that kept their zero value
}

func (f *filler) problem(path string, v any, w flaw) {
	value := ""
	switch v := v.(type) {
	case map[string]any, []map[string]any, []any, time.Time, nil: // a date of TOML's own isn't written back as it was
	default:
		value = fmt.Sprint(v)
	}
	f.found = append(f.found, Problem{Line: lineOf(f.at, path), Field: path, Code: w.code, Value: value, Msg: w.msg, Hint: w.hint, Args: w.args})
}

func (f *filler) wrongKind(path string, v any, w flaw) {
	f.problem(path, v, w)
	f.wrong = append(f.wrong, path)
}

// excused reports whether what is wrong at a field follows from its kind.
func (f *filler) excused(field string) bool {
	return slices.ContainsFunc(f.wrong, func(w string) bool {
		rest, ok := strings.CutPrefix(field, w)
		return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
	})
}

// fill sets dst, of the kinds a configuration is made of, from v.
func (f *filler) fill(dst reflect.Value, v any, path string) {
	switch dst.Kind() {
	case reflect.Struct:
		m, ok := v.(map[string]any)
		if !ok {
			f.wrongKind(path, v, flaw{flawTable, "this must be a table", "Write [" + path + "] on a line of its own and its keys below.", args{"path": path}})
			return
		}
		if d, ok := dst.Addr().Interface().(interface{ SetDefaults() }); ok {
			d.SetDefaults()
		}
		f.table(dst, m, path)
	case reflect.Map: // words by language
		m, ok := v.(map[string]any)
		if !ok {
			f.wrongKind(path, v, flaw{flawWords, "these must be words by language", `Write { vi = "…", en = "…" }.`, nil})
			return
		}
		if len(m) == 0 {
			return // as if it were left out
		}
		dst.Set(reflect.MakeMap(dst.Type()))
		for _, k := range slices.Sorted(maps.Keys(m)) {
			e := reflect.New(dst.Type().Elem()).Elem()
			f.fill(e, m[k], path+"."+k)
			dst.SetMapIndex(reflect.ValueOf(k), e)
		}
	case reflect.Slice:
		list := reflect.ValueOf(v)
		if list.Kind() != reflect.Slice {
			f.wrongKind(path, v, flaw{flawList, "this must be a list", "Write each table below [[" + path + "]], or values in square brackets.", args{"path": path}})
			return
		}
		if list.Len() == 0 {
			return // as if it were left out
		}
		dst.Set(reflect.MakeSlice(dst.Type(), list.Len(), list.Len()))
		for i := range list.Len() {
			f.fill(dst.Index(i), list.Index(i).Interface(), fmt.Sprintf("%s[%d]", path, i))
		}
	case reflect.String:
		s, ok := v.(string)
		if !ok {
			f.wrongKind(path, v, flaw{flawText, "this must be text", "Write it in double quotes.", nil})
			return
		}
		dst.SetString(s)
	case reflect.Int:
		n, ok := v.(int64)
		if !ok || dst.OverflowInt(n) {
			f.wrongKind(path, v, flaw{flawNumber, "this must be a whole number", "Write it in digits, without quotes.", nil})
			return
		}
		dst.SetInt(n)
	case reflect.Bool:
		b, ok := v.(bool)
		if !ok {
			f.wrongKind(path, v, flaw{flawBool, "this must be true or false", "Write it without quotes.", nil})
			return
		}
		dst.SetBool(b)
	default:
		panic(fmt.Sprintf("config: no rule for %s, a %s", path, dst.Kind()))
	}
}

func (f *filler) table(dst reflect.Value, m map[string]any, path string) {
	if path != "" {
		path += "."
	}
	known := map[string]reflect.Value{}
	for field, to := range dst.Fields() {
		if key := field.Tag.Get("toml"); key != "-" {
			known[key] = to
		}
	}
	for _, k := range slices.Sorted(maps.Keys(m)) {
		if to, ok := known[k]; ok {
			f.fill(to, m[k], path+k)
			continue
		}
		list := strings.Join(slices.Sorted(maps.Keys(known)), ", ")
		f.problem(path+k, nil, flaw{flawUnknownKey, "this key is unknown", "Check its spelling, or remove it. Known here: " + list + ".",
			args{"n": len(known), "list": list}})
	}
}
