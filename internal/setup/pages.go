package setup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"motcua/internal/auth"
	"motcua/internal/config"
	"motcua/internal/web"
	"motcua/kiosk"
	"motcua/queue"
)

// face is the template, style and script of internal/web.
const face = "setup"

// View is what the template of a page sees.
type View struct {
	Step  string
	Steps []Line
	N, Of int
	Back  string // address of the page before; "" on the first
	Rev   int
	Flaws []Flaw
	// Elsewhere: somebody else has changed the answers since the page was drawn.
	Elsewhere bool
	Live      bool   // it follows the machine
	Picture   string // address of the slip's picture; "" where there is none yet
	Clear     bool   // the link is neither encrypted nor on this machine

	Here    string // where a browser finds this machine
	Wait    int    // seconds until another code may be tried
	First   string // the hall's first language
	Tongues []Tongue

	Template  string
	Templates []string
	Later     bool // answers that another template would begin anew

	Categories []CategoryLine
	NewID      string
	NewName    string
	Points     []PointLine
	Counters   []CounterLine
	Fixed      bool
	Holidays   bool
	Sessions   []SessionLine

	Buttons []ButtonLine
	Seen    int
	Missing []string
	Faults  []kiosk.Fault
	Unwired []string // categories without a button

	Printer Paper
	Papers  []string // what may be said of the trial slip

	Centre  Summary
	Changes []config.Change
	Done    *Done
}

// Line is a step at the side of the page.
type Line struct {
	Step string
	N    int
	At   string // "done", "now", "todo"
	Link string // "" when it can't be reached yet
}

// Tongue is a language with the hall's and the centre's words in it.
type Tongue struct {
	Lang       string
	On         bool
	Unit, Name string
}

// CategoryLine is a category as a page asks for it.
type CategoryLine struct {
	ID     string
	On     bool
	Name   string // in the page's language
	Names  []Tongue
	Wired  bool
	Button bool // the panel has buttons at all
}

// PointLine is a hall.
type PointLine struct {
	ID    string
	Names []Tongue
	N     int
}

// CounterLine is a counter with what it serves.
type CounterLine struct {
	ID     string
	Number int
	Point  string // name of its hall; "" where there is one alone
	Device string // paired for it; "" none yet
	Cells  []Cell
	Skills []string // names
}

// Cell is whether a counter serves a category.
type Cell struct {
	Category string
	On       bool
}

// SessionLine is a session.
type SessionLine struct {
	I              int
	Name, From, To string
	Days           []Day
	New            bool
}

// Day is whether a session is held on it.
type Day struct {
	ID string
	On bool
}

// ButtonLine is a button of the panel.
type ButtonLine struct {
	ID, Name string // what it stands for; Name "" = nothing in this centre
	Pin      string
	Lamp     string
	Language bool
	Seen     bool
	Now      bool // just pressed
	Next     bool // the next to press
	Lit      bool
	Fault    string // code
}

// Paper is the printer.
type Paper struct {
	Code  string
	Ready bool
	State PrintState
	Said  string
}

// Summary is the centre in words.
type Summary struct {
	Unit, Name string
	Languages  []string
	Categories []CategoryLine
	Counters   []CounterLine
	Sessions   []SessionLine
	Holidays   int
	Points     int
}

// Done is the page after the centre is there.
type Done struct {
	Centre     string
	Open       bool
	ClockOK    bool
	Now        string
	At         string // Now as the form sends it back, RFC 3339
	Categories []CategoryLine
	Label      string // the number just taken
	Slip       string
	Counters   []CounterLine
	Refused    string
}

// Visitor is who asks for a page.
type Visitor struct {
	Lang string
	Who  auth.Principal
}

// maxAnswer bounds a form in bytes; with a centre's file it is a file's bound.
const (
	maxAnswer = 64 << 10
	maxFile   = 1 << 20
)

// May reports whether a request may use the wizard: of a client on this machine,
// or in a private network (RFC 1918, RFC 4193, link-local), and not one that a
// proxy hands on for anybody.
func May(r *http.Request) bool {
	a := auth.ClientAddr(r)
	return !auth.Forwarded(r) && (a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast())
}

// Serve answers a page below /setup while there is no centre.
func (w *Wizard) Serve(rw http.ResponseWriter, r *http.Request, v Visitor) error {
	rw.Header().Set("Cache-Control", "no-store")
	step := r.PathValue("step")
	if step == "" {
		return w.redirect(rw, r, w.resume(r))
	}
	switch step {
	case "slip.png":
		return w.picture(rw, r)
	case "centre.toml":
		return w.file(rw, r)
	}
	if !slices.Contains(steps, step) {
		return &queue.Error{Code: queue.NotFound, Reason: "route", Msg: "there is no such page", Hint: "Begin at /setup."}
	}
	if step != stepLanguage && step != stepCode {
		d := w.draft()
		if !w.door(r) || !d.reached(step) {
			return w.redirect(rw, r, w.resume(r))
		}
	}
	if r.Method == http.MethodPost {
		return w.post(rw, r, v, step)
	}
	d := w.draft()
	return w.show(rw, r, v, http.StatusOK, w.view(r, v, step, &d))
}

// resume is the step to go on with: where the answers end, for who gave the code.
func (w *Wizard) resume(r *http.Request) string {
	if !w.door(r) {
		return stepLanguage
	}
	d := w.draft()
	return d.next()
}

func (w *Wizard) redirect(rw http.ResponseWriter, r *http.Request, step string) error {
	http.Redirect(rw, r, "/setup/"+step, http.StatusSeeOther)
	return nil
}

// post takes one page's answer.
func (w *Wizard) post(rw http.ResponseWriter, r *http.Request, v Visitor, step string) error {
	r.Body = http.MaxBytesReader(rw, r.Body, maxFile+maxAnswer)
	var err error
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		err = r.ParseMultipartForm(maxAnswer)
	} else {
		err = r.ParseForm()
	}
	if err != nil {
		return &queue.Error{Code: queue.Invalid, Reason: "too_large", Msg: "the form can't be read", Hint: "A centre file has at most 1 MiB.", Err: err}
	}
	switch step {
	case stepLanguage:
		return w.redirect(rw, r, stepCode)
	case stepCode:
		return w.postCode(rw, r, v)
	case stepPanel:
		if b := r.PostForm.Get("light"); b != "" {
			w.lightUp(b)
			return w.redirect(rw, r, stepPanel)
		}
	case stepPrinter:
		if r.PostForm.Get("print") != "" {
			return w.postPrint(rw, r)
		}
	case stepReview:
		return w.postReview(rw, r, v)
	}
	return w.postAnswer(rw, r, v, step)
}

func (w *Wizard) postAnswer(rw http.ResponseWriter, r *http.Request, v Visitor, step string) error {
	file, err := upload(r)
	if err != nil {
		return err
	}
	d := w.draft()
	flaws := w.answer(&d, step, r.PostForm, file, w.say(v.Lang))
	if len(flaws) > 0 {
		view := w.view(r, v, step, &d)
		view.Flaws = flaws
		view.NewID, view.NewName = r.PostForm.Get("new.id"), r.PostForm.Get("new.name")
		return w.show(rw, r, v, http.StatusUnprocessableEntity, view)
	}
	rev, _ := strconv.Atoi(r.PostForm.Get("rev")) // no number is no revision of ours
	err = w.change(rev, step, d)
	if errors.Is(err, errElsewhere) {
		view := w.view(r, v, step, &d)
		view.Elsewhere = true
		now := w.draft()
		view.Rev = now.Rev
		return w.show(rw, r, v, http.StatusConflict, view)
	}
	if err != nil {
		return err
	}
	if r.PostForm.Get("stay") != "" {
		return w.redirect(rw, r, step)
	}
	d = w.draft()
	return w.redirect(rw, r, d.next())
}

// upload is the file of a form, nil when there is none.
func upload(r *http.Request) ([]byte, error) {
	f, _, err := r.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read file: %w", err)
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		return nil, fmt.Errorf("read file: %w", err)
	}
	return b, nil
}

func (w *Wizard) postCode(rw http.ResponseWriter, r *http.Request, v Visitor) error {
	code := r.PostForm.Get("code")
	ok, wait := w.tries.try(clientOf(r), time.Now(), func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return sameCode(code, w.p.Code)
	})
	if ok {
		w.log.Info("setup code given", "client", auth.ClientAddr(r).String())
		if err := w.openDoor(rw, r); err != nil {
			return err
		}
		d := w.draft()
		return w.redirect(rw, r, d.next())
	}
	w.log.Warn("setup code wrong", "client", auth.ClientAddr(r).String())
	d := w.draft()
	view := w.view(r, v, stepCode, &d)
	say := w.say(v.Lang)
	status := http.StatusForbidden
	view.Flaws = []Flaw{{For: "code", Text: say("setup.flaw.code", nil)}}
	if wait > 0 {
		view.Wait = int(math.Ceil(wait.Seconds()))
		view.Flaws[0].Text = say("setup.flaw.wait", map[string]any{"n": view.Wait})
		status = http.StatusTooManyRequests
		rw.Header().Set("Retry-After", strconv.Itoa(view.Wait))
	}
	return w.show(rw, r, v, status, view)
}

// clientOf is whose wrong codes are counted together: an address, of IPv6 a
// network of 64 bits.
func clientOf(r *http.Request) string {
	return auth.Network(auth.ClientAddr(r)).String()
}

// lightUp lights the lamp of one button, or of all ("*"), to be looked at.
func (w *Wizard) lightUp(b string) {
	until := time.Now().Add(lampTried)
	w.mu.Lock()
	for _, x := range w.o.Buttons {
		if x.Lamp != "" && (b == "*" || b == x.Button) {
			w.lit[kiosk.Button(x.Button)] = until
		}
	}
	w.mu.Unlock()
	w.light()
}

func (w *Wizard) postPrint(rw http.ResponseWriter, r *http.Request) error {
	d := w.draft()
	c, err := d.Config(w.o.Buttons)
	if err != nil {
		return err
	}
	slip, err := sample(c, firstOf(c), w.o.Web.Text(c.Languages[0], "setup.slip.trial", nil), w.o.Web)
	if err != nil {
		return err
	}
	w.mu.Lock()
	w.trial = true
	w.mu.Unlock()
	if err := w.o.Printer.Try(slip); err != nil {
		w.log.Warn("trial slip not printed", "err", err)
	}
	return w.redirect(rw, r, stepPrinter)
}

func firstOf(c queue.Config) queue.CategoryID {
	if len(c.Categories) == 0 {
		return ""
	}
	return c.Categories[0].ID
}

// postReview makes the centre. The browser keeps the token it has had since
// the code; the server takes it for its access from now on.
func (w *Wizard) postReview(rw http.ResponseWriter, r *http.Request, v Visitor) error {
	d := w.draft()
	view := w.view(r, v, stepReview, &d)
	if rev, _ := strconv.Atoi(r.PostForm.Get("rev")); rev != d.Rev {
		view.Elsewhere = true
		return w.show(rw, r, v, http.StatusConflict, view)
	}
	if view.Flaws = w.check(&d, stepReview, w.say(v.Lang)); len(view.Flaws) > 0 {
		return w.show(rw, r, v, http.StatusUnprocessableEntity, view)
	}
	c, err := r.Cookie(Cookie)
	if err != nil {
		return w.redirect(rw, r, stepCode) // the door was open a moment ago
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), 20*time.Second)
	defer cancel()
	if err := w.apply(ctx, c.Value); err != nil {
		return err
	}
	http.Redirect(rw, r, "/setup/done", http.StatusSeeOther)
	return nil
}

// picture draws the slip of the centre as answered so far. The names may be
// given, so that they can be seen before they are kept.
func (w *Wizard) picture(rw http.ResponseWriter, r *http.Request) error {
	d := w.draft()
	if !w.door(r) {
		return &queue.Error{Code: queue.Denied, Reason: "role", Msg: "the code comes first", Hint: "Begin at /setup."}
	}
	if len(d.Languages) == 0 {
		d.Languages = []string{"vi"}
	}
	q := r.URL.Query()
	in := d.Languages[0]
	for to, key := range map[*queue.Text]string{&d.Unit: "unit", &d.Name: "name"} {
		if q.Has(key) {
			*to = queue.Text{in: cut(tidy(q.Get(key)))}
		}
	}
	if len(d.Points) == 0 {
		c, err := template(fromHall)
		if err == nil {
			err = d.begin(fromHall, c)
		}
		if err != nil {
			return err
		}
	}
	if d.Name.In(d.Languages...) == "" {
		d.Name = queue.Text{in: "…"}
	}
	c, err := d.Config(w.o.Buttons)
	if err != nil {
		return err
	}
	slip, err := sample(c, firstOf(c), w.o.Web.Text(in, "setup.slip.trial", nil), w.o.Web)
	if err != nil {
		return err
	}
	png, err := draw(slip, w.o.Printer.Width())
	if err != nil {
		return err
	}
	rw.Header().Set("Content-Type", "image/png")
	rw.Header().Set("Content-Length", strconv.Itoa(len(png)))
	_, err = rw.Write(png)
	return err
}

func cut(s string) string {
	if r := []rune(s); len(r) > maxWords {
		return string(r[:maxWords])
	}
	return s
}

// file is the centre's file as it would be exported, to be kept.
func (w *Wizard) file(rw http.ResponseWriter, r *http.Request) error {
	d := w.draft()
	if !w.door(r) || !d.reached(stepReview) {
		return w.redirect(rw, r, w.resume(r))
	}
	c, err := d.Config(w.o.Buttons)
	if err != nil {
		return err
	}
	rw.Header().Set("Content-Type", "text/plain; charset=utf-8")
	rw.Header().Set("Content-Disposition", `attachment; filename="centre.toml"`)
	return config.WriteCentre(rw, &c)
}

// say is the text function of a language.
func (w *Wizard) say(lang string) words {
	return func(key string, args map[string]any) string { return w.o.Web.Text(lang, key, args) }
}

func (w *Wizard) show(rw http.ResponseWriter, r *http.Request, v Visitor, status int, view *View) error {
	title := w.o.Web.Text(v.Lang, "setup."+view.Step, nil) + " – " + w.o.Web.Text(v.Lang, "setup.title", nil)
	if len(view.Flaws) > 0 {
		title = w.o.Web.Text(v.Lang, "setup.flaws", map[string]any{"n": len(view.Flaws)}) + " – " + title
	}
	return w.o.Web.Render(&never{rw}, status, web.Page{Face: face, Lang: v.Lang, Languages: w.o.Web.Languages(), Title: title, Data: view, Host: r.Host})
}

// never keeps the pages out of caches, whatever Render sets.
type never struct{ http.ResponseWriter }

func (n *never) WriteHeader(status int) {
	n.Header().Set("Cache-Control", "no-store")
	n.ResponseWriter.WriteHeader(status)
}

func (n *never) Unwrap() http.ResponseWriter { return n.ResponseWriter }

// view is what all pages have, and the step's own.
func (w *Wizard) view(r *http.Request, v Visitor, step string, d *Draft) *View {
	i := slices.Index(steps, step)
	view := &View{Step: step, N: i + 1, Of: len(steps), Rev: d.Rev, Here: w.o.Here()}
	if i > 0 {
		view.Back = "/setup/" + steps[i-1]
	}
	open := w.door(r)
	for j, s := range steps {
		l := Line{Step: s, N: j + 1, At: "todo"}
		if slices.Contains(d.Answered, s) {
			l.At = "done"
		}
		if open && d.reached(s) || j <= 1 {
			l.Link = "/setup/" + s
		}
		if !open {
			l.At = "todo"
			if j < i {
				l.At = "done"
			}
		}
		if s == step {
			l.At = "now"
		}
		view.Steps = append(view.Steps, l)
	}
	view.Clear = r.TLS == nil && !auth.FromLoopback(r)
	if open && i >= slices.Index(steps, stepCentre) {
		view.Picture = "/setup/slip.png?rev=" + strconv.Itoa(d.Rev)
	}
	in := func(t queue.Text) string { return t.In(append([]string{v.Lang}, d.Languages...)...) }
	if len(d.Languages) > 0 {
		view.First = d.Languages[0]
	}
	switch step {
	case stepHall:
		if view.First == "" {
			view.First = "vi"
		}
		for _, l := range w.o.Web.Languages() {
			view.Tongues = append(view.Tongues, Tongue{Lang: l, On: slices.Contains(d.Languages, l)})
		}
	case stepCentre:
		units := d.Unit
		if len(units) == 0 && !slices.Contains(d.Answered, stepCentre) {
			if c, err := template(fromHall); err == nil {
				units = c.Centre.Unit
			}
		}
		for _, l := range d.Languages {
			view.Tongues = append(view.Tongues, Tongue{Lang: l, Unit: units[l], Name: d.Name[l]})
		}
	case stepTemplate:
		view.Template, view.Templates = d.Template, []string{fromHall, fromWard}
		view.Later = slices.Contains(d.Answered, stepCategories)
	case stepCategories:
		view.Categories = w.categoryLines(d, in)
	case stepCounters:
		for _, p := range d.Points {
			l := PointLine{ID: string(p.ID)}
			for _, lang := range d.Languages {
				l.Names = append(l.Names, Tongue{Lang: lang, Name: p.Name[lang]})
			}
			for _, k := range d.Counters {
				if k.Point == p.ID {
					l.N++
				}
			}
			view.Points = append(view.Points, l)
		}
	case stepSkills:
		view.Categories = onlyOn(w.categoryLines(d, in))
		view.Counters = counterLines(d, in)
	case stepHours:
		view.Fixed, view.Holidays = d.Fixed, d.Holidays
		view.Sessions = sessionLines(d.Sessions, in)
		extra := SessionLine{I: len(d.Sessions), New: true}
		for _, x := range weekdays {
			extra.Days = append(extra.Days, Day{ID: string(x)})
		}
		view.Sessions = append(view.Sessions, extra)
	case stepPanel:
		w.panelView(view, d, in)
	case stepPrinter:
		code, ready := w.o.Printer.Code()
		view.Printer = Paper{Code: code, Ready: ready, Said: d.Paper}
		w.mu.Lock()
		if w.trial { // and not the slip with the code
			view.Printer.State = w.o.Printer.Tried()
		}
		w.mu.Unlock()
		view.Papers, view.Live = papers, true
	case stepReview:
		w.reviewView(view, d, v, in)
	}
	return view
}

func onlyOn(list []CategoryLine) []CategoryLine {
	return slices.DeleteFunc(list, func(c CategoryLine) bool { return !c.On })
}

func (w *Wizard) wired(id string) bool {
	return slices.ContainsFunc(w.o.Buttons, func(b config.Button) bool { return b.Button == id })
}

func (w *Wizard) categoryLines(d *Draft, in func(queue.Text) string) []CategoryLine {
	var list []CategoryLine
	for _, c := range d.Categories {
		l := CategoryLine{ID: string(c.ID), On: c.On, Name: in(c.Name), Wired: w.wired(string(c.ID)), Button: len(w.o.Buttons) > 0}
		for _, lang := range d.Languages {
			l.Names = append(l.Names, Tongue{Lang: lang, Name: c.Name[lang]})
		}
		list = append(list, l)
	}
	return list
}

func counterLines(d *Draft, in func(queue.Text) string) []CounterLine {
	var list []CounterLine
	halls := map[queue.PointID]bool{}
	for _, k := range d.Counters {
		halls[k.Point] = true
	}
	for _, k := range d.Counters {
		l := CounterLine{ID: string(k.ID), Number: k.Number}
		if i := slices.IndexFunc(d.Points, func(p queue.Point) bool { return p.ID == k.Point }); i >= 0 && len(halls) > 1 {
			l.Point = in(d.Points[i].Name)
		}
		for _, c := range d.Categories {
			if !c.On {
				continue
			}
			on := slices.Contains(k.Skills, c.ID)
			l.Cells = append(l.Cells, Cell{Category: string(c.ID), On: on})
			if on {
				l.Skills = append(l.Skills, in(c.Name))
			}
		}
		list = append(list, l)
	}
	return list
}

func sessionLines(sessions []queue.Session, in func(queue.Text) string) []SessionLine {
	var list []SessionLine
	for i, s := range sessions {
		l := SessionLine{I: i, Name: in(s.Name), From: string(s.From), To: string(s.To)}
		for _, x := range weekdays {
			l.Days = append(l.Days, Day{ID: string(x), On: slices.Contains(s.Days, x)})
		}
		list = append(list, l)
	}
	return list
}

func (w *Wizard) panelView(view *View, d *Draft, in func(queue.Text) string) {
	view.Live = len(w.o.Buttons) > 0
	w.mu.Lock()
	last, lit := w.last, maps.Clone(w.lit)
	w.mu.Unlock()
	if w.o.Panel != nil {
		view.Faults = w.o.Panel.Faults()
	}
	next := true
	for _, b := range w.o.Buttons {
		l := ButtonLine{ID: b.Button, Pin: b.Pin, Lamp: b.Lamp, Language: slices.Contains(d.Languages, b.Button),
			Seen: slices.Contains(d.Pressed, b.Button)}
		for _, c := range d.Categories {
			if string(c.ID) == b.Button && c.On {
				l.Name = in(c.Name)
			}
		}
		l.Now = last.Button == kiosk.Button(b.Button) && time.Since(last.At) < pressedNow
		_, l.Lit = lit[kiosk.Button(b.Button)]
		for _, f := range view.Faults {
			if string(f.Button) == b.Button {
				l.Fault = f.Code
			}
		}
		if l.Seen {
			view.Seen++
		} else {
			view.Missing = append(view.Missing, b.Button)
			l.Next, next = next, false
		}
		view.Buttons = append(view.Buttons, l)
	}
	for _, c := range d.Categories {
		if c.On && len(w.o.Buttons) > 0 && !w.wired(string(c.ID)) {
			view.Unwired = append(view.Unwired, in(c.Name))
		}
	}
}

func (w *Wizard) reviewView(view *View, d *Draft, v Visitor, in func(queue.Text) string) {
	view.Flaws = w.check(d, stepReview, w.say(v.Lang))
	c, err := d.Config(w.o.Buttons)
	if err != nil {
		view.Flaws = append(view.Flaws, Flaw{Text: err.Error()})
		return
	}
	view.Centre = Summary{Unit: in(d.Unit), Name: in(d.Name), Languages: d.Languages, Points: len(c.Points),
		Categories: onlyOn(w.categoryLines(d, in)), Counters: counterLines(d, in), Holidays: len(c.Holidays)}
	if d.Fixed {
		view.Centre.Sessions = sessionLines(d.Sessions, in)
	}
	view.Changes = config.Diff(&d.Base, &c)
}

// ServeDone answers the page after the last: for a supervisor, once there is a
// centre. It opens the day, vouches for the clock and takes the first number.
func (w *Wizard) ServeDone(rw http.ResponseWriter, r *http.Request, v Visitor) error {
	done := &Done{}
	if r.Method == http.MethodPost {
		r.Body = http.MaxBytesReader(rw, r.Body, maxAnswer)
		if err := r.ParseForm(); err != nil {
			return &queue.Error{Code: queue.Invalid, Reason: "too_large", Msg: "the form can't be read", Hint: "Send it again.", Err: err}
		}
		to, err := w.act(r.Context(), r.PostForm, v)
		var refused *queue.Error
		switch {
		case err == nil:
			http.Redirect(rw, r, to, http.StatusSeeOther)
			return nil
		case errors.As(err, &refused):
			done.Refused = w.refusalWords(v.Lang, refused)
		default:
			return err
		}
	}
	took := r.URL.Query().Get("took")
	err := w.o.Read(r.Context(), func(s *queue.State) {
		c := s.Config
		if c == nil {
			return
		}
		in := func(t queue.Text) string { return t.In(append([]string{v.Lang}, c.Languages...)...) }
		done.Centre, done.Open = in(c.Centre.Name), s.Day.Open
		for i := range c.Categories {
			done.Categories = append(done.Categories, CategoryLine{ID: string(c.Categories[i].ID), Name: in(c.Categories[i].Name)})
		}
		for _, k := range c.Counters {
			done.Counters = append(done.Counters, CounterLine{ID: string(k.ID), Number: k.Number})
		}
		for i := range s.Tickets {
			if s.Tickets[i].Label == took {
				done.Label, done.Slip = took, string(s.Tickets[i].Slip)
			}
		}
	})
	if err != nil {
		return err
	}
	paired, err := w.o.Paired(r.Context())
	if err != nil {
		return err
	}
	for i := range done.Counters {
		done.Counters[i].Device = paired[queue.CounterID(done.Counters[i].ID)]
	}
	done.ClockOK = w.o.Clock.OK()
	now := w.o.Clock.Now().In(queue.Zone)
	done.Now, done.At = now.Format("15:04 02/01/2006"), now.UTC().Format(time.RFC3339)
	code, ready := w.o.Printer.Code()
	view := &View{Step: "done", Done: done, Here: w.o.Here(), Printer: Paper{Code: code, Ready: ready}, Live: done.Label != "" && done.Slip != "printed"}
	return w.show(rw, r, v, http.StatusOK, view)
}

func (w *Wizard) refusalWords(lang string, e *queue.Error) string {
	say := w.say(lang)
	key := "error." + string(e.Code) + "." + e.Reason
	args := map[string]any{"wait": e.Wait, "n": e.Wait, "has": "no", "next": "", "list": "", "name": say("error.name", nil)}
	if t := say(key, args); t != key {
		return t + " " + say(key+".hint", args)
	}
	return e.Msg + ". " + e.Hint
}

// ClockSlack is how far what a person vouches for may be from what the
// machine's clock shows when the word arrives.
const ClockSlack = 5 * time.Minute

// act carries out what the last page offers and says where to go on.
func (w *Wizard) act(ctx context.Context, f url.Values, v Visitor) (to string, err error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	do := func(c queue.Command) (queue.Result, error) {
		return w.o.Do(ctx, queue.Request{Actor: v.Who.Actor, Role: v.Who.Role, Key: f.Get("key"), Command: c})
	}
	to = "/setup/done"
	switch {
	case f.Get("clock") != "":
		// What was looked at, not what the clock has come to show since.
		at, err := time.Parse(time.RFC3339, f.Get("at"))
		if err != nil || at.Sub(w.o.Clock.Now()).Abs() > ClockSlack {
			return to, &queue.Error{Code: queue.Conflict, Reason: "clock_stale", Msg: "the machine shows another time by now", Hint: "Compare the time again, then confirm it."}
		}
		w.o.Clock.Confirm()
		w.log.Info("clock confirmed", "by", v.Who.Actor)
	case f.Get("open") != "":
		if _, err = do(queue.OpenDay{}); errors.Is(err, &queue.Error{Code: queue.Conflict}) {
			err = nil // somebody, or the clock, was faster
		}
	case f.Get("take") != "":
		var res queue.Result
		if res, err = do(queue.Issue{Category: queue.CategoryID(f.Get("take")), Entry: queue.EntryGreeter, Ref: auth.NewRef()}); err == nil {
			for _, rec := range res.Records {
				if e, ok := rec.Event.(queue.TicketIssued); ok {
					to += "?took=" + url.QueryEscape(e.Label)
				}
			}
		}
	}
	return to, err
}
