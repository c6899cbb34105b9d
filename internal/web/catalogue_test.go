package web

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"
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
// arguments in every language, and the languages a release has.
func TestTextsComplete(t *testing.T) {
	w, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := w.built.catalogue
	if want := []string{"vi", "en", "de"}; !slices.Equal(c.languages, want) {
		t.Errorf("languages are %v, want %v", c.languages, want)
	}
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

// TestNamesOfLanguages: where a language is chosen, each goes by its own name.
func TestNamesOfLanguages(t *testing.T) {
	w, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, of := range w.Languages() {
		name := w.Text(of, "common.language", nil)
		for _, in := range w.Languages() {
			for _, area := range []string{"console", "demo"} {
				if got := w.Text(in, area+".language."+of, nil); got != name {
					t.Errorf("%s.language.%s in %s is %q, want %q", area, of, in, got, name)
				}
			}
		}
	}
}

// TestRoutingWords holds the reasons to the words decided in routing.md.
func TestRoutingWords(t *testing.T) {
	w, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	args := map[string]any{"x": "A042", "m": "B017", "a": "08:10", "v": "07:10", "H": 60, "s": "09:30", "D": 5,
		"Ex": 6, "Em": 12, "G": 60, "k": 3, "c": "Đất đai", "b": "09:15", "cause": "…"}
	for key, want := range map[string][3]string{
		"first":           {"Số A042 đến sớm nhất (08:10) trong các số quầy này phục vụ.", "A042 came first (08:10) of those this counter serves.", "A042 kam zuerst (08:10) von allen, die dieser Schalter bedient."},
		"priority":        {"Số A042 thuộc diện ưu tiên: tính sớm hơn 60 phút (07:10 thay vì 08:10).", "A042 has priority: counted 60 min earlier (07:10 instead of 08:10).", "A042 hat Vorrang: zählt 60 Minuten früher (07:10 statt 08:10)."},
		"priority_strict": {"Số A042 thuộc diện ưu tiên.", "A042 has priority.", "A042 hat Vorrang."},
		"appointment":     {"Số A042 có lịch hẹn lúc 09:30.", "A042 has an appointment at 09:30.", "A042 hat einen Termin um 09:30."},
		"shorter":         {"Số A042 và B017 cách nhau không quá 5 phút; việc của A042 thường nhanh hơn (6 so với 12 phút).", "A042 and B017 lie within 5 min; A042 is usually shorter (6 against 12 min).", "A042 und B017 liegen höchstens 5 Minuten auseinander; A042 dauert meist kürzer (6 statt 12 Minuten)."},
		"guard":           {"Số A042 đã chờ quá 60 phút nên được tính ngang diện ưu tiên.", "A042 has waited over 60 min and counts like priority.", "A042 wartet über 60 Minuten und zählt wie Vorrang."},
		"transfer":        {"Số A042 được chuyển quầy, giữ giờ 08:10.", "A042 was transferred and keeps 08:10.", "A042 wurde weitergeleitet und behält 08:10."},
		"returned":        {"Số A042 quay lại, được tính từ 08:10.", "A042 came back and counts from 08:10.", "A042 kam zurück und zählt ab 08:10."},
		"manual":          {"Gọi vượt thứ tự số A042: ….", "A042 called out of order: ….", "A042 außer der Reihe aufgerufen: …."},
		"not_served":      {"Quầy 3 không phụ trách lĩnh vực Đất đai.", "Counter 3 does not serve Đất đai.", "Schalter 3 bedient Đất đai nicht."},
		"nopass":          {"Ở các quầy phục vụ bạn, số lấy sau 09:15 không được xếp trước số của bạn.", "At the counters that serve you, no number taken after 09:15 is placed before yours.", "An den Schaltern für Sie wird keine nach 09:15 gezogene Nummer vor Ihre eingereiht."},
	} {
		for i, lang := range []string{"vi", "en", "de"} {
			if got := w.Text(lang, "reason."+key, args); got != want[i] {
				t.Errorf("%s reason.%s = %q, want %q", lang, key, got, want[i])
			}
		}
	}
}

// TestWhen says a time as people do: by the clock alone on the same day,
// which is the centres' and not UTC's.
func TestWhen(t *testing.T) {
	w, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 22, 23, 30, 0, 0, time.UTC) // Monday, 06:30 in Vietnam
	for _, c := range []struct {
		next time.Time
		want [3]string
	}{
		{now.Add(time.Hour), [3]string{"lúc 07:30", "at 07:30", "um 07:30 Uhr"}},
		{now.Add(17 * time.Hour), [3]string{"lúc 23:30", "at 23:30", "um 23:30 Uhr"}},
		{now.Add(25 * time.Hour), [3]string{"Thứ Ba 24/11 lúc 07:30", "on Tuesday 24/11 at 07:30", "am Dienstag, 24.11., um 07:30 Uhr"}},
		{now.Add(6*24*time.Hour + time.Hour), [3]string{"Chủ Nhật 29/11 lúc 07:30", "on Sunday 29/11 at 07:30", "am Sonntag, 29.11., um 07:30 Uhr"}},
	} {
		for i, lang := range []string{"vi", "en", "de"} {
			if got := w.When(lang, c.next, now); got != c.want[i] {
				t.Errorf("%s %v: %q, want %q", lang, c.next, got, c.want[i])
			}
		}
	}
}
