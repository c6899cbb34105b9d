package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"motcua/queue"
	"motcua/queue/queuetest"
)

var update = flag.Bool("update", false, "write what a journal newly kept in testdata/journals means")

// TestReleasedJournals: every journal of an earlier release replays, and means
// what it meant then. What it means stands beside it and is never written anew
// for a journal that has been released.
func TestReleasedJournals(t *testing.T) {
	files, err := filepath.Glob("../../testdata/journals/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatalf("no released journal: %v", err)
	}
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".jsonl"), func(t *testing.T) {
			in, err := os.Open(name)
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			f := newFold("export", name, nil)
			for r, err := range readLines(name, in) {
				if err != nil {
					t.Fatal(err)
				}
				if err := f.add(r); err != nil {
					t.Fatal(err)
				}
			}
			if wrong := queuetest.Invariants(f.state); wrong != nil {
				t.Error(wrong)
			}
			got := meaning(f.state)
			golden := strings.TrimSuffix(name, ".jsonl") + ".txt"
			if _, err := os.Stat(golden); err != nil && *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got); d != "" {
				t.Errorf("%s means something else now (-then +now):\n%s", name, d)
			}
		})
	}
}

// meaning is what an office knows at the end of a journal.
func meaning(s *queue.State) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d records, day %s, open %t\n", s.Pos.Seq, s.Day.ID, s.Day.Open)
	for i := range s.Counters {
		c := &s.Counters[i]
		fmt.Fprintf(&b, "counter %s %s served %d ticket %d\n", c.ID, c.State, c.Served, c.Ticket)
	}
	for i := range s.Tickets {
		t := &s.Tickets[i]
		fmt.Fprintf(&b, "%d %s %s %s %s %s counter %q calls %d returns %d issued %d arrival %d first %d served %d outcome %q slip %s\n", t.ID, t.Label, t.Point,
			t.Category, t.Class, t.State, t.Counter, t.Calls, t.Returns, t.Issued, t.Arrival, t.FirstCall, t.Served, t.Outcome, t.Slip)
	}
	for i := range s.Tickets { // since 0.2
		t := &s.Tickets[i]
		for _, l := range t.Past {
			fmt.Fprintf(&b, "%d leg %s at %s counter %s since %d called %d served %d %s\n", t.ID, l.Category, l.Point, l.Counter, l.Since, l.FirstCall, l.Served, l.Outcome)
		}
		if t.Session != "" || t.Slot != 0 || t.Claim != "" || len(t.Next) > 0 || t.Rebooked != "" || t.NotThere {
			fmt.Fprintf(&b, "%d of %s session %q slot %d claim %q next %v rebooked %q not there %t dossiers %d\n", t.ID, t.Origin, t.Session, t.Slot,
				t.Claim, t.Next, t.Rebooked, t.NotThere, t.Dossiers)
		}
	}
	for _, r := range s.Rolls { // since 0.3
		fmt.Fprintf(&b, "roll of %q at %s from %s next %s open %t self %t\n", r.Category, r.Point, r.Label(r.First), r.Upcoming(), r.Open, r.Self)
	}
	for _, a := range s.Appointments {
		fmt.Fprintf(&b, "appointment %s at %d %s %s %s ticket %d\n", a.Code, a.Slot, a.Category, a.Point, a.State, a.Ticket)
	}
	for _, c := range s.Series {
		fmt.Fprintf(&b, "series %s at %s: %d\n", c.Series, c.Point, c.Last)
	}
	return b.String()
}
