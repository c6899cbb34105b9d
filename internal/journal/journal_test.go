package journal_test

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"motcua/internal/journal"
	"motcua/queue"
	"motcua/queue/queuetest"
)

func snapshot(t testing.TB, s *queue.State) string {
	t.Helper()
	b, err := s.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestLoadReturnsWhatWasAppended(t *testing.T) {
	for _, n := range []int{10, 2047, 2048, 2049, 6500} { // around the readers' chunks
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			dir, o := written(t, n)
			j := open(t, dir, journal.Options{})
			state, info, err := j.Load(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if got, want := snapshot(t, state), snapshot(t, o.State); got != want {
				t.Errorf("loaded state\n%s\nwant\n%s", got, want)
			}
			if info.Records != len(o.Records) || info.Replayed != len(o.Records) || info.Snapshot != 0 || info.Position != o.State.Pos {
				t.Errorf("info is %+v for %d records", info, len(o.Records))
			}
			rep, err := j.Verify(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if rep.Records != len(o.Records) || rep.Position != o.State.Pos || rep.WrittenBy != "0.1" || rep.Types["ticket.issued.v1"] != rep.Tickets || rep.Tickets == 0 {
				t.Errorf("report is %+v", rep)
			}
		})
	}
}

func TestRecordsStreamFromAnywhere(t *testing.T) {
	dir, o := written(t, 4500)
	j := open(t, dir, journal.Options{ReadOnly: true})
	for _, from := range []queue.Seq{0, 1, 2, 2048, 2049, 4097, queue.Seq(len(o.Records)), queue.Seq(len(o.Records) + 1)} {
		want := o.Records[min(max(from, 1)-1, queue.Seq(len(o.Records))):]
		var got []queue.Record
		for r, err := range j.Records(t.Context(), from) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, r)
		}
		if len(got) != len(want) {
			t.Fatalf("from %d: %d records, want %d", from, len(got), len(want))
		}
		for i := range got {
			if diff := cmp.Diff(want[i], got[i]); diff != "" {
				t.Fatalf("from %d: record %d (-want +got):\n%s", from, got[i].Seq, diff)
			}
		}
	}
	n := 0
	for range j.Records(t.Context(), 1) {
		if n++; n == 3 {
			break
		}
	}
	if n != 3 {
		t.Errorf("the stream went on for %d records after a break at 3", n)
	}
}

// keyed gives all records of one command the key and seals them again.
func keyed(t testing.TB, before [32]byte, recs []queue.Record, key string, sum uint64) []queue.Record {
	t.Helper()
	for i := range recs {
		recs[i].Key, recs[i].KeySum = key, sum
		if err := recs[i].Seal(before); err != nil {
			t.Fatal(err)
		}
		before = recs[i].Hash
	}
	return recs
}

func TestFindByKey(t *testing.T) {
	dir := folder(t)
	j := open(t, dir, journal.Options{})
	o := newOffice(j.Epoch())
	o.work(3000)
	// Keys on single records, and one on a run that crosses two parts of the index.
	groups := map[string][2]int{"first": {0, 1}, "wide": {1020, 2060}, "last": {len(o.Records) - 1, len(o.Records)}}
	var before [32]byte
	for i := 0; i < len(o.Records); {
		key, end := "", i+1
		for k, g := range groups {
			if g[0] == i {
				key, end = k, g[1]
			}
		}
		sum := uint64(1<<63) | uint64(i) // does not fit a signed integer
		if key == "" {
			sum = 0
		}
		keyed(t, before, o.Records[i:end], key, sum)
		before, i = o.Records[end-1].Hash, end
	}
	if err := j.Append(t.Context(), o.Records, nil); err != nil {
		t.Fatal(err)
	}
	look := func(t *testing.T) {
		t.Helper()
		got, err := j.Find(t.Context(), []string{"wide", "stranger", "first", "last", "'; --", ""})
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != len(groups) {
			t.Errorf("%d keys found, want %d", len(got), len(groups))
		}
		for k, g := range groups {
			if diff := cmp.Diff(o.Records[g[0]:g[1]], got[k]); diff != "" {
				t.Errorf("key %s (-want +got):\n%.2000s", k, diff)
			}
		}
	}
	look(t)
	if _, _, err := j.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	look(t) // now with the set of keys
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	j = open(t, dir, journal.Options{ReadOnly: true})
	look(t)
}

func TestAppendRefusesWhatDoesNotContinue(t *testing.T) {
	dir, o := written(t, 50)
	j := open(t, dir, journal.Options{})
	next := o.Must(queue.Issue{Category: "A"})[0]
	gap, forged := next, next
	gap.Seq++
	forged.Actor = "somebody else"
	for name, r := range map[string]queue.Record{"gap": gap, "repeat": o.Records[0], "forged": forged} {
		err := j.Append(t.Context(), []queue.Record{r}, nil)
		if !errors.Is(err, &queue.Error{Code: queue.Unavailable, Reason: queue.WhyNotStored}) {
			t.Errorf("%s: %v, want unavailable/not_stored", name, err)
		}
	}
	if err := j.Append(t.Context(), []queue.Record{next}, nil); err != nil {
		t.Errorf("the right record after the wrong ones: %v", err)
	}
}

func TestLabelNamesOneTicket(t *testing.T) {
	j := open(t, folder(t), journal.Options{})
	s := queue.NewState(j.Epoch())
	var recs []queue.Record
	for range 2 {
		r := queue.Record{Seq: s.Pos.Seq + queue.Seq(len(recs)) + 1, At: queuetest.Morning.UTC(), Boot: "b",
			Event: queue.TicketIssued{Label: "A042", Day: "2026-11-23", Point: "main"}}
		var before [32]byte
		if len(recs) > 0 {
			before = recs[len(recs)-1].Hash
		}
		if err := r.Seal(before); err != nil {
			t.Fatal(err)
		}
		recs = append(recs, r)
	}
	err := j.Append(t.Context(), recs, nil)
	if !errors.Is(err, &queue.Error{Code: queue.Unavailable, Reason: queue.WhyNotStored}) || !strings.Contains(err.Error(), "label A042 was already given out") {
		t.Errorf("got %v, want not_stored that names the label", err)
	}
	if head, err := j.Head(t.Context()); err != nil || head.Seq != 0 {
		t.Errorf("head is %d, %v after a refusal, want 0", head.Seq, err)
	}
	if err := j.Append(t.Context(), recs[:1], nil); err != nil {
		t.Error(err)
	}
}

func TestRecordsAreAppendOnly(t *testing.T) {
	dir, _ := written(t, 20)
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(dir, "centre.db")+"?mode=rw")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range []string{`UPDATE records SET actor = 'me' WHERE seq = 3`, `DELETE FROM records WHERE seq = 3`} {
		if _, err := db.Exec(s); err == nil || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s: %v, want a refusal that says append-only", s, err)
		}
	}
}

func TestTamperedChainIsFoundAtItsRecord(t *testing.T) {
	sound, o := written(t, 5000)
	const drop = `DROP TRIGGER records_no_update; DROP TRIGGER records_no_delete`
	for _, tc := range []struct {
		name, sql string
		seq       queue.Seq
	}{
		{"data", `UPDATE records SET data = replace(data, '"A', '"B') WHERE seq = (SELECT min(seq) FROM records WHERE type = 'ticket.issued.v1')`, 6},
		{"actor", `UPDATE records SET actor = 'x' WHERE seq = 3000`, 3000},
		{"clock", `UPDATE records SET at = at - 1 WHERE seq = 2048`, 2048},
		{"hash", `UPDATE records SET hash = zeroblob(32) WHERE seq = 2049`, 2049},
		{"key", `UPDATE records SET key = 'k' WHERE seq = 1`, 1},
		{"last", `UPDATE records SET mono = 7 WHERE seq = (SELECT max(seq) FROM records)`, 0},
		{"gap", `DELETE FROM records WHERE seq = 2500`, 2500},
		{"gap at a reader's border", `DELETE FROM records WHERE seq = 2048`, 2048},
		{"start missing", `DELETE FROM records WHERE seq < 5`, 1},
		{"two, the first is named", `UPDATE records SET actor = 'x' WHERE seq IN (4500, 4000)`, 4000},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := folder(t)
			if err := os.CopyFS(dir, os.DirFS(sound)); err != nil {
				t.Fatal(err)
			}
			want := tc.seq
			if want == 0 {
				want = queue.Seq(len(o.Records))
			}
			for _, withSnapshot := range []bool{false, true} {
				if withSnapshot {
					// A snapshot at the head must not hide it.
					j := open(t, dir, journal.Options{})
					if err := j.SaveSnapshot(t.Context(), []byte(snapshot(t, o.State)), o.State.Pos); err != nil {
						t.Fatal(err)
					}
					if err := j.Close(); err != nil {
						t.Fatal(err)
					}
				} else {
					sqlite(t, dir, drop, tc.sql)
				}
				j := open(t, dir, journal.Options{})
				_, _, err := j.Load(t.Context())
				var chain *journal.ChainError
				if !errors.As(err, &chain) {
					t.Fatalf("Load: %v, want a *ChainError", err)
				}
				if chain.Seq != want {
					t.Errorf("it names record %d, want %d: %v", chain.Seq, want, err)
				}
				if !strings.Contains(err.Error(), "motcua journal verify --data "+dir) {
					t.Errorf("%q does not name the command that helps", err)
				}
				if _, err := j.Verify(t.Context()); !errors.As(err, &chain) || chain.Seq != want {
					t.Errorf("Verify: %v, want a *ChainError at %d", err, want)
				}
				if err := j.Close(); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// A chain cut off at its end is sound in itself; the labels that stay behind
// tell of the tickets that were on paper.
func TestLostEndIsFound(t *testing.T) {
	dir, _ := written(t, 200)
	sqlite(t, dir, `DROP TRIGGER records_no_delete; DELETE FROM records WHERE seq > 100`)
	j := open(t, dir, journal.Options{})
	for name, err := range map[string]error{
		"Check":  j.Check(t.Context()),
		"Verify": func() error { _, err := j.Verify(t.Context()); return err }(),
	} {
		var chain *journal.ChainError
		if !errors.As(err, &chain) || chain.Seq != 101 {
			t.Errorf("%s: %v, want a *ChainError at 101", name, err)
		}
	}
}

func TestMissingLabelIsFoundByVerify(t *testing.T) {
	dir, _ := written(t, 100)
	sqlite(t, dir, `DELETE FROM labels WHERE ticket = (SELECT min(ticket) FROM labels)`)
	var chain *journal.ChainError
	if _, err := open(t, dir, journal.Options{}).Verify(t.Context()); !errors.As(err, &chain) {
		t.Errorf("got %v, want a *ChainError", err)
	}
}

// fromTheFuture is an event of a later release.
type fromTheFuture struct {
	queue.CounterOpened
	Robot bool `json:"robot"`
}

type unheardOf struct{}

func (unheardOf) EventType() string { return "ticket.teleported.v1" }

func TestNewerEventIsRefused(t *testing.T) {
	for _, e := range []queue.Event{unheardOf{}, fromTheFuture{CounterOpened: queue.CounterOpened{Counter: "1"}, Robot: true}} {
		t.Run(fmt.Sprintf("%T", e), func(t *testing.T) {
			dir, o := written(t, 50)
			j := open(t, dir, journal.Options{Release: "0.9"})
			last := o.Records[len(o.Records)-1]
			r := queue.Record{Seq: last.Seq + 1, At: last.At, Boot: "b", Event: e}
			if err := r.Seal(last.Hash); err != nil {
				t.Fatal(err)
			}
			if err := j.Append(t.Context(), []queue.Record{r}, nil); err != nil {
				t.Fatal(err)
			}
			if err := j.Close(); err != nil {
				t.Fatal(err)
			}
			j = open(t, dir, journal.Options{Release: "0.1"})
			_, _, err := j.Load(t.Context())
			var newer *journal.NewerError
			if !errors.As(err, &newer) {
				t.Fatalf("got %v, want a *NewerError", err)
			}
			if newer.Seq != r.Seq || newer.Type != e.EventType() || newer.Release != "0.9" {
				t.Errorf("got record %d (%s) of release %q, want %d (%s) of 0.9", newer.Seq, newer.Type, newer.Release, r.Seq, e.EventType())
			}
			// Refused by an older program, it stays the newer one's journal.
			if err := j.Close(); err != nil {
				t.Fatal(err)
			}
			_, _, err = open(t, dir, journal.Options{Release: "0.1"}).Load(t.Context())
			if !errors.As(err, &newer) || newer.Release != "0.9" {
				t.Errorf("the second try says %v, want release 0.9 named still", err)
			}
		})
	}
}

func TestSnapshotSparesTheReplay(t *testing.T) {
	dir, o := written(t, 3000)
	j := open(t, dir, journal.Options{})
	if err := j.SaveSnapshot(t.Context(), []byte(snapshot(t, o.State)), o.State.Pos); err != nil {
		t.Fatal(err)
	}
	at := o.State.Pos.Seq
	tail := append(o.Must(queue.Issue{Category: "A"}), o.Must(queue.Issue{Category: "B"})...)
	if err := j.Append(t.Context(), tail, nil); err != nil {
		t.Fatal(err)
	}
	state, info, err := j.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if info.Snapshot != at || info.Replayed != 2 || info.Records != len(o.Records) || info.Ignored != "" {
		t.Errorf("info is %+v, want a replay of 2 after %d", info, at)
	}
	if got, want := snapshot(t, state), snapshot(t, o.State); got != want {
		t.Errorf("state from the snapshot\n%s\nwant\n%s", got, want)
	}
	// What only the index of a state knows must be there too.
	if _, err := state.Decide(queue.CallNext{Counter: "1"}, queue.Env{Now: o.Now, ClockOK: true, Picker: o.Picker}); err != nil && !errors.Is(err, &queue.Error{Code: queue.Conflict}) {
		t.Error(err)
	}
}

func TestUnusableSnapshotIsIgnored(t *testing.T) {
	other := newOffice("another epoch")
	other.work(100)
	for name, spoil := range map[string]func(t *testing.T, j *journal.Journal, o *office){
		"damaged":    func(t *testing.T, j *journal.Journal, _ *office) { edit(t, j, func(b []byte) { b[len(b)-10] ^= 1 }) },
		"cut":        func(t *testing.T, j *journal.Journal, _ *office) { truncate(t, j, 1000) },
		"empty":      func(t *testing.T, j *journal.Journal, _ *office) { truncate(t, j, 0) },
		"no header":  func(t *testing.T, j *journal.Journal, _ *office) { edit(t, j, func(b []byte) { b[0] = 'x' }) },
		"old format": func(t *testing.T, j *journal.Journal, _ *office) { replace(t, j, `"format":1`, `"format":0`) },
		"other build": func(t *testing.T, j *journal.Journal, _ *office) {
			replace(t, j, `"shape":"`, `"shape":"0`)
		},
		"other journal": func(t *testing.T, j *journal.Journal, _ *office) {
			save(t, j, []byte(snapshot(t, other.State)), other.State.Pos)
		},
		"header and state disagree": func(t *testing.T, j *journal.Journal, o *office) {
			pos := o.State.Pos
			pos.Seq--
			save(t, j, []byte(snapshot(t, o.State)), pos)
		},
		"ahead of the journal": func(t *testing.T, j *journal.Journal, o *office) {
			o.Must(queue.Issue{Category: "A"})
			save(t, j, []byte(snapshot(t, o.State)), o.State.Pos)
			o.Records = o.Records[:len(o.Records)-1]
		},
		"another branch": func(t *testing.T, j *journal.Journal, o *office) {
			fake := o.State.Clone()
			fake.Pos.Hash[0] ^= 1
			save(t, j, []byte(snapshot(t, fake)), fake.Pos)
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir, o := written(t, 300)
			j := open(t, dir, journal.Options{})
			save(t, j, []byte(snapshot(t, o.State)), o.State.Pos)
			spoil(t, j, o)
			state, info, err := j.Load(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if info.Ignored == "" || info.Snapshot != 0 || info.Replayed != len(o.Records) {
				t.Errorf("info is %+v, want everything replayed and a reason", info)
			}
			want, err := queuetest.Replay(j.Epoch(), o.Records)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := snapshot(t, state), snapshot(t, want); got != want {
				t.Errorf("state\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func save(t *testing.T, j *journal.Journal, state []byte, pos queue.Position) {
	t.Helper()
	if err := j.SaveSnapshot(t.Context(), state, pos); err != nil {
		t.Fatal(err)
	}
}

func edit(t *testing.T, j *journal.Journal, change func([]byte)) {
	t.Helper()
	name := filepath.Join(j.Dir(), "centre.snapshot")
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	change(b)
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func replace(t *testing.T, j *journal.Journal, from, to string) {
	t.Helper()
	name := filepath.Join(j.Dir(), "centre.snapshot")
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(strings.Replace(string(b), from, to, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
}

func truncate(t *testing.T, j *journal.Journal, n int64) {
	t.Helper()
	if err := os.Truncate(filepath.Join(j.Dir(), "centre.snapshot"), n); err != nil {
		t.Fatal(err)
	}
}

func TestFaultsOfAppend(t *testing.T) {
	for _, tc := range []struct {
		fault  journal.Fault
		stored bool
	}{{journal.FailBefore, false}, {journal.FailCommitLost, false}, {journal.FailCommitKept, true}} {
		t.Run(fmt.Sprint(tc.fault), func(t *testing.T) {
			dir, o := written(t, 50)
			head := o.State.Pos
			j := open(t, dir, journal.Options{Fault: func(n int) journal.Fault {
				if n == 1 {
					return tc.fault
				}
				return journal.NoFault
			}})
			next := o.Must(queue.Issue{Category: "A"})
			err := j.Append(t.Context(), next, map[queue.TicketID]string{queue.TicketID(next[0].Seq): "en"})
			var unknown *journal.OutcomeUnknownError
			if tc.fault == journal.FailBefore {
				if !errors.Is(err, &queue.Error{Code: queue.Unavailable, Reason: queue.WhyNotStored}) {
					t.Errorf("got %v, want not_stored", err)
				}
				if err := j.Append(t.Context(), next, nil); err != nil {
					t.Errorf("the same again: %v", err)
				}
				return
			}
			if !errors.As(err, &unknown) || !unknown.OutcomeUnknown() {
				t.Fatalf("got %v, want an *OutcomeUnknownError", err)
			}
			if err := j.Append(t.Context(), next, nil); !errors.As(err, &unknown) {
				t.Errorf("the next append says %v, want the same error", err)
			}
			if err := j.ForgetSlipLanguage(t.Context(), 1); !errors.As(err, &unknown) {
				t.Errorf("the next change says %v, want the same error", err)
			}
			if err := j.Close(); err != nil {
				t.Fatal(err)
			}
			j = open(t, dir, journal.Options{})
			want := head
			if tc.stored {
				want = o.State.Pos
			}
			state, _, err := j.Load(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if state.Pos != want {
				t.Errorf("after a restart the journal ends at %d, want %d", state.Pos.Seq, want.Seq)
			}
		})
	}
}

func TestSlipLanguageIsForgotten(t *testing.T) {
	dir, o := written(t, 50)
	j := open(t, dir, journal.Options{})
	language := func(id queue.TicketID) string {
		t.Helper()
		l, err := j.SlipLanguage(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	a, b := o.Must(queue.Issue{Category: "A"}), o.Must(queue.Issue{Category: "A"})
	ta, tb := queue.TicketID(a[0].Seq), queue.TicketID(b[0].Seq)
	if err := j.Append(t.Context(), append(a, b...), map[queue.TicketID]string{ta: "x-elvish", tb: "en"}); err != nil {
		t.Fatal(err)
	}
	if language(ta) != "x-elvish" || language(tb) != "en" || language(99999) != "" {
		t.Errorf("languages are %q, %q, %q", language(ta), language(tb), language(99999))
	}
	if err := j.ForgetSlipLanguagesBefore(t.Context(), min(ta, tb)); err != nil || language(ta) == "" || language(tb) == "" {
		t.Fatalf("forgetting what came before: %v, %q, %q", err, language(ta), language(tb))
	}
	if err := j.ForgetSlipLanguage(t.Context(), ta); err != nil {
		t.Fatal(err)
	}
	if language(ta) != "" || language(tb) != "en" {
		t.Errorf("after forgetting one: %q, %q", language(ta), language(tb))
	}
	for _, c := range queuetest.Config().Counters {
		if k := o.State.Counter(c.ID); k.Ticket != 0 {
			if err := j.Append(t.Context(), o.Must(queue.Finish{Counter: c.ID, Ticket: k.Ticket}), nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := j.Append(t.Context(), o.Must(queue.CloseDay{}), nil); err != nil {
		t.Fatal(err)
	}
	if language(tb) != "" {
		t.Error("a language outlived its day")
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := os.ReadFile(filepath.Join(dir, "centre.db"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(db), "x-elvish") {
		t.Error("a forgotten language still stands in the file")
	}
}

func TestReadOnlyDoesNotWrite(t *testing.T) {
	dir, o := written(t, 50)
	j := open(t, dir, journal.Options{ReadOnly: true})
	next := o.Must(queue.Issue{Category: "A"})
	if err := j.Append(t.Context(), next, nil); !errors.Is(err, &queue.Error{Code: queue.Unavailable}) {
		t.Errorf("Append: %v", err)
	}
	if err := j.SaveSnapshot(t.Context(), nil, queue.Position{}); err == nil {
		t.Error("SaveSnapshot wrote")
	}
}

func TestReaderBesideTheWriterSeesNewRecords(t *testing.T) {
	dir, o := written(t, 50)
	w := open(t, dir, journal.Options{})
	r := open(t, dir, journal.Options{ReadOnly: true})
	before := o.State.Pos.Hash
	next := keyed(t, before, o.Must(queue.Issue{Category: "A"}), "k1", 5)
	if err := w.Append(t.Context(), next, nil); err != nil {
		t.Fatal(err)
	}
	if _, info, err := r.Load(t.Context()); err != nil || info.Position.Seq != next[0].Seq {
		t.Errorf("the reader's state ends at %d, %v; want %d", info.Position.Seq, err, next[0].Seq)
	}
	if found, err := r.Find(t.Context(), []string{"k1"}); err != nil || len(found["k1"]) != 1 {
		t.Errorf("the reader finds %v, %v", found, err)
	}
}
