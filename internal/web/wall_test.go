package web_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"motcua/display"
	"motcua/internal/browsertest"
	"motcua/internal/web"
	"motcua/queue"
)

// boxes are the places of everything on a wall that must never move.
const boxes = `JSON.stringify(['.top','#clock','#hero','#hero-label','.to .digit','#recent','#recent li:nth-child(1) .label','#recent li:nth-child(4)','#soon','#soon li:nth-child(1)','#rule','#lanes','#lanes tbody tr:nth-child(5)','#lanes td.now','#strip'].map(s => {
	const r = document.querySelector(s).getBoundingClientRect();
	return [s, Math.round(r.left), Math.round(r.top), s.endsWith('label') ? 0 : Math.round(r.height)];
}))`

func TestWall(t *testing.T) {
	br := browsertest.Start(t)
	h := openHall(t, "wall", morning())
	tab := br.Tab(t, 1920, 1080)
	tab.Open(h.url)
	tab.Wait(`document.body.dataset.link === 'live'`)

	text := func(sel string) string {
		t.Helper()
		return browsertest.Eval[string](tab, `document.querySelector(`+quote(sel)+`).textContent.trim()`)
	}
	if got := text("#hero-label") + " → " + text("#hero-counter"); got != "A042 → 3" {
		t.Errorf("large: %q", got)
	}
	recent := `JSON.stringify(Array.from(document.querySelectorAll('#recent li'), li => li.querySelector('.label').textContent + ' ' + li.querySelector('.counter').textContent))`
	if got := browsertest.Eval[string](tab, recent); got != `["B017 5","D012 6","A041 1","R023 2"]` {
		t.Errorf("called before: %s", got)
	}
	if got := text("#link"); !strings.Contains(got, "Đã kết nối") {
		t.Errorf("connection: %q", got)
	}
	if clock := text("#clock"); !regexp.MustCompile(`^\d\d:\d\d$`).MatchString(clock) {
		t.Errorf("clock: %q", clock)
	}

	before := browsertest.Eval[string](tab, boxes)

	// Two calls 50 ms apart: the first large, the second in the list at once.
	b := morning()
	now := queue.StampOf(time.Now())
	one := display.Call{Seq: 100, Label: "B018", Counter: 12, At: now, Nth: 1, Active: true}
	two := display.Call{Seq: 101, Label: "R111", Counter: 4, At: now + 50, Nth: 1, Active: true, OutOfOrder: true}
	b.Calls[0].Active = false
	b.Calls = append([]display.Call{one}, b.Calls...)
	b.Lanes[1].Now, b.Lanes[1].Waiting, b.Lanes[2].Waiting = "B018", 111, 0
	h.push(t, b)
	b.Calls = append([]display.Call{two}, b.Calls...)
	b.Soon = []string{"D111"}
	h.push(t, b)
	tab.Wait(`document.querySelector('#recent li .label').textContent === 'R111'`)
	first := text("#hero-label")
	if first != "A042" && first != "B018" { // A042 keeps its place only while its 8 s run; it was there at load, so it has none
		t.Errorf("large after two calls: %q", first)
	}
	if after := browsertest.Eval[string](tab, boxes); after != before {
		t.Errorf("something moved:\n%s", cmp.Diff(before, after))
	}
	tab.Wait(`document.querySelector('#hero-label').textContent === 'R111'`)
	if got := browsertest.Eval[string](tab, recent); !strings.HasPrefix(got, `["B018 12","A042 3"`) {
		t.Errorf("called before, with the second call large: %s", got)
	}
	if hidden := browsertest.Eval[bool](tab, `document.querySelector('#hero-marks .jump').hidden`); hidden {
		t.Error("a call out of order is not marked")
	}
	// In the other language nothing has moved either.
	tab.Wait(`document.documentElement.dataset.turn === '1'`)
	if after := browsertest.Eval[string](tab, boxes); after != before {
		t.Errorf("something moved with the language:\n%s", cmp.Diff(before, after))
	}
	if strange := tab.StrangeFonts(".wall *"); len(strange) > 0 {
		t.Errorf("fonts not ours: %v", strange)
	}

	// A long day adds nothing to the page.
	nodes := browsertest.Eval[int](tab, `document.getElementsByTagName('*').length`)
	for i := range 1000 {
		b.Lanes[0].Waiting = i
		h.push(t, b)
	}
	tab.Wait(`document.querySelector('#lanes td.waiting').textContent === '999'`)
	if after := browsertest.Eval[int](tab, `document.getElementsByTagName('*').length`); after != nodes {
		t.Errorf("%d elements after a thousand boards, %d before", after, nodes)
	}
}

// TestWallRefused shows the words of a screen that may not watch.
func TestWallRefused(t *testing.T) {
	br := browsertest.Start(t)
	h := openHall(t, "wall", morning())
	h.mu.Lock()
	h.topic = "nothing"
	h.mu.Unlock()
	tab := br.Tab(t, 1280, 720)
	tab.Open(h.url)
	tab.Wait(`document.body.dataset.link === 'refused' && document.querySelector('#lost').innerText !== ''`)
	if got := browsertest.Eval[string](tab, `document.querySelector('#lost').innerText`); !strings.Contains(got, "chưa được ghép") {
		t.Errorf("words for a refused screen: %q", got)
	}
	tab.Problems()
}

func quote(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

// TestWallLegible holds the wall to the cap heights of its reach: 0.714 em for
// figures, 0.740 em for words, as shares of the screen's short side.
func TestWallLegible(t *testing.T) {
	br := browsertest.Start(t)
	long := morning()
	long.Calls[0].Label, long.Calls[0].Counter = "M1042", 12
	for _, b := range []display.Board{morning(), long} {
		h := openHall(t, "wall", b)
		tab := br.Tab(t, 1920, 1080)
		tab.Open(h.url)
		tab.Wait(`document.body.dataset.link === 'live'`)
		for _, size := range [][2]int64{{1920, 1080}, {1280, 720}, {1366, 768}, {3840, 2160}, {1080, 1920}} {
			tab.Size(size[0], size[1])
			short := float64(min(size[0], size[1]))
			for sel, want := range map[string]float64{"#hero-label": 20, "#hero-counter": 12, "#recent .label": 8, "#recent .counter": 8, "#notice": 5} {
				em := browsertest.Eval[float64](tab, `parseFloat(getComputedStyle(document.querySelector(`+quote(sel)+`)).fontSize)`)
				cap := 0.714
				if sel == "#notice" {
					cap = 0.740
				}
				if got := em * cap / short * 100; got < want {
					t.Errorf("%v %s %s: cap height %.2f %%, want %.0f", size, b.Calls[0].Label, sel, got, want)
				}
			}
			over := browsertest.Eval[string](tab, `JSON.stringify(Array.from(document.querySelectorAll('#hero-label, #hero-counter, #recent .label, #recent .counter, #soon li, #lanes .number, #notice, #clock, .turns > span')).filter(e => {
				const r = e.getBoundingClientRect();
				return r.width && (r.right > innerWidth + 1 || r.bottom > innerHeight + 1 || r.left < -1);
			}).map(e => e.id + e.className + ' ' + e.textContent))`)
			if over != "[]" {
				t.Errorf("%v %s: off the screen: %s", size, b.Calls[0].Label, over)
			}
		}
	}
}

// TestWallStale lets the feed fall silent without closing anything.
func TestWallStale(t *testing.T) {
	br := browsertest.Start(t)
	h := openHallBeating(t, "wall", morning(), time.Hour)
	tab := br.Tab(t, 1920, 1080)
	tab.Open(h.url)
	tab.Wait(`document.body.dataset.link === 'live'`)
	before := browsertest.Eval[string](tab, boxes)
	begin := time.Now()
	tab.Wait(`document.body.dataset.link === 'stale'`)
	if took := time.Since(begin); took > 11*time.Second {
		t.Errorf("stale after %v, want within 10 s", took)
	}
	tab.Wait(`document.querySelector('#age').textContent !== ''`)
	words := browsertest.Eval[string](tab, `document.querySelector('#lost').innerText + ' | ' + document.querySelector('#link').textContent`)
	if !regexp.MustCompile(`(Mất kết nối – số có thể chưa cập nhật|Not connected – numbers may be out of date|Nicht verbunden – die Nummern sind vielleicht nicht aktuell)\s+(đã|for|seit) \d+`).MatchString(words) {
		t.Errorf("words for a lost connection: %q", words)
	}
	if after := browsertest.Eval[string](tab, boxes); after != before {
		t.Errorf("something moved:\n%s", cmp.Diff(before, after))
	}
	grey := browsertest.Eval[string](tab, `getComputedStyle(document.querySelector('#hero-label')).color`)
	if grey != "rgb(169, 187, 208)" {
		t.Errorf("the number is %s, want grey", grey)
	}
	// A minute on, by the page's own clock. No socket may help it meanwhile.
	browsertest.Eval[bool](tab, `(() => { window.WebSocket = function () { throw new Error('no network'); }; return true })()`)
	_ = h.hub.Close()
	browsertest.Eval[bool](tab, `(() => { const p = performance.now.bind(performance); performance.now = () => p() + 70000; return true })()`)
	tab.Wait(`document.body.classList.contains('long-lost')`)
	head := browsertest.Eval[string](tab, `document.querySelector('#hero-head').innerText`)
	if !strings.Contains(head, "Xin theo dõi tại quầy") && !strings.Contains(head, "Please watch the counters") && !strings.Contains(head, "Bitte achten Sie auf die Schalter") {
		t.Errorf("after a minute the hall is told %q", head)
	}
	if *gallery != "" {
		tab.Wait(`document.documentElement.dataset.turn === '0' && document.getAnimations().length === 0`)
		tab.Save(*gallery, "wall-stale.png")
		tab.Size(1080, 1920)
		tab.Save(*gallery, "wall-stale-portrait.png")
	}
	tab.Problems() // the network is gone, and says so
}

// TestWallStates looks for the words of a hall where nothing is called.
func TestWallStates(t *testing.T) {
	none := morning()
	none.Calls, none.Soon = []display.Call{}, nil
	closed := none
	closed.Day.Open = false
	over := morning()
	over.Day.Open = false
	for i := range over.Calls {
		over.Calls[i].Active = false
	}
	down := none
	down.Devices = []display.Device{{Kind: "printer", Code: "paper_out"}}
	timeless := none
	timeless.Timeless = true
	br := browsertest.Start(t)
	h := openHall(t, "wall", none)
	live, plain := br.Tab(t, 1280, 720), br.Tab(t, 1280, 720)
	plain.NoScript()
	for name, c := range map[string]struct {
		board display.Board
		want  []string
	}{
		"before the first call": {none, []string{"Chưa gọi số nào", "Số được gọi sẽ hiện ở đây"}},
		"closed":                {closed, []string{"Chưa cấp số"}},
		"over":                  {over, []string{"Hôm nay đã hết giờ"}},
		"nobody knows the time": {timeless, []string{"Chưa gọi số nào"}},
		"printer down":          {down, []string{"mời lấy số tại bàn hướng dẫn"}},
	} {
		h.push(t, c.board)
		for _, script := range []bool{true, false} {
			tab := plain
			if script {
				tab = live
			}
			tab.Open(h.url)
			if script {
				tab.Wait(`document.documentElement.dataset.up === '1'`)
			}
			if shown := browsertest.Eval[string](tab, `document.querySelector('#clock').textContent`); (shown == "") != c.board.Timeless {
				t.Errorf("%s, script %v: the clock shows %q", name, script, shown)
			}
			seen := browsertest.Eval[string](tab, `document.querySelector('#wall').innerText`)
			for _, want := range c.want {
				if !strings.Contains(seen, want) {
					t.Errorf("%s, script %v: no %q in %q", name, script, want, seen)
				}
			}
		}
	}
}

// TestStage runs js/wall/stage.js under a clock of its own.
func TestStage(t *testing.T) {
	br := browsertest.Start(t)
	h := openHall(t, "wall", morning())
	tab := br.Tab(t, 800, 450)
	tab.Open(h.url)
	got := browsertest.Eval[string](tab, `import('/a/`+h.web.Hash()+`/js/wall/stage.js').then(({ Stage }) => {
		let now = 0, due = [], log = [];
		const s = new Stage({ now: () => now, later: (f, ms) => due.push({ at: now + ms, f }), change: (fresh) => log.push(now + ' ' + (s.hero ? s.hero.label : '-') + (fresh ? ' fresh' : '')) });
		const run = (until) => {
			for (;;) {
				due.sort((a, b) => a.at - b.at);
				if (!due.length || due[0].at > until) break;
				const d = due.shift(); now = d.at; d.f();
			}
			now = until;
		};
		const call = (seq, label, active = true) => ({ seq, label, counter: 1, at: 0, nth: 1, active });
		s.board([call(1, 'A001')], 'e', true);                                               // at load: no pulse
		run(1000); s.board([call(2, 'B001'), call(1, 'A001')], 'e', true);
		run(1050); s.board([call(3, 'C001'), call(2, 'B001'), call(1, 'A001', false)], 'e', true);
		log.push('list ' + s.rest(4).map((c) => c.label));
		run(5000); s.board([call(4, 'B001'), call(3, 'C001'), call(1, 'A001', false)], 'e', true); // recall of the one shown
		run(30000);
		s.board([call(4, 'B001', false), call(3, 'C001', false), call(1, 'A001', false)], 'e', true); // all seated
		run(60000);
		s.board([], 'other', true);
		return log.join('; ');
	})`)
	want := "0 A001; 1000 B001 fresh; list C001,A001; 5000 C001 fresh; 13000 B001 fresh; 60000 -"
	if got != want {
		t.Errorf("the large place showed\n%s\nwant\n%s", got, want)
	}
}

func TestMessagesInBrowser(t *testing.T) {
	vectors, err := fs.ReadFile(web.Files(), "i18n/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	br := browsertest.Start(t)
	h := openHall(t, "home", nil)
	tab := br.Tab(t, 400, 300)
	tab.Open(h.url)
	wrong := browsertest.Eval[string](tab, `import('/a/`+h.web.Hash()+`/js/lib/text.js').then(({ parse, format }) => JSON.stringify(`+string(vectors)+`
		.map((v) => ({ src: v.src, want: v.want, got: format(parse(v.src), v.lang, v.args) })).filter((v) => v.got !== v.want)))`)
	if wrong != "[]" {
		t.Errorf("text.js differs from the vectors: %s", wrong)
	}
}

// TestBudgets weighs what a face makes a browser load, gzipped, without fonts.
func TestBudgets(t *testing.T) {
	link := regexp.MustCompile(`(?:href|src)="(/a/[^"#]+)"`)
	for face, budget := range map[string]int{"wall": 45, "ticket": 25, "basic": 12, "home": 25, "sign-in": 25} {
		var state any = every()
		if face == "ticket" {
			state = holding(queue.Waiting)
		}
		h := openHall(t, face, state)
		total, requests := 0, 1
		weigh := func(url string) []byte {
			resp, err := http.Get(url)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			b, err := io.ReadAll(resp.Body)
			if err != nil || resp.StatusCode != 200 {
				t.Fatalf("%s: %d %v", url, resp.StatusCode, err)
			}
			var z bytes.Buffer
			w := gzip.NewWriter(&z)
			_, _ = w.Write(b)
			_ = w.Close()
			total += z.Len()
			return b
		}
		html := weigh(h.url)
		noInline(t, string(html))
		base := strings.TrimSuffix(h.url, "/")
		seen := map[string]bool{}
		for _, m := range link.FindAllStringSubmatch(string(html), -1) {
			if !seen[m[1]] {
				seen[m[1]] = true
				requests++
				if path.Ext(m[1]) != ".woff2" {
					weigh(base + m[1])
				}
			}
		}
		weigh(base + "/a/" + h.web.Hash() + "/icons.svg")
		t.Logf("%s: %.1f KB in %d requests and fonts", face, float64(total)/1000, requests+1)
		if total > budget*1000 {
			t.Errorf("%s weighs %.1f KB, want at most %d", face, float64(total)/1000, budget)
		}
		if requests+1 > 15 {
			t.Errorf("%s makes %d requests, want at most 15", face, requests+1)
		}
	}
}
