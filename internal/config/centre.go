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

//go:embed ward.toml
var ward []byte

// Ward is the text of a centre file that explains every key: a ward's centre
// with everything a centre may have, no real place.
func Ward() []byte { return slices.Clone(ward) }

// LoadCentre reads a centre file. The error is an [*Error] with all problems,
// or says why the file can't be read.
func LoadCentre(path string) (queue.Config, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return queue.Config{}, fmt.Errorf("read centre: %w", err)
	}
	c, err := ParseCentre(b)
	if e := (*Error)(nil); errors.As(err, &e) {
		e.File = path
	}
	return c, err
}

// ParseCentre reads the text of a centre file. Routing and calls it doesn't
// mention take their defaults. The error is an [*Error] that lists unknown
// keys, values of the wrong kind and everything [queue.Config.Check] and
// [Unprintable] find; only text that is no TOML is named alone.
func ParseCentre(text []byte) (queue.Config, error) {
	in := map[string]any{}
	if _, err := toml.Decode(string(text), &in); err != nil {
		return queue.Config{}, &Error{Problems: []Problem{syntax(err)}}
	}
	c := queue.Config{Routing: queue.DefaultRouting(), Calls: queue.DefaultCalls()}
	f := filler{at: lines(string(text))}
	f.table(reflect.ValueOf(&c).Elem(), in, "")
	for _, p := range append(c.Check(), Unprintable(&c)...) {
		if !f.excused(p.Field) {
			f.found = append(f.found, Problem{Line: lineOf(f.at, p.Field), Field: p.Field, Code: p.Code, Value: p.Value, Msg: p.Msg, Hint: p.Hint, Args: p.Args})
		}
	}
	if len(f.found) > 0 {
		slices.SortStableFunc(f.found, func(a, b Problem) int { return a.Line - b.Line })
		return queue.Config{}, &Error{Problems: f.found}
	}
	return c, nil
}
