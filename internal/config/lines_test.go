package config

import (
	"fmt"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/google/go-cmp/cmp"
)

func TestLines(t *testing.T) {
	got := lines(strings.ReplaceAll(`# a comment with [brackets] and = signs
languages = [
  "vi", # "en",
  "en",
]
[centre] # here
id = "x]"
name = { vi = "một\"", "en" = 'a # b' }
notice.vi = '''
[[sessions]]
id = "not a key"'''

[[sessions]]
id = "morning"
  [sessions.name]
  vi = "S~"
[[sessions]]
days = ["mon",
        "tue"] # both
holidays = [
  { from = "2027-01-01", name = { vi = "T" } },
  { from = "2027-02-04",
    name = { vi = "T" } },
]
[[a.b]]
x = 1
[[a.b]]
[[a.b.c]]
y = """"""
z = 1979-05-27 07:32:00
`, "~", "\u00e1"))
	want := map[string]int{
		"languages": 2, "languages[0]": 3, "languages[1]": 4,
		"centre": 6, "centre.id": 7, "centre.name": 8, "centre.name.vi": 8, "centre.name.en": 8,
		"centre.notice": 9, "centre.notice.vi": 9,
		"sessions": 13, "sessions[0]": 13, "sessions[0].id": 14, "sessions[0].name": 15, "sessions[0].name.vi": 16,
		"sessions[1]": 17, "sessions[1].days": 18, "sessions[1].days[0]": 18, "sessions[1].days[1]": 19,
		"sessions[1].holidays": 20, "sessions[1].holidays[0]": 21, "sessions[1].holidays[0].from": 21,
		"sessions[1].holidays[0].name": 21, "sessions[1].holidays[0].name.vi": 21,
		"sessions[1].holidays[1]": 22, "sessions[1].holidays[1].from": 22,
		"sessions[1].holidays[1].name": 23, "sessions[1].holidays[1].name.vi": 23,
		"a": 25, "a.b": 25, "a.b[0]": 25, "a.b[0].x": 26, "a.b[1]": 27, "a.b[1].c": 28, "a.b[1].c[0]": 28, "a.b[1].c[0].y": 29, "a.b[1].c[0].z": 30,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	for field, line := range map[string]int{"languages[7]": 2, "centre.slip.vi": 6, "sessions[1].name.vi": 17, "quotas": 0, "": 0} {
		if n := lineOf(got, field); n != line {
			t.Errorf("%s is said to be in line %d, want %d", field, n, line)
		}
	}
}

// Whatever the reader takes, each of its keys has a line of the text.
func FuzzLines(f *testing.F) {
	f.Add(string(demo))
	f.Add(string(example))
	f.Add("a.b = { c = [ 1, { d = '''\n''' } ] }\n[[e]]\n[e.f]\n\"g.h\" = \"\"\"a\"\"\"\"\"\n")
	f.Fuzz(func(t *testing.T, text string) {
		in := map[string]any{}
		if _, err := toml.Decode(text, &in); err != nil {
			return
		}
		at := lines(text)
		last := strings.Count(text, "\n") + 1
		var walk func(v any, path string)
		walk = func(v any, path string) {
			if line := at[path]; path != "" && (line < 1 || line > last) {
				t.Errorf("%q is said to be in line %d of %d", path, line, last)
			}
			switch v := v.(type) {
			case map[string]any:
				for k, x := range v {
					if strings.ContainsAny(k, "\\\"\a\b\t\n\f\r\v\u001b") || k == "" {
						continue // may be written with escapes
					}
					walk(x, strings.TrimPrefix(path+"."+k, "."))
				}
			case []map[string]any:
				for i, x := range v {
					walk(x, fmt.Sprintf("%s[%d]", path, i))
				}
			case []any:
				for i, x := range v {
					walk(x, fmt.Sprintf("%s[%d]", path, i))
				}
			}
		}
		walk(in, "")
	})
}
