// Command licences prints the licence texts of all that is not ours in
// programs that were built: of each module linked into them, of Go itself, of
// the typefaces and scripts embedded in them, and of the C library.
//
//	licences -libc /usr/share/doc/libc6-dev/copyright motcuad motcua
//
// A part without a licence text is an error, so that no package can be built
// that hands out somebody's work without the words its author asks for.
package main

import (
	"bytes"
	"cmp"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// text is one licence and whose it is.
type text struct {
	of   string // "github.com/mattn/go-sqlite3 v1.14.53"
	file string
	body []byte
}

func main() {
	libc := flag.String("libc", "", "copyright file of the C library that is linked in")
	flag.Parse()
	if flag.NArg() == 0 {
		fmt.Fprintln(os.Stderr, "usage: licences [-libc FILE] PROGRAM…")
		os.Exit(2)
	}
	texts, err := collect(flag.Args(), *libc)
	if err == nil {
		err = write(os.Stdout, texts)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "licences:", err)
		os.Exit(1)
	}
}

func collect(programs []string, libc string) ([]text, error) {
	linked := map[string]bool{}
	for _, path := range programs {
		info, err := buildinfo.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", path, err)
		}
		for _, m := range info.Deps {
			if m.Replace != nil {
				m = m.Replace
			}
			linked[m.Path+"@"+m.Version] = true
		}
	}
	var texts []text
	var errs []error
	for _, module := range slices.Sorted(maps.Keys(linked)) {
		found, err := ofModule(module)
		texts, errs = append(texts, found...), append(errs, err)
	}
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, fmt.Errorf("look for Go: %w", err)
	}
	found, err := ofFolder("Go and its standard library", strings.TrimSpace(string(root)), false)
	texts, errs = append(texts, found...), append(errs, err)
	found, err = embedded("internal")
	texts, errs = append(texts, found...), append(errs, err)
	if libc != "" {
		body, err := os.ReadFile(libc)
		if err != nil {
			err = fmt.Errorf("licence of the C library: %w", err)
		}
		texts, errs = append(texts, text{"the C library, which is linked in statically", filepath.Base(libc), body}), append(errs, err)
	}
	return texts, errors.Join(errs...)
}

// ofModule finds the licences of a module at path@version in the module cache.
func ofModule(module string) ([]text, error) {
	out, err := exec.Command("go", "mod", "download", "-json", module).Output()
	if err != nil {
		return nil, fmt.Errorf("find %s: %w: %s", module, err, out)
	}
	var m struct{ Path, Version, Dir string }
	if err := json.Unmarshal(out, &m); err != nil {
		return nil, fmt.Errorf("find %s: %w", module, err)
	}
	return ofFolder(m.Path+" "+m.Version, m.Dir, true)
}

// licence is how the files are called that hold one; a NOTICE must go along
// with it where there is one (Apache-2.0 §4d).
var licence = regexp.MustCompile(`(?i)^(licen[cs]es?|copying|notice|patents|unlicense)(\.(txt|md))?$|-OFL\.txt$|^OFL\.txt$|\.LICENSES\.txt$`)

// ofFolder finds the licences in a folder, and with deep in those below it, but
// for what is only tests. The same text is kept once.
func ofFolder(of, dir string, deep bool) ([]text, error) {
	var texts []text
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != dir && (!deep || d.Name() == "testdata"):
			return fs.SkipDir
		case d.IsDir() || !licence.MatchString(d.Name()):
			return nil
		}
		body, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(texts, func(t text) bool { return bytes.Equal(t.body, body) }) {
			file, err := filepath.Rel(dir, path)
			if err != nil {
				return err
			}
			texts = append(texts, text{of, file, body})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look for the licence of %s: %w", of, err)
	}
	if !slices.ContainsFunc(texts, func(t text) bool { return len(bytes.TrimSpace(t.body)) > 0 }) {
		return nil, fmt.Errorf("%s has no licence text in %s: it can't be in a package; ask its authors, or do without it", of, dir)
	}
	return texts, nil
}

// embedded finds the licences beside typefaces and scripts of others below
// root. A folder that has some of those and no licence is an error.
func embedded(root string) (texts []text, err error) {
	folders := map[string]bool{}
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && d.Name() == "testdata" {
			return fs.SkipDir
		}
		switch dir := filepath.Dir(path); {
		case slices.Contains([]string{".ttf", ".otf", ".woff", ".woff2"}, filepath.Ext(path)),
			filepath.Base(dir) == "vendor" && filepath.Ext(path) == ".js":
			folders[dir] = true
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look for what is embedded: %w", err)
	}
	for _, dir := range slices.Sorted(maps.Keys(folders)) {
		found, e := ofFolder("what is embedded from "+filepath.ToSlash(dir), dir, false)
		texts, err = append(texts, found...), errors.Join(err, e)
	}
	return texts, err
}

func write(w io.Writer, texts []text) error {
	slices.SortStableFunc(texts, func(a, b text) int { return cmp.Compare(a.of, b.of) })
	var b bytes.Buffer
	b.WriteString("What others wrote and these programs contain, with the words of its licences.\n")
	for _, t := range texts {
		fmt.Fprintf(&b, "\n==== %s: %s ====\n\n%s\n", t.of, t.file, bytes.TrimSpace(t.body))
	}
	_, err := w.Write(b.Bytes())
	return err
}
