package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Page is one page to be drawn.
type Page struct {
	// Face names the template, the style and the entry script:
	// templates/<face>.html, css/<face>.css and js/<face>/main.js. The last
	// two may be absent.
	Face string
	// Lang is the language of the page, "vi" when empty or unknown.
	Lang string
	// Languages are those the page may show, the hall's; all when empty.
	Languages []string
	// Title of the window; the text "<face>.title" when empty.
	Title string
	// Topic of the feed the script follows; "" for none.
	Topic string
	// Epoch and Seq are the snapshot's place in the journal.
	Epoch string
	Seq   uint64
	// Snapshot is what the script starts from; it is put in the page as JSON.
	Snapshot any
	// Data is for the template. The wall and the ticket page need none: they
	// are drawn from the snapshot's JSON, as the script draws them.
	Data any
	// Who is signed in, for the script; nil when the page does not say.
	Who any
	// Host is the request's, so that the policy can name the socket's origin;
	// Safari before 15.4 does not count it as 'self'. It may be empty.
	Host string
}

// view is what a template sees.
type view struct {
	Page
	Lang  string
	Hash  string
	Model any // decoded from the snapshot, for the faces that have one

	PageJSON     template.JS
	SnapshotJSON template.JS
	TextJSON     template.JS
	Style        bool
	Modules      []string // the entry first, then what it imports
}

// pairs makes a map of names and values in turn.
func pairs(args []any) map[string]any {
	if len(args) == 0 {
		return nil
	}
	m := make(map[string]any, len(args)/2)
	for i := 0; i+1 < len(args); i += 2 {
		m[fmt.Sprint(args[i])] = args[i+1]
	}
	return m
}

// areas are the catalogues a face's script gets besides its own and "common".
// The public faces send no commands, so they need no refusals.
var areas = map[string][]string{
	"console": {"reasons", "errors"},
	"demo":    {"reasons", "errors", "issuing"}, // it takes numbers too
	"sign-in": {"errors"},
}

// oneTongue are the faces whose script has one language at a time: it asks for
// another when that is chosen. The hall's faces show all of them in turn.
var oneTongue = map[string]bool{"console": true, "demo": true, "roll": true}

// wordless are the faces whose script says nothing: the server draws it all.
var wordless = map[string]bool{"setup": true, "pair": true}

var goodHost = regexp.MustCompile(`^[A-Za-z0-9.\-]+(:[0-9]{1,5})?$|^\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?$`)

// policy is the content security policy of every page: nothing from
// elsewhere, no inline script or style.
func policy(host string) string {
	connect := "'self'"
	if goodHost.MatchString(host) {
		connect += " ws://" + host + " wss://" + host
	}
	return "default-src 'self'; connect-src " + connect + "; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
}

// Render draws a page. It writes nothing when it fails, so that the caller can
// answer with an error page.
func (w *Web) Render(rw http.ResponseWriter, status int, p Page) error {
	t, err := w.tree()
	if err != nil {
		return err
	}
	v := view{Page: p, Lang: t.language(p.Lang), Hash: t.hash}
	langs := p.Languages
	if len(langs) == 0 {
		langs = t.languages
	}
	// The page's own language leads; the hall's others take their turns after it.
	langs = append([]string{v.Lang}, slices.DeleteFunc(slices.Clone(langs), func(l string) bool { return l == v.Lang })...)
	now := time.Now()
	snapshot := json.RawMessage("null")
	if p.Snapshot != nil {
		if snapshot, err = json.Marshal(p.Snapshot); err != nil {
			return fmt.Errorf("encode snapshot of %s: %w", p.Face, err)
		}
	}
	if model := models[p.Face]; model != nil {
		if v.Model, err = model(snapshot, langs, now); err != nil {
			return fmt.Errorf("read snapshot of %s: %w", p.Face, err)
		}
	}
	if h, ok := v.Model.(*holder); ok && v.Title == "" {
		v.Title = h.title(t, v.Lang)
	}
	if v.Title == "" {
		v.Title = t.text(v.Lang, p.Face+".title", nil)
	}
	head, err := json.Marshal(struct {
		Face      string   `json:"face"`
		Lang      string   `json:"lang"`
		Languages []string `json:"languages"`
		Topic     string   `json:"topic"`
		Epoch     string   `json:"epoch"`
		Seq       uint64   `json:"seq"`
		Asset     string   `json:"asset"`
		Now       int64    `json:"now"` // ms since 1970, until the feed tells the time
		Who       any      `json:"who,omitempty"`
	}{p.Face, v.Lang, langs, p.Topic, p.Epoch, p.Seq, t.hash, now.UnixMilli(), p.Who})
	if err != nil {
		return fmt.Errorf("encode page: %w", err)
	}
	speaks := langs
	if oneTongue[p.Face] {
		speaks = langs[:1]
	}
	var sent []string
	if !wordless[p.Face] {
		sent = append([]string{"common", p.Face}, areas[p.Face]...)
	}
	words, err := json.Marshal(t.messages(sent, speaks))
	if err != nil {
		return fmt.Errorf("encode texts: %w", err)
	}
	// json.Marshal writes <, > and & as escapes, so that no text can end the script element.
	v.PageJSON, v.SnapshotJSON, v.TextJSON = template.JS(head), template.JS(snapshot), template.JS(words)
	v.Style = t.has("css/" + p.Face + ".css")
	v.Modules = t.modules["js/"+p.Face+"/main.js"]

	tmpl := t.faces[p.Face]
	if tmpl == nil {
		return fmt.Errorf("render page: no face %q, there is no templates/%s.html", p.Face, p.Face)
	}
	var b bytes.Buffer
	if err := tmpl.ExecuteTemplate(&b, "layout", v); err != nil {
		return fmt.Errorf("render %s: %w", p.Face, err)
	}
	h := rw.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", policy(p.Host))
	h.Set("Cache-Control", "no-cache")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	rw.WriteHeader(status)
	if _, err := rw.Write(b.Bytes()); err != nil {
		return fmt.Errorf("write %s: %w", p.Face, err)
	}
	return nil
}

// signs are the drawings of what the wall's strip may say and of a ticket's
// states; js/wall/main.js and js/ticket/main.js have the same.
var signs = map[string]string{
	"printer": "printer", "panel": "alert", "notice": "info", "rule": "info",
	"waiting": "wait", "called": "call", "serving": "desk", "parked": "closed", "no_show": "alert",
	"finished": "check", "cancelled": "closed", "expired": "clock",
	"panel.press": "panel", "panel.shows": "panel", "panel.no_paper": "printer", "panel.no_buttons": "alert", "panel.closed": "closed",
	"counter.open": "check", "counter.paused": "wait", "counter.closed": "closed",
}

// funcs are what templates may call.
func (t *tree) funcs() template.FuncMap {
	return template.FuncMap{
		"asset": func(name string) string { return "/a/" + t.hash + "/" + name },
		"text":  func(lang, key string, args ...any) string { return t.text(lang, key, pairs(args)) },
		"icon":  t.icon,
		// turns is a key, or a text of the snapshot, in all the hall's languages at one place.
		"turns": func(langs []string, what any, args ...any) (template.HTML, error) {
			switch x := what.(type) {
			case string:
				return turns(langs, func(l string) string { return t.text(l, x, pairs(args)) }), nil
			case map[string]string:
				return turns(langs, func(l string) string { return said(x).in(l) }), nil
			case said:
				return turns(langs, func(l string) string { return x.in(l) }), nil
			}
			return "", fmt.Errorf("turns: neither a key nor a text but %T", what)
		},
		"dict":   func(args ...any) map[string]any { return pairs(args) },
		"signOf": func(state string) string { return signs[state] },
		"say":    func(s said, lang string) string { return s.in(lang) },
	}
}

// parseFaces makes one template of the layout and each templates/<face>.html.
func (t *tree) parseFaces() error {
	t.faces = map[string]*template.Template{}
	names, err := fs.Glob(t.fs, "templates/*.html")
	if err != nil {
		return fmt.Errorf("list templates: %w", err)
	}
	base, err := template.New("").Funcs(t.funcs()).ParseFS(t.fs, "templates/layout.html")
	if err != nil {
		return fmt.Errorf("parse layout: %w", err)
	}
	for _, name := range names {
		face := strings.TrimSuffix(path.Base(name), ".html")
		if face == "layout" {
			continue
		}
		c, err := base.Clone()
		if err == nil {
			c, err = c.ParseFS(t.fs, name)
		}
		if err != nil {
			return fmt.Errorf("parse template of %s: %w", face, err)
		}
		t.faces[face] = c
	}
	return nil
}

var importLine = regexp.MustCompile(`(?m)^\s*(?:import|export)\b[^'"\n;]*['"](\.{1,2}/[^'"]+)['"]`)

// findModules lists each entry script with all it imports, so that the
// browser can fetch them side by side instead of one after another.
func (t *tree) findModules() error {
	t.modules = map[string][]string{}
	entries, err := fs.Glob(t.static, "js/*/main.js")
	if err != nil {
		return fmt.Errorf("list scripts: %w", err)
	}
	for _, entry := range entries {
		list := []string{entry}
		for i := 0; i < len(list); i++ {
			src, err := fs.ReadFile(t.static, list[i])
			if err != nil {
				return fmt.Errorf("follow imports of %s: %w", entry, err)
			}
			for _, m := range importLine.FindAllSubmatch(src, -1) {
				if next := path.Join(path.Dir(list[i]), string(m[1])); !slices.Contains(list, next) {
					list = append(list, next)
				}
			}
		}
		t.modules[entry] = list
	}
	return nil
}
