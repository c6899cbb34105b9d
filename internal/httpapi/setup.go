package httpapi

import (
	"net/http"
	"slices"

	"motcua/internal/setup"
	"motcua/internal/web"
)

// Setup is the wizard of a centre's first run; [setup.Wizard] is one.
type Setup interface {
	// Wanted reports whether there is no centre yet.
	Wanted() bool
	// Serve answers a page below /setup as long as it is wanted.
	Serve(w http.ResponseWriter, r *http.Request, v setup.Visitor) error
	// ServeDone answers /setup/done to a supervisor once there is a centre.
	ServeDone(w http.ResponseWriter, r *http.Request, v setup.Visitor) error
	// Here is where a browser of the same network finds this machine.
	Here() string
}

var _ Setup = (*setup.Wizard)(nil)

// pairedAccess is how many seconds the browser of a paired device stays signed
// in, the one that set the centre up among them: the longest that browsers keep
// a cookie.
const pairedAccess = 400 * 24 * 3600

const donePath = "/setup/done"

// setupPage leads to the wizard: from this machine and from private networks,
// as long as there is no centre. Later it leads to where people sign in, and
// the browser that made the centre to its last page.
func (s *Server) setupPage(w http.ResponseWriter, r *http.Request) error {
	if !setup.May(r) {
		return s.refusal(r.Context(), whySetupFar)
	}
	v := setup.Visitor{Lang: s.pageLanguage(r, "", nil), Who: callOf(r.Context()).who}
	if q := r.URL.Query().Get("lang"); slices.Contains(s.langs, q) {
		keepLanguage(w, q)
	}
	done := r.PathValue("step") == "done"
	switch {
	case s.o.Setup.Wanted() && done:
		http.Redirect(w, r, "/setup", http.StatusSeeOther)
	case s.o.Setup.Wanted():
		return s.o.Setup.Serve(w, r, v)
	case v.Who.Is(leads...) && done:
		dropSetup(w, r) // this browser is in; nothing was lost
		return s.o.Setup.ServeDone(w, r, v)
	case v.Who.Is(leads...):
		http.Redirect(w, r, donePath, http.StatusSeeOther)
	default:
		if c, err := r.Cookie(setup.Cookie); err == nil && r.Method == http.MethodGet {
			if who, ok := s.o.Auth.ByToken(c.Value); ok && who.Is(leads...) {
				// The answer to its last page may have been lost in a power cut.
				setAccess(w, r, c.Value, pairedAccess)
				http.Redirect(w, r, donePath, http.StatusSeeOther)
				return nil
			}
		}
		http.Redirect(w, r, "/sign-in?next="+donePath, http.StatusSeeOther)
	}
	return nil
}

// dropSetup takes the wizard's cookie from a browser. It holds the same token
// as the access: who signs out must not come in again through the wizard.
func dropSetup(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, &http.Cookie{Name: setup.Cookie, Path: "/setup", MaxAge: -1,
		HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteStrictMode})
}

// faceUnready is what every page says before there is a centre.
const faceUnready = "unready"

// UnreadyData is that page's.
type UnreadyData struct {
	// Wall: it hangs in the hall and is read from afar.
	Wall bool
	// May: this browser may open the wizard.
	May  bool
	Here string // address of the wizard
}

// unready answers a page in place of its own while there is no centre, and
// reports whether it did.
func (s *Server) unready(w http.ResponseWriter, r *http.Request, wall bool) (bool, error) {
	if s.o.Setup == nil || !s.o.Setup.Wanted() {
		return false, nil
	}
	if wall {
		s.sawScreen(r) // it asks again by itself, and becomes the wall once there is one
	}
	w.Header().Set("Cache-Control", "no-store")
	d := UnreadyData{Wall: wall, May: setup.May(r), Here: s.o.Setup.Here() + "/setup"}
	p := web.Page{Face: faceUnready, Data: d}
	if wall { // in the language of who reads it, not of the browser behind it
		p.Lang = s.pageLanguage(r, faceWall, nil)
	}
	return true, s.render(w, r, http.StatusOK, p, s.langs)
}
