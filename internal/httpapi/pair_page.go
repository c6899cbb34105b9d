package httpapi

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"motcua/internal/auth"
	"motcua/internal/doorway"
	"motcua/internal/web"
	"motcua/queue"
)

// pairCookie holds the token of a browser that shows a code. The daemon knows
// it by its hash alone; once the code has been typed, the same token is the
// browser's access.
const pairCookie = "motcua_pairing"

// pairKeep is how many seconds a browser keeps that token. It is longer than a
// code is good, so that who looks again late, or after a power cut, is let in.
const pairKeep = 3600

// The states of the page.
const (
	pairAsks   = "ask"     // nothing is asked for yet
	pairWaits  = "waiting" // the code is shown
	pairOver   = "over"    // it is good no more
	pairKiosk  = "kiosk"   // it was typed, for a kiosk, which no browser is
	pairKnown  = "known"   // this browser has access already
	pairLeaves = "leave"   // to end a pairing is to be confirmed
)

// PairData is the page's on which a browser asks to be let in.
type PairData struct {
	State string
	As    queue.Role   // what the device is for
	Roles []queue.Role // to choose from
	Code  string       // "482 193"
	Left  int          // seconds it is good
	Until string       // "9:41", the same in minutes
	Where string       // address of the page Devices
	Name  string       // of the device
	Next  string       // its face
	Gone  bool         // this browser was let in and is no more
	// Problem is why there is no code.
	Problem *Problem
	Who     Who
}

// browserRoles are those a browser can have, the most usual first.
var browserRoles = []queue.Role{queue.Officer, queue.Greeter, auth.Board, queue.Supervisor}

// faceOf is the page somebody works with.
func faceOf(who auth.Principal) string {
	switch who.Role {
	case queue.Officer:
		if who.Counter != "" {
			return "/console/" + url.PathEscape(string(who.Counter))
		}
	case queue.Greeter:
		return "/roll"
	case auth.Board:
		if who.Point != "" {
			return "/display?" + url.Values{"point": {string(who.Point)}}.Encode()
		}
		return "/display"
	}
	return "/console"
}

// pairPage shows the code of the browser that asked for one, and lets it in
// when the code has been typed.
func (s *Server) pairPage(w http.ResponseWriter, r *http.Request) error {
	if done, err := s.unready(w, r, false); done {
		return err
	}
	d := PairData{State: pairAsks, As: queue.Role(r.URL.Query().Get("as"))}
	token := pairingToken(r)
	if who, ok := s.o.Auth.ByToken(token); ok && who.Role == queue.Kiosk {
		d.State, d.Name = pairKiosk, who.Actor
	} else if ok {
		s.log.Info("signed in by a code", "actor", who.Actor, "role", string(who.Role), "client", auth.ClientAddr(r).String())
		setAccess(w, r, token, pairedAccess)
		setPairing(w, r, "", -1)
		http.Redirect(w, r, faceOf(who), http.StatusSeeOther)
		return nil
	} else if p, ok := s.pairings.Waits(auth.TokenHash(token)); ok && token != "" {
		left := time.Until(p.Expires).Round(time.Second)
		d.State, d.As, d.Code, d.Left = pairWaits, p.Role, p.Code[:3]+" "+p.Code[3:], int(left.Seconds())
		d.Until = time.Time{}.Add(left).Format("4:05")
	} else if token != "" {
		d.State = pairOver
	} else if who := callOf(r.Context()).who; who.Known() && !who.Demo {
		d.State, d.Next = pairKnown, faceOf(who)
	}
	return s.renderPair(w, r, http.StatusOK, d)
}

// pairForm draws a token and asks for a code in its name.
func (s *Server) pairForm(w http.ResponseWriter, r *http.Request) error {
	if done, err := s.unready(w, r, false); done {
		return err
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return s.refusal(r.Context(), whyTooLarge)
	}
	as := queue.Role(r.PostFormValue("as"))
	if !slices.Contains(browserRoles, as) {
		return s.refusal(r.Context(), whyField)
	}
	to := "/pair?" + url.Values{"as": {string(as)}}.Encode()
	if who, ok := s.o.Auth.ByToken(pairingToken(r)); ok && who.Role != queue.Kiosk {
		http.Redirect(w, r, to, http.StatusSeeOther) // the code was typed a moment ago
		return nil
	}
	callOf(r.Context()).lang = s.pageLanguage(r, facePair, nil) // a person reads the refusal, on the page
	token, sum := auth.NewToken()
	if _, err := s.askPairing(r.Context(), as, sum); err != nil {
		d := PairData{State: pairAsks, As: as}
		if !errors.As(err, &d.Problem) {
			return err
		}
		return s.renderPair(w, r, d.Problem.Status, d)
	}
	setPairing(w, r, token, pairKeep)
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// pairState tells the page's script how the pairing of its browser stands. It
// changes nothing: the page itself lets the browser in.
func (s *Server) pairState(w http.ResponseWriter, r *http.Request) error {
	token, state := pairingToken(r), doorway.PairingOver
	if _, ok := s.o.Auth.ByToken(token); ok {
		state = doorway.PairingDone
	} else if _, ok := s.pairings.Waits(auth.TokenHash(token)); ok {
		state = doorway.PairingWaits
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	return json.NewEncoder(w).Encode(doorway.PairingState{State: state})
}

func (s *Server) renderPair(w http.ResponseWriter, r *http.Request, status int, d PairData) error {
	at, err := s.look(r.Context(), nil)
	if err != nil {
		return err
	}
	d.Who, d.Where, d.Roles, d.Gone = whoOf(r), s.devicesAddress(r), browserRoles, s.gone(r)
	if !slices.Contains(browserRoles, d.As) {
		d.As = browserRoles[0]
	}
	return s.render(&unstored{w}, r, status, web.Page{Face: facePair, Data: d}, at.hall)
}

// renewAccess starts the time of a paired browser's cookie anew, so that one
// that is used is never signed out by it.
func (s *Server) renewAccess(w http.ResponseWriter, r *http.Request) {
	c, err := r.Cookie(auth.Cookie)
	if err != nil {
		return
	}
	if who, ok := s.o.Auth.ByToken(c.Value); ok && s.o.Auth.Paired(who.Actor) {
		setAccess(w, r, c.Value, pairedAccess)
	}
}

// devicesAddress is where a supervisor types a code: the address this browser
// came in by, unless nobody else can use that one.
func (s *Server) devicesAddress(r *http.Request) string {
	if auth.FromLoopback(r) && s.o.Setup != nil {
		return s.o.Setup.Here() + "/devices"
	}
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	return scheme + r.Host + "/devices"
}

func pairingToken(r *http.Request) string {
	c, err := r.Cookie(pairCookie)
	if err != nil {
		return ""
	}
	return c.Value
}

// setPairing keeps the token of a browser that waits; seconds below 0 remove it.
func setPairing(w http.ResponseWriter, r *http.Request, token string, seconds int) {
	http.SetCookie(w, &http.Cookie{Name: pairCookie, Value: token, Path: "/pair", MaxAge: seconds,
		HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteStrictMode})
}

// unstored keeps a page with a code out of caches, whatever Render sets. Unlike
// a ticket's page it must say where its forms come from: without a referrer
// browsers send no origin either.
type unstored struct{ http.ResponseWriter }

func (u *unstored) WriteHeader(status int) {
	u.Header().Set("Cache-Control", "no-store")
	u.ResponseWriter.WriteHeader(status)
}

func (u *unstored) Unwrap() http.ResponseWriter { return u.ResponseWriter }
