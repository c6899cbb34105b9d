package setup

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"motcua/internal/config"
	"motcua/internal/web"
	"motcua/queue"
)

func newWizard(t interface{ Fatal(...any) }, buttons ...config.Button) *Wizard {
	pages, err := web.New(web.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return &Wizard{o: Options{Web: pages, Buttons: buttons}}
}

// names are what people type: Vietnamese, spaces, letters in two parts, what no
// slip can print, nothing.
var names = rapid.SampledFrom([]string{"", "A", "Phường Phú Xuân", "  Đất   đai ", "Hộ tịch", "Bürgeramt", "漢字", "x\ny",
	"Một cái tên rất dài mà không ai đọc hết được trên một tờ phiếu nhỏ bằng bàn tay", "\x00", "\"'<b>&"})

// forms draws an answer to a step, sensible more often than not.
func forms(t *rapid.T, d *Draft, step string) (url.Values, []byte) {
	f := url.Values{}
	some := func(label string) bool { return rapid.IntRange(0, 3).Draw(t, label) > 0 }
	switch step {
	case stepHall:
		f["lang"] = rapid.SliceOf(rapid.SampledFrom([]string{"vi", "en", "de", "xx"})).Draw(t, "lang")
		f.Set("first", rapid.SampledFrom([]string{"vi", "vi", "en", "de", ""}).Draw(t, "first"))
	case stepCentre:
		for _, l := range d.Languages {
			f.Set("unit."+l, names.Draw(t, "unit"))
			f.Set("name."+l, names.Draw(t, "name"))
		}
	case stepTemplate:
		chosen := rapid.SampledFrom([]string{fromHall, fromWard, fromFile, ""}).Draw(t, "template")
		f.Set("template", chosen)
		if chosen == fromFile && some("file") {
			return f, config.Ward()
		}
	case stepCategories:
		for _, c := range d.Categories {
			if some("on") {
				f.Set("on."+string(c.ID), "1")
			}
			for _, l := range d.Languages {
				if !some("keep") {
					f.Set(fmt.Sprintf("name.%s.%s", c.ID, l), names.Draw(t, "category"))
				}
			}
		}
		if !some("new") {
			f.Set("new.id", rapid.SampledFrom([]string{"X", "XY", "A", "I", "x", "Đ", ""}).Draw(t, "letter"))
			f.Set("new.name", names.Draw(t, "new name"))
		}
	case stepCounters:
		for _, p := range d.Points {
			f.Set("n."+string(p.ID), rapid.SampledFrom([]string{"0", "1", "2", "3", "7", "12", "-1", "201", "x", ""}).Draw(t, "n"))
			if !some("same hall") {
				f.Set(fmt.Sprintf("point.%s.%s", p.ID, d.Languages[0]), names.Draw(t, "hall"))
			}
		}
	case stepSkills:
		for _, k := range d.Counters {
			for _, c := range d.Categories {
				if some("skill") {
					f.Add("skill", string(k.ID)+"/"+string(c.ID))
				}
			}
		}
	case stepHours:
		f.Set("hours", rapid.SampledFrom([]string{"fixed", "fixed", "open", ""}).Draw(t, "hours"))
		f.Set("holidays", rapid.SampledFrom([]string{"1", ""}).Draw(t, "holidays"))
		times := rapid.SampledFrom([]string{"07:30", "7h", "11:30", "13:30", "17.00", "25:00", "x", "", "03:00", "02:59"})
		for i := range len(d.Sessions) + 1 {
			f.Set(fmt.Sprintf("from.%d", i), times.Draw(t, "from"))
			f.Set(fmt.Sprintf("to.%d", i), times.Draw(t, "to"))
			for _, w := range weekdays {
				if some("day") {
					f.Add(fmt.Sprintf("day.%d", i), string(w))
				}
			}
		}
	case stepPrinter:
		f.Set("paper", rapid.SampledFrom([]string{"yes", "no", "skip", "x"}).Draw(t, "paper"))
	}
	return f, nil
}

// TestWhatIsAnsweredIsACentre: whatever people answer, in whatever order they
// go back, and whatever is refused on the way, what the last page would apply
// is free of mistakes, is the same centre when it was written to a file and
// read again, and a slip can be printed of it.
func TestWhatIsAnsweredIsACentre(t *testing.T) {
	reached, made := 0, 0
	defer func() {
		if made < reached/2 || reached < 50 {
			t.Errorf("of %d who reached the last page %d made a centre", reached, made)
		}
	}()
	rapid.Check(t, func(t *rapid.T) {
		var buttons []config.Button
		for _, b := range rapid.SliceOfDistinct(rapid.SampledFrom([]string{"A", "B", "R", "vi", "Z"}), func(s string) string { return s }).Draw(t, "buttons") {
			buttons = append(buttons, config.Button{Button: b})
		}
		w := newWizard(t, buttons...)
		say := w.say("vi")
		d := Draft{Answered: []string{stepLanguage, stepCode}}
		asked := steps[2 : len(steps)-1]
		for range rapid.IntRange(1, 40).Draw(t, "pages") {
			step := d.next()
			if back := rapid.IntRange(0, 4).Draw(t, "back"); back == 0 || step == stepReview {
				step = asked[rapid.IntRange(0, slices.Index(asked, asked[min(max(slices.Index(steps, step)-2, 0), len(asked)-1)])).Draw(t, "to")]
			}
			before := marshal(t, d)
			next := d
			next.Answered = slices.Clone(d.Answered)
			f, file := forms(t, &d, step)
			flaws := w.answer(&next, step, f, file, say)
			if marshal(t, d) != before {
				t.Fatalf("the answer to %s changed what was kept", step)
			}
			if len(flaws) > 0 {
				for _, x := range flaws {
					if x.Text == "" {
						t.Fatalf("%s: a mistake without words: %+v", step, x)
					}
				}
				continue
			}
			if !slices.Contains(next.Answered, step) {
				next.Answered = append(next.Answered, step)
			}
			d = next
		}
		// Whoever is left there answers the rest by what the pages propose.
		for step := d.next(); step != stepReview; step = d.next() {
			if flaws := w.answer(&d, step, proposed(&d, step), nil, say); len(flaws) > 0 {
				t.Fatalf("what %s proposes is refused: %+v", step, flaws)
			}
			d.Answered = append(d.Answered, step)
		}
		reached++
		if flaws := w.check(&d, stepReview, say); len(flaws) > 0 {
			for _, x := range flaws {
				if x.Step == stepReview {
					t.Fatalf("a mistake no page can put right: %+v", x)
				}
			}
			return // the last page says so and leads back
		}
		made++
		c, err := d.Config(buttons)
		if err != nil {
			t.Fatal(err)
		}
		if bad := append(c.Check(), config.Unprintable(&c)...); len(bad) > 0 {
			t.Fatalf("it is no centre: %v", bad)
		}
		var text bytes.Buffer
		if err := config.WriteCentre(&text, &c); err != nil {
			t.Fatal(err)
		}
		again, err := config.ParseCentre(text.Bytes())
		if err != nil {
			t.Fatalf("its file can't be read: %v\n%s", err, &text)
		}
		if x, y := marshal(t, c), marshal(t, again); x != y {
			t.Fatalf("written and read it is another:\n%s\n%s", x, y)
		}
		before := marshal(t, d)
		slip, err := sample(c, firstOf(c), "THỬ", w.o.Web)
		if err != nil {
			t.Fatal(err)
		}
		if png, err := draw(slip, 384); err != nil || len(png) == 0 {
			t.Fatalf("no slip: %v", err)
		}
		if marshal(t, d) != before {
			t.Fatal("the picture changed the answers")
		}
	})
}

// proposed is a page sent as it was drawn.
func proposed(d *Draft, step string) url.Values {
	f := url.Values{"first": {"vi"}, "template": {fromHall}, "hours": {"open"}, "paper": {"skip"}}
	for _, l := range d.Languages {
		f.Set("name."+l, "Phường Mẫu")
	}
	for _, c := range d.Categories {
		if c.On {
			f.Set("on."+string(c.ID), "1")
		}
	}
	for _, k := range d.Counters {
		n, _ := strconv.Atoi(f.Get("n." + string(k.Point)))
		f.Set("n."+string(k.Point), strconv.Itoa(n+1))
		for _, c := range k.Skills {
			f.Add("skill", string(k.ID)+"/"+string(c))
		}
	}
	for _, p := range d.Points {
		if field := "n." + string(p.ID); f.Get(field) == "" {
			f.Set(field, "0")
		}
	}
	if d.Fixed {
		f.Set("hours", "fixed")
	}
	for i, s := range d.Sessions {
		f.Set(fmt.Sprintf("from.%d", i), string(s.From))
		f.Set(fmt.Sprintf("to.%d", i), string(s.To))
		for _, x := range s.Days {
			f.Add(fmt.Sprintf("day.%d", i), string(x))
		}
	}
	return f
}

func marshal(t interface{ Fatal(...any) }, v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestStraightThrough: both templates as they come are a centre without a word
// changed, and none of the examples' own decisions is in it.
func TestStraightThrough(t *testing.T) {
	w := newWizard(t)
	for _, from := range []string{fromHall, fromWard} {
		d := Draft{Languages: []string{"vi", "en", "de"}, Name: queue.Text{"vi": "Phường Mẫu"}}
		if flaws := w.answer(&d, stepTemplate, url.Values{"template": {from}}, nil, w.say("vi")); len(flaws) > 0 {
			t.Fatal(flaws)
		}
		if flaws := w.check(&d, stepReview, w.say("vi")); len(flaws) > 0 {
			t.Errorf("%s: %+v", from, flaws)
		}
		c, err := d.Config(nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(c.Quotas)+len(c.Breaks)+len(c.ExtraDays) > 0 || c.Centre.Notice != nil || len(c.Sessions) != 2 || len(c.Holidays) == 0 {
			t.Errorf("%s: quotas %v, breaks %v, swapped days %v, sessions %v, %d holidays", from, c.Quotas, c.Breaks, c.ExtraDays, c.Sessions, len(c.Holidays))
		}
	}
}

func TestTidyAndIDs(t *testing.T) {
	for in, want := range map[string]string{
		"  Phường \t Phú\nXuân ":   "Phường Phú Xuân",
		"Phu\u031bo\u031b\u0300ng": "Phường",
		"a\x00b\u202ec":            "abc",
	} {
		if got := tidy(in); got != want {
			t.Errorf("tidy %q = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{
		"Phường Phú Xuân": "phuong-phu-xuan", "Đông Hà": "dong-ha", "  ": "centre", "漢字": "centre", "A – B": "a-b",
		"Trung tâm Phục vụ hành chính công xã A Lưới 1": "trung-tam-phuc-vu-hanh-chinh-con",
	} {
		if got := idOf(in); got != want {
			t.Errorf("id of %q = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]queue.TimeOfDay{"7:30": "07:30", "7h30": "07:30", "07.30": "07:30", "7h": "07:00", "13g30": "13:30", "7": "07:00", "half past": "half past", "7:3": "7:3"} {
		if got := timeOf(in); got != want {
			t.Errorf("time of %q = %q, want %q", in, got, want)
		}
	}
}

// TestCodeSlip: every width of paper has the code, and a link a phone can read.
func TestCodeSlip(t *testing.T) {
	w := newWizard(t)
	w.o.Here = func() string { return "http://192.168.100.200:8480" }
	slip := w.codeSlip("04821973")
	if slip.Category != "0482 1973" || slip.Link != "http://192.168.100.200:8480/setup" {
		t.Errorf("the slip says %+v", slip)
	}
	for _, width := range []int{384, 420, 512, 576} {
		png, err := draw(slip, width)
		if err != nil || len(png) == 0 {
			t.Errorf("%d dots: %v", width, err)
		}
		if *pictures != "" {
			if err := os.WriteFile(filepath.Join(*pictures, fmt.Sprintf("code-%d.png", width)), png, 0o644); err != nil {
				t.Error(err)
			}
		}
	}
}

var pictures = flag.String("pictures", "", "write the slip with the code into this `folder`")

func TestMay(t *testing.T) {
	for from, want := range map[string]bool{
		"127.0.0.1": true, "::1": true, "192.168.1.9": true, "10.1.2.3": true, "172.16.0.1": true, "169.254.3.4": true, "fe80::1": true, "fd12::9": true,
		"8.8.8.8": false, "172.32.0.1": false, "100.64.0.1": false, "2001:db8::1": false, "0.0.0.0": false,
	} {
		r := httptest.NewRequest(http.MethodGet, "/setup", nil)
		r.RemoteAddr = net.JoinHostPort(from, "50000")
		if got := May(r); got != want {
			t.Errorf("%s may: %v", from, got)
		}
		r.Header.Set("X-Forwarded-For", "192.168.1.20")
		if May(r) {
			t.Errorf("whom a proxy at %s hands on may", from)
		}
	}
	nobody := httptest.NewRequest(http.MethodGet, "/setup", nil)
	if nobody.RemoteAddr = "@"; May(nobody) {
		t.Error("who has no address may")
	}
}
