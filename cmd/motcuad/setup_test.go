package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"motcua/internal/auth"
	"motcua/internal/browsertest"
	"motcua/internal/config"
	"motcua/internal/setup"
	"motcua/internal/staff"
	"motcua/internal/sysd"
	"motcua/kiosk"
	"motcua/kiosk/virtual"
	"motcua/printer/printertest"
	"motcua/queue"
)

// firstRun is a machine fresh out of its box: a panel of four buttons, a
// printer on the network, no centre.
type firstRun struct {
	t       *testing.T
	data    string
	conf    string
	listen  string
	printer *printertest.Printer
	panel   *virtual.Panel
	d       *Daemon
	base    string
	clock   sysd.ClockOptions
	out     lockedBuffer
	logs    lockedBuffer
	stop    func()
}

// lockedBuffer is what a daemon writes while the test reads.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer // guarded by mu
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func newFirstRun(t *testing.T, with ...func(*firstRun)) *firstRun {
	t.Helper()
	f := &firstRun{t: t, data: t.TempDir(), conf: filepath.Join(t.TempDir(), "motcua.toml"), listen: "127.0.0.1:0",
		printer: printertest.New(printertest.Options{Keep: 20})}
	server, err := f.printer.Start(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(server.Close(), f.printer.Close()); err != nil {
			t.Error(err)
		}
	})
	text := fmt.Sprintf("[log]\nlevel = \"debug\"\n[limits]\nrequests_per_second = 1000\nburst = 1000\n[printer]\ndevice = %q\n[panel]\n", server.URI())
	for i, b := range []string{"A", "B", "C", "R"} {
		text += fmt.Sprintf("[[panel.buttons]]\nbutton = %q\npin = \"GPIO%d\"\nlamp = \"GPIO%d\"\n", b, 4+i, 17+i)
	}
	write(t, f.conf, text)
	for _, w := range with {
		w(f)
	}
	f.start()
	return f
}

// start starts the daemon, after the first time on the same address.
func (f *firstRun) start() {
	f.t.Helper()
	f.panel = virtual.NewPanel("A", "B", "C", "R")
	ctx, cancel := context.WithCancel(f.t.Context())
	d, err := Open(ctx, flags{Config: f.conf, Listen: f.listen, Data: f.data, panel: f.panel, clock: f.clock}, &f.out, &f.logs)
	if err != nil {
		cancel()
		f.t.Fatal(err)
	}
	f.d, f.listen, f.base = d, d.Addr(), "http://"+d.Addr()
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	var once sync.Once
	f.stop = func() {
		once.Do(func() {
			cancel()
			if err := <-ended; err != nil {
				f.t.Error(err)
			}
		})
	}
	f.t.Cleanup(f.stop)
	<-f.panel.Listening()
}

func (f *firstRun) code() string {
	f.t.Helper()
	code, err := setup.ReadCode(f.data)
	if err != nil {
		f.t.Fatal(err)
	}
	return code
}

func (f *firstRun) press(b kiosk.Button) {
	f.t.Helper()
	if _, err := f.panel.Press(f.t.Context(), b); err != nil {
		f.t.Fatal(err)
	}
}

// slips waits for so many papers.
func (f *firstRun) slips(n int) []printertest.Ticket {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(f.t.Context(), 20*time.Second)
	defer cancel()
	tickets, err := f.printer.Wait(ctx, n)
	if err != nil {
		f.t.Fatalf("%d slips: %v; %+v\n%s", n, err, f.printer.Stats(), f.logs.String())
	}
	return tickets
}

// config is the centre's, nil before there is one.
func (f *firstRun) config() *queue.Config {
	f.t.Helper()
	var c *queue.Config
	if err := f.d.engine.Read(f.t.Context(), func(s *queue.State) { c = s.Config }); err != nil {
		f.t.Fatal(err)
	}
	return c
}

// next presses the page's one filled button.
const next = `document.querySelector('.go .primary').click()`

// TestFirstRunInTheBrowser leads an officer through the whole wizard: a wrong
// code, back, a reload, a power cut in the middle, buttons of the real panel,
// a slip on paper; at the end the first number is called for.
func TestFirstRunInTheBrowser(t *testing.T) {
	f := newFirstRun(t)
	browser := browsertest.Start(t)
	tab, wall := browser.Tab(t, 1366, 768), browser.Tab(t, 1920, 1080)
	wall.Open(f.base + "/display")
	step := func(want string) {
		t.Helper()
		if got := browsertest.Eval[string](tab, `location.pathname`); got != "/setup/"+want {
			t.Fatalf("at %s, want step %s: %s", got, want, browsertest.Eval[string](tab, `document.body.innerText.slice(0, 600)`))
		}
		if *phones != "" {
			tab.Save(*phones, "setup-"+want+".png")
		}
	}
	set := func(id, value string) {
		t.Helper()
		browsertest.Eval[bool](tab, fmt.Sprintf(`(() => { const e = document.getElementById(%q); e.value = %q; e.dispatchEvent(new Event('input', { bubbles: true })); return true })()`, id, value))
	}
	tick := func(id string) {
		t.Helper()
		browsertest.Eval[bool](tab, fmt.Sprintf(`(document.getElementById(%q).click(), true)`, id))
	}

	// The first page says where to go, and so do wall and consoles.
	tab.Open(f.base + "/?lang=vi")
	tab.Wait(`document.body.innerText.includes('chưa được cài đặt') && document.body.innerText.includes('/setup')`)
	if *phones != "" {
		tab.Save(*phones, "setup-home.png")
	}
	tab.Open(f.base + "/display")
	tab.Wait(`document.querySelector('.wall .address').textContent.includes('/setup')`)
	if strings.Contains(browsertest.Eval[string](tab, `document.body.innerText`), setup.Spaced(f.code())) {
		t.Error("the wall shows the code")
	}
	if *phones != "" {
		tab.Size(1920, 1080)
		tab.Save(*phones, "setup-wall.png")
		tab.Size(1366, 768)
	}
	f.slips(1) // the code, on paper
	tab.Open(f.base + "/?lang=vi")
	tab.Leave(`document.querySelector('a[href="/setup"]').click()`)
	step("language")
	tab.Leave(`document.querySelector('a[lang="vi"].choice').click()`)
	step("code")

	// Nothing behind the code is shown without it.
	tab.Open(f.base + "/setup/categories")
	step("language")
	tab.Leave(`document.querySelector('a[lang="vi"].choice').click()`)
	wrong := "00000000"
	if f.code() == wrong {
		wrong = "00000001"
	}
	set("code", wrong)
	tab.Leave(next)
	tab.Wait(`document.activeElement.id === 'flaws' && document.body.innerText.includes('Mã không đúng')`)
	if *phones != "" {
		tab.Save(*phones, "setup-code-wrong.png")
	}
	tab.Problems() // 403
	set("code", setup.Spaced(f.code()))
	tab.Leave(next)
	step("hall")
	tab.Leave(next)
	step("centre")
	set("name.vi", "Phường Phú Xuân")
	tab.Wait(`document.getElementById('picture').src.includes('Ph%C3%BA') || document.getElementById('picture').src.includes('Phú')`)
	tab.Wait(`document.getElementById('picture').complete && document.getElementById('picture').naturalWidth === 576`)
	if *phones != "" {
		tab.Save(*phones, "setup-centre-typed.png")
	}
	tab.Leave(next)
	step("template")
	tick("template.hall")
	tab.Leave(next)
	step("categories")

	// Back keeps what was answered.
	tab.Leave(`document.querySelector('.go .back').click()`)
	step("template")
	tab.Leave(`document.querySelector('.go .back').click()`)
	step("centre")
	if got := browsertest.Eval[string](tab, `document.getElementById('name.vi').value`); got != "Phường Phú Xuân" {
		t.Errorf("the name came back as %q", got)
	}
	tab.Leave(next)
	step("categories")
	tick("on.P")
	set("name.A.vi", "Chứng thực bản sao")
	set("new.id", "X")
	set("new.name", "Việc khác")
	tab.Leave(`document.querySelector('button[name=stay]').click()`)
	step("categories")
	set("name.A.vi", "")
	tab.Leave(next)
	tab.Wait(`document.activeElement.id === 'flaws' && document.querySelector('#flaws a[href="#name.A.vi"]')`)
	if *phones != "" {
		tab.Save(*phones, "setup-categories-wrong.png")
	}
	tab.Problems() // 422
	set("name.A.vi", "Chứng thực bản sao")
	tab.Leave(next)
	step("counters")
	set("n.main", "4")

	// The power goes before the answer is sent: the same page, the same answers.
	f.stop()
	f.start()
	wall.Problems() // it asked in vain
	f.slips(2)      // once for each start
	tab.Leave(next)
	step("skills")
	tab.Open(f.base + "/setup")
	step("skills")
	tab.Leave(next)
	step("hours")
	set("from.0", "7h15")
	tab.Leave(next)
	step("panel")
	for i, b := range []kiosk.Button{"A", "B", "C", "R"} {
		f.press(b)
		tab.Wait(fmt.Sprintf(`document.querySelectorAll('.keys .seen, .keys .now').length === %d`, i+1))
		if i == 1 && *phones != "" {
			tab.Save(*phones, "setup-panel-half.png")
		}
	}
	lamps, _ := f.panel.Lamps()
	if lamps["A"] != kiosk.LampReady {
		t.Errorf("the lamp of a button that was heard says %s", lamps["A"])
	}
	tab.Leave(next)
	step("printer")
	tab.Leave(`document.querySelector('button[name=print]').click()`)
	tab.Wait(`document.getElementById('live').innerText.includes('xác nhận')`)
	f.slips(3)
	if *phones != "" {
		tab.Save(*phones, "setup-printer-tried.png")
	}
	tick("paper")
	tab.Leave(next)
	step("review")
	if f.config() != nil {
		t.Fatal("there is a centre before the last page")
	}
	tab.Leave(next)
	step("done")
	tab.Wait(`document.body.innerText.includes('Phường Phú Xuân đã sẵn sàng')`)
	// The wall that was switched on first has become one, by itself.
	wall.Arrive(`document.documentElement.dataset.face === 'wall'`)
	c := f.config()
	if c == nil || c.Centre.Name["vi"] != "Phường Phú Xuân" || c.Centre.ID != "phuong-phu-xuan" || len(c.Counters) != 4 {
		t.Fatalf("the centre is %+v", c)
	}
	if c.Category("P") != nil || c.Category("X") == nil || c.Category("A").Name["vi"] != "Chứng thực bản sao" || !c.Category("R").Panel || c.Category("D").Panel {
		t.Errorf("the categories are %+v", c.Categories)
	}
	if s := c.Sessions[0]; s.From != "07:15" || len(s.Days) != 5 {
		t.Errorf("the morning is %+v", s)
	}
	var open bool
	if err := f.d.engine.Read(t.Context(), func(s *queue.State) { open = s.Day.Open }); err != nil {
		t.Fatal(err)
	}
	if !open {
		tab.Leave(`document.querySelector('button[name=open]').click()`)
	}
	tab.Leave(`document.querySelector('select[name=take]').form.querySelector('button').click()`)
	tab.Wait(`document.querySelector('.taken b').textContent === 'A001'`)
	f.slips(4)
	if *phones != "" {
		tab.Wait(`document.querySelector('.taken').innerText.includes('đã in')`)
		tab.Save(*phones, "setup-done.png")
	}
	tab.Open(f.base + "/console/1?lang=vi")
	tab.Wait(`document.querySelector('[data-link="live"]') && document.body.textContent.includes('A001')`)

	// It is over: for others there is the sign-in, after a restart as well.
	f.stop()
	f.start()
	for _, path := range []string{"/setup", "/setup/code", "/setup/categories", "/setup/done"} {
		resp, err := http.Get(f.base + path)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.Request.URL.Path != "/sign-in" {
			t.Errorf("%s leads to %s once there is a centre", path, resp.Request.URL.Path)
		}
	}
	tab.Open(f.base + "/setup")
	step("done")
	if _, err := setup.ReadCode(f.data); !errors.Is(err, setup.ErrNone) {
		t.Errorf("the code is still there: %v", err)
	}
	for _, problem := range tab.Problems() {
		t.Error(problem)
	}
}

// visitor is a browser without a screen.
type visitor struct {
	t    *testing.T
	base string
	http.Client
}

func (f *firstRun) visitor() *visitor {
	jar, err := cookiejar.New(nil)
	if err != nil {
		f.t.Fatal(err)
	}
	return &visitor{f.t, f.base, http.Client{Jar: jar}}
}

// post sends a form and returns where it led, the status and the page.
func (v *visitor) post(path string, form url.Values) (string, int, string) {
	v.t.Helper()
	resp, err := v.PostForm(v.base+path, form)
	if err != nil {
		v.t.Fatal(err)
	}
	return v.read(resp)
}

func (v *visitor) get(path string) (string, int, string) {
	v.t.Helper()
	resp, err := v.Get(v.base + path)
	if err != nil {
		v.t.Fatal(err)
	}
	return v.read(resp)
}

func (v *visitor) read(resp *http.Response) (string, int, string) {
	v.t.Helper()
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return resp.Request.URL.Path, resp.StatusCode, string(b)
}

// begun is a visitor who gave the code and answered up to a step, with two
// halls' template unless another is named.
func (f *firstRun) begun(template string) *visitor {
	f.t.Helper()
	v := f.visitor()
	v.answer("code", "hall", url.Values{"code": {f.code()}})
	v.answer("hall", "centre", url.Values{"first": {"vi"}, "lang": {"vi", "en"}})
	v.answer("centre", "template", url.Values{"name.vi": {"Phường Mẫu"}})
	v.answer("template", "categories", url.Values{"template": {template}})
	return v
}

// answer posts a step with the revision its page has, and expects to be led to
// the next.
func (v *visitor) answer(step, next string, form url.Values) {
	v.t.Helper()
	form.Set("rev", v.rev(step))
	if at, status, page := v.post("/setup/"+step, form); at != "/setup/"+next || status != http.StatusOK {
		v.t.Fatalf("%s %v led to %s (%d), want %s:\n%s", step, form, at, status, next, page)
	}
}

var revision = regexp.MustCompile(`name="rev" value="([0-9]+)"`)

func (v *visitor) rev(step string) string {
	v.t.Helper()
	_, _, page := v.get("/setup/" + step)
	if m := revision.FindStringSubmatch(page); m != nil {
		return m[1]
	}
	return ""
}

// TestWhoMaySetUp is every way to the wizard's pages: without the code, with
// another's cookie, with the code, and once there is a centre.
func TestWhoMaySetUp(t *testing.T) {
	f := newFirstRun(t)
	steps := []string{"hall", "centre", "template", "categories", "counters", "skills", "hours", "panel", "printer", "review", "done", "slip.png", "centre.toml", "nonsense"}
	stranger, thief := f.visitor(), f.visitor()
	here, err := url.Parse(f.base + "/setup/")
	if err != nil {
		t.Fatal(err)
	}
	thief.Jar.SetCookies(here, []*http.Cookie{{Name: setup.Cookie, Value: "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY", Path: "/setup"}})
	for name, v := range map[string]*visitor{"a stranger": stranger, "a made-up cookie": thief} {
		for _, step := range steps {
			for _, send := range []func() (string, int, string){
				func() (string, int, string) { return v.get("/setup/" + step) },
				func() (string, int, string) {
					return v.post("/setup/"+step, url.Values{"rev": {"0"}, "name.vi": {"x"}})
				},
			} {
				at, status, page := send()
				if at == "/setup/language" || status == http.StatusForbidden || status == http.StatusNotFound {
					continue
				}
				t.Errorf("%s reaches %s: %d %s %.200s", name, step, status, at, page)
			}
		}
	}
	if f.config() != nil {
		t.Fatal("a stranger made a centre")
	}

	// With the code: what has been answered, and no further.
	v := f.begun("hall")
	for step, want := range map[string]string{"hall": "hall", "categories": "categories", "skills": "categories", "review": "categories", "done": "categories"} {
		if at, _, _ := v.get("/setup/" + step); at != "/setup/"+want {
			t.Errorf("with the code %s leads to %s, want %s", step, at, want)
		}
	}
	// The API stays closed to the wizard's cookie.
	if _, status, _ := v.get("/api/v1/centre"); status != http.StatusUnauthorized {
		t.Errorf("the cookie of the wizard asks the API: %d", status)
	}
	// Another site's form is turned away before anything is read.
	r, err := http.NewRequest("POST", f.base+"/setup/categories", strings.NewReader("on.A=1"))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", "http://elsewhere.example")
	resp, err := v.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if _, status, _ := v.read(resp); status != http.StatusForbidden {
		t.Errorf("a form of another site: %d", status)
	}

	// A centre that came another way ends it for everybody.
	demo, err := config.Demo()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.d.engine.Do(t.Context(), queue.Request{Actor: "lead", Role: queue.Supervisor, Command: queue.ApplyConfig{Config: demo}}); err != nil {
		t.Fatal(err)
	}
	for _, step := range append(steps, "code", "language") {
		for _, send := range []func() (string, int, string){
			func() (string, int, string) { return v.get("/setup/" + step) },
			func() (string, int, string) { return v.post("/setup/"+step, url.Values{"code": {"1"}}) },
		} {
			if at, status, _ := send(); at != "/sign-in" {
				t.Errorf("once there is a centre %s leads to %s (%d)", step, at, status)
			}
		}
	}
	if _, status, _ := v.get("/api/v1/centre"); status != http.StatusUnauthorized {
		t.Errorf("the cookie of the wizard asks the API of a centre: %d", status)
	}
}

// TestGuessingTheCode: five wrong ones, then ever longer waits, in which even
// the right one is not looked at; and no log ever has it.
func TestGuessingTheCode(t *testing.T) {
	f := newFirstRun(t)
	v := f.visitor()
	code := f.code()
	wrong := fmt.Sprintf("%08d", (len(code)+1)*1111)
	for n := range 5 {
		_, status, _ := v.post("/setup/code", url.Values{"code": {wrong}})
		want := http.StatusForbidden
		if n == 4 {
			want = http.StatusTooManyRequests
		}
		if status != want {
			t.Fatalf("wrong code %d: %d, want %d", n+1, status, want)
		}
	}
	if at, status, _ := v.post("/setup/code", url.Values{"code": {code}}); status != http.StatusTooManyRequests || at != "/setup/code" {
		t.Errorf("the right code while waiting: %d at %s", status, at)
	}
	if got, want := read(t, f.slips(1)[0].Image), f.base+"/setup"; got != want {
		t.Errorf("the slip's code leads to %q, want %q", got, want)
	}
	f.stop()
	for name, text := range map[string]string{"log": f.logs.String(), "output": f.out.String()} {
		for _, secret := range []string{code, setup.Spaced(code), wrong} {
			if strings.Contains(text, secret) {
				t.Errorf("the %s has %s:\n%s", name, secret, text)
			}
		}
	}
	says(t, f.logs.String(), "setup code wrong", "setup code printed")
	if info, err := os.Stat(filepath.Join(f.data, setup.File)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file of the code: %v %v, want mode 0600", info.Mode(), err)
	}
}

// TestTwoAnswerAtOnce: who comes second is told, keeps what was typed, and may
// send it again.
func TestTwoAnswerAtOnce(t *testing.T) {
	f := newFirstRun(t)
	a := f.begun("hall")
	b := f.visitor()
	if at, _, _ := b.post("/setup/code", url.Values{"code": {f.code()}}); at != "/setup/categories" {
		t.Fatalf("the second browser begins at %s", at)
	}
	rev := b.rev("categories")
	all := func(name string) url.Values {
		return url.Values{"rev": {rev}, "on.A": {"1"}, "on.R": {"1"}, "name.A.vi": {name}, "name.R.vi": {"Trả kết quả"}}
	}
	a.answer("categories", "counters", all("Của người thứ nhất"))
	_, status, page := b.post("/setup/categories", all("Của người thứ hai"))
	if status != http.StatusConflict || !strings.Contains(page, "Của người thứ hai") || !strings.Contains(page, `id="elsewhere"`) {
		t.Errorf("the second answer: %d\n%s", status, page)
	}
	if _, _, page := b.get("/setup/categories"); !strings.Contains(page, "Của người thứ nhất") {
		t.Error("the first answer is gone")
	}
	rev = revision.FindStringSubmatch(page)[1]
	if at, _, _ := b.post("/setup/categories", all("Của người thứ hai")); at != "/setup/counters" {
		t.Errorf("sent again it leads to %s", at)
	}
}

// TestAFileOfOnesOwn: one with mistakes lists them by line, a good one is kept
// whole.
func TestAFileOfOnesOwn(t *testing.T) {
	f := newFirstRun(t)
	v := f.begun("hall")
	send := func(text string) (string, int, string) {
		t.Helper()
		var body bytes.Buffer
		m := multipart.NewWriter(&body)
		for k, x := range map[string]string{"rev": v.rev("template"), "template": "file"} {
			if err := m.WriteField(k, x); err != nil {
				t.Fatal(err)
			}
		}
		w, err := m.CreateFormFile("file", "centre.toml")
		if err == nil {
			_, err = io.WriteString(w, text)
		}
		if err := errors.Join(err, m.Close()); err != nil {
			t.Fatal(err)
		}
		resp, err := v.Post(f.base+"/setup/template", m.FormDataContentType(), &body)
		if err != nil {
			t.Fatal(err)
		}
		return v.read(resp)
	}
	ward := string(config.Ward())
	_, status, page := send(strings.Replace(ward, "minutes = 18", "minutes = 0", 1) + "\n[nonsense]\n")
	if status != http.StatusUnprocessableEntity || !strings.Contains(page, "categories[3].minutes") || !strings.Contains(page, "nonsense") {
		t.Errorf("a file with mistakes: %d\n%s", status, page)
	}
	if _, status, page = send("\x00\xff nothing"); status != http.StatusUnprocessableEntity {
		t.Errorf("a file that is none: %d\n%s", status, page)
	}
	if at, _, page := send(ward); at != "/setup/categories" {
		t.Fatalf("a good file leads to %s\n%s", at, page)
	}
	all := url.Values{}
	cfg, err := config.ParseCentre([]byte(ward))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cfg.Categories {
		all.Set("on."+string(c.ID), "1")
	}
	v.answer("categories", "counters", all)
	v.answer("counters", "skills", url.Values{"n.main": {"5"}, "n.annex": {"2"}})
	skills := url.Values{}
	for _, k := range cfg.Counters {
		for _, c := range k.Skills {
			skills.Add("skill", string(k.ID)+"/"+string(c))
		}
	}
	v.answer("skills", "hours", skills)
	hours := url.Values{"hours": {"fixed"}, "holidays": {"1"}}
	for i, s := range cfg.Sessions {
		hours.Set(fmt.Sprintf("from.%d", i), string(s.From))
		hours.Set(fmt.Sprintf("to.%d", i), string(s.To))
		for _, d := range s.Days {
			hours.Add(fmt.Sprintf("day.%d", i), string(d))
		}
	}
	v.answer("hours", "panel", hours)
	_, _, page = v.get("/setup/centre.toml")
	got, err := config.ParseCentre([]byte(page))
	if err == nil {
		t.Errorf("the file can be had before the last page:\n%s", page)
	}
	v.answer("panel", "printer", url.Values{})
	v.answer("printer", "review", url.Values{"paper": {"skip"}})
	_, _, page = v.get("/setup/centre.toml")
	if got, err = config.ParseCentre([]byte(page)); err != nil {
		t.Fatal(err)
	}
	// What was asked for is the answer's; all else is the file's.
	cfg.Centre.Unit, cfg.Centre.Name, cfg.Languages = nil, queue.Text{"vi": "Phường Mẫu"}, []string{"vi", "en"}
	for i := range cfg.Categories {
		cfg.Categories[i].Panel = slices.Contains([]queue.CategoryID{"A", "B", "C", "R"}, cfg.Categories[i].ID)
	}
	for _, c := range config.Diff(&cfg, &got) {
		if c.Section == "counters" || c.Section == "categories" && strings.HasPrefix(c.Words[0], "points") {
			continue // the same work in the order of the page
		}
		t.Errorf("not as in the file: %+v", c)
	}
}

// TestALostAnswer: the power goes when the centre is made and the browser hears
// nothing; the same browser is let in all the same.
func TestALostAnswer(t *testing.T) {
	f := newFirstRun(t)
	v := f.begun("hall")
	v.answer("categories", "counters", url.Values{"on.A": {"1"}, "on.R": {"1"}})
	v.answer("counters", "skills", url.Values{"n.main": {"1"}})
	v.answer("skills", "hours", url.Values{"skill": {"1/A", "1/R"}})
	v.answer("hours", "panel", url.Values{"hours": {"open"}})
	v.answer("panel", "printer", url.Values{})
	v.answer("printer", "review", url.Values{"paper": {"yes"}})
	rev := v.rev("review")
	// Sent, and the answer never read.
	deaf := http.Client{Jar: v.Jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := deaf.PostForm(f.base+"/setup/review", url.Values{"rev": {rev}})
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	f.stop()
	f.start()
	if f.config() == nil {
		t.Fatal("there is no centre")
	}
	at, status, page := v.get("/setup")
	if at != "/setup/done" || status != http.StatusOK || !strings.Contains(page, "Phường Mẫu") {
		t.Errorf("the browser that made it is led to %s (%d)\n%s", at, status, page)
	}
	if _, status, _ := v.get("/api/v1/centre"); status != http.StatusOK {
		t.Errorf("and may not ask: %d", status)
	}
	devices, err := f.d.journal.Devices(t.Context())
	if err != nil || len(devices) != 1 || devices[0].Role != queue.Supervisor {
		t.Errorf("devices: %+v %v", devices, err)
	}
	if _, status, _ := v.post("/sign-out", url.Values{"sure": {"1"}}); status != http.StatusConflict {
		t.Errorf("the only supervisor signs out: %d", status)
	}
	_, sum := auth.NewToken()
	if err := f.d.AddDevice(t.Context(), auth.Access{Name: "head-2", Role: queue.Supervisor, TokenSHA256: sum}, "setup"); err != nil {
		t.Fatal(err)
	}
	v.post("/sign-out", url.Values{"sure": {"1"}})
	if at, _, _ := v.get("/setup"); at != "/sign-in" {
		t.Errorf("who signed out is led to %s: the wizard's cookie lets whoever sits there in again", at)
	}
}

// TestFirstRunWithoutScript: a browser that runs no script gets through by its
// forms alone; what follows the machine refreshes by itself.
func TestFirstRunWithoutScript(t *testing.T) {
	f := newFirstRun(t)
	v := f.begun("ward")
	_, _, page := v.get("/setup/categories")
	if strings.Contains(page, "onclick") || strings.Contains(page, "style=") {
		t.Error("a page has script or style in its text")
	}
	all := url.Values{"name.A.vi": {"Chứng thực"}}
	for _, c := range []string{"A", "B", "C", "P", "R"} {
		all.Set("on."+c, "1")
	}
	v.answer("categories", "counters", all)
	v.answer("counters", "skills", url.Values{"n.main": {"3"}, "n.annex": {"1"}, "point.main.vi": {"Tầng 1"}})
	// A category nobody serves is named, and the page keeps what was ticked.
	_, status, page := v.post("/setup/skills", url.Values{"rev": {v.rev("skills")}, "skill": {"1/A", "2/B", "3/C", "6/R"}})
	if status != http.StatusUnprocessableEntity || !strings.Contains(page, `href="#category.P"`) {
		t.Errorf("a category without a counter: %d\n%s", status, page)
	}
	v.answer("skills", "hours", url.Values{"skill": {"1/A", "2/B", "3/C", "6/R", "6/P"}})
	_, status, page = v.post("/setup/hours", url.Values{"rev": {v.rev("hours")}, "hours": {"fixed"}, "from.0": {"11:30"}, "to.0": {"07:30"}, "day.0": {"mon"}})
	if status != http.StatusUnprocessableEntity || !strings.Contains(page, `href="#to.0"`) {
		t.Errorf("a session that ends before it begins: %d\n%s", status, page)
	}
	v.answer("hours", "panel", url.Values{"hours": {"fixed"}, "from.0": {"7h30"}, "to.0": {"11:30"}, "day.0": {"mon", "sat"}})
	f.press("A")
	if _, _, page = v.get("/setup/panel"); !strings.Contains(page, `<noscript><meta http-equiv="refresh"`) || !strings.Contains(page, "1 trên 4") && !strings.Contains(page, "1 of 4") {
		t.Errorf("the panel's page does not follow:\n%s", page)
	}
	v.answer("panel", "printer", url.Values{})
	v.answer("printer", "review", url.Values{"paper": {"no"}})
	v.answer("review", "done", url.Values{})
	c := f.config()
	if c == nil || c.Points[0].Name["vi"] != "Tầng 1" || len(c.Sessions) != 1 || c.Sessions[0].From != "07:30" || len(c.Sessions[0].Days) != 2 || len(c.Points) != 2 {
		t.Errorf("the centre is %+v", c)
	}
}

// TestNobodyVouchesForTheClock: after a power cut without a network the pages of
// staff ask for the time, officers are sent to the head, and supervisors to the
// page that takes their word.
func TestNobodyVouchesForTheClock(t *testing.T) {
	f := newFirstRun(t, func(f *firstRun) { f.clock.Synced = func() bool { return false } })
	v := f.ready()
	v.answer("review", "done", url.Values{})
	officer := f.visitor()
	token, sum := auth.NewToken()
	if err := f.d.AddDevice(t.Context(), auth.Access{Name: "desk", Role: queue.Officer, TokenSHA256: sum}, "setup"); err != nil {
		t.Fatal(err)
	}
	officer.post("/sign-in", url.Values{"password": {token}})
	const ask, way = "</b> Nhờ phụ trách xem lại ngày giờ.</span>", `href="/setup/done#clock"`
	for _, path := range []string{"/console?lang=vi", "/roll?lang=vi"} {
		if _, status, page := v.get(path); status != http.StatusOK || !strings.Contains(page, way) || strings.Contains(page, ask) {
			t.Errorf("%s of a supervisor (%d) does not lead to the clock:\n%s", path, status, page)
		}
		if _, status, page := officer.get(path); status != http.StatusOK || !strings.Contains(page, ask) || strings.Contains(page, way) {
			t.Errorf("%s of an officer (%d) does not send to the head:\n%s", path, status, page)
		}
	}
	clockOn := func() bool {
		var found bool
		if err := f.d.engine.Read(t.Context(), func(s *queue.State) {
			desk, ok := f.d.desk(s, "1")
			found = ok && slices.ContainsFunc(desk.Devices, func(x staff.Device) bool { return x.Kind == "clock" })
		}); err != nil {
			t.Fatal(err)
		}
		return found
	}
	if !clockOn() {
		t.Error("the desk says nothing of the clock")
	}
	f.d.clock.Confirm()
	if _, _, page := v.get("/console?lang=vi"); strings.Contains(page, way) || clockOn() {
		t.Errorf("it still asks:\n%s", page)
	}
}

// TestTheMachinesOwnToken: by the file in the data folder a program of this
// machine learns how the parts are and nothing else; a restart draws another.
func TestTheMachinesOwnToken(t *testing.T) {
	f := newFirstRun(t)
	read := func() string {
		t.Helper()
		path := filepath.Join(f.data, config.LocalToken)
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Fatalf("%v %v", info, err)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(string(b))
	}
	ask := func(path, token string) (int, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, f.base+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(b)
	}
	first := read()
	if _, body := ask("/api/v1/health", first); !strings.Contains(body, `"parts"`) {
		t.Errorf("health with it: %s", body)
	}
	for _, path := range []string{"/api/v1/state", "/api/v1/devices", "/api/v1/clock"} {
		if status, body := ask(path, first); status != http.StatusUnauthorized {
			t.Errorf("%s with it: %d %s", path, status, body)
		}
	}
	f.stop()
	f.start()
	if _, body := ask("/api/v1/health", first); read() == first || strings.Contains(body, `"parts"`) {
		t.Errorf("the one before the restart: %s", body)
	}
	if strings.Contains(f.logs.String()+f.out.String(), read()) {
		t.Error("it is in the log")
	}
}

// TestAStaleClockIsNotConfirmed: who vouches for the time vouches for the one on
// the page. When the machine shows another by then, the word counts for nothing.
func TestAStaleClockIsNotConfirmed(t *testing.T) {
	var ahead atomic.Int64 // ns
	f := newFirstRun(t, func(f *firstRun) {
		f.clock.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
		f.clock.Synced = func() bool { return false }
	})
	v := f.ready()
	v.answer("review", "done", url.Values{})
	shown := func() string {
		t.Helper()
		_, _, page := v.get("/setup/done?lang=en")
		m := regexp.MustCompile(`name="at" value="([^"]+)"`).FindStringSubmatch(page)
		if m == nil || !strings.Contains(page, "sudo date -s") {
			t.Fatalf("the page neither says which time it shows nor how to set another:\n%s", page)
		}
		return m[1]
	}
	old := shown()
	ahead.Store(int64(24 * time.Hour))
	for _, at := range []string{old, "", "noon"} {
		if _, _, page := v.post("/setup/done?lang=en", url.Values{"clock": {"1"}, "at": {at}}); f.d.clock.OK() || !strings.Contains(page, "shows another time by now") {
			t.Errorf("the time %q was vouched for:\n%s", at, page)
		}
	}
	if _, _, page := v.post("/setup/done?lang=en", url.Values{"clock": {"1"}, "at": {shown()}}); !f.d.clock.OK() {
		t.Errorf("the time on the page was not taken:\n%s", page)
	}
}

// TestAClockConfirmed: a person's word on the clock outlasts a restart of the
// daemon, in the same boot.
func TestAClockConfirmed(t *testing.T) {
	f := newFirstRun(t)
	f.d.clock.Confirm()
	f.stop()
	b, err := os.ReadFile(filepath.Join(f.data, clockFile))
	if err != nil {
		t.Fatal(err)
	}
	f.start()
	if !f.d.clock.OK() {
		t.Errorf("asked again after %s", b)
	}
	f.stop()
	write(t, filepath.Join(f.data, clockFile), "{")
	f.start() // and no file keeps it from starting
}
