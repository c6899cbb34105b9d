package engine_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"motcua/internal/engine"
	"motcua/queue"
)

// memory is a journal in memory whose disk can be made to stall and to fail.
type memory struct {
	gate chan struct{} // not nil: each Append waits for one word
	fail func(n int) error
	find error

	mu        sync.Mutex // protects what follows
	recs      []queue.Record
	batches   []int
	languages map[queue.TicketID]string
	snapshots []queue.Position
	entered   chan struct{} // one word for each Append that has begun
}

var _ engine.Journal = (*memory)(nil)

func newMemory() *memory {
	return &memory{languages: map[queue.TicketID]string{}, entered: make(chan struct{}, 1000)}
}

func (m *memory) Append(ctx context.Context, recs []queue.Record, languages map[queue.TicketID]string) error {
	if ctx.Done() != nil {
		return errors.New("a commit got a context that can end")
	}
	m.entered <- struct{}{}
	if m.gate != nil {
		<-m.gate
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.batches = append(m.batches, len(recs))
	if m.fail != nil {
		if err := m.fail(len(m.batches)); err != nil {
			return err
		}
	}
	m.recs = append(m.recs, recs...)
	for t, l := range languages {
		m.languages[t] = l
	}
	return nil
}

func (m *memory) Find(_ context.Context, keys []string) (map[string][]queue.Record, error) {
	if m.find != nil {
		return nil, m.find
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	found := map[string][]queue.Record{}
	for _, r := range m.recs {
		if r.Key != "" && slices.Contains(keys, r.Key) {
			found[r.Key] = append(found[r.Key], r)
		}
	}
	return found, nil
}

func (m *memory) SaveSnapshot(_ context.Context, _ []byte, pos queue.Position) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.snapshots = append(m.snapshots, pos)
	return nil
}

// on starts an engine over the journal in memory.
func (m *memory) on(t testing.TB, clock engine.Clock, settings ...func(*engine.Options)) *centre {
	t.Helper()
	c := &centre{fatal: make(chan error, 1)}
	o := engine.Options{State: queue.NewState("memory"), Journal: m, Picker: fifo{}, Clock: clock, Boot: "boot-1",
		Fatal: func(err error) { c.fatal <- err }}
	for _, s := range settings {
		s(&o)
	}
	var err error
	if c.Engine, err = engine.New(o); err != nil {
		t.Fatal(err)
	}
	if err := c.Open(); err != nil {
		t.Fatal(err)
	}
	return c
}

// unknown is an error that leaves the outcome open.
type unknown struct{}

func (unknown) Error() string        { return "the disk said nothing" }
func (unknown) OutcomeUnknown() bool { return true }
