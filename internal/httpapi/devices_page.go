package httpapi

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"motcua/internal/auth"
	"motcua/internal/web"
	"motcua/queue"
)

// DevicesData is the page's on which a supervisor pairs and revokes devices.
// All words are in the page's language.
type DevicesData struct {
	Centre   string
	Devices  []DeviceRow
	Waiting  []WaitingDevice
	Roles    []queue.Role
	Points   []Place // to choose from; none where there is only one
	Counters []Place
	Revoke   string // the device whose revocation is to be confirmed
	Said     string // what was just done: added, revoked, dismissed; "" nothing
	Name     string // of the device Said speaks of
	Problem  *Problem
	Typed    PairBody // what was refused, to be corrected
	Back     string   // where the form came from, and success leads; "" = here
	Who      Who
}

// DeviceRow is a paired device as a person reads it.
type DeviceRow struct {
	Name   string
	Role   queue.Role
	Place  string // counter or service point; "" = any
	Paired string // "23/11/2026"
	By     string
	Seen   string // "10:02"; "" = not since the start
	// Trouble is what is wrong with a kiosk; "" of one that works, and of
	// devices whose health nobody knows.
	Trouble string
	Health  bool // it is known
}

// Place is a counter or a service point.
type Place struct{ ID, Name string }

func (s *Server) devicesPage(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	return s.renderDevices(w, r, http.StatusOK, DevicesData{Said: q.Get("said"), Name: q.Get("name"), Revoke: q.Get("revoke")})
}

// devicesForm does what a form of the page asks for and shows the page again.
func (s *Server) devicesForm(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return s.refusal(r.Context(), whyTooLarge)
	}
	f := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	ctx, d := r.Context(), DevicesData{}
	if f("back") == donePath {
		d.Back = donePath
	}
	var err error
	said, name := "", f("name")
	switch f("do") {
	case "pair":
		d.Typed = PairBody{Code: strings.ReplaceAll(f("code"), " ", ""), Name: name, Role: queue.Role(f("role"))}
		// Only the place that fits the role counts: the form shows both.
		switch {
		case d.Typed.Role == queue.Officer:
			d.Typed.Counter = queue.CounterID(f("counter"))
		case slices.Contains(auth.Placed(), d.Typed.Role):
			d.Typed.Point = queue.PointID(f("point"))
		}
		_, err = s.pair(ctx, d.Typed)
		said = "added"
	case "revoke":
		err = s.revoke(ctx, name)
		said = "revoked"
	case "dismiss":
		s.pairings.Dismiss()
		said = "dismissed"
	default:
		return s.refusal(ctx, whyField)
	}
	if err == nil && d.Back != "" {
		http.Redirect(w, r, d.Back+"#counters", http.StatusSeeOther)
		return nil
	}
	if err == nil {
		http.Redirect(w, r, "/devices?"+url.Values{"said": {said}, "name": {name}}.Encode(), http.StatusSeeOther)
		return nil
	}
	if !errors.As(s.explain(ctx, err), &d.Problem) {
		return err
	}
	return s.renderDevices(w, r, d.Problem.Status, d)
}

func (s *Server) renderDevices(w http.ResponseWriter, r *http.Request, status int, d DevicesData) error {
	list, err := s.deviceList(r.Context())
	if err != nil {
		return err
	}
	cfg := make(chan *queue.Config, 1) // never changed once applied
	at, err := s.look(r.Context(), func(st *queue.State) { cfg <- st.Config })
	if err != nil {
		return err
	}
	lang := s.pageLanguage(r, faceDevices, at.hall)
	d.Who, d.Waiting, d.Roles = whoOf(r), list.Waiting, auth.Roles()
	slices.Reverse(d.Roles)
	if d.Typed.Role == "" && len(d.Waiting) == 1 {
		d.Typed.Role = d.Waiting[0].Role // as it asked; who pairs it decides
	}
	place := map[string]string{}
	if c := <-cfg; c != nil {
		in := func(t queue.Text) string { return t.In(append([]string{lang}, at.hall...)...) }
		d.Centre = in(c.Centre.Name)
		for _, p := range c.Points {
			place["point "+string(p.ID)] = in(p.Name)
			if len(c.Points) > 1 {
				d.Points = append(d.Points, Place{string(p.ID), in(p.Name)})
			}
		}
		for _, k := range c.Counters {
			name := s.o.Web.Text(lang, "common.counter.n", map[string]any{"n": k.Number})
			place["counter "+string(k.ID)] = name
			d.Counters = append(d.Counters, Place{string(k.ID), name})
		}
	}
	if !slices.ContainsFunc(list.Devices, func(x Device) bool { return x.Name == d.Revoke }) {
		d.Revoke = ""
	}
	for _, x := range list.Devices {
		row := DeviceRow{Name: x.Name, Role: x.Role, Paired: x.PairedAt.In(queue.Zone).Format("02/01/2006"), By: x.PairedBy,
			Place: place["point "+string(x.Point)] + place["counter "+string(x.Counter)], Health: x.Status != ""}
		if !x.Seen.IsZero() {
			row.Seen = x.Seen.In(queue.Zone).Format("15:04")
		}
		if x.Code != "" {
			row.Trouble = s.troubleWords(lang, x.Code)
		}
		d.Devices = append(d.Devices, row)
	}
	return s.render(w, r, status, web.Page{Face: faceDevices, Lang: lang, Data: d}, at.hall)
}

// troubleWords says what is wrong with a kiosk: its link, its panel or its printer.
func (s *Server) troubleWords(lang, code string) string {
	for _, key := range []string{"console.device.kiosk." + code, "common.device.printer." + code} {
		if t := s.o.Web.Text(lang, key, map[string]any{"at": "none"}); t != key {
			return t
		}
	}
	if slices.Contains([]string{"stuck", "cable", "io", "lamp"}, code) {
		return s.o.Web.Text(lang, "console.device.kiosk.panel", nil)
	}
	return s.o.Web.Text(lang, "common.device.printer.other", nil)
}

// leadsOnly sends who is not signed in to do so, and refuses all but supervisors.
func (s *Server) leadsOnly(f func(http.ResponseWriter, *http.Request) error) func(http.ResponseWriter, *http.Request) error {
	return s.staffOnly(func(w http.ResponseWriter, r *http.Request) error {
		if p := s.mayNot(r.Context(), callOf(r.Context()).who, leads); p != nil {
			return p
		}
		return f(w, r)
	})
}
