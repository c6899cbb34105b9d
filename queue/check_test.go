package queue_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"motcua/internal/web"
	"motcua/queue"
	"motcua/queue/queuetest"
)

// fullCentre is the small centre with everything a centre may have.
func fullCentre() queue.Config {
	c := queuetest.Config()
	vi := func(s string) queue.Text { return queue.Text{"vi": s} }
	weekdays := []queue.Weekday{"mon", "tue", "wed", "thu", "fri"}
	c.Sessions = []queue.Session{
		{ID: "morning", Name: vi("Sáng"), Days: weekdays, From: "07:30", To: "11:30", Doors: 30, CutOff: 15},
		{ID: "afternoon", Name: vi("Chiều"), Days: weekdays, From: "13:30", To: "17:00", Doors: 30, CutOff: 15},
		{ID: "saturday", Name: vi("Sáng thứ bảy"), Days: []queue.Weekday{"sat"}, From: "07:30", To: "11:30"},
	}
	c.Holidays = []queue.Holiday{{From: "2027-01-01", Name: vi("Tết Dương lịch")}, {From: "2027-02-04", To: "2027-02-10", Name: vi("Tết")}}
	c.ExtraDays = []queue.ExtraDay{{Day: "2027-02-13", As: "mon"}}
	c.Quotas = []queue.Quota{{Category: "A", Session: "morning", Dossiers: 40}, {Category: "A", Session: "morning", Point: "annex", Dossiers: 9}}
	c.Breaks = []queue.Break{
		{Counter: "1", Days: weekdays, From: "11:30", To: "13:30", Reason: queue.PauseLunch},
		{Counter: "1", From: "09:30", To: "09:45"},
		{Counter: "2", Days: []queue.Weekday{"sat"}, From: "09:30", To: "09:45"},
	}
	c.Appointments.Capacity = 2
	c.Agents = queue.Agents{Above: 5, Category: "B"}
	c.Categories[0].Then = []queue.CategoryID{"B", "A", "B"}
	c.Categories[0].Sessions = []queue.SessionID{"morning", "afternoon"}
	c.Categories[2].Results = true
	c.Classes[1].Grant = []queue.Role{queue.Greeter, queue.Supervisor}
	c.Classes[1].Button = true
	c.Classes = append(c.Classes, queue.Class{ID: queue.Appointed, Name: vi("Lịch hẹn"), HeadStart: 15})
	c.Routing.Policy = queue.PolicyHeadStart
	return c
}

func TestCheckFindsEachMistake(t *testing.T) {
	sound := fullCentre()
	if p := sound.Check(); len(p) > 0 {
		t.Fatalf("a sound centre:\n%v", p)
	}
	plain := queuetest.Config()
	if p := plain.Check(); len(p) > 0 {
		t.Fatalf("a centre without hours:\n%v", p)
	}
	faces, err := web.New(web.Options{})
	if err != nil {
		t.Fatal(err)
	}
	produced := map[string]bool{queue.FlawUnprintable: true} // by who prints
	for _, c := range []struct {
		name  string
		spoil func(*queue.Config)
		want  string // fields with their codes
	}{
		{"centre's id", func(c *queue.Config) { c.Centre.ID = "phường 1" }, "centre.id id"},
		{"centre's name", func(c *queue.Config) { c.Centre.Name = queue.Text{"en": "Model Ward"} }, "centre.name words"},
		{"no language", func(c *queue.Config) { c.Languages = nil }, "languages empty"},
		{"language", func(c *queue.Config) { c.Languages[1] = "En" }, "languages[1] language"},
		{"language twice", func(c *queue.Config) { c.Languages[1] = "vi" }, "languages[1] twice"},
		{"point twice", func(c *queue.Config) { c.Points = append(c.Points, c.Points[0]) }, "points[2].id twice"},
		{"prefix twice", func(c *queue.Config) { c.Series[1].Prefix = "A" }, "series[1].prefix twice"},
		{"prefix", func(c *queue.Config) { c.Series[1].Prefix = "O" }, "series[1].prefix prefix"},
		{"range of numbers", func(c *queue.Config) { c.Series[1].To = 0 }, "series[1].to range"},
		{"no category", func(c *queue.Config) {
			*c = queuetest.Config()
			c.Categories = nil
			for i := range c.Counters {
				c.Counters[i].Skills = nil
			}
		}, "categories range; counters[0].skills empty; counters[1].skills empty; counters[2].skills empty"},
		{"minutes", func(c *queue.Config) { c.Categories[0].Minutes = 0 }, "categories[0].minutes range"},
		{"series", func(c *queue.Config) { c.Categories[2].Series = "Q" }, "categories[2].series unknown"},
		{"category's point", func(c *queue.Config) { c.Categories[2].Points = []queue.PointID{"main", "hall"} }, "categories[2].points[1] unknown"},
		{"nobody serves it", func(c *queue.Config) { c.Counters[1].Skills = []queue.CategoryID{"B"} }, "categories[2].points[0] unserved_at"},
		{"nobody serves it anywhere", func(c *queue.Config) {
			c.Categories = append(c.Categories, queue.Category{ID: "X", Name: queue.Text{"vi": "X"}, Series: "A", Minutes: 5})
		}, "categories[3].id unserved"},
		{"nobody serves it there", func(c *queue.Config) { c.Categories[2].Points = []queue.PointID{"main", "annex"} }, "categories[2].points[1] unserved_at"},
		{"category's session", func(c *queue.Config) { c.Categories[0].Sessions[1] = "night" }, "categories[0].sessions[1] unknown"},
		{"category's session twice", func(c *queue.Config) { c.Categories[0].Sessions[1] = "morning" }, "categories[0].sessions[1] twice"},
		{"two for results", func(c *queue.Config) { c.Categories[1].Results = true }, "categories[2].results results_twice"},
		{"one for results in each hall", func(c *queue.Config) {
			c.Categories[1].Results, c.Categories[1].Points = true, []queue.PointID{"annex"}
			c.Categories[0].Then = nil
		}, ""},
		{"leg", func(c *queue.Config) { c.Categories[0].Then[0] = "X" }, "categories[0].then[0] unknown"},
		{"itself as a leg", func(c *queue.Config) { c.Categories[0].Then[0] = "A" }, "categories[0].then[0] leg_repeated; categories[0].then[1] leg_repeated"},
		{"too many legs", func(c *queue.Config) { c.Categories[0].Then = []queue.CategoryID{"B", "A", "B", "A", "B", "A", "B"} }, "categories[0].then too_many"},
		{"leg elsewhere", func(c *queue.Config) { c.Categories[1].Then = []queue.CategoryID{"R"} }, "categories[1].then[0] leg_away"},
		{"leg elsewhere under one count", func(c *queue.Config) {
			c.Categories[1].Then = []queue.CategoryID{"R"}
			c.Series[1].AcrossPoints = true
		}, ""},
		{"normal head start", func(c *queue.Config) { c.Classes[0].HeadStart = 5 }, "classes[0].head_start normal_start"},
		{"normal button", func(c *queue.Config) { c.Classes[0].Button = true }, "classes[0].button normal_button"},
		{"no normal class", func(c *queue.Config) { c.Classes = c.Classes[1:] }, "classes no_normal"},
		{"head start", func(c *queue.Config) { c.Classes[1].HeadStart = 500 }, "classes[1].head_start range_or"},
		{"strict", func(c *queue.Config) { c.Classes[1].HeadStart = queue.Strict }, ""},
		{"strict without guard", func(c *queue.Config) { c.Classes[1].HeadStart, c.Routing.Guard = queue.Strict, 0 }, "routing.guard guard_off"},
		{"appointment before priority", func(c *queue.Config) { c.Classes[2].HeadStart = 61 }, "classes[2].head_start range"},
		{"appointment alone", func(c *queue.Config) {
			c.Classes = slices.Delete(c.Classes, 1, 2)
			c.Classes[1].HeadStart = 61
		}, ""},
		{"granted by a machine", func(c *queue.Config) { c.Classes[1].Grant[0] = queue.Kiosk }, "classes[1].grant[0] button_role"},
		{"granted by nobody known", func(c *queue.Config) { c.Classes[1].Grant[0] = "board" }, "classes[1].grant[0] role"},
		{"counter's number twice", func(c *queue.Config) { c.Counters[1].Number = 1 }, "counters[1].number twice"},
		{"counter's point", func(c *queue.Config) { c.Counters[0].Point = "roof" }, "counters[0].point unknown"},
		{"skill twice", func(c *queue.Config) { c.Counters[0].Skills[1] = "A" }, "counters[0].skills[1] twice"},
		{"skill", func(c *queue.Config) { c.Counters[0].Skills = append(c.Counters[0].Skills, "X") }, "counters[0].skills[2] unknown"},
		{"policy", func(c *queue.Config) { c.Routing.Policy = "apq" }, "routing.policy policy"},
		{"by arrival", func(c *queue.Config) { c.Routing.Policy = queue.PolicyArrival }, ""},
		{"window", func(c *queue.Config) { c.Routing.Window = 11 }, "routing.window range"},
		{"guard", func(c *queue.Config) { c.Routing.Guard = 20 }, "routing.guard range_or"},
		{"late", func(c *queue.Config) { c.Routing.Late = 61 }, "routing.late range"},
		{"propose", func(c *queue.Config) { c.Calls.Propose = 11 }, "calls.propose range"},
		{"undo", func(c *queue.Config) { c.Calls.UndoWithin = 61 }, "calls.undo_within range"},
		{"session's id twice", func(c *queue.Config) { c.Sessions[2].ID = "morning" }, "sessions[2].id twice"},
		{"session's name", func(c *queue.Config) { c.Sessions[2].Name = nil }, "sessions[2].name words"},
		{"session without days", func(c *queue.Config) { c.Sessions[2].Days = nil }, "sessions[2].days empty"},
		{"weekday", func(c *queue.Config) { c.Sessions[2].Days[0] = "Sat" }, "sessions[2].days[0] weekday"},
		{"weekday twice", func(c *queue.Config) { c.Sessions[2].Days = []queue.Weekday{"sat", "sat"} }, "sessions[2].days[1] twice"},
		{"time", func(c *queue.Config) { c.Sessions[0].From, c.Sessions[1].To = "7:30", "24:00" }, "sessions[0].from time; sessions[1].to time"},
		{"order", func(c *queue.Config) { c.Sessions[0].To = "07:30" }, "sessions[0].to order"},
		{"night", func(c *queue.Config) { c.Sessions[0].From = "02:59" }, "sessions[0].from before_day"},
		{"doors", func(c *queue.Config) { c.Sessions[0].Doors = 181 }, "sessions[0].doors range"},
		{"cut-off", func(c *queue.Config) { c.Sessions[0].CutOff = -1 }, "sessions[0].cut_off range"},
		{"nothing left", func(c *queue.Config) { c.Sessions[2].To, c.Sessions[2].CutOff = "08:30", 60 }, "sessions[2].cut_off cut_off"},
		{"sessions overlap", func(c *queue.Config) { c.Sessions[1].From = "11:29" }, "sessions[1].from overlap"},
		{"sessions touch", func(c *queue.Config) { c.Sessions[1].From = "11:30" }, ""},
		{"date", func(c *queue.Config) { c.Holidays[0].From = "2027-02-30" }, "holidays[0].from date"},
		{"holiday backwards", func(c *queue.Config) { c.Holidays[1].To = "2027-02-03" }, "holidays[1].to order"},
		{"holiday of one day", func(c *queue.Config) { c.Holidays[1].To = c.Holidays[1].From }, ""},
		{"holiday's name", func(c *queue.Config) { c.Holidays[1].Name = queue.Text{"en": "New Year"} }, "holidays[1].name words"},
		{"extra day", func(c *queue.Config) {
			c.ExtraDays = append(c.ExtraDays, queue.ExtraDay{Day: "2027-02-13", As: "holiday"}, queue.ExtraDay{Day: "13.2.", As: "mon"})
		}, "extra_days[1].day twice; extra_days[1].as weekday; extra_days[2].day date"},
		{"quota of nothing", func(c *queue.Config) { c.Quotas[0].Category, c.Quotas[0].Session = "X", "night" }, "quotas[0].category unknown; quotas[0].session unknown"},
		{"quota nowhere", func(c *queue.Config) { c.Quotas[1].Point = "roof" }, "quotas[1].point unknown"},
		{"quota where it is not", func(c *queue.Config) { c.Quotas[1].Category = "R" }, "quotas[1].point not_offered"},
		{"quota twice", func(c *queue.Config) { c.Quotas[1].Point = "" }, "quotas[1].category twice"},
		{"dossiers", func(c *queue.Config) { c.Quotas[1].Dossiers = 0 }, "quotas[1].dossiers range"},
		{"break of nobody", func(c *queue.Config) { c.Breaks[0].Counter = "9" }, "breaks[0].counter unknown"},
		{"break's day", func(c *queue.Config) { c.Breaks[0].Days = []queue.Weekday{"every"} }, "breaks[0].days[0] weekday"},
		{"break's reason", func(c *queue.Config) { c.Breaks[0].Reason = "smoking" }, "breaks[0].reason pause"},
		{"break backwards", func(c *queue.Config) { c.Breaks[0].To = "11:00" }, "breaks[0].to order"},
		{"breaks overlap", func(c *queue.Config) { c.Breaks[1].To = "12:00" }, "breaks[1].from overlap"},
		{"breaks of every day overlap", func(c *queue.Config) {
			c.Breaks = append(c.Breaks, queue.Break{Counter: "1", From: "09:40", To: "10:00"})
		}, "breaks[3].from overlap"},
		{"breaks on other days", func(c *queue.Config) {
			c.Breaks[0].From, c.Breaks[1].Days = "09:40", []queue.Weekday{"sun"}
		}, ""},
		{"capacity", func(c *queue.Config) { c.Appointments.Capacity = 1000 }, "appointments.capacity range"},
		{"agents' bound", func(c *queue.Config) { c.Agents.Above = 0 }, "agents.above range"},
		{"agents' category", func(c *queue.Config) { c.Agents.Category = "X" }, "agents.category unknown"},
		{"agents without category", func(c *queue.Config) { c.Agents.Category = "" }, "agents.category empty"},
		{"no agents", func(c *queue.Config) { c.Agents = queue.Agents{} }, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := fullCentre()
			c.spoil(&cfg)
			var got []string
			for _, p := range cfg.Check() {
				got = append(got, p.Field+" "+p.Code)
				produced[p.Code] = true
				if p.Msg == "" || p.Hint == "" || strings.Contains(p.String(), "%!") || strings.Contains(p.Hint, " .") {
					t.Errorf("ill-worded: %s", p)
				}
				for _, l := range []string{"vi", "en", "de"} {
					for _, key := range []string{"problem." + p.Code, "problem." + p.Code + ".hint"} {
						if s := faces.Text(l, key, p.Values()); s == key || strings.ContainsAny(s, "{}") {
							t.Errorf("in %s: %s", l, s)
						}
					}
				}
			}
			if d := cmp.Diff(c.want, strings.Join(got, "; ")); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
		})
	}
	for _, code := range queue.FlawCodes() {
		if !produced[code] {
			t.Errorf("no mistake here is %q", code)
		}
		delete(produced, code)
	}
	if len(produced) > 0 {
		t.Errorf("not among FlawCodes: %v", produced)
	}
}

// All mistakes are found at once, whatever they are.
func TestCheckFindsAllAtOnce(t *testing.T) {
	c := fullCentre()
	c.Centre.ID = ""
	c.Series[0].From = -1
	c.Categories[1].Minutes = 500
	c.Classes[1].Grant = []queue.Role{"king"}
	c.Counters[2].Skills = nil
	c.Calls.NoShowCalls = 0
	c.Sessions[0].From = "morning"
	c.ExtraDays[0].As = ""
	c.Quotas[0].Dossiers = 10_000
	c.Breaks[2].Counter = "2a"
	p := c.Check()
	for _, field := range []string{"centre.id", "series[0].from", "categories[1].minutes", "classes[1].grant[0]", "counters[2].skills",
		"calls.no_show_calls", "sessions[0].from", "extra_days[0].as", "quotas[0].dossiers", "breaks[2].counter"} {
		if !slices.ContainsFunc(p, func(p queue.Problem) bool { return p.Field == field }) {
			t.Errorf("%s is not among\n%v", field, p)
		}
	}
}

// What is draining was checked when it was applied, and its successor may
// already have its number or prefix.
func TestCheckLetsDrain(t *testing.T) {
	c := fullCentre()
	c.Points = append(c.Points, queue.Point{ID: "old", Draining: true})
	c.Series = append(c.Series, queue.Series{ID: "A-old", Prefix: "A", From: 1, To: 999, Draining: true})
	c.Categories = append(c.Categories, queue.Category{ID: "X", Name: queue.Text{"vi": "X"}, Series: "A-old", Minutes: 5,
		Points: []queue.PointID{"old", "gone"}, Then: []queue.CategoryID{"R", "gone"}, Sessions: []queue.SessionID{"gone"}, Results: true, Draining: true})
	c.Counters = append(c.Counters, queue.Desk{ID: "old-1", Number: 1, Point: "main", Draining: true})
	if p := c.Check(); len(p) > 0 {
		t.Errorf("%v", p)
	}
	// Nothing relies on what drains.
	c.Counters[1].Draining = true
	want := "categories[2].points[0] unserved_at"
	var got []string
	for _, p := range c.Check() {
		got = append(got, fmt.Sprintf("%s %s", p.Field, p.Code))
	}
	if d := cmp.Diff(want, strings.Join(got, "; ")); d != "" {
		t.Error(d)
	}
}
