package archtest

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "motcua"

// listed is what `go list -json` says of a package.
type listed struct {
	ImportPath string
	Name, Doc  string
	Dir        string
	Standard   bool
	Imports    []string
	Module     *struct {
		Path string
		Main bool
	}
}

// load lists the module's packages with all they depend on.
func load(t *testing.T) map[string]listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-json=ImportPath,Name,Doc,Dir,Standard,Imports,Module", "./...")
	cmd.Dir = filepath.Join("..", "..")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]listed{}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all[p.ImportPath] = p
	}
}

func TestImports(t *testing.T) {
	all := load(t)
	for path, p := range all {
		if p.Module == nil || !p.Module.Main {
			continue
		}
		name := strings.TrimPrefix(path, module+"/")
		r, ok := rooms[name]
		if !ok {
			t.Errorf("%s has no entry in the import table: enter it with what it may import, and why", name)
			continue
		}
		for _, i := range p.Imports {
			dep := all[i]
			switch {
			case strings.HasPrefix(i, module+"/"):
				ours := strings.TrimPrefix(i, module+"/")
				if strings.HasPrefix(ours, "cmd/") {
					t.Errorf("%s imports %s: commands are imported by nobody", name, ours)
				} else if !slices.Contains(r.ours, "*") && !slices.Contains(r.ours, ours) {
					t.Errorf("%s imports %s, but %s", name, ours, r.why)
				}
			case dep.Standard:
				if r.pure && slices.Contains(impure, i) {
					t.Errorf("%s imports %s, but it is pure: %s", name, i, r.why)
				}
			case dep.Module != nil:
				home, known := homes[dep.Module.Path]
				if !known {
					t.Errorf("%s imports %s, which has no home in the table", name, dep.Module.Path)
				} else if !slices.Contains(home.in, name) {
					t.Errorf("%s imports %s, whose home (%s) is %v", name, dep.Module.Path, home.why, home.in)
				}
			}
		}
		// A pure room must not reach others' code by any way.
		if r.pure {
			for _, dep := range reach(all, path) {
				if m := all[dep].Module; m != nil && !m.Main {
					t.Errorf("%s depends on %s, but it is pure: %s", name, dep, r.why)
				}
			}
		}
	}
}

// TestTableIsCurrent: an entry nobody needs any more is a wall in the air.
func TestTableIsCurrent(t *testing.T) {
	all := load(t)
	for name := range rooms {
		if _, ok := all[module+"/"+name]; !ok {
			t.Errorf("the table has %s, the module has not", name)
		}
	}
	for path, p := range all {
		if p.Module != nil && p.Module.Main && p.Doc == "" {
			t.Errorf("%s has no package comment", path)
		}
	}
}

// TestPureRoomsReadNoClock: time.Now in a pure room would make two replays differ.
func TestPureRoomsReadNoClock(t *testing.T) {
	for path, p := range load(t) {
		if p.Module == nil || !p.Module.Main || !rooms[strings.TrimPrefix(path, module+"/")].pure {
			continue
		}
		files, err := filepath.Glob(filepath.Join(p.Dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if strings.HasSuffix(f, "_test.go") {
				continue
			}
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			for _, banned := range []string{"time.Now(", "time.Since(", "time.Until("} {
				if strings.Contains(string(text), banned) {
					t.Errorf("%s calls %s", f, strings.TrimSuffix(banned, "("))
				}
			}
		}
	}
}

func reach(all map[string]listed, from string) []string {
	seen := map[string]bool{}
	var walk func(string)
	walk = func(p string) {
		for _, i := range all[p].Imports {
			if !seen[i] && !all[i].Standard {
				seen[i] = true
				walk(i)
			}
		}
	}
	walk(from)
	var list []string
	for p := range seen {
		list = append(list, p)
	}
	slices.Sort(list)
	return list
}
