package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"motcua/internal/browsertest"
	"motcua/internal/setup"
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
	out     lockedBuffer
	logs    lockedBuffer
	stop    func()
}

// lockedBuffer is what a daemon writes while the test reads.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer // protected by mu
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

func newFirstRun(t *testing.T) *firstRun {
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
	f.start()
	return f
}

// start starts the daemon, after the first time on the same address.
func (f *firstRun) start() {
	f.t.Helper()
	f.panel = virtual.NewPanel("A", "B", "C", "R")
	ctx, cancel := context.WithCancel(f.t.Context())
	d, err := Open(ctx, flags{Config: f.conf, Listen: f.listen, Data: f.data, panel: f.panel}, &f.out, &f.logs)
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
	tab := browsertest.Start(t).Tab(t, 1366, 768)
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
	f.slips(2) // once for each start
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
