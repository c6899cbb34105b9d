package web

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestStoryOfEveryEvent wants a sentence for each type of event that may be in
// a journal, with the arguments that DESIGN.md lists, in every language.
func TestStoryOfEveryEvent(t *testing.T) {
	w, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := w.built.catalogue

	source, err := os.ReadFile("../../queue/event.go")
	if err != nil {
		t.Fatal(err)
	}
	types := regexp.MustCompile(`EventType\(\) string\s*{ return "([a-z_.]+)\.v\d+" }`).FindAllSubmatch(source, -1)
	if len(types) < 30 {
		t.Fatalf("only %d types of events found", len(types))
	}
	for _, x := range types {
		if key := "story." + string(x[1]); c.texts["vi"][key] == nil {
			t.Errorf("there is no %s", key)
		}
	}

	design, err := os.ReadFile("DESIGN.md")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string][]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `(story\\.[a-z_.]+)` \\|(.*)\\|$").FindAllSubmatch(design, -1) {
		var args []string
		for _, a := range regexp.MustCompile("`([a-z_]+)`").FindAllSubmatch(row[2], -1) {
			args = append(args, string(a[1]))
		}
		slices.Sort(args)
		listed[string(row[1])] = slices.Compact(args)
	}
	for _, key := range c.area["vi"]["story"] {
		var args []string
		for _, a := range c.texts["vi"][key].args() {
			name, _, _ := strings.Cut(a, " ")
			args = append(args, name)
		}
		got, ok := listed[key]
		if !ok || !slices.Equal(got, args) {
			t.Errorf("%s takes %v, DESIGN.md lists %v", key, args, got)
		}
		delete(listed, key)
	}
	for key := range listed {
		t.Errorf("DESIGN.md lists %s, which is no text", key)
	}
}

// TestStorySentences reads sentences with choices in them as a person would.
func TestStorySentences(t *testing.T) {
	w, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		key  string
		args map[string]any
		want [3]string // vi, en, de
	}{
		{"ticket.issued", map[string]any{"label": "A042", "category": "Chứng thực", "entry": "direct"}, [3]string{
			"Tiếp nhận tại quầy không lấy số, ghi là A042: lĩnh vực Chứng thực.", "A042 was taken at the counter without a slip: Chứng thực.", "A042 wurde am Schalter ohne Bon angenommen: Chứng thực."}},
		{"ticket.issued.ahead", map[string]any{"n": 1}, [3]string{
			"Lúc đó có 1 người phía trước trong lĩnh vực này.", "1 person was ahead in that category then.", "1 Person war damals in diesem Bereich davor."}},
		{"ticket.finished", map[string]any{"label": "A042", "counter": 3, "outcome": "done"}, [3]string{
			"Quầy 3 hoàn thành số A042.", "Counter 3 finished A042.", "Schalter 3 schloss A042 ab."}},
		{"ticket.transferred", map[string]any{"label": "A042", "bound": "no", "category": "Đất đai", "mode": "last", "at": "09:30"}, [3]string{
			"Số A042 được chuyển đến lĩnh vực Đất đai; xếp cuối hàng, tính từ 09:30.", "A042 was transferred to Đất đai; it goes to the end there and counts from 09:30.", "A042 wurde weitergeleitet an Đất đai; die Nummer kommt dort ans Ende und zählt ab 09:30."}},
		{"ticket.undone", map[string]any{"label": "A042", "has": "yes", "counter": 3, "undone": "ticket.no_show", "state": "called"}, [3]string{
			"Quầy 3 hoàn tác việc ghi vắng mặt của số A042; số được gọi như trước.", "Counter 3 undid the no-show of A042; it is called again as before.", "Schalter 3 machte rückgängig: „nicht erschienen“ von A042; die Nummer ist aufgerufen wie vorher."}},
		{"ticket.undone", map[string]any{"label": "A042", "has": "no", "undone": "ticket.class_set", "state": "waiting"}, [3]string{
			"Hoàn tác việc ghi diện của số A042; số chờ như trước.", "Undone was the grant of a class of A042; it is waiting again.", "Rückgängig gemacht: Vorrangklasse von A042; die Nummer wartet wieder."}},
		{"counter.paused", map[string]any{"counter": 2, "planned": "yes", "reason": "lunch", "has": "yes", "until": "13:30"}, [3]string{
			"Quầy 2 tạm nghỉ theo kế hoạch: nghỉ trưa, đến 13:30.", "Counter 2 paused as planned: lunch, until 13:30.", "Schalter 2 macht Pause nach Plan: Mittagspause, bis 13:30."}},
		{"ticket.expired", map[string]any{"label": "A042", "missed": "yes"}, [3]string{
			"Hết ngày, số A042 hết hiệu lực; tính là vắng mặt.", "At the end of the day A042 expired; it counts as a no-show.", "Am Ende des Tages verfiel A042; die Nummer zählt als nicht erschienen."}},
	} {
		for i, lang := range []string{"vi", "en", "de"} {
			if got := w.Text(lang, "story."+c.key, c.args); got != c.want[i] {
				t.Errorf("%s %s\n got %q\nwant %q", lang, c.key, got, c.want[i])
			}
		}
	}
}
