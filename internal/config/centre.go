package config

import (
	_ "embed"
	"errors"
	"fmt"
	"os"
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
// keys and everything [queue.Config.Check] and the checks find; a value of the
// wrong kind ends the reading and is named alone.
func ParseCentre(text []byte, checks ...func(*queue.Config) queue.Problems) (queue.Config, error) {
	c := queue.Config{Routing: queue.DefaultRouting(), Calls: queue.DefaultCalls()}
	meta, err := toml.Decode(string(text), &c)
	if err != nil {
		return queue.Config{}, &Error{Problems: []Problem{syntax(err)}}
	}
	at := lines(string(text))
	var found []Problem
	for _, key := range meta.Undecoded() {
		found = append(found, Problem{Line: at[key.String()], Field: key.String(),
			Msg: "this key is unknown", Hint: "Check its spelling, or remove it."})
	}
	problems := c.Check()
	for _, check := range checks {
		problems = append(problems, check(&c)...)
	}
	for _, p := range problems {
		found = append(found, Problem{Line: lineOf(at, p.Field), Field: p.Field, Value: p.Value, Msg: p.Msg, Hint: p.Hint})
	}
	if len(found) > 0 {
		return queue.Config{}, &Error{Problems: slices.Clip(found)}
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
