package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"time"

	"motcua/internal/config"
	"motcua/internal/journal"
	"motcua/queue"
	"motcua/router"
)

const (
	replayed    = 200_000
	replayTurns = 5
	ticketsADay = 400
	// staleBy is how many records a crash leaves behind the last snapshot on
	// average: the engine saves one every 5,000.
	staleBy = 2500
)

// replay measures how long a start reads its journal: opened anew each time,
// every record verified, without and with a snapshot.
func (b *bench) replay(ctx context.Context) (_ []Row, err error) {
	dir, err := b.folder()
	if err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "data")
	snapshot, at, n, err := writeYears(ctx, data)
	if err != nil {
		return nil, fmt.Errorf("write journal: %w", err)
	}
	path, err := database(data)
	if err != nil {
		return nil, err
	}
	var full, withSnapshot, scans []time.Duration
	turn := func(to *[]time.Duration, want int, save bool) error {
		scan, err := scanBare(path, n)
		if err != nil {
			return err
		}
		scans = append(scans, scan)
		began := time.Now()
		j, err := journal.Open(ctx, data, journal.Options{Release: "bench"})
		if err != nil {
			return err
		}
		_, info, err := j.Load(ctx)
		took := time.Since(began)
		if err == nil && (info.Records != n || info.Replayed != want) {
			err = fmt.Errorf("load journal: %d records and %d replayed, want %d and %d (%s)", info.Records, info.Replayed, n, want, info.Ignored)
		}
		if err == nil && save {
			err = j.SaveSnapshot(ctx, snapshot, at)
		}
		*to = append(*to, took)
		return errors.Join(err, j.Close())
	}
	for i := range replayTurns {
		if err := turn(&full, n, i == replayTurns-1); err != nil {
			return nil, err
		}
	}
	for range replayTurns {
		if err := turn(&withSnapshot, n-int(at.Seq), false); err != nil {
			return nil, err
		}
	}
	row := func(name string, samples []time.Duration, goal float64) Row {
		return Row{Name: name, Value: Median(samples).Seconds(), Unit: "s", Baseline: Median(scans).Seconds(), Goal: Goal{Plus: goal}}
	}
	return []Row{row("replay_200k_events", full, 1), row("replay_200k_with_snapshot", withSnapshot, 0.2)}, nil
}

// database finds the journal's file in its folder: the one of SQLite's that is
// no log.
func database(dir string) (string, error) {
	found, err := filepath.Glob(filepath.Join(dir, "*.db"))
	if err != nil || len(found) != 1 {
		return "", fmt.Errorf("find database in %s: %d files end in .db (%w)", dir, len(found), err)
	}
	return found[0], nil
}

// scanBare is the least a start could do: read every row once.
func scanBare(path string, n int) (time.Duration, error) {
	began := time.Now()
	db, err := sql.Open("sqlite3", "file:"+(&url.URL{Path: path}).EscapedPath()+"?mode=ro&_query_only=true")
	if err != nil {
		return 0, fmt.Errorf("scan records: %w", err)
	}
	defer db.Close()
	rows, err := db.Query(`SELECT * FROM records`)
	if err != nil {
		return 0, fmt.Errorf("scan records: %w", err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return 0, fmt.Errorf("scan records: %w", err)
	}
	values, into := make([]sql.RawBytes, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	read := 0
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return 0, fmt.Errorf("scan records: %w", err)
		}
		read++
	}
	if err := rows.Err(); err != nil {
		return 0, fmt.Errorf("scan records: %w", err)
	}
	if read != n {
		return 0, fmt.Errorf("scan records: %d rows, want %d", read, n)
	}
	return time.Since(began), nil
}

// writeYears fills a new journal with business days of a real shape until it
// has 200,000 records, and returns the state some records before the end.
func writeYears(ctx context.Context, dir string) (snapshot []byte, at queue.Position, n int, err error) {
	j, err := journal.Open(ctx, dir, journal.Options{Release: "bench"})
	if err != nil {
		return nil, at, 0, err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	centre, err := config.Demo()
	if err != nil {
		return nil, at, 0, err
	}
	w := &clerk{ctx: ctx, journal: j, state: queue.NewState(j.Epoch()), centre: centre,
		now: time.Date(2026, 1, 5, 7, 0, 0, 0, queue.Zone)}
	w.do(queue.ApplyConfig{Config: centre}, queue.Supervisor, "supervisor")
	for w.err == nil && w.state.Pos.Seq < replayed {
		w.day()
	}
	w.flush()
	if w.err != nil {
		return nil, at, 0, w.err
	}
	if w.kept == nil {
		return nil, at, 0, errors.New("no snapshot was taken")
	}
	return w.kept, w.keptAt, int(w.state.Pos.Seq), nil
}

// clerk writes a journal as the engine would, without waiting for the disk at
// each command. After an error it does nothing more.
type clerk struct {
	ctx     context.Context
	journal *journal.Journal
	state   *queue.State
	centre  queue.Config
	now     time.Time
	boot    time.Time
	pending []queue.Record
	presses int
	err     error

	kept   []byte
	keptAt queue.Position
}

// do decides, seals and applies a command; false when it was refused.
func (w *clerk) do(c queue.Command, role queue.Role, actor string) bool {
	if w.err != nil || w.state.Pos.Seq >= replayed {
		return false
	}
	events, err := w.state.Decide(c, queue.Env{Now: w.now, ClockOK: true, Role: role, Picker: router.HeadStart{}})
	if err != nil {
		return false
	}
	r := queue.Record{At: w.now.UTC(), Boot: bootID, Mono: w.now.Sub(w.boot).Milliseconds(), ClockOK: true, Actor: actor}
	switch role {
	case queue.Machine: // no key: the printer's word is no request
	case queue.Kiosk:
		w.presses++
		r.Key, r.KeySum = fmt.Sprintf("%s:%d", bootID, w.presses), queue.SumCommand(c)
	default:
		r.Key, r.KeySum = newKey(), queue.SumCommand(c)
	}
	for _, e := range events {
		r := r
		r.Seq, r.Event = w.state.Pos.Seq+1, e
		if err := r.Seal(w.state.Pos.Hash); err != nil {
			w.err = err
			return false
		}
		if err := w.state.Apply(r); err != nil {
			w.err = err
			return false
		}
		w.pending = append(w.pending, r)
		if r.Seq == replayed-staleBy {
			w.kept, w.err = w.state.Snapshot()
			w.keptAt = w.state.Pos
		}
	}
	if len(w.pending) >= 5000 {
		w.flush()
	}
	return w.err == nil
}

func (w *clerk) flush() {
	if w.err == nil {
		w.err = w.journal.Append(w.ctx, w.pending, nil)
		w.pending = w.pending[:0]
	}
}

// day is one business day: numbers, slips, calls, services.
func (w *clerk) day() {
	w.boot = w.now
	w.do(queue.OpenDay{}, queue.Supervisor, "supervisor")
	counters := w.centre.Counters
	for i := range counters {
		w.do(queue.OpenCounter{Counter: counters[i].ID, Staff: fmt.Sprintf("s%02d", i)}, queue.Officer, "console:"+string(counters[i].ID))
	}
	for i := range ticketsADay {
		w.now = w.now.Add(70 * time.Second)
		var ref queue.Ref
		rand.Read(ref[:]) // never fails (crypto/rand)
		c := w.centre.Categories[(i*7+i/5)%len(w.centre.Categories)].ID
		if w.do(queue.Issue{Category: c, Entry: queue.EntryPanel, Ref: ref}, queue.Kiosk, "panel:main") {
			t := queue.TicketID(w.state.Pos.Seq)
			w.pass()
			w.do(queue.SlipMoved{Ticket: t, To: queue.SlipIsSending}, queue.Machine, "printer")
			w.pass()
			w.do(queue.SlipMoved{Ticket: t, To: queue.SlipIsPrinted, Proof: true}, queue.Machine, "printer")
		}
		w.serve(counters[i%len(counters)].ID)
	}
	for rounds := 0; w.state.View().WaitingCount() > 0 && rounds < ticketsADay; rounds++ {
		for i := range counters {
			w.now = w.now.Add(30 * time.Second)
			w.serve(counters[i].ID)
		}
	}
	for i := range counters {
		w.finish(counters[i].ID)
	}
	w.do(queue.CloseDay{}, queue.Supervisor, "supervisor")
	next := w.now.In(queue.Zone)
	w.now = time.Date(next.Year(), next.Month(), next.Day()+1, 7, 0, 0, 0, queue.Zone)
}

func (w *clerk) pass() { w.now = w.now.Add(150 * time.Millisecond) }

// serve ends a counter's service, calls the next ticket and begins it.
func (w *clerk) serve(c queue.CounterID) {
	w.finish(c)
	actor := "console:" + string(c)
	if w.do(queue.CallNext{Counter: c}, queue.Officer, actor) {
		w.pass()
		w.do(queue.Start{Counter: c, Ticket: w.state.Counter(c).Ticket}, queue.Officer, actor)
	}
}

func (w *clerk) finish(c queue.CounterID) {
	if k := w.state.Counter(c); k != nil && k.Ticket != 0 {
		w.do(queue.Finish{Counter: c, Ticket: k.Ticket}, queue.Officer, "console:"+string(c))
	}
}
