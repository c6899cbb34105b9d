package web

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// source is the language texts are written in first and every other falls back to.
const source = "vi"

// order is that of the languages where nobody chose another, the source first;
// those not named follow by their codes.
var order = []string{source, "en", "de"}

// catalogue is every text of every language.
type catalogue struct {
	languages []string
	texts     map[string]map[string]*message // language → key
	area      map[string]map[string][]string // language → area → keys
}

// readCatalogue reads i18n/<language>/<area>.json and reports every broken
// file and message at once.
func readCatalogue(root fs.FS) (catalogue, error) {
	c := catalogue{texts: map[string]map[string]*message{}, area: map[string]map[string][]string{}}
	files, err := fs.Glob(root, "*/*.json")
	if err != nil {
		return c, fmt.Errorf("list texts: %w", err)
	}
	var wrong []error
	for _, name := range files {
		lang, area := path.Dir(name), strings.TrimSuffix(path.Base(name), ".json")
		b, err := fs.ReadFile(root, name)
		if err != nil {
			return c, fmt.Errorf("read texts: %w", err)
		}
		var raw map[string]string
		if err := json.Unmarshal(b, &raw); err != nil {
			wrong = append(wrong, fmt.Errorf("i18n/%s: %w", name, err))
			continue
		}
		if c.texts[lang] == nil {
			c.texts[lang], c.area[lang] = map[string]*message{}, map[string][]string{}
			c.languages = append(c.languages, lang)
		}
		for key, src := range raw {
			if c.texts[lang][key] != nil {
				wrong = append(wrong, fmt.Errorf("i18n/%s: %s is in another file too", name, key))
			}
			m, err := parseMessage(src)
			if err != nil {
				wrong = append(wrong, fmt.Errorf("i18n/%s: %s: %w", name, key, err))
				continue
			}
			c.texts[lang][key] = m
			c.area[lang][area] = append(c.area[lang][area], key)
		}
	}
	if c.texts[source] == nil {
		wrong = append(wrong, fmt.Errorf("i18n/%s: no texts; it is the language all others fall back to", source))
	}
	rank := func(lang string) int {
		if i := slices.Index(order, lang); i >= 0 {
			return i
		}
		return len(order)
	}
	slices.SortFunc(c.languages, func(a, b string) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), strings.Compare(a, b))
	})
	return c, errors.Join(wrong...)
}

// language returns lang if there are texts in it, or else the source.
func (c *catalogue) language(lang string) string {
	if c.texts[lang] != nil {
		return lang
	}
	return source
}

func (c *catalogue) text(lang, key string, args map[string]any) string {
	for _, l := range []string{lang, source} {
		if m := c.texts[l][key]; m != nil {
			return m.format(l, args)
		}
	}
	return key
}

// words are texts on their way to the script: each key once, since a page of
// three languages is a third lighter so, and beside it the texts of each
// language in the keys' order.
type words struct {
	Keys  []string            `json:"keys"`
	Texts map[string][]string `json:"texts"`
}

// messages returns the sources of whole areas in the languages there are.
func (c *catalogue) messages(areas, langs []string) words {
	out := words{Keys: []string{}, Texts: map[string][]string{}}
	for _, a := range areas {
		out.Keys = append(out.Keys, slices.Sorted(slices.Values(c.area[source][a]))...)
	}
	for _, l := range langs {
		if c.texts[l] == nil {
			continue
		}
		list := make([]string, len(out.Keys))
		for i, k := range out.Keys {
			if m := c.texts[l][k]; m != nil {
				list[i] = m.src
			}
		}
		out.Texts[l] = list
	}
	return out
}
