package web_test

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"motcua/internal/browsertest"
	"motcua/internal/staff"
	"motcua/internal/web"
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
		{"takes back what was done last", consoleTakesBackWhatWasDoneLast},
		{"serves without a number", consoleServesWithoutANumber},
		{"proposes a no-show and does none", consoleProposesANoShowAndDoesNone},
		{"confirms and declines what was claimed", consoleConfirmsAndDeclinesWhatWasClaimed},
		{"shows and plans a visit", consoleShowsAndPlansAVisit},
		{"rebooks and says the code", consoleRebooksAndSaysTheCode},
		{"asks whether a slip came out", consoleAsksWhetherASlipCameOut},
		{"says what is wrong with the hall", consoleSaysWhatIsWrongWithTheHall},
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
	rest(tab)
	tab.Keys("2")
	tab.Wait(`document.querySelector('#sheet-head').textContent === 'Nghỉ trưa: trong bao lâu?'`)
	step("4", "counters/3/pause", map[string]any{"reason": "lunch", "minutes": 30.0}, mode("paused"))
	step("m", "counters/3/open", map[string]any{}, mode("free"))
	rest(tab)
	tab.Keys("n1")
	tab.Wait(`document.activeElement.textContent.includes('Chưa biết')`)
	step("\r", "counters/3/pause", map[string]any{"reason": "break"}, mode("paused"))
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
	rich(d)
	d.Undo.Until = ago(-time.Hour)
	visit(current(d, queue.Serving))
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
		cut := browsertest.Eval[[]string](tab, `[...document.querySelectorAll('.act')].filter(b => b.clientWidth && b.scrollWidth > b.clientWidth + 1).map(b => b.textContent + ' ' + (b.scrollWidth - b.clientWidth))`)
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

// dialog waits for a sheet with a head.
func dialog(tab *browsertest.Tab, head string) {
	tab.Wait(`document.querySelector('#sheet-head')?.textContent === '` + head + `'`)
}

func consoleTakesBackWhatWasDoneLast(t *testing.T, br *browsertest.Browser) {
	d := busyDesk()
	current(d, queue.Serving)
	f := newFakeCentre(t, d, consolePage)
	before := *d.Current
	f.decide(func(a asked) (int, any) {
		var seq uint64
		switch a.Path {
		case "counters/3/finish":
			seq = f.change(func() {
				d.Current = nil
				d.Undo = &staff.Undo{What: "ticket.leg_finished.v1", Ticket: 42, Label: "A042", Until: ago(-10 * time.Second)}
			})
		case "counters/3/undo":
			seq = f.change(func() { d.Current, d.Undo = &before, nil })
		}
		return 200, map[string]any{"epoch": fakeEpoch, "seq": seq, "ticket": map[string]any{"id": 42, "label": "A042", "category": "R", "state": "waiting"}}
	})
	tab := openConsole(t, br, f)
	text := `document.querySelector('.work').innerText.replace(/\d+:\d+/g, '')`
	was := browsertest.Eval[string](tab, text)
	tab.Keys("u") // nothing was done yet: said, not sent
	tab.Wait(`document.querySelector('.toast.warn')?.textContent.includes('Không còn việc gì')`)
	tab.Keys("h")
	f.next()
	tab.Wait(`document.querySelector('.note.undo .word')?.textContent === 'Hoàn tác: hoàn thành phần việc của A042'`)
	if s := browsertest.Eval[string](tab, `document.querySelector('.note.undo .left').textContent`); !regexp.MustCompile(`^(9|10) giây$`).MatchString(s) {
		t.Errorf("the countdown says %q", s)
	}
	rest(tab)
	if s := browsertest.Eval[string](tab, `document.querySelector('.messages [role=status]').textContent`); s != "A042 đi tiếp: Trả kết quả" {
		t.Errorf("the finish of a leg says %q", s)
	}
	keepShot(t, tab, "console-undo.png")
	tab.Keys("u")
	if a := f.next(); a.Path != "counters/3/undo" || a.Body["ticket"] != 42.0 {
		t.Errorf("undo asked %+v", a)
	}
	tab.Wait(`!document.querySelector('.note.undo') && document.querySelector('#n')?.textContent === 'A042'`)
	if is := browsertest.Eval[string](tab, text); is != was {
		t.Errorf("the screen is not as before: %s", cmp.Diff(was, is))
	}

	// What is over is not offered, whatever the desk still says.
	f.change(func() {
		d.Undo = &staff.Undo{What: "ticket.started.v1", Ticket: 42, Label: "A042", Until: ago(-2 * time.Second)}
	})
	tab.Wait(`!!document.querySelector('.note.undo')`)
	tab.Wait(`!document.querySelector('.note.undo')`)

	// A command on a ticket is taken back by the ticket, and a refusal is said in plain words.
	f.decide(func(a asked) (int, any) {
		if strings.HasSuffix(a.Path, "/undo") {
			return 409, map[string]any{"status": 409, "code": "conflict", "reason": "ticket_taken"}
		}
		return 200, map[string]any{"epoch": fakeEpoch, "seq": f.change(func() { d.Current.Dossiers = 3 })}
	})
	f.change(func() { d.Rules.UndoWithin = 10 })
	tab.Keys("s")
	dialog(tab, "A042: số hồ sơ")
	tab.Keys("++\r")
	if a := f.next(); a.Path != "tickets/42/dossiers" || a.Body["dossiers"] != 3.0 {
		t.Errorf("dossiers asked %+v", a)
	}
	tab.Wait(`document.querySelector('.note.undo .word')?.textContent === 'Hoàn tác: sửa số hồ sơ của A042'`)
	rest(tab)
	browsertest.Eval[bool](tab, `(document.querySelector('.note.undo').click(), true)`)
	if a := f.next(); a.Path != "tickets/42/undo" {
		t.Errorf("undo asked %+v", a)
	}
	tab.Wait(`document.querySelector('#refusal p')?.textContent.startsWith('Hoàn tác A042: Số này đã có việc khác xảy ra sau đó')`)
	tab.Problems() // the browser logs the 409 too
}

func consoleServesWithoutANumber(t *testing.T, br *browsertest.Browser) {
	d := busyDesk()
	f := newFakeCentre(t, d, consolePage)
	f.decide(func(a asked) (int, any) {
		seq := f.change(func() {
			k := current(d, queue.Serving)
			k.ID, k.Label, k.Category, k.Name, k.Entry = 60, "C006", "C", categoryNames["C"], queue.EntryDirect
		})
		return 201, map[string]any{"epoch": fakeEpoch, "seq": seq, "id": 60, "label": "C006"}
	})
	tab := openConsole(t, br, f)
	for _, c := range []struct {
		keys string
		body map[string]any
	}{
		{"4", map[string]any{"category": "C"}},
		{"dat dai\r", map[string]any{"category": "C"}},
		{"++-+\r", map[string]any{"category": "A", "dossiers": 3.0}},
	} {
		rest(tab)
		tab.Keys("k")
		dialog(tab, "Tiếp nhận không lấy số")
		tab.Keys(c.keys)
		a := f.next()
		if diff := cmp.Diff(asked{Path: "counters/3/direct", Key: a.Key, Body: c.body}, a); diff != "" {
			t.Errorf("%q (-want +got):\n%s", c.keys, diff)
		}
		tab.Wait(`!!document.querySelector('.console[data-mode="serving"]') && document.querySelector('#n').textContent === 'C006' && document.querySelector('.facts .line').textContent.includes('không lấy số')`)
		f.change(func() { d.Current = nil })
		tab.Wait(`!!document.querySelector('.console[data-mode="free"]')`)
	}
	f.change(func() { current(d, queue.Serving) })
	tab.Wait(`!!document.querySelector('.console[data-mode="serving"]')`)
	rest(tab)
	tab.Keys("k") // one at a time
	if browsertest.Eval[bool](tab, `!!document.querySelector('[role=dialog]')`) {
		t.Error("a counter at work takes another one")
	}
}

func consoleProposesANoShowAndDoesNone(t *testing.T, br *browsertest.Browser) {
	d := busyDesk()
	d.Rules = staff.Rules{NoShowCalls: 2, Propose: 3}
	k := current(d, queue.Called)
	k.Calls = 2
	f := newFakeCentre(t, d, consolePage)
	f.decide(func(a asked) (int, any) {
		seq := f.change(func() {
			if strings.HasSuffix(a.Path, "/recall") {
				d.Current.Calls, d.Current.ProposeNoShow = 3, true
			} else {
				d.Current = nil
			}
		})
		return 200, map[string]any{"epoch": fakeEpoch, "seq": seq}
	})
	tab := openConsole(t, br, f)
	if s := browsertest.Eval[string](tab, `document.querySelector('.large .first').dataset.act`); s != "start" {
		t.Fatalf("the first button is %s", s)
	}
	browsertest.Eval[bool](tab, `(document.querySelector('[data-act="recall"]').focus(), true)`)
	tab.Keys("\r")
	f.next()
	tab.Wait(`document.querySelector('.large .first').dataset.act === 'no_show' && document.querySelector('.propose').textContent.includes('Đã gọi 3 lần')`)
	// Enter once more calls once more: the focus went along with its button.
	tab.Wait(`document.activeElement.dataset.act === 'recall'`)
	rest(tab)
	if got := f.commands(); len(got) != 1 {
		t.Errorf("requests = %v: something happened by itself", got)
	}
	tab.Keys("v")
	if a := f.next(); a.Path != "counters/3/no-show" || a.Body["ticket"] != 42.0 {
		t.Errorf("no-show asked %+v", a)
	}
	tab.Wait(`!!document.querySelector('.console[data-mode="free"]')`)
}

func consoleConfirmsAndDeclinesWhatWasClaimed(t *testing.T, br *browsertest.Browser) {
	d := busyDesk()
	d.Classes = []staff.Class{{ID: "priority", Name: name("Ưu tiên", "Priority"), Grant: []queue.Role{queue.Officer}},
		{ID: "vip", Name: name("Đặc biệt", "Special"), Grant: []queue.Role{queue.Supervisor}}}
	claim := func(i int, class queue.ClassID, vi string) staff.Ticket {
		k := d.Next[i].Ticket
		k.Claim, k.ClaimName = class, name(vi, vi)
		return k
	}
	d.Claims = []staff.Ticket{claim(2, "priority", "Ưu tiên"), claim(1, "priority", "Ưu tiên"), claim(3, "vip", "Đặc biệt")}
	page := func(r *http.Request) web.Page {
		p := consolePage(r)
		p.Who = map[string]any{"actor": "lan", "role": "officer"}
		return p
	}
	f := newFakeCentre(t, d, page)
	f.decide(func(a asked) (int, any) {
		return 200, map[string]any{"epoch": fakeEpoch, "seq": f.change(func() { d.Claims = d.Claims[1:] })}
	})
	tab := openConsole(t, br, f)
	tab.Keys("x")
	dialog(tab, "A045 tự khai Ưu tiên: đã xem giấy tờ chưa?")
	tab.Keys("1")
	if a := f.next(); a.Path != "tickets/45/class" || a.Body["class"] != "priority" {
		t.Errorf("confirming asked %+v", a)
	}
	tab.Wait(`document.querySelectorAll('.claims .entry').length === 2`)
	rest(tab)
	browsertest.Eval[bool](tab, `([...document.querySelectorAll('.claims .entry button')].find(b => b.textContent === 'Không R009').click(), true)`)
	if a := f.next(); a.Path != "tickets/9/class" || a.Body["class"] != "normal" {
		t.Errorf("declining asked %+v", a)
	}
	// A class that is not the officer's to grant can only be declined here.
	tab.Wait(`document.querySelectorAll('.claims .entry').length === 1 && document.querySelectorAll('.claims .entry button').length === 1`)
	rest(tab)
	tab.Keys("x")
	dialog(tab, "A036 tự khai Đặc biệt: đã xem giấy tờ chưa?")
	if n := browsertest.Eval[int](tab, `document.querySelectorAll('.choices button').length`); n != 1 {
		t.Errorf("%d choices, want one", n)
	}
	// On a phone the list lies far below: the menu leads there too.
	tab.Keys("\x1b")
	tab.Wait(`!document.querySelector('[role=dialog]')`)
	tab.Size(390, 844)
	browsertest.Eval[bool](tab, `(document.querySelector('.bar .menu').click(), true)`)
	tab.Wait(`document.querySelector('.tools [data-act="claim"]').getBoundingClientRect().height >= 44`)
	keepShot(t, tab, "console-menu-phone.png")
	browsertest.Eval[bool](tab, `(document.querySelector('.tools [data-act="claim"]').click(), true)`)
	dialog(tab, "A036 tự khai Đặc biệt: đã xem giấy tờ chưa?")
	f.change(func() { d.Claims = nil }) // somebody else was faster
	tab.Wait(`!document.querySelector('[role=dialog]') && !document.querySelector('.claims')`)
}

func consoleShowsAndPlansAVisit(t *testing.T, br *browsertest.Browser) {
	d := busyDesk()
	k := current(d, queue.Serving)
	k.Category, k.Name, k.Leg, k.Slot = "B", categoryNames["B"], 2, ago(10*time.Minute)
	k.Past = []staff.Leg{{Category: "A", Name: categoryNames["A"], Counter: 2, Wait: 8 * 60000, Service: 5 * 60000}}
	k.Then = []staff.LegAhead{{Category: "R", Name: categoryNames["R"]}}
	k.WaitSince = k.FirstCall - 4*60000
	f := newFakeCentre(t, d, consolePage)
	tab := openConsole(t, br, f)
	for selector, want := range map[string]string{
		".visit .of":           "Phần việc 2/3",
		".legs .over":          "Chứng thựcchờ 8 phút, làm 5 phút, quầy 2",
		".legs .now":           "Hộ tịch",
		".legs li + .now + li": "Trả kết quả",
		".facts dd":            "4 phút",
	} {
		if s := browsertest.Eval[string](tab, `document.querySelector('`+selector+`').textContent.replace(/\s+/g, ' ').trim()`); s != want {
			t.Errorf("%s says %q, want %q", selector, s, want)
		}
	}
	if s := browsertest.Eval[string](tab, `document.querySelector('.facts .line').textContent`); !strings.Contains(s, "hẹn ") {
		t.Errorf("no appointment in %q", s)
	}
	tab.Keys("e")
	dialog(tab, "A042: sau phần việc này")
	tab.Keys("4") // the fourth category is added
	tab.Wait(`document.querySelectorAll('.plan li').length === 3`)
	tab.Keys("chung\r")
	tab.Wait(`document.querySelectorAll('.plan li').length === 4`)
	tab.Keys("\b")
	tab.Wait(`document.querySelectorAll('.plan li').length === 3`)
	browsertest.Eval[bool](tab, `(document.querySelector('.sheet .save').click(), true)`)
	a := f.next()
	if diff := cmp.Diff(asked{Path: "tickets/42/legs", Key: a.Key, Body: map[string]any{"legs": []any{"R", "C"}}}, a); diff != "" {
		t.Errorf("planning (-want +got):\n%s", diff)
	}
}

func consoleRebooksAndSaysTheCode(t *testing.T, br *browsertest.Browser) {
	d := busyDesk()
	f := newFakeCentre(t, d, consolePage)
	f.decide(func(a asked) (int, any) {
		seq := f.change(func() { d.Missed = d.Missed[1:] })
		return 200, map[string]any{"epoch": fakeEpoch, "seq": seq, "ticket": map[string]any{"id": 29, "label": "A029"},
			"appointment": map[string]any{"code": "A029-1123", "state": "booked", "slot": "2026-11-24T13:30:00+07:00"}}
	})
	tab := openConsole(t, br, f)
	tab.Keys("a") // no sessions: nothing to rebook to
	if browsertest.Eval[bool](tab, `!!document.querySelector('[role=dialog], [data-act="rebook"]')`) {
		t.Error("rebooking is offered without sessions")
	}
	f.change(func() {
		for _, list := range [][]staff.Ticket{d.Parked, d.Missed} {
			for i := range list {
				list[i].Session = "morning"
			}
		}
	})
	tab.Wait(`!!document.querySelector('[data-act="rebook"]')`)
	tab.Keys("a")
	dialog(tab, "Hẹn số nào sang buổi sau?")
	tab.Keys("29")
	tab.Wait(`document.querySelectorAll('#targets [role=option]').length === 1`)
	tab.Keys("\r")
	if a := f.next(); a.Path != "tickets/29/rebook" {
		t.Errorf("rebooking asked %+v", a)
	}
	tab.Wait(`document.querySelector('.toast.keep')?.textContent.startsWith('A029 đã thành lịch hẹn Thứ Ba 24/11 lúc 13:30. Mã hẹn: A029‑1123')`)
	keepShot(t, tab, "console-rebooked.png")
	tab.Keys("\x1b")
	tab.Wait(`!document.querySelector('.toast')`)
}

func consoleSaysWhatIsWrongWithTheHall(t *testing.T, br *browsertest.Browser) {
	d := busyDesk()
	d.Counter.Draining = true
	d.Counter.State, d.Counter.Pause, d.Counter.Until = queue.CounterIsPaused, queue.PauseLunch, ago(-20*time.Minute)
	d.Guarded = staff.Guarded{Waiting: 16, Guarded: 4, Alarm: true}
	f := newFakeCentre(t, d, consolePage)
	tab := openConsole(t, br, f)
	for selector, want := range map[string]string{
		".alarm":    "4 trong 16 người đã chờ quá lâu.",
		".draining": "Quầy này đã được bỏ khỏi cấu hình.",
		".empty p":  "Dự kiến mở lại lúc ",
		".bar":      " đến ",
	} {
		if s := browsertest.Eval[string](tab, `document.querySelector('`+selector+`').textContent`); !strings.Contains(s, want) {
			t.Errorf("%s says %q, not %q", selector, s, want)
		}
	}
	f.change(func() {
		d.Counter.Until = ago(7 * time.Minute)
		d.Guarded.Alarm = false
	})
	tab.Wait(`document.querySelector('.empty p').textContent.includes('đã quá 7 phút') && !document.querySelector('.alarm')`)
	f.change(func() { d.Devices = []staff.Device{{Kind: "clock", Code: "untrusted"}} })
	tab.Wait(`document.querySelector('.devices').textContent.includes('Chưa có gì bảo đảm đồng hồ đúng')`)
	f.change(func() { d.Counter.State = queue.CounterIsOpen })
	tab.Wait(`!!document.querySelector('.console[data-mode="free"]')`)
	if browsertest.Eval[bool](tab, `!!document.querySelector('[data-act="direct"]')`) {
		t.Error("a counter that was taken out takes people without a number")
	}
}

// A slip in doubt is a question with two answers, both within reach of the keys.
// One that was not printed has but one.
func consoleAsksWhetherASlipCameOut(t *testing.T, br *browsertest.Browser) {
	d := busyDesk()
	failed := d.Slips[0]
	failed.ID, failed.Label, failed.Slip = 53, "A053", queue.SlipIsFailed
	d.Slips = append(d.Slips, failed)
	f := newFakeCentre(t, d, consolePage)
	f.decide(func(a asked) (int, any) {
		return 200, map[string]any{"epoch": fakeEpoch, "seq": f.change(func() {
			if len(d.Slips) == 2 && strings.HasSuffix(a.Path, "/confirm-slip") {
				d.Slips = d.Slips[1:]
			}
		})}
	})
	tab := openConsole(t, br, f)
	buttons := browsertest.Eval[[]string](tab, `[...document.querySelectorAll('[data-list="slips"] .entry')].map(e => [...e.querySelectorAll('button')].map(b => b.textContent).join('|'))`)
	if want := []string{"Rồi A052 đã in ra|In lại A052", "In lại A053"}; !cmp.Equal(buttons, want) {
		t.Errorf("answers %q, want %q", buttons, want)
	}
	if got := browsertest.Eval[string](tab, `document.querySelector('[data-list="slips"] .what small').textContent`); got != "A052 đã in ra chưa?" {
		t.Errorf("asked %q", got)
	}
	wide := browsertest.Eval[bool](tab, `[...document.querySelectorAll('[data-list="slips"] .entry')].every(e => e.scrollWidth <= e.clientWidth && [...e.querySelectorAll('button')].every(b => b.getBoundingClientRect().right <= e.getBoundingClientRect().right + 1))`)
	if !wide {
		t.Error("the answers do not fit beside the question")
	}
	tab.Keys("i") // to the list
	tab.Wait(`document.activeElement?.textContent.startsWith('Rồi')`)
	browsertest.Eval[bool](tab, `(document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowDown', code: 'ArrowDown', bubbles: true, cancelable: true})), true)`)
	tab.Wait(`document.activeElement?.textContent.startsWith('In lại A052')`)
	browsertest.Eval[bool](tab, `(document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowUp', code: 'ArrowUp', bubbles: true, cancelable: true})), true)`)
	tab.Keys("\r")
	if a := f.next(); a.Path != "tickets/52/confirm-slip" || !uuidV4.MatchString(a.Key) {
		t.Errorf("Yes asked for %+v", a)
	}
	tab.Wait(`document.querySelectorAll('[data-list="slips"] .entry').length === 1`)
	rest(tab)
	browsertest.Eval[bool](tab, `(document.querySelector('[data-list="slips"] button').click(), true)`)
	if a := f.next(); a.Path != "tickets/53/reprint" {
		t.Errorf("Print again asked for %+v", a)
	}
}
