package web

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"slices"
	"strings"
	"testing"
)

// TestVectors runs the messages that js/lib/text.js is held to as well.
func TestVectors(t *testing.T) {
	b, err := fs.ReadFile(embedded, "i18n/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct {
		Lang, Src, Want string
		Args            map[string]any
	}
	if err := json.Unmarshal(b, &vectors); err != nil {
		t.Fatal(err)
	}
	for _, v := range vectors {
		m, err := parseMessage(v.Src)
		if err != nil {
			t.Errorf("%q: %v", v.Src, err)
			continue
		}
		if got := m.format(v.Lang, v.Args); got != v.Want {
			t.Errorf("%s %q with %v = %q, want %q", v.Lang, v.Src, v.Args, got, v.Want)
		}
	}
}

func TestBrokenMessages(t *testing.T) {
	for src, want := range map[string]string{
		"{":                           "without a name",
		"{n":                          "missing after {n",
		"a } b":                       "too many",
		"{n, number}":                 "only plural and select",
		"{n, plural, one {x}}":        "there is no other",
		"{n, plural, other {x}":       "closing brace is missing",
		"{n, plural, other x}":        "opening brace is missing",
		"{n, select, other {{m, pl}}": "only plural and select",
	} {
		if _, err := parseMessage(src); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("parse %q: error %v, want one with %q", src, err, want)
		}
	}
}

// TestTextsComplete is the lint of the catalogue: the same files, keys and
// arguments in every language.
func TestTextsComplete(t *testing.T) {
	w, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := w.built.catalogue
	for _, lang := range c.languages {
		for key, m := range c.texts[source] {
			other := c.texts[lang][key]
			if other == nil {
				t.Errorf("%s has no %q", lang, key)
			} else if !slices.Equal(m.args(), other.args()) {
				t.Errorf("%s %q takes %v, %s takes %v", lang, key, other.args(), source, m.args())
			} else if strings.TrimSpace(other.src) == "" {
				t.Errorf("%s %q is empty", lang, key)
			}
		}
		for key := range c.texts[lang] {
			if c.texts[source][key] == nil {
				t.Errorf("%s has %q, %s has not", lang, key, source)
			}
		}
		for area, keys := range c.area[source] {
			for _, key := range keys {
				if !slices.Contains(c.area[lang][area], key) {
					t.Errorf("%s has %q in another file than %s.json", lang, key, area)
				}
			}
		}
	}
}

// TestKeysOnce: JSON takes the last of two same keys without a word, so two
// people may each word a text and one of them in vain.
func TestKeysOnce(t *testing.T) {
	files, err := fs.Glob(embedded, "i18n/*/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		b, err := fs.ReadFile(embedded, name)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		d := json.NewDecoder(bytes.NewReader(b))
		for i := 0; ; i++ {
			token, err := d.Token()
			if err != nil {
				break
			}
			// The file is one flat object: after its brace, keys and texts in turn.
			if key, ok := token.(string); ok && i%2 == 1 {
				if seen[key] {
					t.Errorf("%s has %q twice", name, key)
				}
				seen[key] = true
			}
		}
	}
}
