package config_test

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"motcua/internal/config"
	"motcua/queue"
)

func written(t testing.TB, c queue.Config) string {
	t.Helper()
	var b bytes.Buffer
	if err := config.WriteCentre(&b, &c); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestWrittenReadsBack(t *testing.T) {
	demo, err := config.Demo()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]queue.Config{"ward": ward(t), "demo": demo} {
		text := written(t, c)
		got, err := config.ParseCentre([]byte(text))
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, text)
		}
		if d := cmp.Diff(c, got); d != "" {
			t.Errorf("%s (-written +read)\n%s", name, d)
		}
		if again := written(t, got); again != text {
			t.Errorf("%s is written otherwise the second time:\n%s", name, cmp.Diff(text, again))
		}
		for i, l := range strings.Split(text, "\n") {
			if strings.HasPrefix(l, "#") && len([]rune(l)) > 100 || l != strings.TrimRight(l, " ") {
				t.Errorf("%s, line %d is too long or ends in a space: %s", name, i+1, l)
			}
		}
	}
}

// Whatever a centre is, its file says the same.
func TestAnyCentreReadsBack(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := drawCentre(rt)
		if p := c.Check(); len(p) > 0 {
			rt.Fatalf("drawn wrongly: %v", p)
		}
		var b bytes.Buffer
		if err := config.WriteCentre(&b, &c); err != nil {
			rt.Fatal(err)
		}
		got, err := config.ParseCentre(b.Bytes())
		if err != nil {
			rt.Fatalf("%v\n%s", err, b.String())
		}
		if d := cmp.Diff(c, got); d != "" {
			rt.Fatalf("(-written +read)\n%s", d)
		}
	})
}

// drawCentre draws any centre that is sound.
func drawCentre(t *rapid.T) queue.Config {
	number := func(low, high int) int { return rapid.IntRange(low, high).Draw(t, "number") }
	coin := func() bool { return rapid.Bool().Draw(t, "coin") }
	weekdays := []queue.Weekday{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
	some := func(from []queue.Weekday) []queue.Weekday {
		return rapid.SliceOfNDistinct(rapid.SampledFrom(from), 1, len(from), rapid.ID[queue.Weekday]).Draw(t, "days")
	}
	words := func() queue.Text {
		letters := rapid.StringOfN(rapid.SampledFrom([]rune("aBđ ễ0-\"\\'#=[]{},")), 1, 12, -1)
		w := queue.Text{"vi": letters.Draw(t, "vi")}
		for _, l := range []string{"en", "de", "km"} {
			if coin() {
				w[l] = letters.Draw(t, l)
			}
		}
		return w
	}
	maybe := func() queue.Text {
		if coin() {
			return nil
		}
		return words()
	}
	c := queue.Config{
		Centre:    queue.Centre{ID: rapid.StringMatching(`[A-Za-z0-9_-]{1,32}`).Draw(t, "id"), Unit: maybe(), Name: words(), Notice: maybe(), Slip: maybe()},
		Languages: rapid.SampledFrom([][]string{{"vi"}, {"vi", "en"}, {"vi", "en", "de"}}).Draw(t, "languages"),
		Points:    []queue.Point{{ID: "main", Name: words()}, {ID: "annex", Name: maybe()}},
		Routing: queue.Routing{Policy: rapid.SampledFrom([]string{"", queue.PolicyHeadStart, queue.PolicyArrival}).Draw(t, "policy"),
			Window: number(0, 10), Guard: number(30, 240), ReturnWithin: number(0, 60), ReturnCredit: number(0, 60), Late: number(0, 60)},
		Calls:        queue.Calls{RecallAfter: number(0, 300), NoShowCalls: number(1, 10), NoShowAfter: number(0, 600), Propose: number(0, 10), UndoWithin: number(0, 60)},
		Appointments: queue.Appointments{Capacity: number(0, 999)},
	}
	for i, id := range []queue.SeriesID{"A", "B"} {
		from := number(0, 9998)
		c.Series = append(c.Series, queue.Series{ID: id, Prefix: []string{"", "AB"}[i], From: from, To: number(from, 9999), AcrossPoints: coin()})
	}
	all := []queue.CategoryID{}
	for i := range number(1, 4) {
		k := queue.Category{ID: queue.CategoryID("ABCD"[i : i+1]), Name: words(), Series: rapid.SampledFrom([]queue.SeriesID{"A", "B"}).Draw(t, "series"),
			Minutes: number(1, 480), Area: maybe(), Panel: coin(), Results: i == 0 && coin()}
		if coin() {
			k.Points = rapid.SampledFrom([][]queue.PointID{{"main"}, {"annex", "main"}}).Draw(t, "points")
		}
		all = append(all, k.ID)
		c.Categories = append(c.Categories, k)
	}
	for i, at := range []queue.PointID{"main", "annex", "main"} {
		c.Counters = append(c.Counters, queue.Desk{ID: queue.CounterID(fmt.Sprint("k", i)), Number: i + 1, Point: at, Skills: all})
	}
	if coin() { // everything is served everywhere but what is kept to the main hall
		for i := range c.Categories {
			c.Categories[i].Points = nil
			for range number(0, queue.MaxLegs) {
				before := append([]queue.CategoryID{c.Categories[i].ID}, c.Categories[i].Then...)
				if id := rapid.SampledFrom(all).Draw(t, "leg"); id != before[len(before)-1] {
					c.Categories[i].Then = append(c.Categories[i].Then, id)
				}
			}
		}
	}
	c.Classes = []queue.Class{{ID: queue.Normal, Name: words(), Mark: coin(), OnBoard: coin()},
		{ID: "priority", Name: words(), HeadStart: rapid.SampledFrom([]int{15, 60, 120, queue.Strict}).Draw(t, "start"), Mark: coin(), Button: coin(),
			Grant: rapid.SampledFrom([][]queue.Role{nil, {queue.Greeter}, {queue.Supervisor, queue.Officer}}).Draw(t, "grant")}}
	if coin() {
		c.Classes = append(c.Classes, queue.Class{ID: queue.Appointed, Name: words(), HeadStart: number(0, 15)})
	}
	for i := range number(0, 2) {
		c.Sessions = append(c.Sessions, queue.Session{ID: queue.SessionID(fmt.Sprint("s", i)), Name: words(), Days: some(weekdays),
			From: queue.TimeOfDay(fmt.Sprintf("%02d:30", 7+6*i)), To: queue.TimeOfDay(fmt.Sprintf("%02d:15", 11+6*i)), Doors: number(0, 180), CutOff: number(0, 180)})
	}
	if len(c.Sessions) > 0 {
		c.Categories[0].Sessions = []queue.SessionID{"s0"}
		for i, at := range []queue.PointID{"", "main"} {
			if coin() {
				c.Quotas = append(c.Quotas, queue.Quota{Category: all[0], Session: "s0", Point: at, Dossiers: number(1, 9999) - i})
				c.Quotas[len(c.Quotas)-1].Dossiers = max(c.Quotas[len(c.Quotas)-1].Dossiers, 1)
			}
		}
	}
	if coin() {
		c.Holidays = []queue.Holiday{{From: "2027-01-01", Name: words()}, {From: "2027-02-04", To: "2027-02-10", Name: words()}}
		c.ExtraDays = []queue.ExtraDay{{Day: "2027-01-30", As: rapid.SampledFrom(weekdays).Draw(t, "as")}}
	}
	if coin() {
		c.Breaks = []queue.Break{{Counter: "k0", From: "09:30", To: "09:45"},
			{Counter: "k0", Days: some(weekdays), From: "11:30", To: "13:30", Reason: queue.PauseLunch}}
	}
	if coin() {
		c.Agents = queue.Agents{Above: number(1, 98), Category: all[0]}
	}
	return c
}

// Each section tells of each of its keys, and of no others.
func TestExplanationsNameEveryKey(t *testing.T) {
	text := written(t, ward(t))
	section := regexp.MustCompile(`(?m)^(?:#.*\n)+\[{1,2}([a-z_]+)\]{1,2}$`)
	named := map[string][]string{}
	for _, m := range section.FindAllStringSubmatch(text, -1) {
		for _, k := range regexp.MustCompile(`(?m)^#   ([a-z_]+)  +\S`).FindAllStringSubmatch(m[0], -1) {
			named[m[1]] = append(named[m[1]], k[1])
		}
	}
	for f := range reflect.TypeFor[queue.Config]().Fields() {
		key, of := f.Tag.Get("toml"), f.Type
		if key == "-" || key == "languages" {
			continue
		}
		if of.Kind() == reflect.Slice {
			of = of.Elem()
		}
		var want []string
		for k := range of.Fields() {
			if tag := k.Tag.Get("toml"); tag != "-" {
				want = append(want, tag)
			}
		}
		if d := cmp.Diff(want, named[key]); d != "" {
			t.Errorf("[%s] explains (-there are +explained)\n%s", key, d)
		}
	}
}

// Where a section is left out its example stands, and is one.
func TestExamplesOfAFile(t *testing.T) {
	c := ward(t)
	c.Sessions, c.Holidays, c.ExtraDays, c.Quotas, c.Breaks = nil, nil, nil, nil, nil
	c.Appointments, c.Agents = queue.Appointments{}, queue.Agents{}
	for i := range c.Categories {
		c.Categories[i].Sessions = nil
	}
	text := written(t, c)
	got, err := config.ParseCentre([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(c, got); d != "" {
		t.Error(d)
	}
	all := regexp.MustCompile(`(?m)^# (\[{1,2}[a-z_]+\]{1,2}|[a-z_]+ = .*)$`).ReplaceAllString(text, "$1")
	got, err = config.ParseCentre([]byte(all))
	if err != nil {
		t.Fatalf("%v\n%s", err, all)
	}
	if len(got.Sessions) != 1 || len(got.Holidays) != 1 || len(got.ExtraDays) != 1 || len(got.Quotas) != 1 || len(got.Breaks) != 1 ||
		got.Appointments.Capacity == 0 || got.Agents.Above == 0 {
		t.Errorf("got %+v", got)
	}
}

// What drains and what waits for an opening has no place in a file.
func TestWrittenPlain(t *testing.T) {
	c := ward(t)
	plain := written(t, c)
	c.Classes = slices.Clone(c.Classes)
	later := queue.Later{Routing: c.Routing, HeadStarts: []queue.ClassStart{{Class: "priority", HeadStart: c.Classes[2].HeadStart}}}
	c.Later, c.Routing.Window, c.Classes[2].HeadStart = &later, 0, 20
	c.Series = append(slices.Clone(c.Series), queue.Series{ID: "old", Prefix: "A", From: 1, To: 9, Draining: true})
	c.Categories = append(slices.Clone(c.Categories), queue.Category{ID: "X", Series: "old", Minutes: 1, Draining: true})
	c.Counters = append(slices.Clone(c.Counters), queue.Desk{ID: "9", Number: 1, Point: "main", Draining: true})
	c.Counters[0].Drains = []queue.CategoryID{"X"}
	if d := cmp.Diff(plain, written(t, c)); d != "" {
		t.Error(d)
	}
}

// Whatever is taken for a centre's file is written so that it is read as the same.
func FuzzCentre(f *testing.F) {
	f.Add(config.Ward())
	f.Add([]byte("languages = [\"vi\"]\n[[sessions]]\ndays = [1]\nfrom = 07:30:00\n[later]\n[[counters]]\n\"-\" = 1\n"))
	f.Add([]byte("sessions = [{ id = \"a\", doors = 9 }, 3]\n[centre]\nname.vi = \"\"\"a\nb\"\"\"\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := config.ParseCentre(bytes.Clone(text))
		if err != nil {
			var e *config.Error
			if !errors.As(err, &e) || len(e.Problems) == 0 {
				t.Fatalf("refused without problems: %v", err)
			}
			lines := bytes.Count(text, []byte("\n")) + 1
			for _, p := range e.Problems {
				if p.Field == "" || p.Msg == "" || p.Hint == "" || p.Line < 0 || p.Line > lines {
					t.Fatalf("problem without field, words, remedy or line: %+v", p)
				}
			}
			return
		}
		got, err := config.ParseCentre([]byte(written(t, c)))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(c, got); d != "" {
			t.Fatalf("(-read +read again)\n%s", d)
		}
	})
}
