package web_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"motcua/internal/browsertest"
	"motcua/internal/staff"
	"motcua/queue"
)

// TestConsole tries the console in one Chromium, each part in a tab of its own.
func TestConsole(t *testing.T) {
	br := browsertest.Start(t)
	for _, part := range []struct {
		name string
		try  func(*testing.T, *browsertest.Browser)
	}{
		{"a day by keyboard", consoleADayByKeyboard},
		{"numpad enter calls once though a button has the focus", consoleNumpadEnterCallsOnceThoughAButtonHasTheFocus},
		{"double next is one request", consoleDoubleNextIsOneRequest},
		{"lost reply is asked again with the same key", consoleLostReplyIsAskedAgainWithTheSameKey},
		{"reload takes up its command", consoleReloadTakesUpItsCommand},
		{"unknown outcome offers the same key", consoleUnknownOutcomeOffersTheSameKey},
		{"refusal is said", consoleRefusalIsSaid},
		{"says when it is stale", consoleSaysWhenItIsStale},
		{"focus survives updates", consoleFocusSurvivesUpdates},
		{"keys stay out of text and combinations", consoleKeysStayOutOfTextAndCombinations},
		{"counts down to the rules", consoleCountsDownToTheRules},
		{"speaks every language", consoleSpeaksEveryLanguage},
		{"takes empty lists as null", consoleTakesEmptyListsAsNull},
	} {
		t.Run(part.name, func(t *testing.T) { part.try(t, br) })
	}
}

// openConsole opens counter 3 on a desk and waits for its link.
func openConsole(t *testing.T, br *browsertest.Browser, f *fakeCentre) *browsertest.Tab {
	t.Helper()
	tab := br.Tab(t, 1366, 768)
	tab.Open(f.URL + "/console/3")
	tab.Wait(`!!document.querySelector('[data-link="live"]')`)
	return tab
}

// rest waits until no answer is outstanding and the guard after a change of
// the screen has passed; both are the console's own time.
func rest(tab *browsertest.Tab) {
	tab.Wait(`sessionStorage.getItem('motcua.console.3') === null`)
	browsertest.Eval[bool](tab, `new Promise(r => setTimeout(() => r(true), 650))`)
}

// obey makes the fake centre do what the console asks, roughly as the queue would.
func obey(f *fakeCentre, d *staff.Desk) {
	f.decide(func(a asked) (int, any) {
		seq := f.change(func() {
			switch a.Path[strings.LastIndexByte(a.Path, '/')+1:] {
			case "open":
				d.Counter.State = queue.CounterIsOpen
			case "pause":
				d.Counter.State, d.Counter.Pause = queue.CounterIsPaused, queue.PauseReason(a.Body["reason"].(string))
			case "close":
				d.Counter.State = queue.CounterIsClosed
			case "next":
				take(d)
			case "start":
				d.Current.State, d.Current.Started = queue.Serving, ago(0)
			case "recall":
				d.Current.Calls++
				d.Current.LastCall = ago(0)
			case "finish":
				d.Current = nil
				d.Counter.Served++
				if a.Body["next"] == true {
					take(d)
				}
			case "no-show", "park", "transfer":
				d.Current = nil
			}
		})
		return 200, map[string]any{"epoch": fakeEpoch, "seq": seq}
	})
}

func take(d *staff.Desk) {
	if len(d.Next) == 0 {
		return
	}
	t := d.Next[0].Ticket
	d.Next = d.Next[1:]
	t.State, t.Counter, t.Calls, t.FirstCall, t.LastCall, t.Since, t.Reason = queue.Called, 3, 1, ago(0), ago(0), ago(0), queue.Reason{Code: queue.ByArrival, Arrival: t.Issued}
	d.Current = &t
}

var uuidV4 = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

func consoleADayByKeyboard(t *testing.T, br *browsertest.Browser) {
	d := busyDesk()
	d.Counter.State = queue.CounterIsClosed
	d.Rules = staff.Rules{NoShowCalls: 1}
	f := newFakeCentre(t, d, consolePage)
	obey(f, d)
	tab := openConsole(t, br, f)

	// step presses keys, and checks the request and the screen that follows.
	step := func(keys, path string, body map[string]any, then string) {
		t.Helper()
		rest(tab)
		tab.Keys(keys)
		a := f.next()
		if !uuidV4.MatchString(a.Key) {
			t.Errorf("%s: key %q is no UUIDv4", keys, a.Key)
		}
		if diff := cmp.Diff(asked{Path: path, Key: a.Key, Body: body}, a); diff != "" {
			t.Errorf("%s (-want +got):\n%s", keys, diff)
		}
		tab.Wait(then)
	}
	mode := func(m string) string { return `!!document.querySelector('.console[data-mode="` + m + `"]')` }
	inHand := func(label, m string) string {
		return mode(m) + ` && document.querySelector('#n')?.textContent === '` + label + `'`
	}
	ticket := func(id float64, more ...any) map[string]any {
		m := map[string]any{"ticket": id}
		for i := 0; i < len(more); i += 2 {
			m[more[i].(string)] = more[i+1]
		}
		return m
	}

	step("m", "counters/3/open", map[string]any{}, mode("free"))
	step("g", "counters/3/next", map[string]any{}, inHand("B018", "called"))
	step("l", "counters/3/recall", ticket(18), `document.querySelector('.phase').textContent.includes('lần 2')`)
	step("b", "counters/3/start", ticket(18), inHand("B018", "serving"))
	step("G", "counters/3/finish", ticket(18, "outcome", "done", "next", true), inHand("R009", "called"))
	step("v", "counters/3/no-show", ticket(9), mode("free"))
	step("g", "counters/3/next", map[string]any{}, inHand("A045", "called"))
	step("b", "counters/3/start", ticket(45), inHand("A045", "serving"))
	step("2", "counters/3/finish", ticket(45, "outcome", "papers_missing"), mode("free"))
	step("g", "counters/3/next", map[string]any{}, inHand("A036", "called"))

	// Transfer: words without their marks find the target, Enter takes it.
	rest(tab)
	tab.Keys("c")
	tab.Wait(`document.activeElement.getAttribute('role') === 'combobox'`)
	rest(tab)
	tab.Keys("dat d")
	tab.Wait(`document.querySelectorAll('#targets [role=option]').length === 1`)
	step("\r", "counters/3/transfer", ticket(36, "to_category", "C", "mode", "keep"), mode("free"))

	// The parked list by its key, then the call of the first one.
	rest(tab)
	tab.Keys("p")
	tab.Wait(`document.activeElement.closest('.entry').textContent.includes('A031')`)
	step("\r", "counters/3/call", ticket(31), mode("free"))

	rest(tab)
	tab.Keys("n")
	tab.Wait(`!!document.querySelector('[role=dialog]')`)
	step("2", "counters/3/pause", map[string]any{"reason": "lunch"}, mode("paused"))
	step("m", "counters/3/open", map[string]any{}, mode("free"))
	step("d", "counters/3/close", map[string]any{}, mode("closed"))

	if n := browsertest.Eval[int](tab, `[...document.querySelectorAll('.large .first')].length`); n != 1 {
		t.Errorf("%d filled buttons, want one", n)
	}
}

func consoleNumpadEnterCallsOnceThoughAButtonHasTheFocus(t *testing.T, br *browsertest.Browser) {
	d := busyDesk()
	f := newFakeCentre(t, d, consolePage)
	obey(f, d)
	tab := openConsole(t, br, f)
	browsertest.Eval[bool](tab, `(document.querySelector('[data-act="next"]').focus(), true)`)
	browsertest.Eval[bool](tab, `(document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {code: 'NumpadEnter', key: 'Enter', bubbles: true, cancelable: true})), true)`)
	if a := f.next(); a.Path != "counters/3/next" {
		t.Errorf("numpad Enter asked for %s", a.Path)
	}
	tab.Wait(`document.querySelector('#n')?.textContent === 'B018'`)
	// The focus goes to the button that took the place of the pressed one.
	tab.Wait(`document.activeElement.dataset.act === 'start'`)
	if n := len(f.commands()); n != 1 {
		t.Errorf("%d requests, want one", n)
	}
}

func consoleDoubleNextIsOneRequest(t *testing.T, br *browsertest.Browser) {
	d := busyDesk()
	f := newFakeCentre(t, d, consolePage)
	obey(f, d)
	tab := openConsole(t, br, f)
	tab.Keys("ggg")
	f.next()
	tab.Wait(`document.querySelector('#n')?.textContent === 'B018'`)
	// B is the next key, but struck at once it was meant for the old screen.
	tab.Keys("b")
	rest(tab)
	if got := f.commands(); len(got) != 1 {
		t.Errorf("requests = %v, want one", got)
	}
}

func consoleLostReplyIsAskedAgainWithTheSameKey(t *testing.T, br *browsertest.Browser) {
	d := busyDesk()
	f := newFakeCentre(t, d, consolePage)
	lost := 0
	f.decide(func(a asked) (int, any) {
		if lost++; lost == 1 {
			return 0, nil
		}
		seq := f.change(func() { take(d) })
		return 200, map[string]any{"epoch": fakeEpoch, "seq": seq}
	})
	tab := openConsole(t, br, f)
	tab.Keys("g")
	first := f.next()
	second := f.next()
	if first.Key != second.Key {
		t.Errorf("the second try has key %s, the first had %s", second.Key, first.Key)
	}
	tab.Wait(`document.querySelector('#n')?.textContent === 'B018'`)
	tab.Wait(`sessionStorage.getItem('motcua.console.3') === null`) // the answer is final: the key goes
	tab.Problems()                                                  // the browser reports the lost reply; it was meant
}

func consoleReloadTakesUpItsCommand(t *testing.T, br *browsertest.Browser) {
	d := busyDesk()
	f := newFakeCentre(t, d, consolePage)
	f.decide(func(asked) (int, any) { return 0, nil })
	tab := openConsole(t, br, f)
	tab.Keys("g")
	first := f.next()
	obey(f, d)
	tab.Open(f.URL + "/console/3")
	tab.Wait(`document.querySelector('#n')?.textContent === 'B018'`)
	for _, a := range f.commands() {
		if a.Key != first.Key {
			t.Errorf("asked again with key %s, the first was %s", a.Key, first.Key)
		}
	}
	tab.Problems()
}

func consoleUnknownOutcomeOffersTheSameKey(t *testing.T, br *browsertest.Browser) {
	d := busyDesk()
	f := newFakeCentre(t, d, consolePage)
	f.decide(func(asked) (int, any) { return 0, nil })
	tab := br.Tab(t, 1366, 768)
	tab.Open(f.URL + "/console/3")
	// A command left over from more than 30 s ago is not sent by itself.
	browsertest.Eval[bool](tab, `(sessionStorage.setItem('motcua.console.3', JSON.stringify({key: '00000000-0000-4000-8000-000000000001', path: '/api/v1/counters/3/next', body: {}, name: 'next', label: '', at: Date.now() - 60000})), true)`)
	obey(f, d)
	tab.Open(f.URL + "/console/3")
	tab.Wait(`!!document.querySelector('#unknown[role=alert]')`)
	if n := len(f.commands()); n != 0 {
		t.Fatalf("%d requests without being asked", n)
	}
	keepShot(t, tab, "console-unknown.png")
	tab.Keys("\r") // the retry button has the focus
	if a := f.next(); a.Key != "00000000-0000-4000-8000-000000000001" {
		t.Errorf("retried with key %s", a.Key)
	}
	tab.Wait(`!document.querySelector('#unknown') && document.querySelector('#n')?.textContent === 'B018'`)
}

func consoleRefusalIsSaid(t *testing.T, br *browsertest.Browser) {
	d := busyDesk()
	current(d, queue.Serving)
	f := newFakeCentre(t, d, consolePage)
	f.decide(func(asked) (int, any) {
		return 409, map[string]any{"type": "about:blank", "title": "Conflict", "status": 409, "code": "conflict", "reason": "wrong_state", "detail": "A042 is finished", "hint": "Look again."}
	})
	tab := openConsole(t, br, f)
	browsertest.Eval[bool](tab, `(document.querySelector('[data-act="park"]').focus(), true)`)
	tab.Keys("h")
	f.next()
	tab.Wait(`document.querySelector('#refusal[role=alert]')?.contains(document.activeElement)`)
	if s := browsertest.Eval[string](tab, `document.querySelector('#refusal p').textContent`); s != "Hoàn thành A042: Việc này không hợp với tình trạng hiện nay. Xem lại tình trạng hiện nay rồi chọn việc khác." {
		t.Errorf("refusal says %q", s)
	}
	keepShot(t, tab, "console-refusal.png")
	tab.Keys("\x1b")
	tab.Wait(`!document.querySelector('#refusal') && document.activeElement.dataset.act === 'park'`) // given back
	tab.Problems()                                                                                   // the browser logs the 409 too
}

func consoleSaysWhenItIsStale(t *testing.T, br *browsertest.Browser) {
	d := busyDesk()
	current(d, queue.Called)
	f := newFakeCentre(t, d, consolePage)
	tab := openConsole(t, br, f)
	f.mu.Lock()
	f.quiet = true // half open: no frame and no close
	f.mu.Unlock()
	tab.Wait(`!!document.querySelector('[data-link="stale"]')`)
	if s := browsertest.Eval[string](tab, `document.querySelector('.link').textContent`); !strings.Contains(s, "Mất kết nối – số có thể chưa cập nhật") {
		t.Errorf("the bar says %q", s)
	}
	if c := browsertest.Eval[string](tab, `getComputedStyle(document.querySelector('#n')).color`); c == "rgb(18, 41, 74)" {
		t.Error("the number is not greyed")
	}
	keepShot(t, tab, "console-stale.png")
	f.mu.Lock()
	f.quiet = false
	f.mu.Unlock()
	tab.Wait(`!!document.querySelector('[data-link="live"]')`)
}

func consoleFocusSurvivesUpdates(t *testing.T, br *browsertest.Browser) {
	d := busyDesk()
	current(d, queue.Serving)
	f := newFakeCentre(t, d, consolePage)
	tab := openConsole(t, br, f)
	browsertest.Eval[bool](tab, `(document.querySelector('[data-act="park"]').focus(), window.held = document.activeElement, true)`)
	for i := range 5 {
		f.change(func() {
			d.Lanes[0].Waiting = 20 + i
			d.Next = d.Next[min(1, len(d.Next)):]
		})
	}
	tab.Wait(`document.querySelector('.rail .lane .count').textContent.startsWith('24')`)
	if !browsertest.Eval[bool](tab, `document.activeElement === window.held`) {
		t.Error("the focus moved")
	}
}

func consoleKeysStayOutOfTextAndCombinations(t *testing.T, br *browsertest.Browser) {
	d := busyDesk()
	current(d, queue.Serving)
	f := newFakeCentre(t, d, consolePage)
	obey(f, d)
	tab := openConsole(t, br, f)
	fire := func(init string) {
		browsertest.Eval[bool](tab, `(document.body.dispatchEvent(new KeyboardEvent('keydown', {bubbles: true, cancelable: true, `+init+`})), true)`)
	}
	fire(`code: 'KeyH', key: 'h', repeat: true`)
	fire(`code: 'KeyH', key: 'h', ctrlKey: true`)
	fire(`code: 'KeyH', key: 'h', altKey: true`)
	fire(`code: 'KeyH', key: 'Process', isComposing: true`)
	tab.Keys("c")
	tab.Wait(`document.activeElement.tagName === 'INPUT'`)
	rest(tab)
	tab.Keys("hgtb")
	if s := browsertest.Eval[string](tab, `document.activeElement.value`); s != "hgtb" {
		t.Errorf("the search box holds %q", s)
	}
	keepShot(t, tab, "console-transfer.png")
	tab.Keys("\x1b")
	tab.Wait(`!document.querySelector('[role=dialog]')`)
	if got := f.commands(); len(got) != 0 {
		t.Errorf("requests = %v, want none", got)
	}
	tab.Keys("?")
	tab.Wait(`!!document.querySelector('.sheet.keys')`)
	keepShot(t, tab, "console-keys.png")
}

func consoleCountsDownToTheRules(t *testing.T, br *browsertest.Browser) {
	d := busyDesk()
	current(d, queue.Called) // called 2 s ago
	f := newFakeCentre(t, d, consolePage)
	tab := openConsole(t, br, f)
	for name, want := range map[string][2]int{"recall": {15, 18}, "no_show": {55, 58}} {
		n := browsertest.Eval[int](tab, `parseInt(document.querySelector('[data-wait="`+name+`"]').textContent.replace(/\D+/, ''))`)
		if n < want[0] || n > want[1] {
			t.Errorf("%s in %d s, want %v", name, n, want)
		}
	}
	tab.Keys("lv") // too early: the console says so and asks nobody
	tab.Wait(`!!document.querySelector('.toast.warn')`)
	if got := f.commands(); len(got) != 0 {
		t.Errorf("requests = %v, want none", got)
	}
}

func consoleSpeaksEveryLanguage(t *testing.T, br *browsertest.Browser) {
	d := busyDesk()
	current(d, queue.Serving)
	f := newFakeCentre(t, d, consolePage)
	tab := openConsole(t, br, f)
	for _, c := range []struct{ lang, finish, why string }{
		{"en", "Finish", "Why this one: A042 came first"},
		{"de", "Abschließen", "Warum diese Nummer: A042 kam zuerst"},
		{"vi", "Hoàn thành", "Vì sao gọi số này: Số A042 đến sớm nhất"},
	} {
		tab.Size(1366, 768)
		browsertest.Eval[bool](tab, `(document.querySelector('.languages [lang=`+c.lang+`]').click(), true)`)
		tab.Wait(`document.querySelector('[data-act="finish"] .word').textContent === '` + c.finish + `' && document.documentElement.lang === '` + c.lang + `'`)
		if s := browsertest.Eval[string](tab, `document.querySelector('.why').textContent`); !strings.HasPrefix(s, c.why) {
			t.Errorf("reason in %s: %q", c.lang, s)
		}
		if left := browsertest.Eval[[]string](tab, `(document.body.innerText.match(/\b(console|common|reason|error)\.[a-z_.]+/g) || [])`); len(left) > 0 {
			t.Errorf("words missing in %s: %v", c.lang, left)
		}
		if browsertest.Eval[bool](tab, `document.documentElement.scrollWidth > innerWidth`) {
			t.Errorf("the page in %s is wider than the window", c.lang)
		}
		cut := browsertest.Eval[[]string](tab, `[...document.querySelectorAll('.act')].filter(b => b.scrollWidth > b.clientWidth + 1).map(b => b.textContent + ' ' + (b.scrollWidth - b.clientWidth))`)
		if len(cut) > 0 {
			t.Errorf("words cut off in %s: %q", c.lang, cut)
		}
		keepShot(t, tab, "console-"+c.lang+".png")
		tab.Size(390, 844)
		if browsertest.Eval[bool](tab, `document.documentElement.scrollWidth > innerWidth`) {
			t.Errorf("the page in %s is wider than a phone", c.lang)
		}
		small := browsertest.Eval[[]string](tab, `[...document.querySelectorAll('button')].filter(b => { const r = b.getBoundingClientRect(); return r.width && (r.height < 44 || r.width < 44); }).map(b => b.textContent)`)
		if len(small) > 0 {
			t.Errorf("too small for a thumb in %s: %q", c.lang, small)
		}
	}
}

// keepShot saves a picture where MOTCUA_PICTURES names a folder.
func keepShot(t *testing.T, tab *browsertest.Tab, name string) {
	t.Helper()
	if dir := os.Getenv("MOTCUA_PICTURES"); dir != "" {
		tab.Save(dir, name)
	}
}

func consoleTakesEmptyListsAsNull(t *testing.T, br *browsertest.Browser) {
	d := busyDesk()
	d.Next, d.Lanes, d.Parked, d.Missed, d.Slips, d.Targets, d.Languages = nil, nil, nil, nil, nil, nil, nil
	f := newFakeCentre(t, d, consolePage)
	tab := openConsole(t, br, f)
	tab.Wait(`document.querySelector('.empty h2')?.textContent === 'Chưa có ai chờ quầy 3'`)
	tab.Keys("g") // there is nobody: said, not sent
	tab.Wait(`document.querySelector('.toast.warn')?.textContent.includes('Chưa có ai chờ')`)
	if got := f.commands(); len(got) != 0 {
		t.Errorf("requests = %v, want none", got)
	}
}
