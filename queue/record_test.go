package queue_test

import (
	"encoding/json"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"motcua/queue"
	"motcua/queue/queuetest"
	"motcua/router"
)

// TestEventsAreListed: doc.go names every event with all its fields, and nothing else.
func TestEventsAreListed(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for _, m := range regexp.MustCompile(`(?m)^//\t([a-z_]+\.[a-z_]+\.v\d+) .*((?:\n//\t    .*)*)`).FindAllSubmatch(doc, -1) {
		fields := regexp.MustCompile(`[a-z_]+`).FindAllString(string(m[2]), -1)
		listed = append(listed, string(m[1])+": "+strings.Join(fields, " "))
	}
	var want []string
	for _, name := range queue.EventTypes() {
		e, err := queue.DecodeEvent(name, []byte("{}"))
		if err != nil {
			t.Fatal(err)
		}
		var fields []string
		for f := range reflect.TypeOf(e).Fields() {
			field, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			fields = append(fields, field)
		}
		want = append(want, name+": "+strings.Join(fields, " "))
	}
	if d := cmp.Diff(want, listed); d != "" {
		t.Errorf("doc.go (-events +listed):\n%s", d)
	}
}

// TestRecordsSurviveTheirCoding: what is stored is what happened, for every
// event random days bring forth.
func TestRecordsSurviveTheirCoding(t *testing.T) {
	seen := map[string]bool{}
	rapid.Check(t, func(t *rapid.T) {
		b := queuetest.OpenBook(router.HeadStart{})
		for range 200 {
			b.Pass(time.Duration(rapid.SampledFrom([]int{1, 5, 5, 40, 40, 100, 100, 3600}).Draw(t, "pass")) * time.Second)
			b.Do(queuetest.Command(t, b.State))
		}
		var before [32]byte
		for _, r := range b.Records {
			e, err := queue.DecodeEvent(r.Event.EventType(), r.Data)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(r.Event, e); d != "" {
				t.Fatalf("%s (-made +read):\n%s", r.Event.EventType(), d)
			}
			if got := queue.ChainHash(before, &r, r.Event.EventType()); got != r.Hash {
				t.Fatalf("record %d does not chain", r.Seq)
			}
			before = r.Hash
			seen[r.Event.EventType()] = true
		}
	})
	for _, name := range queue.EventTypes() {
		if !seen[name] {
			t.Errorf("no random day brought forth %s", name)
		}
	}
}

// TestChainNoticesEveryField: no part of a record may change unnoticed.
func TestChainNoticesEveryField(t *testing.T) {
	b := queuetest.OpenBook(nil)
	r := b.Records[0]
	r.Key, r.KeySum = "key", 7
	if err := r.Seal([32]byte{1}); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*queue.Record){
		"seq":   func(r *queue.Record) { r.Seq++ },
		"at":    func(r *queue.Record) { r.At = r.At.Add(1_000_000) },
		"boot":  func(r *queue.Record) { r.Boot += "x" },
		"mono":  func(r *queue.Record) { r.Mono++ },
		"clock": func(r *queue.Record) { r.ClockOK = !r.ClockOK },
		"actor": func(r *queue.Record) { r.Actor, r.Boot = r.Boot, r.Actor },
		"key":   func(r *queue.Record) { r.Key = "kez" },
		"sum":   func(r *queue.Record) { r.KeySum = 8 },
		"data":  func(r *queue.Record) { r.Data = append(slices.Clone(r.Data), ' ') },
	} {
		changed := r
		change(&changed)
		if queue.ChainHash([32]byte{1}, &changed, r.Event.EventType()) == r.Hash {
			t.Errorf("a changed %s goes unnoticed", name)
		}
	}
	if queue.ChainHash([32]byte{2}, &r, r.Event.EventType()) == r.Hash {
		t.Error("another past goes unnoticed")
	}
	if queue.ChainHash([32]byte{1}, &r, "day.opened.v1") == r.Hash {
		t.Error("another type goes unnoticed")
	}
}

func TestStrangeEventsAreRefused(t *testing.T) {
	for _, c := range []struct{ name, kind, data string }{
		{"a type of a newer release", "ticket.teleported.v1", `{}`},
		{"a field of a newer release", "ticket.started.v1", `{"ticket":1,"label":"A001","counter":"1","mood":"good"}`},
		{"no JSON", "ticket.started.v1", `{`},
		{"a bad ref", "ticket.issued.v1", `{"ref":"AA"}`},
	} {
		if e, err := queue.DecodeEvent(c.kind, []byte(c.data)); err == nil {
			t.Errorf("%s is read as %#v", c.name, e)
		}
	}
}

// TestSameCommandSameSum: what a retry draws anew is no part of the command.
func TestSameCommandSameSum(t *testing.T) {
	a := queue.SumCommand(queue.Issue{Category: "A", Ref: queue.Ref{1}})
	if a != queue.SumCommand(queue.Issue{Category: "A", Ref: queue.Ref{2}}) {
		t.Error("another ref makes another command")
	}
	if a == queue.SumCommand(queue.Issue{Category: "B"}) || a == queue.SumCommand(queue.CallNext{Counter: "A"}) {
		t.Error("different commands have one sum")
	}
}

// FuzzDecodeEvent: whatever stands in a journal, reading it ends well, and what
// can be read is written the same way again.
func FuzzDecodeEvent(f *testing.F) {
	b := queuetest.OpenBook(router.HeadStart{})
	id := b.Issue("A")
	b.Must(queue.CallNext{Counter: "1"})
	b.Must(queue.Start{Counter: "1", Ticket: id})
	for _, r := range b.Records {
		f.Add(r.Event.EventType(), r.Data)
	}
	f.Add("ticket.issued.v1", []byte(`{"ref":"AAAAAAAAAAAAAAAAAAAAAA"}`))
	f.Fuzz(func(t *testing.T, kind string, data []byte) {
		e, err := queue.DecodeEvent(kind, data)
		if err != nil {
			return
		}
		once, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		again, err := queue.DecodeEvent(kind, once)
		if err != nil {
			t.Fatalf("%s is not read again: %v", once, err)
		}
		if d := cmp.Diff(e, again); d != "" {
			t.Fatal(d)
		}
	})
}
