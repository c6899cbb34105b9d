package config

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"motcua/printer/escpos"
)

// profileExt is what a profile's file ends in, and its name leaves out.
const profileExt = ".toml"

// IsProfileFile reports whether a [printer] profile names a file, and not a
// profile that comes with the program.
func IsProfileFile(profile string) bool {
	return strings.ContainsRune(profile, filepath.Separator) || strings.HasSuffix(profile, profileExt)
}

// LoadProfile reads a printer's profile from a file, whose name it takes. The
// error is an [*Error] with all problems, or says why the file can't be read.
func LoadProfile(path string) (escpos.Profile, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return escpos.Profile{}, fmt.Errorf("read printer profile: %w", err)
	}
	p, err := ParseProfile(b)
	if e := (*Error)(nil); errors.As(err, &e) {
		e.File = path
	}
	p.Name = strings.TrimSuffix(filepath.Base(path), profileExt)
	return p, err
}

// profileBase is what a file's profile is begun with, unless it says otherwise.
const profileBase = "generic"

// ParseProfile reads the text of a profile's file; the profile has no name.
// Keys that are left out have the values of the built-in profile based_on
// names, or else of generic's. The error is an [*Error].
func ParseProfile(text []byte) (escpos.Profile, error) {
	in := map[string]any{}
	if _, err := toml.Decode(string(text), &in); err != nil {
		return escpos.Profile{}, &Error{Problems: []Problem{syntax(err)}}
	}
	f := filler{at: lines(string(text))}
	base := profileBase
	if v, ok := in["based_on"]; ok {
		f.fill(reflect.ValueOf(&base).Elem(), v, "based_on")
	}
	p, err := escpos.Named(base)
	if err != nil {
		list := strings.Join(escpos.Profiles(), ", ")
		f.wrongKind("based_on", base, flaw{flawProfile, "there is no such printer profile", "Name one of " + list + ".", args{"list": list}})
		p, _ = escpos.Named(profileBase)
	}
	p.Name = ""
	known := []string{"based_on"}
	for _, k := range escpos.Keys() {
		known = append(known, k.Name)
	}
	for _, k := range slices.Sorted(maps.Keys(in)) {
		if !slices.Contains(known, k) {
			list := strings.Join(known, ", ")
			f.problem(k, nil, flaw{flawUnknownKey, "this key is unknown", "Check its spelling, or remove it. Known here: " + list + ".",
				args{"n": len(known), "list": list}})
			delete(in, k)
		}
	}
	delete(in, "based_on")
	f.table(reflect.ValueOf(&p).Elem(), in, "")
	if !f.excused("based_on") { // else nobody knows what it was meant to be
		f.check(p, in)
	}
	if len(f.found) > 0 {
		slices.SortStableFunc(f.found, func(a, b Problem) int { return a.Line - b.Line })
		return escpos.Profile{}, &Error{Problems: f.found}
	}
	return p, nil
}

// check notes what is wrong with a profile's values, at the key that the file
// has of those that contradict each other.
func (f *filler) check(p escpos.Profile, in map[string]any) {
	codes := map[string]string{escpos.BadRange: flawRange, escpos.BadChoice: flawChoice, escpos.BadPaper: flawPaper,
		escpos.BadNeeds: flawNeeds, escpos.BadBeside: flawBeside}
	for _, w := range p.Check() {
		if slices.ContainsFunc(w.Keys, f.excused) {
			continue
		}
		key := w.Keys[0]
		f.found = append(f.found, Problem{Line: f.at[key], Field: key, Code: codes[w.Code], Value: fmt.Sprint(p.Value(key)), Msg: w.Msg, Hint: w.Hint, Args: w.Args})
		for _, other := range w.Keys { // a value of the base has no line: the one that does not go with it has
			if last := &f.found[len(f.found)-1]; last.Line == 0 {
				last.Line = f.at[other]
			}
		}
	}
}

const profilePreface = `A printer's profile: what its model knows. To use it name it in motcua.toml:

  [printer]
  profile = "/etc/motcua/my-printer.toml"

Change what differs, leave the rest out, and print it with "motcua printer test".
"motcua printer profile FILE" says what is wrong with it. A key that is unknown
or contradicts another refuses the file; all mistakes are listed at once.`

// WriteProfile writes a built-in profile as a file that explains every key and
// gives the reason of each value; [ParseProfile] reads the same profile from
// it. The error names the profiles there are.
func WriteProfile(w io.Writer, name string) error {
	p, about, why, err := escpos.Explained(name)
	if err != nil {
		return err
	}
	out := writer{out: bufio.NewWriter(w)}
	out.comment(profilePreface)
	out.line("")
	out.wrapped(fmt.Sprintf("The built-in profile this one begins with, for all keys that are left out: %s. %s is for %s.",
		strings.Join(escpos.Profiles(), ", "), name, about))
	out.pair("based_on", reflect.ValueOf(name))
	for _, k := range escpos.Keys() {
		out.line("")
		out.wrapped(k.Help)
		out.wrapped("Here: " + why[k.Name] + ".")
		out.pair(k.Name, reflect.ValueOf(p.Value(k.Name)))
	}
	if err := out.out.Flush(); err != nil {
		return fmt.Errorf("write printer profile: %w", err)
	}
	return nil
}

// wrapped writes a comment in lines of columns.
func (w *writer) wrapped(text string) { w.comment(strings.Join(wrap(text, columns-2), "\n")) }
