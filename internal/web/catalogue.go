package web

import (
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
	slices.SortFunc(c.languages, func(a, b string) int {
		if (a == source) != (b == source) {
			if a == source {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b)
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

// messages returns the sources of whole areas, by language and key, for the script.
func (c *catalogue) messages(areas, langs []string) map[string]map[string]string {
	out := map[string]map[string]string{}
	for _, l := range langs {
		if c.texts[l] == nil {
			continue
		}
		out[l] = map[string]string{}
		for _, a := range areas {
			for _, k := range c.area[l][a] {
				out[l][k] = c.texts[l][k].src
			}
		}
	}
	return out
}
