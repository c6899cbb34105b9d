package main

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"motcua/internal/browsertest"
)

// lead has the centre set up, and returns who did it, with a tab of the same browser.
func (f *firstRun) lead(b *browsertest.Browser) (*visitor, *browsertest.Tab) {
	f.t.Helper()
	v := f.ready()
	tab := b.Tab(f.t, 1366, 768)
	tab.Open(f.base + "/setup/language")
	v.give(tab)
	v.answer("review", "done", url.Values{})
	tab.Open(f.base + "/setup/done?lang=vi")
	tab.Wait(`location.pathname === '/setup/done'`)
	return v, tab
}

// types is a supervisor who types a code into the page Devices.
func (v *visitor) types(code, name, role, more string) {
	v.t.Helper()
	form := url.Values{"do": {"pair"}, "code": {code}, "name": {name}, "role": {role}, "counter": {more}, "point": {more}}
	if at, status, page := v.post("/devices", form); status != http.StatusOK || !strings.Contains(page, name) {
		v.t.Fatalf("type %s: %d at %s\n%s", code, status, at, page)
	}
}

var pressSubmit = `document.querySelector('main form button[type=submit]').click()`

// TestOfficersMachineIsLetIn is the morning after the first run: at the officer's
// machine a code is asked for, the supervisor types it beside the counter, and
// that counter's console opens by itself; later the machine is revoked and says so.
func TestOfficersMachineIsLetIn(t *testing.T) {
	f := newFirstRun(t)
	b := browsertest.Start(t)
	_, lead := f.lead(b)
	desk := b.Tab(t, 1366, 768)
	shown := func() string {
		t.Helper()
		return browsertest.Eval[string](desk, `document.querySelector('#code').textContent`)
	}

	// From the console, where an officer would begin.
	desk.Open(f.base + "/?lang=vi")
	desk.Open(f.base + "/console/2")
	desk.Wait(`location.pathname === '/sign-in'`)
	desk.Leave(`document.querySelector('.instead a').click()`)
	picture(desk, "pair-ask")
	desk.Leave(pressSubmit)
	first := shown()
	if !regexp.MustCompile(`^[0-9]{3} [0-9]{3}$`).MatchString(first) {
		t.Fatalf("code %q", first)
	}
	desk.Wait(`/^9:[0-5][0-9]$/.test(document.querySelector('#left').textContent)`)
	picture(desk, "pair-waiting")
	desk.Leave(`document.querySelector('#again button').click()`)
	code := shown()
	if here := browsertest.Eval[string](desk, `document.querySelector('.address').textContent`); here != f.d.here()+"/devices" {
		t.Errorf("it is typed at %s, want %s", here, f.d.here()+"/devices")
	}

	// A wrong code is said to be wrong, on a page where it can be put right.
	wrong := fmt.Sprintf("%06d", (atoi(strings.ReplaceAll(code, " ", ""))+1)%1_000_000)
	enter := func(code string) {
		t.Helper()
		lead.Leave(`const c = document.querySelector('.seats input[name=counter][value="2"]').form; c.elements.code.value = '` + code + `'; c.querySelector('button').click()`)
	}
	enter(wrong)
	lead.Wait(`location.pathname === '/devices' && document.querySelector('.problem')`)
	for _, x := range lead.Problems() {
		if !strings.Contains(x, "404") {
			t.Error(x)
		}
	}
	lead.Open(f.base + "/setup/done")
	picture(lead, "pair-done-before")
	enter(code)
	lead.Wait(`location.pathname === '/setup/done' && document.querySelector('.seats .paired').textContent === 'counter-2'`)
	picture(lead, "pair-done-after")

	desk.Arrive(`location.pathname === '/console/2' && document.querySelector('[data-link="live"]')`)
	secret := browsertest.Eval[string](desk, `document.cookie + location.href + document.documentElement.outerHTML`)
	if strings.Contains(secret, "motcua_access") || strings.Contains(secret, "motcua_pairing") {
		t.Error("a script can read the cookie")
	}
	if log := f.logs.String(); !strings.Contains(log, "counter-2") || strings.Contains(log, strings.ReplaceAll(code, " ", "")) {
		t.Error("the log does not say who came in, or by which code")
	}
	lead.Leave(`const c = document.querySelector('button[name=open]'); c && c.click(); c || location.reload()`)
	press(desk, "m", `document.querySelector('.console').dataset.mode !== 'closed'`)
	if got := f.actorOf("counter.opened.v1"); got != "counter-2" {
		t.Errorf("the counter was opened by %q, want counter-2", got)
	}

	// Revoked, its console says so and leads to a new code.
	if ok, err := f.d.RevokeDevice(t.Context(), "counter-2", "setup"); !ok || err != nil {
		t.Fatal(ok, err)
	}
	desk.Wait(`document.querySelector('.gone') && document.querySelector('.gone').textContent.includes('không còn được vào')`)
	accessible(t, desk, "a revoked console")
	picture(desk, "pair-revoked")
	desk.Problems() // the socket was closed
	desk.Leave(`document.querySelector('.gone a').click()`)
	desk.Wait(`location.pathname === '/pair' && document.querySelector('.problem').textContent.includes('thu hồi')`)
	picture(desk, "pair-gone")
}

// atoi reads six digits.
func atoi(s string) (n int) {
	for _, r := range s {
		n = 10*n + int(r-'0')
	}
	return n
}

// actorOf is who made the newest event of a type.
func (f *firstRun) actorOf(kind string) (actor string) {
	f.t.Helper()
	for r, err := range f.d.journal.Records(f.t.Context(), 1) {
		if err != nil {
			f.t.Fatal(err)
		}
		if r.Event.EventType() == kind {
			actor = r.Actor
		}
	}
	return actor
}

// sixOn is the code a tab shows.
func sixOn(tab *browsertest.Tab) string {
	return strings.ReplaceAll(browsertest.Eval[string](tab, `document.querySelector('#code').textContent`), " ", "")
}

// TestWallIsLetInWithoutHands: a wall asks for its code by itself, shows it to
// the whole room, and then its own hall.
func TestWallIsLetInWithoutHands(t *testing.T) {
	f := newFirstRun(t)
	b := browsertest.Start(t)
	v, _ := f.lead(b)
	wall := b.Tab(t, 1920, 1080)
	wall.Open(f.base + "/display?lang=vi")
	wall.Leave(`location.assign('/pair?as=board&lang=vi')`)
	wall.Arrive(`document.querySelector('#code') && document.readyState === 'complete' && document.fonts.status === 'loaded'`)
	picture(wall, "pair-wall")
	if high := browsertest.Eval[float64](wall, `parseFloat(getComputedStyle(document.querySelector('#code')).fontSize)`); high < 0.25*1080 {
		t.Errorf("the code is %v px high on a wall of 1080", high)
	}
	v.types(sixOn(wall), "wall-annex", "board", "annex")
	wall.Arrive(`location.pathname + location.search === '/display?point=annex' && document.body.dataset.link === 'live'`)

	// Revoked it says so, and then shows a code; its half minute is cut short.
	browsertest.Eval[bool](wall, `(() => { const wait = window.setTimeout; window.setTimeout = (f, ms) => wait(f, ms === 30000 ? 1000 : ms); return true })()`)
	if ok, err := f.d.RevokeDevice(t.Context(), "wall-annex", "setup"); !ok || err != nil {
		t.Fatal(ok, err)
	}
	wall.Arrive(`document.querySelector('#lost') && document.querySelector('#lost').innerText.includes('chưa được ghép')`)
	wall.Arrive(`location.pathname === '/pair' && document.querySelector('#code')`)
	wall.Problems() // the socket was closed
}

// TestPairWithoutScript: the form works, and the page goes on by its refresh.
func TestPairWithoutScript(t *testing.T) {
	f := newFirstRun(t)
	b := browsertest.Start(t)
	v, _ := f.lead(b)
	tab := b.Tab(t, 390, 844)
	tab.NoScript()
	tab.Open(f.base + "/pair?lang=en")
	tab.Arrive(`document.querySelector('#ask')`)
	browsertest.Eval[bool](tab, `(document.querySelector('input[value=greeter]').checked = true, document.querySelector('#ask button').click(), true)`)
	tab.Arrive(`document.querySelector('#code')`)
	v.types(sixOn(tab), "tablet-1", "greeter", "main")
	tab.Arrive(`location.pathname === '/roll' && document.querySelector('main')`)
}

// TestPairFromTheNetwork is a machine of the hall's network, by plain HTTP to an
// address: there browsers send less by which a form is known to be ours.
func TestPairFromTheNetwork(t *testing.T) {
	f := newFirstRun(t)
	b := browsertest.Start(t)
	v, lead := f.lead(b)
	f.stop()
	lead.Problems() // the daemon went
	f.listen = "0.0.0.0:0"
	f.start()
	here := f.d.here()
	if strings.Contains(here, "//127.") {
		t.Skip("this machine has no address but loopback")
	}
	_, port, err := net.SplitHostPort(f.d.Addr())
	if err != nil {
		t.Fatal(err)
	}
	v.base = "http://127.0.0.1:" + port
	tab := b.Tab(t, 1366, 768)
	tab.Open(here + "/pair?lang=vi")
	if browsertest.Eval[bool](tab, `isSecureContext`) {
		t.Fatalf("%s is a secure context", here)
	}
	tab.Leave(pressSubmit)
	if at := browsertest.Eval[string](tab, `document.querySelector('.address').textContent`); at != here+"/devices" {
		t.Errorf("it is typed at %s, want %s", at, here+"/devices")
	}
	v.types(sixOn(tab), "counter-2", "officer", "2")
	tab.Arrive(`location.pathname === '/console/2' && document.querySelector('[data-link="live"]')`)
}

// TestPairPages holds each state of the page to WCAG 2.2 AA, to its window and
// to 25 KB, in three languages.
func TestPairPages(t *testing.T) {
	f := newFirstRun(t)
	b := browsertest.Start(t)
	v, _ := f.lead(b)
	tab := b.Tab(t, 1366, 768)
	look := func(state string) {
		t.Helper()
		at := strings.SplitN(browsertest.Eval[string](tab, `location.href`), "?", 2)[0]
		for _, lang := range []string{"vi", "en", "de"} {
			for size, wh := range map[string][2]int64{"desk": {1366, 768}, "phone": {390, 844}} {
				tab.Size(wh[0], wh[1])
				tab.Open(at + "?lang=" + lang)
				accessible(t, tab, state+" "+lang+" "+size)
				if small := browsertest.Eval[[]string](tab, `[...document.querySelectorAll('main a, main button, .pick')]
					.filter(e => e.offsetParent && e.getBoundingClientRect().height < 44).map(e => e.outerHTML.slice(0, 80))`); len(small) > 0 {
					t.Errorf("%s %s %s: too small for a finger: %q", state, lang, size, small)
				}
				if strange := tab.StrangeFonts("h1, p, .button, .pick"); len(strange) > 0 {
					t.Errorf("%s %s: letters of %v", state, lang, strange)
				}
				picture(tab, "pair-"+state+"-"+lang+"-"+size)
			}
		}
		total := 0
		for _, url := range browsertest.Eval[[]string](tab, `[location.href, ...performance.getEntriesByType('resource').filter(e => !/woff2$|favicon|state$/.test(e.name)).map(e => e.name)]`) {
			total += weigh(t, url)
		}
		if total > 25_000 {
			t.Errorf("%s weighs %d bytes", state, total)
		}
	}
	// Without a referrer a browser sends a form of plain HTTP with no origin, and
	// it is turned away; on loopback, as here, it sends more.
	resp, err := http.Get(f.base + "/pair")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if got := resp.Header.Get("Referrer-Policy") + " " + resp.Header.Get("Cache-Control"); got != "same-origin no-store" {
		t.Errorf("the page's policies are %q", got)
	}
	tab.Open(f.base + "/pair?lang=vi")
	look("ask")
	tab.Leave(pressSubmit)
	look("waiting")
	code := sixOn(tab)
	v.post("/devices", url.Values{"do": {"dismiss"}})
	tab.Arrive(`document.querySelector('.pair').dataset.state === 'over'`)
	look("over")
	tab.Leave(pressSubmit)
	if again := sixOn(tab); again == code {
		t.Error("the code that was sent away is shown again")
	}
	v.types(sixOn(tab), "by-mistake", "kiosk", "")
	tab.Arrive(`document.querySelector('.pair').dataset.state === 'kiosk'`)
	look("kiosk")
	tab.Leave(pressSubmit)
	v.types(sixOn(tab), "lead-2", "supervisor", "")
	tab.Arrive(`location.pathname === '/console' && document.readyState === 'complete'`)
	tab.Open(f.base + "/pair")
	look("known")
	tab.Open(f.base + "/console")
	tab.Leave(`document.querySelector('form[action="/sign-out"] button').click()`)
	accessible(t, tab, "leave")
	picture(tab, "pair-leave")
	tab.Leave(`document.querySelector('.go button').click()`)
	tab.Open(f.base + "/console?lang=vi")
	tab.Wait(`location.pathname === '/sign-in'`)
	for _, lang := range []string{"vi", "en", "de"} {
		tab.Open(f.base + "/sign-in?lang=" + lang)
		accessible(t, tab, "sign-in "+lang)
	}
	picture(tab, "pair-sign-in")
}
