package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"motcua/queue"
)

type replayCmd struct {
	data `embed:""`
	File string `help:"Replay an export instead of a journal; - = standard input." placeholder:"export.jsonl"`
}

func (c *replayCmd) Run(io *console) error {
	if c.File != "" {
		return c.file(io)
	}
	j, err := c.open(io.ctx)
	if err != nil {
		return err
	}
	defer j.Close()
	// Read before the records, so that it never stands after them.
	snap, note := readSnapshot(c.Data, j.Epoch())
	f := newFold(j.Epoch(), "journal in "+c.Data, snap)
	if err := f.all(io.ctx, j.Records(io.ctx, 1)); err != nil {
		return broken(c.Data, err)
	}
	if err := f.print(io); err != nil {
		return err
	}
	if note != "" {
		fmt.Fprintf(io.out, "snapshot    %s\n", note)
		return nil
	}
	if err := f.compared(c.Data); err != nil {
		return err
	}
	fmt.Fprintf(io.out, "snapshot    at record %d: equal, byte for byte\n", snap.seq)
	return nil
}

func (c *replayCmd) file(io *console) error {
	in, name := io.in, "standard input"
	if c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return fmt.Errorf("open export: %w", err)
		}
		defer f.Close()
		in, name = f, c.File
	}
	f := newFold("export", name, nil)
	if err := f.all(io.ctx, readLines(name, in)); err != nil {
		return err
	}
	return f.print(io)
}

// fold rebuilds a state from the first record on, verifying the chain.
type fold struct {
	source      string
	state       *queue.State
	types       map[string]int
	first, last time.Time
	elapsed     time.Duration

	snap   *snapshot
	differ bool // the state at the snapshot's position is not the snapshot
	met    bool // that position was passed
}

func newFold(epoch, source string, snap *snapshot) *fold {
	return &fold{source: source, state: queue.NewState(epoch), types: make(map[string]int), snap: snap}
}

func (f *fold) all(ctx context.Context, records iter.Seq2[queue.Record, error]) error {
	began := time.Now()
	for r, err := range records {
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("replay: %w", err)
		}
		if err := f.add(r); err != nil {
			return err
		}
	}
	f.elapsed = time.Since(began)
	return nil
}

func (f *fold) add(r queue.Record) error {
	const again = "the records before it are sound; export them anew, or restore the newest verified backup"
	want := f.state.Pos.Seq + 1
	switch {
	case r.Seq != want && want == 1:
		return fmt.Errorf("replay %s: it begins at record %d, and a state is built from record 1: export without --from", f.source, r.Seq)
	case r.Seq != want:
		return &finding{fmt.Sprintf("%s is broken: record %d is missing, the next one is %d", f.source, want, r.Seq), again}
	case queue.ChainHash(f.state.Pos.Hash, &r, r.Event.EventType()) != r.Hash:
		return &finding{fmt.Sprintf("%s is broken at record %d: it does not match its hash, so it or the record before it was changed after it was written", f.source, r.Seq), again}
	}
	if err := f.state.Apply(r); err != nil {
		return &finding{fmt.Sprintf("%s is broken at record %d: %v", f.source, r.Seq, err), again}
	}
	if want == 1 {
		f.first = r.At
	}
	f.last = r.At
	f.types[r.Event.EventType()]++
	if f.snap != nil && f.snap.seq == r.Seq {
		b, err := f.state.Snapshot()
		if err != nil {
			return fmt.Errorf("replay: %w", err)
		}
		f.met, f.differ = true, !bytes.Equal(b, f.snap.state)
	}
	return nil
}

// print tells what was replayed; a state that breaks an invariant is an error.
func (f *fold) print(io *console) error {
	s := f.state
	n := int(s.Pos.Seq)
	if n == 0 {
		fmt.Fprintf(io.out, "%s holds no records\n", f.source)
		return nil
	}
	fmt.Fprintf(io.out, "replayed    %d records of %s in %s (%.0f a second)\n", n, f.source, f.elapsed.Round(time.Microsecond), float64(n)/f.elapsed.Seconds())
	fmt.Fprintf(io.out, "time        %s to %s\n", local(f.first), local(f.last))
	fmt.Fprintf(io.out, "head        %d %x\n", s.Pos.Seq, s.Pos.Hash)
	for _, t := range queue.EventTypes() {
		if f.types[t] > 0 {
			fmt.Fprintf(io.out, "  %-22s %d\n", t, f.types[t])
		}
	}
	day := "none"
	if s.Day.ID != "" {
		day = string(s.Day.ID) + ", closed"
		if s.Day.Open {
			day = string(s.Day.ID) + ", open"
		}
	}
	fmt.Fprintf(io.out, "day         %s\n", day)
	fmt.Fprintf(io.out, "tickets     %s\n", tally(len(s.Tickets), []queue.TicketState{queue.Waiting, queue.Called, queue.Serving,
		queue.Parked, queue.Missed, queue.Finished, queue.Cancelled, queue.Expired}, func(i int) queue.TicketState { return s.Tickets[i].State }))
	fmt.Fprintf(io.out, "counters    %s\n", tally(len(s.Counters), []queue.CounterState{queue.CounterIsOpen, queue.CounterIsPaused,
		queue.CounterIsClosed}, func(i int) queue.CounterState { return s.Counters[i].State }))
	if wrong := unsound(s); len(wrong) > 0 {
		return &finding{
			what:   "the state of " + f.source + " is impossible:\n  " + strings.Join(wrong, "\n  "),
			remedy: "keep the folder as it is, and report these lines together with an export",
		}
	}
	fmt.Fprintln(io.out, "invariants  hold")
	return nil
}

func tally[S ~string](n int, order []S, state func(int) S) string {
	counts := make(map[S]int)
	for i := range n {
		counts[state(i)]++
	}
	var parts []string
	for _, s := range order {
		if counts[s] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[s], s))
		}
	}
	if len(parts) == 0 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%d: %s", n, strings.Join(parts, ", "))
}

// compared says what a snapshot that differs means.
func (f *fold) compared(dir string) error {
	if f.met && !f.differ {
		return nil
	}
	what := fmt.Sprintf("the snapshot at record %d is not the state the records lead to", f.snap.seq)
	if !f.met {
		what = fmt.Sprintf("the snapshot stands at record %d and the journal ends at %d", f.snap.seq, f.state.Pos.Seq)
	}
	return &finding{what, fmt.Sprintf("stop motcuad, remove %s and start it again: the snapshot is a cache and the records decide;\n"+
		"if motcua and motcuad are of one release, report it with an export", filepath.Join(dir, snapshotName))}
}

const snapshotName = "centre.snapshot"

// snapshot is the daemon's cache of a state, as bytes: the journal itself only
// takes one of the very same program.
type snapshot struct {
	seq   queue.Seq
	state []byte
}

// readSnapshot returns the folder's snapshot, or why there is none to compare.
func readSnapshot(dir, epoch string) (_ *snapshot, note string) {
	b, err := os.ReadFile(filepath.Join(dir, snapshotName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "none there"
	}
	if err != nil {
		return nil, "not compared: " + err.Error()
	}
	head, state, _ := bytes.Cut(b, []byte{'\n'})
	var h struct {
		Format int       `json:"format"`
		Epoch  string    `json:"epoch"`
		Seq    queue.Seq `json:"seq"`
		Hash   string    `json:"hash"`
		Size   int       `json:"size"`
	}
	switch err := json.Unmarshal(head, &h); {
	case err != nil:
		return nil, "not compared: its header can't be read: " + err.Error()
	case h.Format != 1:
		return nil, fmt.Sprintf("not compared: it has format %d, this release reads 1", h.Format)
	case h.Epoch != epoch:
		return nil, "not compared: it is of another journal"
	case h.Size != len(state):
		return nil, "not compared: its bytes are damaged; the daemon passes over it"
	}
	if b, err := hex.DecodeString(h.Hash); err != nil || len(b) != 32 {
		return nil, "not compared: its header holds no hash"
	}
	return &snapshot{h.Seq, state}, ""
}

// unsound names everything that is impossible in a state: what queue's
// property tests hold it to, as far as an operator's journal can show it.
func unsound(s *queue.State) []string {
	var wrong []string
	bad := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	holders := make(map[queue.TicketID][]queue.CounterID)
	for i := range s.Counters {
		if c := &s.Counters[i]; c.Ticket != 0 {
			holders[c.Ticket] = append(holders[c.Ticket], c.ID)
			if s.Ticket(c.Ticket) == nil {
				bad("counter %s holds ticket %d, which is none of today", c.ID, c.Ticket)
			}
		}
	}
	waiting := make(map[queue.TicketID]int)
	for t := range s.View().EachWaiting {
		waiting[t.ID]++
	}
	labels := make(map[string]queue.TicketID)
	for i := range s.Tickets {
		t := &s.Tickets[i]
		at := holders[t.ID]
		switch {
		case len(at) > 1:
			bad("%s is at counters %v", t.Label, at)
		case t.State.Held() && !slices.Contains(at, t.Counter):
			bad("%s is %s and counter %s does not hold it", t.Label, t.State, t.Counter)
		case !t.State.Held() && len(at) > 0:
			bad("%s is %s and counter %s holds it", t.Label, t.State, at[0])
		}
		want := 0
		if t.State == queue.Waiting {
			want = 1
		}
		if waiting[t.ID] != want {
			bad("%s is %s and stands %d times in the queue", t.Label, t.State, waiting[t.ID])
		}
		key := string(t.Point) + " " + t.Label
		if o, twice := labels[key]; twice {
			bad("%s names tickets %d and %d", t.Label, o, t.ID)
		}
		labels[key] = t.ID
		if !s.Day.Open && !t.State.Over() {
			bad("the day is closed and %s is %s", t.Label, t.State)
		}
	}
	return wrong
}
