package config

import (
	_ "embed"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"

	"github.com/BurntSushi/toml"

	"motcua/queue"
)

//go:embed demo.toml
var demo []byte

// Demo is the demonstration office: a ward centre's shape, no real place.
func Demo() (queue.Config, error) { return ParseCentre(demo) }

// LoadCentre reads a centre file. The error is an [*Error] with all problems,
// or says why the file can't be read. What the checks find is listed with the
// rest.
func LoadCentre(path string, checks ...func(*queue.Config) queue.Problems) (queue.Config, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return queue.Config{}, fmt.Errorf("read centre: %w", err)
	}
	c, err := ParseCentre(b, checks...)
	if e := (*Error)(nil); errors.As(err, &e) {
		e.File = path
	}
	return c, err
}

// ParseCentre reads the text of a centre file. Routing and calls it doesn't
// mention take their defaults. The error is an [*Error] that lists unknown
// keys, values of the wrong kind and everything [queue.Config.Check] and the
// checks find; only text that is no TOML is named alone.
func ParseCentre(text []byte, checks ...func(*queue.Config) queue.Problems) (queue.Config, error) {
	in := map[string]any{}
	if _, err := toml.Decode(string(text), &in); err != nil {
		return queue.Config{}, &Error{Problems: []Problem{syntax(err)}}
	}
	c := queue.Config{Routing: queue.DefaultRouting(), Calls: queue.DefaultCalls()}
	f := filler{at: lines(string(text))}
	f.table(reflect.ValueOf(&c).Elem(), in, "")
	problems := c.Check()
	for _, check := range checks {
		problems = append(problems, check(&c)...)
	}
	for _, p := range problems {
		if !f.excused(p.Field) {
			f.found = append(f.found, Problem{Line: lineOf(f.at, p.Field), Field: p.Field, Value: p.Value, Msg: p.Msg, Hint: p.Hint})
		}
	}
	if len(f.found) > 0 {
		slices.SortStableFunc(f.found, func(a, b Problem) int { return a.Line - b.Line })
		return queue.Config{}, &Error{Problems: f.found}
	}
	return c, nil
}

// lineOf finds the line of a field, or of the nearest table round it.
func lineOf(at map[string]int, field string) int {
	for field != "" {
		if n := at[field]; n > 0 {
			return n
		}
		i := len(field) - 1
		for i > 0 && field[i] != '.' && field[i] != '[' {
			i--
		}
		field = field[:i]
	}
	return 0
}
