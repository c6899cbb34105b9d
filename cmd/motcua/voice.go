package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"motcua/internal/appointments"
	"motcua/internal/config"
	"motcua/internal/web"
)

// spokenIn is the language a command says in what is wrong.
type spokenIn struct {
	Language string `help:"Language in which is said what is wrong: vi, en or de." enum:"vi,en,de" default:"${language}"`
}

// voice opens the words of the language chosen.
func (s spokenIn) voice() (*voice, error) {
	words, err := web.New(web.Options{})
	if err != nil {
		return nil, fmt.Errorf("read the words: %w", err)
	}
	return &voice{words: words, lang: s.Language}, nil
}

// voice words what is wrong with a file, or why motcuad refused it, with the
// texts of the catalogue.
type voice struct {
	words *web.Web
	lang  string
}

func (v *voice) say(key string, args map[string]any) string { return v.words.Text(v.lang, key, args) }

// english reports whether errors are said as they are.
func (v *voice) english() bool { return v.lang == "en" }

// told is an error in the words of a language; what it is stands behind it.
type told struct {
	text string
	err  error
}

func (t *told) Error() string { return t.text }
func (t *told) Unwrap() error { return t.err }

// tell words an error in the language chosen; nil stays nil.
func (v *voice) tell(err error) error {
	if err == nil || v.english() {
		return err
	}
	return &told{v.text(err), err}
}

// also words an error and says one thing more, in a line of its own.
func (v *voice) also(err error, key string, args map[string]any) error {
	return &told{v.text(err) + "\n" + v.say(key, args), err}
}

// finding is one in the words of a key, and what to do in those of another.
func (v *voice) finding(key, hint string, args map[string]any) error {
	f := &finding{what: v.say(key, args), remedy: v.say(hint, nil)}
	return &told{f.what + "\n" + v.remedy(f.remedy), f}
}

func (v *voice) remedy(hint string) string {
	return v.say("cli.remedy", map[string]any{"hint": hint})
}

// text is an error in the language chosen, in English where it has no words.
func (v *voice) text(err error) string {
	if v.english() {
		return err.Error()
	}
	var done *told
	var file *config.Error
	var list *unread
	var no *problem
	var w *worded
	var path *fs.PathError
	switch {
	case errors.As(err, &done):
		return done.text
	case errors.As(err, &file):
		return v.centreText(file)
	case errors.As(err, &list):
		return v.listText(list)
	case errors.As(err, &no):
		return v.refusalText(no)
	case errors.As(err, &w):
		return v.say(w.key, w.args)
	case errors.As(err, &path) && errors.Is(err, fs.ErrNotExist):
		return v.say("cli.no_file", map[string]any{"path": path.Path})
	case errors.As(err, &path) && errors.Is(err, fs.ErrPermission):
		return v.say("cli.no_access", map[string]any{"path": path.Path})
	}
	return err.Error()
}

// worded is an error in English that the catalogue has words for as well.
type worded struct {
	key  string
	args map[string]any
	err  error
}

func (w *worded) Error() string { return w.err.Error() }
func (w *worded) Unwrap() error { return w.err }

// line begins what is said of a line of a file.
func (v *voice) line(n int) string { return v.say("file.line", map[string]any{"n": n}) + ": " }

// file names a file, or what is read in its place.
func (v *voice) file(name string) string {
	if name == standardInput {
		return v.say("cli.stdin", nil)
	}
	return name
}

// centreText lists what is wrong with a centre file or a motcua.toml.
func (v *voice) centreText(e *config.Error) string {
	var b strings.Builder
	b.WriteString(v.say("cli.problems", map[string]any{"file": v.file(e.File), "n": len(e.Problems)}))
	for _, p := range e.Problems {
		b.WriteString("\n  ")
		if p.Line > 0 {
			b.WriteString(v.line(p.Line))
		}
		key := "problem." + p.Code
		fmt.Fprintf(&b, "%s: %s %s", p.Field, v.say(key, p.Values()), v.say(key+".hint", p.Values()))
	}
	return b.String()
}

// unread is a list of appointments that can't be read as a whole.
type unread struct {
	file string
	err  *appointments.Error
}

func (u *unread) Error() string { return u.file + ": " + u.err.Error() }
func (u *unread) Unwrap() error { return u.err }

func (v *voice) listText(u *unread) string {
	var b strings.Builder
	b.WriteString(v.say("cli.unreadable", map[string]any{"file": v.file(u.file)}))
	for _, p := range u.err.Problems {
		b.WriteString("\n  ")
		if u.err.Line > 0 {
			b.WriteString(v.line(u.err.Line))
		}
		b.WriteString(v.rowText(p))
	}
	return b.String()
}

// rowText says what is wrong with a cell, a row or the headings of a list.
func (v *voice) rowText(p appointments.Problem) string {
	if v.english() {
		return p.String()
	}
	at := p.Column
	if p.Value != "" && !p.Elsewhere() {
		at = strings.TrimPrefix(fmt.Sprintf("%s = %q", at, p.Value), " = ")
	}
	return strings.TrimPrefix(at+": ", ": ") + v.booking(p.Code, map[string]any{"column": p.Column, "value": p.Value})
}

// booking says what is wrong with a booking, and what to do about it.
func (v *voice) booking(code string, args map[string]any) string {
	return v.say("booking."+code, args) + " " + v.say("booking."+code+".hint", args)
}

// refusalText is a refusal by motcuad, which was asked in the language chosen.
func (v *voice) refusalText(p *problem) string {
	var b strings.Builder
	b.WriteString(v.say("cli.refused", map[string]any{"what": cmp.Or(p.Detail, p.Title)}))
	for _, e := range p.Errors {
		fmt.Fprintf(&b, "\n  %s: %s", e.Field, e.Message)
	}
	if p.Hint != "" {
		b.WriteString("\n" + v.remedy(p.Hint))
	}
	return b.String()
}
