// Package browsertest drives a real Chromium for the tests of faces. Where
// there is none the test is skipped with the reason, but with CI=true in the
// environment it fails: a gate must not open because the gatekeeper is absent.
package browsertest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/css"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Browser is one Chromium; its tabs share nothing but the process.
type Browser struct {
	ctx context.Context
}

// names are where Debian, Ubuntu and Google put it.
var names = []string{"chromium", "chromium-browser", "google-chrome"}

// Start starts a Chromium that ends with the test.
func Start(t testing.TB) *Browser {
	t.Helper()
	var path string
	for _, n := range names {
		if p, err := exec.LookPath(n); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		const why = "no chromium in PATH; install it with: apt install chromium"
		if os.Getenv("CI") == "true" {
			t.Fatal(why)
		}
		t.Skip(why)
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.Flag("autoplay-policy", "no-user-gesture-required"),
		chromedp.Flag("force-device-scale-factor", "1"),
		chromedp.Flag("disable-lcd-text", true),
		chromedp.Flag("hide-scrollbars", true))
	if os.Geteuid() == 0 { // Chromium has no sandbox for root
		opts = append(opts, chromedp.NoSandbox)
	}
	alloc, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, close := chromedp.NewContext(alloc)
	t.Cleanup(func() { close(); stop() })
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start %s: %v", path, err)
	}
	return &Browser{ctx: ctx}
}

// Tab is one page in a browser context of its own: no cookies, no storage of others.
type Tab struct {
	t   testing.TB
	ctx context.Context

	noScript bool

	mu       sync.Mutex
	problems []string
}

// wait bounds every single step.
const wait = 20 * time.Second

// Tab opens an empty tab of the size, in CSS pixels. At the end of the test it
// fails the test if the page reported errors that nobody took with Problems.
func (b *Browser) Tab(t testing.TB, width, height int64) *Tab {
	t.Helper()
	ctx, close := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	tab := &Tab{t: t, ctx: ctx}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, height)); err != nil {
		t.Fatalf("open tab: %v", err)
	}
	if err := chromedp.Do(ctx, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, log.Enable, cdp.Empty{})
		return err
	})); err != nil {
		t.Fatalf("watch console: %v", err)
	}
	if err := chromedp.Listen(ctx, tab.hear); err != nil {
		t.Fatalf("watch tab: %v", err)
	}
	t.Cleanup(func() {
		close()
		for _, p := range tab.Problems() {
			t.Errorf("the page reported: %s", p)
		}
	})
	return tab
}

func (p *Tab) hear(ev any) {
	var what string
	switch e := ev.(type) {
	case *runtime.EventExceptionThrown:
		what = e.ExceptionDetails.Text
		if x := e.ExceptionDetails.Exception; x != nil {
			what += " " + x.Description
		}
		what += fmt.Sprintf(" (%s:%d)", e.ExceptionDetails.URL, e.ExceptionDetails.LineNumber+1)
	case *runtime.EventConsoleAPICalled:
		if e.Type != runtime.ConsoleAPICalledTypeError {
			return
		}
		what = "console.error:"
		for _, a := range e.Args {
			what += fmt.Sprintf(" %s%s", a.Value, a.Description)
		}
	case *log.EventEntryAdded:
		if e.Entry.Level != log.EntryLevelError {
			return
		}
		what = e.Entry.Text + " " + e.Entry.URL
	default:
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.problems = append(p.problems, what)
}

// Problems returns and forgets what the page reported: uncaught exceptions,
// errors on the console, refused or failed loads.
func (p *Tab) Problems() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := p.problems
	p.problems = nil
	return out
}

func (p *Tab) do(what string, a ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, wait)
	defer cancel()
	if err := chromedp.Do(ctx, a...); err != nil {
		p.t.Fatalf("%s: %v; the page reported %q", what, err, p.Problems())
	}
}

// Open loads an address and waits until it and its fonts are loaded.
func (p *Tab) Open(url string) {
	p.t.Helper()
	p.do("open "+url, chromedp.Navigate(url))
	if p.noScript { // polling is a script as well
		return
	}
	p.Wait(`document.readyState === 'complete' && document.fonts.status === 'loaded'`)
}

// Leave carries out an expression that leads to another page, such as a click
// on a link or on a form's button, and waits until that page and its fonts are
// loaded.
func (p *Tab) Leave(expression string) {
	p.t.Helper()
	Eval[bool](p, `(() => { window.stillHere = true; `+expression+`; return true })()`)
	p.Arrive(`!window.stillHere && document.readyState === 'complete' && document.fonts.status === 'loaded'`)
}

// Arrive waits, as Wait does, until an expression is true, on whatever page the
// tab is led to meanwhile.
func (p *Tab) Arrive(expression string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, wait)
	defer cancel()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for {
		// A page that is going away answers with an error.
		there, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`Boolean(`+expression+`)`))
		if err == nil && there {
			return
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			p.t.Fatalf("arrive at %s: %v; the page reported %q", expression, err, p.Problems())
		}
	}
}

// Size changes the viewport, in CSS pixels.
func (p *Tab) Size(width, height int64) {
	p.t.Helper()
	p.do("resize", chromedp.EmulateViewport(width, height))
}

// Media sets a media feature, such as "prefers-reduced-motion" to "reduce".
func (p *Tab) Media(feature, value string) {
	p.t.Helper()
	p.do("set media", chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: feature, Value: value}},
		})
		return err
	}))
}

// NoScript switches scripts off for the pages loaded from now on.
func (p *Tab) NoScript() {
	p.t.Helper()
	p.noScript = true
	p.do("switch scripts off", chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	}))
}

// Keys types keys where the focus is.
func (p *Tab) Keys(keys string) {
	p.t.Helper()
	p.do("type", chromedp.KeyEvent(keys))
}

// Wait waits until a JavaScript expression is true. One that throws, as of an
// element that is not there yet, is not true.
func (p *Tab) Wait(expression string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, wait)
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool](`(() => { try { return Boolean(`+expression+`) } catch (e) { return false } })()`, chromedp.WithPollingTimeout(wait))); err != nil {
		p.t.Fatalf("wait for %s: %v; the page reported %q", expression, err, p.Problems())
	}
}

// Shot is a picture of the viewport, as PNG.
func (p *Tab) Shot() []byte {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, wait)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		p.t.Fatalf("take picture: %v", err)
	}
	return png
}

// Save writes a picture of the viewport to a folder, making it if need be.
func (p *Tab) Save(folder, name string) {
	p.t.Helper()
	if err := os.MkdirAll(folder, 0o755); err != nil {
		p.t.Fatalf("make folder: %v", err)
	}
	if err := os.WriteFile(filepath.Join(folder, name), p.Shot(), 0o644); err != nil {
		p.t.Fatalf("write picture: %v", err)
	}
}

// Eval returns the value of a JavaScript expression, awaited if it is a promise.
func Eval[T any](p *Tab, expression string) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, wait)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("evaluate %s: %v; the page reported %q", expression, err, p.Problems())
	}
	return v
}

// StrangeFonts lists the fonts below a selector that are not the page's own:
// letters for which ours had none look different on every machine.
func (p *Tab) StrangeFonts(selector string) []string {
	p.t.Helper()
	var out []string
	p.do("ask for fonts", chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		if _, err := cdp.Call(ctx, target, dom.Enable, dom.EnableParams{}); err != nil {
			return err
		}
		if _, err := cdp.Call(ctx, target, css.Enable, cdp.Empty{}); err != nil {
			return err
		}
		doc, err := cdp.Call(ctx, target, dom.GetDocument, dom.GetDocumentParams{})
		if err != nil {
			return err
		}
		all, err := cdp.Call(ctx, target, dom.QuerySelectorAll, dom.QuerySelectorAllParams{NodeID: doc.Root.NodeID, Selector: selector})
		if err != nil {
			return err
		}
		for _, id := range all.NodeIDs {
			used, err := cdp.Call(ctx, target, css.GetPlatformFontsForNode, css.GetPlatformFontsForNodeParams{NodeID: id})
			if err != nil {
				return err
			}
			for _, f := range used.Fonts {
				if !f.IsCustomFont {
					out = append(out, f.FamilyName)
				}
			}
		}
		return nil
	}))
	return out
}
