package web_test

import (
	"io/fs"
	"path"
	"regexp"
	"strings"
	"testing"

	"motcua/internal/web"
)

// TestFloor keeps out what Chrome 87 and Safari 14 do not know, and any
// address of another host.
func TestFloor(t *testing.T) {
	forbidden := map[string]*regexp.Regexp{
		".js":  regexp.MustCompile(`\.at\(|structuredClone|\.replaceAll\(|\.findLast|Object\.hasOwn|\?\?=|\|\|=|&&=|randomUUID|speechSynthesis`),
		".css": regexp.MustCompile(`:has\(|@layer|@container|color-mix|oklch|\d[dsl]v[hw]\b|inset:|aspect-ratio|@import`),
	}
	foreign := regexp.MustCompile(`(?:https?:)?//[a-z0-9-]+\.[a-z]{2,}`)
	err := fs.WalkDir(web.Files(), "static", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.Contains(name, "/vendor/") || strings.Contains(name, ".test.") {
			return err
		}
		b, err := fs.ReadFile(web.Files(), name)
		if err != nil {
			return err
		}
		if re := forbidden[path.Ext(name)]; re != nil {
			for i, line := range strings.Split(string(b), "\n") {
				code, _, _ := strings.Cut(line, "// ")
				if strings.HasPrefix(strings.TrimSpace(code), "*") { // a comment's line
					continue
				}
				if m := re.FindString(code); m != "" {
					t.Errorf("%s:%d: %q is newer than the oldest browser", name, i+1, m)
				}
				if m := foreign.FindString(code); m != "" && !strings.Contains(line, "www.w3.org") {
					t.Errorf("%s:%d: %q is another host", name, i+1, m)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestTemplatesNameNoHost: a page asks nobody but its own daemon for anything.
func TestTemplatesNameNoHost(t *testing.T) {
	foreign := regexp.MustCompile(`(?i)(?:https?:)?//[a-z0-9-]+\.[a-z]{2,}`)
	names, err := fs.Glob(web.Files(), "templates/*.html")
	if err != nil || len(names) == 0 {
		t.Fatalf("templates: %v %v", names, err)
	}
	for _, name := range names {
		b, err := fs.ReadFile(web.Files(), name)
		if err != nil {
			t.Fatal(err)
		}
		if m := foreign.Find(b); m != nil {
			t.Errorf("%s: %q is another host", name, m)
		}
	}
}
