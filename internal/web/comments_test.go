package web

import (
	"bytes"
	"io/fs"
	"path"
	"strings"
	"testing"
)

func TestWithoutComments(t *testing.T) {
	for name, c := range map[string]struct{ source, want string }{
		"line":               {"// why\nlet a = 1; // one\n", "\nlet a = 1; // one\n"},
		"block":              {"/**\n * why\n */\nlet a;\n", "\n\n\nlet a;\n"},
		"block of one line":  {"  /* why */\na {}\n", "\na {}\n"},
		"code after it":      {"/* why */ a {}\n", "/* why */ a {}\n"},
		"licence":            {"/*! MIT */\nlet a;\n", "/*! MIT */\nlet a;\n"},
		"template literal":   {"const a = `\n// not one\n/* nor this */\n`;\n// one\n", "const a = `\n// not one\n/* nor this */\n`;\n\n"},
		"no line at the end": {"let a;\n// why", "let a;\n\n"},
	} {
		if got := string(withoutComments([]byte(c.source))); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// What is left of the house's own files has no line that begins as a comment
// does, and every line that is left is where it was. That they still run is
// for the browser's tests.
func TestServedFilesHaveNoComments(t *testing.T) {
	static, err := fs.Sub(embedded, "static")
	if err != nil {
		t.Fatal(err)
	}
	before, after := 0, 0
	err = fs.WalkDir(static, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || path.Ext(name) != ".js" && path.Ext(name) != ".css" || strings.HasPrefix(name, "vendor/") {
			return err
		}
		b, err := fs.ReadFile(static, name)
		if err != nil {
			return err
		}
		served := withoutComments(b)
		before, after = before+len(b), after+len(served)
		was, is := bytes.Split(b, []byte("\n")), bytes.Split(served, []byte("\n"))
		if len(was) != len(is) {
			t.Errorf("%s: %d lines of %d", name, len(is), len(was))
			return nil
		}
		for i := range is {
			if len(is[i]) > 0 && !bytes.Equal(is[i], was[i]) {
				t.Errorf("%s:%d: %q was %q", name, i+1, is[i], was[i])
			}
			if s := bytes.TrimSpace(is[i]); bytes.HasPrefix(s, []byte("//")) || bytes.HasPrefix(s, []byte("/**")) {
				t.Errorf("%s:%d: %q is served", name, i+1, s)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes of %d are served", after, before)
}
