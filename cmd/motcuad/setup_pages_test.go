package main

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"net/url"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"

	"motcua/internal/browsertest"
	"motcua/internal/setup"
)

// ready is a visitor who has answered everything but the last page.
func (f *firstRun) ready() *visitor {
	f.t.Helper()
	v := f.begun("ward")
	on := url.Values{}
	for _, c := range []string{"A", "B", "BP", "C", "D", "M", "P", "R"} {
		on.Set("on."+c, "1")
	}
	v.answer("categories", "counters", on)
	v.answer("counters", "skills", url.Values{"n.main": {"5"}, "n.annex": {"2"}})
	v.answer("skills", "hours", url.Values{"skill": {"1/A", "1/B", "1/BP", "2/C", "3/D", "3/M", "4/A", "4/R", "5/C", "6/P", "7/R"}})
	v.answer("hours", "panel", url.Values{"hours": {"fixed"}, "holidays": {"1"}, "from.0": {"07:30"}, "to.0": {"11:30"}, "day.0": {"mon", "tue"}})
	v.answer("panel", "printer", url.Values{})
	v.answer("printer", "review", url.Values{"paper": {"yes"}})
	return v
}

// give hands a visitor's cookies to a tab that stands on a page of the daemon.
func (v *visitor) give(tab *browsertest.Tab) {
	v.t.Helper()
	here, err := url.Parse(v.base + "/setup/x")
	if err != nil {
		v.t.Fatal(err)
	}
	for _, c := range v.Jar.Cookies(here) {
		if c.Name == setup.Cookie {
			browsertest.Eval[bool](tab, `(document.cookie = '`+c.Name+`=`+c.Value+`; path=/setup', true)`)
		}
	}
}

// TestSetupPagesAreAccessible holds every page of the wizard to WCAG 2.2 AA, as
// far as a machine can see it, at the desk and on a phone, which none is wider
// than.
func TestSetupPagesAreAccessible(t *testing.T) {
	axe, err := os.ReadFile("../../internal/web/testdata/axe/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	f := newFirstRun(t)
	v := f.ready()
	f.press("A")
	tab := browsertest.Start(t).Tab(t, 1366, 768)
	look := func(page, lang string, width, height int64, what string) {
		t.Helper()
		tab.Size(width, height)
		tab.Open(f.base + page + "?lang=" + lang)
		browsertest.Eval[bool](tab, string(axe)+"; true")
		for _, x := range browsertest.Eval[[]string](tab, `axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag22aa']})
			.then(r => r.violations.flatMap(v => v.nodes.map(n => v.id + ': ' + v.help + ': ' + n.html.slice(0, 200))))`) {
			t.Errorf("%s %s %s: %s", page, lang, what, x)
		}
		if wide := browsertest.Eval[int](tab, `document.documentElement.scrollWidth - innerWidth`); wide > 0 {
			t.Errorf("%s %s %s is %d px wider than the screen", page, lang, what, wide)
		}
		if strange := tab.StrangeFonts("h1, .hint, .button, label"); len(strange) > 0 {
			t.Errorf("%s %s: letters of %v", page, lang, strange)
		}
		if *phones != "" && what == "phone" && lang == "vi" {
			tab.Save(*phones, "phone-"+strings.Trim(strings.ReplaceAll(page, "/", "-"), "-")+".png")
		}
	}
	tab.Open(f.base + "/setup/language")
	v.give(tab)
	pages := []string{"/", "/display"}
	for _, s := range []string{"language", "code", "hall", "centre", "template", "categories", "counters", "skills", "hours", "panel", "printer", "review"} {
		pages = append(pages, "/setup/"+s)
	}
	for _, page := range pages {
		look(page, "vi", 1366, 768, "desk")
		look(page, "vi", 390, 844, "phone")
		look(page, "en", 390, 844, "phone")
		look(page, "de", 390, 844, "phone")
	}
	v.answer("review", "done", url.Values{})
	for _, lang := range []string{"vi", "de"} {
		look("/setup/done", lang, 1366, 768, "desk")
		look("/setup/done", lang, 390, 844, "phone")
	}
}

// maxSetup is a page of the wizard with its style, script and texts, in bytes
// gzipped and without fonts: faces.md allows an administrator's page 60 KB.
const maxSetup = 30_000

func TestSetupPagesWeigh(t *testing.T) {
	f := newFirstRun(t)
	v := f.ready()
	link := regexp.MustCompile(`(?:href|src)="(/a/[^"#]+)"`)
	weigh := func(at string) (string, int) {
		_, status, text := v.get(at)
		if status != http.StatusOK {
			t.Fatalf("%s: %d", at, status)
		}
		var z bytes.Buffer
		w := gzip.NewWriter(&z)
		_, _ = w.Write([]byte(text)) // memory takes everything
		_ = w.Close()
		return text, z.Len()
	}
	for _, step := range []string{"categories", "skills", "panel", "review"} {
		text, total := weigh("/setup/" + step)
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			if path.Ext(m[1]) != ".woff2" {
				_, n := weigh(m[1])
				total += n
			}
		}
		t.Logf("%s: %.1f KB", step, float64(total)/1000)
		if total > maxSetup {
			t.Errorf("%s weighs %d bytes, want at most %d", step, total, maxSetup)
		}
	}
}
