package main

import (
	"slices"
	"strings"
	"testing"

	"motcua/internal/config"
	"motcua/internal/web"
)

// Whatever may be wrong with a file has words and a remedy in every language.
func TestEveryFlawHasWords(t *testing.T) {
	words, err := web.New(web.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range words.Languages() {
		seen := map[string]string{}
		for _, code := range config.Flaws() {
			what, hint := "problem."+code, "problem."+code+".hint"
			text := words.Text(lang, what, nil)
			if text == what || words.Text(lang, hint, nil) == hint {
				t.Errorf("%s has no words or no remedy for %s", lang, code)
			}
			if other := seen[text]; other != "" {
				t.Errorf("%s says the same of %s and %s: %q", lang, code, other, text)
			}
			seen[text] = code
		}
	}
}

// What is wrong with a machine's file is said with its values.
func TestMachineInOtherWords(t *testing.T) {
	_, err := config.ParseMachine([]byte("listen = \":70000\"\n[limits]\nburst = 0\n[panel]\nbuttons = [1]\n[[access]]\nname = \"a b\"\nrole = \"kiosk\"\ntoken_sha256 = \"secret-token\"\n"))
	for lang, want := range map[string][]string{
		"vi": {"dòng 1", "Cổng trong “:70000” không phải số từ 0 đến 65535.", "số nguyên từ 1 đến 1000000", "[[panel.buttons]]", "“a b” không dùng làm mã được."},
		"de": {"Zeile 1", "Der Port in „:70000“ ist keine Zahl von 0 bis 65535.", "keine ganze Zahl von 1 bis 1000000", "[[panel.buttons]]", "„a b“ ist keine Kennung."},
	} {
		v, e := spokenIn{lang}.voice()
		if e != nil {
			t.Fatal(e)
		}
		got := v.tell(err).Error()
		if i := slices.IndexFunc(want, func(s string) bool { return !strings.Contains(got, s) }); i >= 0 {
			t.Errorf("%s misses %q in\n%s", lang, want[i], got)
		}
		if strings.Contains(got, "secret-token") || strings.ContainsAny(got, "{}") {
			t.Errorf("%s: a token, or an argument without a value:\n%s", lang, got)
		}
	}
}
