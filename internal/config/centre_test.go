package config_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"motcua/internal/config"
	"motcua/queue"
)

func ward(t testing.TB) queue.Config {
	t.Helper()
	c, err := config.ParseCentre(config.Ward())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The example has every key that there is, and says something with each.
func TestWardHasEverything(t *testing.T) {
	c := ward(t)
	used := map[string]bool{}
	var walk func(v reflect.Value, path string)
	walk = func(v reflect.Value, path string) {
		switch {
		case v.Kind() == reflect.Struct:
			for f, x := range v.Fields() {
				if key := f.Tag.Get("toml"); key != "-" {
					walk(x, strings.TrimPrefix(path+"."+key, "."))
				}
			}
		case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Struct:
			for i := range v.Len() {
				walk(v.Index(i), path)
			}
		default:
			used[path] = used[path] || !v.IsZero()
		}
	}
	walk(reflect.ValueOf(c), "")
	for path, set := range used {
		key := path[strings.LastIndex(path, ".")+1:]
		if !set && path != "classes.button" { // off unless the centre wants it
			t.Errorf("%s is nowhere set", path)
		}
		if !strings.Contains(string(config.Ward()), "\n"+key+" = ") {
			t.Errorf("%s is nowhere written", path)
		}
	}
	if len(c.Points) != 2 || len(c.Counters) != 7 || len(c.Sessions) != 2 || len(used) < 50 {
		t.Errorf("%d points, %d counters, %d sessions, %d keys", len(c.Points), len(c.Counters), len(c.Sessions), len(used))
	}
	for _, words := range []queue.Text{c.Centre.Name, c.Centre.Slip, c.Points[1].Name, c.Sessions[1].Name, c.Holidays[3].Name, c.Classes[1].Name, c.Categories[2].Name} {
		for _, l := range c.Languages {
			if words[l] == "" {
				t.Errorf("no words in %s: %v", l, words)
			}
		}
	}
}

// No holiday of the example is a weekend's alone, and the days that make up
// for one are among them.
func TestWardHolidays(t *testing.T) {
	c := ward(t)
	last := queue.Day("")
	for _, h := range c.Holidays {
		if h.From <= last {
			t.Errorf("%s is not in its place", h.From)
		}
		last = max(h.From, h.To)
		working := 0
		for d := h.From; d <= last; d = queue.DayOf(d.Begins().AddDate(0, 0, 1)) {
			if w := d.Begins().Weekday(); w != 0 && w != 6 {
				working++
			}
		}
		if working == 0 {
			t.Errorf("%s closes no working day", h.From)
		}
	}
	for day, sittings := range map[queue.Day]int{
		"2026-11-23": 2, "2026-11-24": 0, "2026-11-28": 0, // a Monday, the holiday after it, a Saturday
		"2027-02-03": 2, "2027-02-04": 0, "2027-02-10": 0, "2027-02-11": 2, // round Tết
		"2027-01-30": 2, "2028-01-03": 0, // the Saturday before it, a Monday that makes up for a Saturday
	} {
		if got := c.Sittings(day); len(got) != sittings {
			t.Errorf("%s has %d sessions, want %d", day, len(got), sittings)
		}
	}
}

// A session says when its doors open only where that differs from the usual.
func TestSessionDefaults(t *testing.T) {
	text := strings.NewReplacer("doors = 30\n", "", "cut_off = 15\n", "cut_off = 0\n", "cut_off = 20\n", "").Replace(string(config.Ward()))
	c, err := config.ParseCentre([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range [][2]int{{30, 0}, {30, 15}} {
		if s := c.Sessions[i]; s.Doors != want[0] || s.CutOff != want[1] {
			t.Errorf("session %s opens %d min before and cuts off %d min before its end, want %v", s.ID, s.Doors, s.CutOff, want)
		}
	}
}

// Ten mistakes of ten kinds are ten problems, each with the line it stands in.
func TestTenMistakes(t *testing.T) {
	lines := strings.Split(string(config.Ward()), "\n")
	var want []string
	spoil := func(old, with, problem string) {
		t.Helper()
		for i, l := range lines {
			if l == old {
				lines[i] = with
				want = append(want, fmt.Sprintf("line %d: %s", i+1, problem))
				return
			}
		}
		t.Fatalf("the example has no line %q", old)
	}
	spoil(`window = 5             # minutes, 0 to 10: so close together, the shorter service may go first; 0 = pure order`, `window = 50`,
		`routing.window = "50": is out of range. Give 0 to 10 minutes.`)
	spoil(`grant = ["greeter", "officer", "supervisor"]`, `grant = ["greeter", "kiosk"]`,
		`classes[2].grant[1] = "kiosk": is a device, and devices grant nothing. Set button = true instead`)
	spoil(`prefix = "E"`, `prefix = "O"`, `series[4].prefix = "O": is no prefix.`)
	spoil(`then = ["M", "R"]      # fee, then the certificate at once`, `then = ["M", "Z"]`, `categories[4].then[1] = "Z": is no category. Name one of [[categories]].`)
	spoil(`minutes = 20`, `minutes = "twenty"`, `categories[15].minutes = "twenty": this must be a whole number.`)
	spoil(`skills = ["P", "A"]`, `skils = ["P", "A"]`, `counters[5].skils: this key is unknown. Check its spelling, or remove it. Known here: id, number, point, skills.`)
	spoil(`to = "11:30"`, `to = "11.30"`, `sessions[0].to = "11.30": is no time of day. Write hours and minutes, such as 07:30.`)
	spoil(`from = "2027-04-16"`, `from = 2027-04-16`, `holidays[3].from: this must be text. Write it in double quotes.`)
	spoil(`as = "fri"`, `as = "friday"`, `extra_days[0].as = "friday": is no weekday.`)
	spoil(`dossiers = 120`, `dossiers = 0`, `quotas[2].dossiers = "0": is out of range. Give 1 to 9999 dossiers.`)
	_, err := config.ParseCentre([]byte(strings.Join(lines, "\n")))
	var e *config.Error
	if !errors.As(err, &e) {
		t.Fatalf("taken: %v", err)
	}
	// The counter whose skills are misspelt has none: that is the same line's.
	var got []string
	for _, p := range e.Problems {
		if p.Field != "counters[5].skills" {
			got = append(got, p.String())
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d problems, want %d:\n%v", len(got), len(want), err)
	}
	for i := range min(len(got), len(want)) {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("problem %d is\n  %s\nwant\n  %s", i, got[i], want[i])
		}
	}
}

// What can't be printed is a mistake of the file, in any of the hall's languages.
func TestUnprintable(t *testing.T) {
	text := strings.Replace(string(config.Ward()), `de = "Vormittag"`, `de = "漢字"`, 1)
	_, err := config.ParseCentre([]byte(text))
	if err == nil || !strings.Contains(err.Error(), `sessions[0].name.de = "漢字"`) {
		t.Errorf("got %v", err)
	}
}

func TestMachineAgainstCentre(t *testing.T) {
	m, err := config.ParseMachine(config.Example())
	if err != nil {
		t.Fatal(err)
	}
	c := ward(t)
	m.Panel.Buttons = append(m.Panel.Buttons, config.Button{Button: "en"})
	m.Panel.Point, m.Access[0].Point = "annex", "main"
	if p := m.Against(&c); len(p) > 0 {
		t.Errorf("%v", p)
	}
	m.Panel.Buttons[1].Button, m.Access[1].Counter = "b", "12"
	m.Panel.Point, m.Scanner.Point, m.Access[0].Point = "cellar", "porch", "attic"
	var got, codes []string
	for _, p := range m.Against(&c) {
		got = append(got, p.String())
		codes = append(codes, p.Code)
	}
	if d := cmp.Diff([]string{"file_no_point", "file_no_point", "file_no_button", "file_no_point", "file_no_counter"}, codes); d != "" {
		t.Error(d)
	}
	want := []string{
		`panel.point = "cellar": the centre has no such service point. Name a service point of the centre, or add it there.`,
		`scanner.point = "porch": the centre has no such service point. Name a service point of the centre, or add it there.`,
		`panel.buttons[1].button = "b": the centre has no such category or language. Name a category or a language of the centre, or add it there.`,
		`access[0].point = "attic": the centre has no such service point. Name a service point of the centre, or add it there.`,
		`access[1].counter = "12": the centre has no such counter. Name a counter of the centre, or add it there.`,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
