package config

import (
	"errors"
	"fmt"
	"strings"

	"github.com/BurntSushi/toml"
)

// Problem is one thing wrong with a file.
type Problem struct {
	Line  int    // 1 = first; 0 = not known
	Field string // "access[2].role", counted from 0
	Value string // what stands there; secrets are left out
	Msg   string // what is wrong
	Hint  string // how to put it right
}

// String is one line without its end.
func (p Problem) String() string {
	var b strings.Builder
	if p.Line > 0 {
		fmt.Fprintf(&b, "line %d: ", p.Line)
	}
	b.WriteString(p.Field)
	if p.Value != "" {
		fmt.Fprintf(&b, " = %q", p.Value)
	}
	fmt.Fprintf(&b, ": %s. %s", p.Msg, p.Hint)
	return b.String()
}

// Error lists everything wrong with one file.
type Error struct {
	File     string // its path, or "" for bytes
	Problems []Problem
}

func (e *Error) Error() string {
	var b strings.Builder
	name := e.File
	if name == "" {
		name = "configuration"
	}
	s := "s"
	if len(e.Problems) == 1 {
		s = ""
	}
	fmt.Fprintf(&b, "%s: %d problem%s", name, len(e.Problems), s)
	for _, p := range e.Problems {
		b.WriteString("\n  ")
		b.WriteString(p.String())
	}
	return b.String()
}

// syntax makes a problem of what the TOML reader says.
func syntax(err error) Problem {
	p := Problem{Field: "(file)", Msg: strings.TrimPrefix(err.Error(), "toml: "), Hint: "Correct the line; strings stand in double quotes, lists in square brackets."}
	var pe toml.ParseError
	if errors.As(err, &pe) {
		p.Line, p.Msg = pe.Position.Line, pe.Message
		if pe.LastKey != "" {
			p.Field = pe.LastKey
		}
	}
	return p
}
