package main

import (
	"bytes"
	"context"
	"database/sql"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	_ "github.com/mattn/go-sqlite3"
	"github.com/rogpeppe/go-internal/testscript"

	"motcua/internal/journal"
	"motcua/queue"
	"motcua/queue/queuetest"
	"motcua/router"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"motcua": main})
}

// The scripts pin what the commands print. Beside motcua they know:
//
//	centre DIR             a journal of one short morning
//	sqlite DIR STATEMENT…  what no program of ours does to a database
//	snapshot DIR [SEQ]     the daemon's snapshot, at a record; "wrong": of another state
//	running DIR            a daemon that has the folder open and has issued one more ticket
//	motcuad                a daemon's API at $URL; good and bad are files with tokens
//	dates FILE…            days around today in place of $DAY and $PAST
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"centre":   alone(centreCmd),
			"sqlite":   alone(sqliteCmd),
			"snapshot": alone(snapshotCmd),
			"running":  alone(runningCmd),
			"motcuad":  motcuadCmd,
			"dates":    datesCmd,
		},
	})
}

// morning is a short story with most kinds of events.
func morning(epoch string) *queuetest.Book {
	b := queuetest.NewBook(router.HeadStart{})
	b.State = queue.NewState(epoch)
	b.Must(queue.ApplyConfig{Config: queuetest.Config()})
	b.Must(queue.OpenDay{})
	b.Must(queue.OpenCounter{Counter: "1", Staff: "s-7"})
	b.Must(queue.OpenCounter{Counter: "2"})
	issue := func(c queue.Issue) queue.TicketID {
		b.Pass(20 * time.Second)
		return queue.TicketID(b.Must(c)[0].Seq)
	}
	a1 := issue(queue.Issue{Category: "A", Entry: queue.EntryPanel})
	b.Must(queue.SlipMoved{Ticket: a1, To: queue.SlipIsSending})
	b.Must(queue.SlipMoved{Ticket: a1, To: queue.SlipIsPrinted, Proof: true})
	a2 := issue(queue.Issue{Category: "A", Class: "priority", Dossiers: 3, Entry: queue.EntryGreeter})
	b.Must(queue.SlipMoved{Ticket: a2, To: queue.SlipIsFailed, Cause: "paper_out"})
	b1 := issue(queue.Issue{Category: "B", Entry: queue.EntryPanel})
	b.Pass(time.Minute)
	b.Must(queue.CallNext{Counter: "1"})
	b.Pass(30 * time.Second)
	b.Must(queue.Start{Counter: "1", Ticket: a2})
	b.Pass(5 * time.Minute)
	b.Must(queue.Finish{Counter: "1", Ticket: a2, Next: true})
	b.Pass(25 * time.Second)
	b.Must(queue.Recall{Counter: "1", Ticket: a1})
	b.Pass(40 * time.Second)
	b.Must(queue.NoShow{Counter: "1", Ticket: a1})
	b.Must(queue.CallTicket{Counter: "2", Ticket: b1, Reason: queue.CallSupervisor})
	b.Must(queue.Park{Counter: "2", Ticket: b1})
	b.Must(queue.PauseCounter{Counter: "2", Reason: queue.PauseBreak})
	b.Must(queue.Reactivate{Ticket: a1})
	b.Must(queue.Transfer{Ticket: a1, ToCategory: "B", Mode: queue.First})
	return b
}

func check(ts *testscript.TestScript, err error) {
	if err != nil {
		ts.Fatalf("%v", err)
	}
}

// alone runs f while no script starts a program: between its fork and its exec
// a child would hold the lock of a folder that f has closed.
func alone(f func(*testscript.TestScript, bool, []string)) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		syscall.ForkLock.RLock()
		defer syscall.ForkLock.RUnlock()
		f(ts, neg, args)
	}
}

func open(ts *testscript.TestScript, dir string) *journal.Journal {
	j, err := journal.Open(context.Background(), ts.MkAbs(dir), journal.Options{Release: "0.1"})
	check(ts, err)
	return j
}

func centreCmd(ts *testscript.TestScript, _ bool, args []string) {
	j := open(ts, args[0])
	check(ts, j.Append(context.Background(), morning(j.Epoch()).Records, nil))
	check(ts, j.Close())
}

func sqliteCmd(ts *testscript.TestScript, _ bool, args []string) {
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(ts.MkAbs(args[0]), "centre.db")+"?mode=rw")
	check(ts, err)
	for _, s := range args[1:] {
		_, err := db.Exec(s)
		check(ts, err)
	}
	check(ts, db.Close())
}

func snapshotCmd(ts *testscript.TestScript, _ bool, args []string) {
	j := open(ts, args[0])
	wrong := len(args) > 1 && args[1] == "wrong"
	b := morning(j.Epoch())
	n := len(b.Records)
	if len(args) > 1 && !wrong {
		var err error
		n, err = strconv.Atoi(args[1])
		check(ts, err)
	}
	s, err := queuetest.Replay(j.Epoch(), b.Records[:n])
	check(ts, err)
	if wrong {
		s.Tickets[0].Label = "A099"
	}
	state, err := s.Snapshot()
	check(ts, err)
	check(ts, j.SaveSnapshot(context.Background(), state, s.Pos))
	check(ts, j.Close())
}

func runningCmd(ts *testscript.TestScript, _ bool, args []string) {
	j := open(ts, args[0])
	ts.Defer(func() {
		if err := j.Close(); err != nil {
			ts.Logf("close: %v", err)
		}
	})
	b := morning(j.Epoch())
	n := len(b.Records)
	b.Must(queue.Issue{Category: "R"})
	check(ts, j.Append(context.Background(), b.Records[n:], nil))
}

// The statuses are part of the interface: --help names them.
func TestStatuses(t *testing.T) {
	dir := t.TempDir()
	j, err := journal.Open(t.Context(), dir, journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Append(t.Context(), morning(j.Epoch()).Records, nil); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) int {
		var out, errs bytes.Buffer
		status := (&Main{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs}).Run(t.Context(), args)
		t.Logf("%s: %d\n%s", args, status, errs.String())
		return status
	}
	table := func(rows map[string]int) {
		t.Helper()
		for args, want := range rows {
			if got := run(strings.Fields(strings.ReplaceAll(args, "DIR", dir))...); got != want {
				t.Errorf("%s: status %d, want %d", args, got, want)
			}
		}
	}
	table(map[string]int{
		"--help":                            exitDone,
		"journal verify --data DIR":         exitDone,
		"journal replay --data DIR":         exitDone,
		"journal replay --file -":           exitDone,
		"journal verify --data DIR/nowhere": exitCannot,
		"journal verify --dat DIR":          exitUsage,
		"journal show --data DIR --last=-1": exitUsage,
		"token --role king":                 exitUsage,
		"appointments template":             exitDone,
		"appointments check -":              exitBroken, // empty
		"appointments check DIR/none.csv":   exitCannot,
		"appointments import":               exitUsage,
	})
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(dir, "centre.db")+"?mode=rw")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(`DROP TRIGGER records_no_update; UPDATE records SET actor = 'x' WHERE seq = 3`); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	table(map[string]int{
		"journal verify --data DIR": exitBroken,
		"journal replay --data DIR": exitBroken,
		"journal export --data DIR": exitBroken,
		"journal show --data DIR":   exitDone, // it shows what is there; the chain is for verify
	})
}

// An impossible state is named, whatever led to it.
func TestUnsound(t *testing.T) {
	for name, spoil := range map[string]func(s *queue.State){
		"two counters":  func(s *queue.State) { s.Counters[1].Ticket = s.Counters[0].Ticket },
		"no counter":    func(s *queue.State) { s.Counters[0].Ticket = 0 },
		"unknown":       func(s *queue.State) { s.Counters[1].Ticket = 99 },
		"same label":    func(s *queue.State) { s.Tickets[0].Label = s.Tickets[1].Label },
		"in no queue":   func(s *queue.State) { s.Tickets[1].State = queue.Parked },
		"closed day":    func(s *queue.State) { s.Day.Open = false },
		"twice at work": func(s *queue.State) { s.Counters[1].Ticket = s.Tickets[1].ID },
	} {
		t.Run(name, func(t *testing.T) {
			b := queuetest.OpenBook(router.HeadStart{})
			b.Issue("A")
			b.Issue("A")
			b.Must(queue.CallNext{Counter: "1"})
			b.Must(queue.Start{Counter: "1", Ticket: b.State.Counter("1").Ticket})
			if wrong := unsound(b.State); len(wrong) > 0 {
				t.Fatalf("a sound state: %v", wrong)
			}
			spoil(b.State)
			if wrong := unsound(b.State); len(wrong) == 0 {
				t.Error("nothing found")
			}
		})
	}
}
