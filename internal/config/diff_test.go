package config_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"motcua/internal/config"
	"motcua/queue"
)

// told is a change in one line.
func told(c config.Change) string {
	s := fmt.Sprintf("%s %s %s: %s", c.Kind, c.Section, c.Entry, strings.Join(c.Words, "; "))
	if c.Note != "" {
		s += " (" + c.Note + ")"
	}
	return s
}

func TestDiff(t *testing.T) {
	have, next := ward(t), ward(t)
	next.Languages = []string{"vi", "de", "en"}
	next.Centre.Notice = queue.Text{"vi": "Nghỉ trưa", "en": have.Centre.Notice["en"], "km": "…"}
	next.Points[1].Name = queue.Text{"vi": "Nhà B", "en": have.Points[1].Name["en"], "de": have.Points[1].Name["de"]}
	next.Categories = slices.DeleteFunc(next.Categories, func(k queue.Category) bool { return k.ID == "K" })
	next.Categories = append(next.Categories, queue.Category{ID: "N", Name: queue.Text{"vi": "Xác nhận"}, Series: "A", Minutes: 5, Panel: true})
	next.Categories[3].Minutes, next.Categories[3].Then = 20, nil
	next.Classes[2].HeadStart = 45
	next.Counters = append(next.Counters[:6:6], queue.Desk{ID: "8", Number: 7, Point: "annex", Skills: []queue.CategoryID{"R"}})
	next.Counters[3].Skills = []queue.CategoryID{"C", "E", "M", "N"}
	next.Counters[0], next.Counters[1] = next.Counters[1], next.Counters[0]
	next.Routing.Window = 0
	next.Sessions[0].To, next.Sessions[0].Days = "12:00", []queue.Weekday{"mon", "tue", "wed", "thu", "fri", "sat"}
	next.Holidays = next.Holidays[1:]
	next.Quotas[0].Dossiers = 31
	next.Categories[0].Points, next.Categories[1].Points = []queue.PointID{"annex"}, nil
	next.Breaks[1].Reason = ""
	next.Agents = queue.Agents{}
	var got []string
	for _, c := range config.Diff(&have, &next) {
		got = append(got, told(c))
	}
	want := []string{
		`changed centre : notice.de: "Mittagspause von 11:30 bis 13:30" → none; notice.km: none → "…"; notice.vi: "Nghỉ trưa từ 11:30, làm lại lúc 13:30" → "Nghỉ trưa"`,
		`changed languages : languages: ["vi", "en", "de"] → ["vi", "de", "en"]`,
		`changed points annex: name.vi: "Sảnh phụ (nhà B)" → "Nhà B"`,
		`changed categories A: points: all → ["annex"]`,
		`changed categories B: points: ["main"] → all`,
		`changed categories C: minutes: 18 → 20; then: ["M"] → none`,
		`removed categories K: name = "Nông nghiệp, môi trường", series = "L", minutes = 12, points = ["main"], area = "Khu B" (gives out no more numbers; who waits for it is served, then it goes at the next opening)`,
		`added categories N: name = "Xác nhận", series = "A", minutes = 5, panel = true`,
		`changed classes priority: head_start: 60 → 45 (the order waits for the next opening if numbers were given out today)`,
		`changed counters 4: skills: + N, − K (finishes what it has; who waits already is still served)`,
		`removed counters 7: number = 7, point = "annex", skills = ["R", "P", "A"] (finishes what it has and calls nobody else, then goes at the next opening)`,
		`added counters 8: number = 7, point = "annex", skills = ["R"]`,
		`changed counters : order: 1, 2, 3, 4, 5, 6 → 2, 1, 3, 4, 5, 6`,
		`changed routing : window: 5 → 0 (the order waits for the next opening if numbers were given out today)`,
		`changed sessions morning: days: + sat; to: "11:30" → "12:00"`,
		`removed holidays 2026-11-24: name = "Ngày Văn hóa Việt Nam"`,
		`changed quotas C, morning: dossiers: 30 → 31`,
		`changed breaks counter 2 at 09:30: reason: "break" → none`,
		`changed agents : above: 5 → 0; category: "V" → none`,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

// Two configurations differ in something exactly when they say different things.
func TestDiffMissesNothing(t *testing.T) {
	plain := func(c queue.Config) string {
		b, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawCentre(t), drawCentre(t)
		for range rapid.IntRange(0, 8).Draw(t, "shared") { // mostly alike
			switch rapid.IntRange(0, 8).Draw(t, "what") {
			case 0:
				b.Centre, b.Languages = a.Centre, a.Languages
			case 1:
				b.Points, b.Series = a.Points, a.Series
			case 2:
				b.Categories = a.Categories
			case 3:
				b.Classes = a.Classes
			case 4:
				b.Counters = a.Counters
			case 5:
				b.Routing, b.Calls = a.Routing, a.Calls
			case 6:
				b.Sessions, b.Quotas = a.Sessions, a.Quotas
			case 7:
				b.Holidays, b.ExtraDays, b.Breaks = a.Holidays, a.ExtraDays, a.Breaks
			default:
				b.Appointments, b.Agents = a.Appointments, a.Agents
			}
		}
		if changes := config.Diff(&a, &b); (len(changes) == 0) != (plain(a) == plain(b)) {
			t.Fatalf("%v between\n%s\n%s", changes, plain(a), plain(b))
		}
		if changes := config.Diff(&a, &a); len(changes) > 0 {
			t.Fatalf("a centre differs from itself: %v", changes)
		}
	})
}

// Two breaks of one counter at one time, on different days, are two.
func TestDiffOfLikeEntries(t *testing.T) {
	have, next := ward(t), ward(t)
	b := queue.Break{Counter: "4", Days: []queue.Weekday{"mon"}, From: "16:30", To: "17:00"}
	next.Breaks = append(next.Breaks, b)
	got := config.Diff(&have, &next)
	if len(got) != 1 || got[0].Kind != config.Added || got[0].Entry != "counter 4 at 16:30 (2)" {
		t.Errorf("got %+v", got)
	}
}
