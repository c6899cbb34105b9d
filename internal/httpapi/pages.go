package httpapi

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"motcua/display"
	"motcua/internal/auth"
	"motcua/internal/staff"
	"motcua/internal/web"
	"motcua/queue"
)

// The faces: templates of internal/web.
const (
	faceHome     = "home"
	faceWall     = "wall"
	faceBasic    = "basic"
	faceCounters = "counters"
	faceConsole  = "console"
	faceTicket   = "ticket"
	faceDemo     = "demo"
	faceRoll     = "roll"
	facePanel    = "panel"
	faceDevices  = "devices"
	facePair     = "pair"
	faceSignIn   = "sign-in"
	faceError    = "error"
)

// langCookie remembers the language somebody chose on a page.
const langCookie = "motcua_lang"

// HomeData is the first page's.
type HomeData struct {
	Centre string // its name in the page's language; "" before there is one
	Who    Who
}

// ErrorData is the error page's: Key is the text of the refusal, Key + ".hint"
// its remedy. SignIn is where to sign in when that may help, else "".
type ErrorData struct {
	Key     string
	SignIn  string
	Problem *Problem
}

// SignInData is the sign-in page's. Its form posts password (the token), name
// (the id of its access entry, optional) and next to Action.
type SignInData struct {
	Action, Next, Name string
	// Problem is "wrong" when nobody has the token or name is another's, else "".
	Problem string
	// Pair: a device can be let in by a code instead.
	Pair bool
	// Gone: this browser was let in and is no more.
	Gone bool
	Who  Who // signed in already
}

func (s *Server) addPages() {
	page := func(pattern string, f func(http.ResponseWriter, *http.Request) error) {
		s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			if callOf(r.Context()).quiet {
				w = &private{ResponseWriter: w}
			}
			if err := f(w, r); err != nil {
				p, _ := s.explain(r.Context(), err).(*Problem)
				s.errorPage(w, r, p)
			}
		})
	}
	page("GET /{$}", s.homePage)
	page("GET /display", s.wallPage(faceWall))
	page("GET /display/basic", s.wallPage(faceBasic))
	page("GET /console", s.staffOnly(s.countersPage))
	page("GET /console/{counter}", s.staffOnly(s.consolePage))
	if s.o.Panel != nil {
		page("GET /panel", s.panelPage)
	}
	page("GET /roll", s.staffOnly(s.rollPage))
	page("POST /roll", s.staffOnly(s.rollForm))
	if s.o.Devices != nil {
		page("GET /devices", s.leadsOnly(s.devicesPage))
		page("POST /devices", s.leadsOnly(s.devicesForm))
		page("GET /pair", s.pairPage)
		page("POST /pair", s.pairForm)
		page("GET /pair/state", s.pairState)
	}
	page("GET /t/{day}/{token}", s.ticketPage)
	if s.o.Setup != nil {
		page("GET /setup", s.setupPage)
		page("GET /setup/{step}", s.setupPage)
		page("POST /setup/{step}", s.setupPage)
	}
	page("GET /sign-in", s.signInPage)
	page("POST /sign-in", s.signIn)
	page("POST /sign-out", s.signOut)
	if s.o.Demo != nil {
		page("GET /demo", s.demoPage)
	}
	assets := s.o.Web.Assets()
	s.mux.Handle("GET /a/", assets)
}

// render draws a page with what all of them have in common.
func (s *Server) render(w http.ResponseWriter, r *http.Request, status int, p web.Page, hall []string) error {
	p.Host = r.Host
	p.Languages = hall
	if p.Lang == "" {
		p.Lang = s.pageLanguage(r, p.Face, hall)
	}
	if q := r.URL.Query().Get("lang"); q == p.Lang && q != "" {
		keepLanguage(w, q)
	}
	if err := s.o.Web.Render(w, status, p); err != nil {
		return fmt.Errorf("render %s: %w", p.Face, err)
	}
	return nil
}

// keepLanguage remembers the language somebody chose.
func keepLanguage(w http.ResponseWriter, lang string) {
	http.SetCookie(w, &http.Cookie{Name: langCookie, Value: lang, Path: "/", MaxAge: 365 * 24 * 3600, SameSite: http.SameSiteLaxMode, HttpOnly: true})
}

// pageLanguage is ?lang, else the one chosen before, else the browser's, else
// the hall's first. A wall is not its browser's but the hall's.
func (s *Server) pageLanguage(r *http.Request, face string, hall []string) string {
	if l := r.URL.Query().Get("lang"); slices.Contains(s.langs, l) {
		return l
	}
	if face != faceWall && face != faceBasic && face != facePanel {
		if c, err := r.Cookie(langCookie); err == nil && slices.Contains(s.langs, c.Value) {
			return c.Value
		}
		if l, ok := s.match(r.Header.Get("Accept-Language")); ok {
			return l
		}
	}
	for _, l := range hall {
		if slices.Contains(s.langs, l) {
			return l
		}
	}
	return s.langs[0]
}

// errorPage shows a refusal to a person; when the page fails too, its words
// alone are better than nothing.
func (s *Server) errorPage(w http.ResponseWriter, r *http.Request, p *Problem) {
	if !wantsPage(r) {
		p.write(w)
		return
	}
	for k, v := range p.GetHeaders() {
		w.Header()[k] = v
	}
	lang := s.pageLanguage(r, faceError, nil)
	key := s.errorKey(lang, p)
	d := ErrorData{Key: key, Problem: p}
	if p.Reason == whyRole || p.Reason == whySignIn {
		d.SignIn = "/sign-in?next=" + url.QueryEscape(r.URL.Path)
	}
	page := web.Page{Face: faceError, Lang: lang, Data: d,
		Title: s.o.Web.Text(lang, key, map[string]any{"wait": p.Wait})}
	if err := s.render(w, r, p.Status, page, nil); err != nil {
		s.log.Error("error page failed", "err", err)
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(p.Status)
		fmt.Fprintf(w, "%s\n\n%s\n", p.Title, p.Hint)
	}
}

// errorKey is the most exact text there is for a refusal.
func (s *Server) errorKey(lang string, p *Problem) string {
	general := "error." + string(p.Code)
	for _, key := range []string{general + "." + p.Reason, general} {
		if p.Reason != whyRoute && s.o.Web.Text(lang, key, nil) != key {
			return key
		}
	}
	return "error.page"
}

// position is where a page's snapshot stands.
type position struct {
	epoch string
	seq   queue.Seq
	hall  []string // the centre's languages
}

func positionOf(st *queue.State) position {
	p := position{epoch: st.Pos.Epoch, seq: st.Pos.Seq}
	if st.Config != nil {
		p.hall = st.Config.Languages
	}
	return p
}

// look reads the position and what else a page needs in one turn.
func (s *Server) look(ctx context.Context, f func(*queue.State)) (position, error) {
	got := make(chan position, 1)
	err := s.read(ctx, func(st *queue.State) {
		if f != nil {
			f(st)
		}
		got <- positionOf(st)
	})
	if err != nil {
		return position{}, err
	}
	return <-got, nil
}

func (s *Server) homePage(w http.ResponseWriter, r *http.Request) error {
	if done, err := s.unready(w, r, false); done {
		return err
	}
	if s.o.Demo != nil && callOf(r.Context()).who.Is(leads...) {
		http.Redirect(w, r, "/demo", http.StatusSeeOther)
		return nil
	}
	names := make(chan queue.Text, 1)
	at, err := s.look(r.Context(), func(st *queue.State) {
		var n queue.Text
		if st.Config != nil {
			n = st.Config.Centre.Name
		}
		names <- n
	})
	if err != nil {
		return err
	}
	p := web.Page{Face: faceHome, Epoch: at.epoch, Seq: uint64(at.seq), Lang: s.pageLanguage(r, faceHome, at.hall)}
	p.Data = HomeData{Centre: (<-names).In(append([]string{p.Lang}, at.hall...)...), Who: whoOf(r)}
	return s.render(w, r, http.StatusOK, p, at.hall)
}

func (s *Server) wallPage(face string) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		if done, err := s.unready(w, r, true); done {
			return err
		}
		if face == faceBasic {
			s.sawScreen(r)
		}
		s.renewAccess(w, r)
		point := shownAt(r.Context(), queue.PointID(r.URL.Query().Get("point")))
		v, err := s.board(r.Context(), point)
		if err != nil {
			return err
		}
		topic := "board"
		if point != "" {
			topic += ":" + string(point)
		}
		return s.render(w, r, http.StatusOK, web.Page{Face: face, Topic: topic,
			Epoch: v.Epoch, Seq: uint64(v.Seq), Snapshot: v.Board}, v.Board.Languages)
	}
}

// toSignIn sends somebody to sign in and from there back, in the language that
// was asked for.
func (s *Server) toSignIn(w http.ResponseWriter, r *http.Request) {
	q := url.Values{"next": {r.URL.Path}}
	if l := r.URL.Query().Get("lang"); slices.Contains(s.langs, l) {
		keepLanguage(w, l) // for the pages after it, too
		q.Set("lang", l)
	}
	http.Redirect(w, r, "/sign-in?"+q.Encode(), http.StatusSeeOther)
}

// staffOnly sends who is not signed in to do so, and refuses who may not.
func (s *Server) staffOnly(f func(http.ResponseWriter, *http.Request) error) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		if done, err := s.unready(w, r, false); done {
			return err
		}
		who := callOf(r.Context()).who
		w.Header().Set("Cache-Control", "no-store")
		if !who.Known() {
			s.toSignIn(w, r)
			return nil
		}
		if p := s.mayNot(r.Context(), who, anyone); p != nil {
			return p
		}
		s.renewAccess(w, r)
		return f(w, r)
	}
}

// CountersData is the page's on which staff choose their counter. All words
// are in the page's language.
type CountersData struct {
	Centre string
	Open   bool // the business day
	Points []PointSeats
	Who    Who
	// ClockAsks: nobody vouches for the machine's clock. Lead: the one who looks may.
	ClockAsks, Lead bool
}

// PointSeats is a service point with its counters.
type PointSeats struct {
	Name  string // "" where there is only one point
	Seats []Seat
}

// Seat is one counter of [CountersData].
type Seat struct {
	ID     queue.CounterID
	Number int
	Key    string // the digit that chooses it; "" beyond nine, or where another point's has it
	State  queue.CounterState
	Since  string // "07:31"; "" when unknown
	Pause  queue.PauseReason
	Skills []SkillWords
	// Label and TicketState are of the ticket in hand; "": none.
	Label       string
	TicketState queue.TicketState
	Waiting     int // tickets it may call
}

// SkillWords is a category a counter serves.
type SkillWords struct {
	Category queue.CategoryID
	Name     string
}

// Who is the one signed in, as a page names him.
type Who struct {
	Actor string     `json:"actor"`
	Role  queue.Role `json:"role"`
	// Leaves: there is a sign-in to end. In a demonstration there is none.
	Leaves bool `json:"leaves"`
	// Bound to one counter: there is none to choose.
	Bound bool `json:"bound"`
}

func whoOf(r *http.Request) Who {
	who := callOf(r.Context()).who
	return Who{Actor: who.Actor, Role: who.Role, Leaves: who.Known() && !who.Demo, Bound: who.Counter != ""}
}

// countersPage lets staff choose their counter; an officer bound to one is led there.
func (s *Server) countersPage(w http.ResponseWriter, r *http.Request) error {
	if id := callOf(r.Context()).who.Counter; id != "" {
		http.Redirect(w, r, "/console/"+url.PathEscape(string(id)), http.StatusSeeOther)
		return nil
	}
	type answer struct {
		seats  []staff.Seat
		points []queue.Point
		centre queue.Text
		open   bool
	}
	got := make(chan answer, 1)
	at, err := s.look(r.Context(), func(st *queue.State) {
		a := answer{seats: staff.NewSeats(st), open: st.Day.Open}
		if st.Config != nil {
			a.centre, a.points = st.Config.Centre.Name, slices.Clone(st.Config.Points)
		}
		got <- a
	})
	if err != nil {
		return err
	}
	a := <-got
	if len(a.seats) == 0 {
		return notConfigured()
	}
	lang := s.pageLanguage(r, faceCounters, at.hall)
	in := func(t queue.Text) string { return t.In(append([]string{lang}, at.hall...)...) }
	d := CountersData{Centre: in(a.centre), Open: a.open, Who: whoOf(r), ClockAsks: !s.o.Clock.OK(), Lead: callOf(r.Context()).who.Is(leads...)}
	taken := map[int]bool{}
	for _, p := range a.points {
		at := PointSeats{}
		if len(a.points) > 1 {
			at.Name = in(p.Name)
		}
		for _, x := range a.seats {
			if x.Point != p.ID {
				continue
			}
			seat := Seat{ID: x.ID, Number: x.Number, State: x.State, Pause: x.Pause,
				Label: x.Label, TicketState: x.TicketState, Waiting: x.Waiting}
			if x.Number >= 1 && x.Number <= 9 && !taken[x.Number] {
				taken[x.Number], seat.Key = true, strconv.Itoa(x.Number)
			}
			if x.Since != 0 {
				seat.Since = x.Since.Time().In(queue.Zone).Format("15:04")
			}
			for _, k := range x.Skills {
				seat.Skills = append(seat.Skills, SkillWords{k.Category, in(k.Name)})
			}
			at.Seats = append(at.Seats, seat)
		}
		if len(at.Seats) > 0 {
			d.Points = append(d.Points, at)
		}
	}
	return s.render(w, r, http.StatusOK, web.Page{Face: faceCounters, Lang: lang, Topic: "board",
		Epoch: at.epoch, Seq: uint64(at.seq), Data: d}, at.hall)
}

func (s *Server) consolePage(w http.ResponseWriter, r *http.Request) error {
	id := queue.CounterID(r.PathValue("counter"))
	if who := callOf(r.Context()).who; who.Counter != "" && who.Counter != id {
		return s.refusal(r.Context(), whyRole)
	}
	v, err := s.desk(r.Context(), id)
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, web.Page{Face: faceConsole, Topic: "desk:" + string(id), Who: whoOf(r),
		Epoch: v.Epoch, Seq: uint64(v.Seq), Snapshot: v.Desk}, v.Desk.Languages)
}

// ticketPage is what a slip's code opens. Every failure is the one same 404:
// nothing is to be learned from a guess.
func (s *Server) ticketPage(w http.ResponseWriter, r *http.Request) error {
	day, token := queue.Day(r.PathValue("day")), r.PathValue("token")
	ref, err := s.o.Links.Verify(day, token)
	if err != nil {
		return s.refusal(r.Context(), whyLink)
	}
	found := make(chan display.Ticket, 1)
	at, err := s.look(r.Context(), func(st *queue.State) {
		defer close(found)
		if st.Config == nil || st.Day.ID != day {
			return
		}
		if t, ok := s.o.Ticket(st, day, ref); ok {
			found <- t
		}
	})
	if err != nil {
		return err
	}
	t, ok := <-found
	if !ok {
		return s.refusal(r.Context(), whyLink)
	}
	return s.render(w, r, http.StatusOK, web.Page{Face: faceTicket, Topic: "ticket:" + string(day) + "/" + token,
		Epoch: at.epoch, Seq: uint64(at.seq), Snapshot: t}, t.Languages)
}

// private keeps a ticket's page out of caches and its address out of other
// sites' logs, whatever Render sets for ordinary pages.
type private struct{ http.ResponseWriter }

func (p *private) WriteHeader(status int) {
	p.Header().Set("Cache-Control", "no-store")
	p.Header().Set("Referrer-Policy", "no-referrer")
	p.ResponseWriter.WriteHeader(status)
}

func (p *private) Unwrap() http.ResponseWriter { return p.ResponseWriter }

func (s *Server) demoPage(w http.ResponseWriter, r *http.Request) error {
	if p := s.mayNot(r.Context(), callOf(r.Context()).who, leads); p != nil {
		return p
	}
	at, err := s.look(r.Context(), nil)
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, web.Page{Face: faceDemo, Topic: "panel",
		Epoch: at.epoch, Seq: uint64(at.seq), Snapshot: s.o.Demo.Snapshot()}, at.hall)
}

func (s *Server) signInPage(w http.ResponseWriter, r *http.Request) error {
	return s.renderSignIn(w, r, http.StatusOK, SignInData{Next: localPath(r.URL.Query().Get("next"))})
}

func (s *Server) renderSignIn(w http.ResponseWriter, r *http.Request, status int, d SignInData) error {
	at, err := s.look(r.Context(), nil)
	if err != nil {
		return err
	}
	d.Action, d.Who, d.Pair, d.Gone = "/sign-in", whoOf(r), s.o.Devices != nil, s.gone(r)
	return s.render(w, r, status, web.Page{Face: faceSignIn, Data: d}, at.hall)
}

// maxForm is the largest sign-in form in bytes: a name, a token and a path.
const maxForm = 4 << 10

// signIn takes a token and keeps it in a cookie. With a name, the token must be
// that one's, so that a slip of the pen is seen at once.
func (s *Server) signIn(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return s.refusal(r.Context(), whyTooLarge)
	}
	next, name := localPath(r.PostFormValue("next")), strings.TrimSpace(r.PostFormValue("name"))
	token := strings.TrimSpace(r.PostFormValue("password"))
	who, ok := s.o.Auth.ByToken(token)
	if !ok || name != "" && name != who.Actor {
		s.log.Warn("sign-in refused", "client", auth.ClientAddr(r).String())
		return s.renderSignIn(w, r, http.StatusForbidden, SignInData{Next: next, Name: name, Problem: "wrong"})
	}
	s.log.Info("signed in", "actor", who.Actor, "role", string(who.Role), "client", auth.ClientAddr(r).String())
	setAccess(w, r, token, 12*3600)
	http.Redirect(w, r, next, http.StatusSeeOther)
	return nil
}

// gone reports whether the browser brings a token that nobody has any more.
func (s *Server) gone(r *http.Request) bool {
	_, ok := s.o.Auth.Identify(r)
	return !ok
}

// signOut ends a sign-in. Of a paired device it ends the pairing, or its name
// would stay taken by a machine that lost its token; that is asked for twice.
func (s *Server) signOut(w http.ResponseWriter, r *http.Request) error {
	if who := callOf(r.Context()).who; s.o.Devices != nil && s.o.Auth.Paired(who.Actor) {
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		if err := r.ParseForm(); err != nil {
			return s.refusal(r.Context(), whyTooLarge)
		}
		if s.lastLead(who.Actor) { // not asked whether it is sure of what it can't do
			return s.refusal(r.Context(), whyLastLead)
		}
		if r.PostFormValue("sure") == "" {
			return s.renderPair(w, r, http.StatusOK, PairData{State: pairLeaves, Next: faceOf(who)})
		}
		if err := s.revoke(r.Context(), who.Actor); err != nil {
			return err
		}
	}
	setAccess(w, r, "", -1)
	dropSetup(w, r)
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}

// setAccess keeps the token in a cookie no script reads and no other site
// sends; seconds below 0 remove it.
func setAccess(w http.ResponseWriter, r *http.Request, token string, seconds int) {
	http.SetCookie(w, &http.Cookie{Name: auth.Cookie, Value: token, Path: "/", MaxAge: seconds,
		HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteStrictMode})
}

// localPath keeps a sign-in from sending people to another site: it takes
// only a path of ours, else the consoles.
func localPath(p string) string {
	u, err := url.Parse(p)
	if err != nil || u.IsAbs() || u.Host != "" || u.Opaque != "" || !strings.HasPrefix(p, "/") ||
		strings.HasPrefix(p, "//") || bytes.ContainsAny([]byte(p), "\\\r\n\t") {
		return "/console"
	}
	return p
}
