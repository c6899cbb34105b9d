package journal_test

import (
	"context"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"motcua/internal/journal"
	"motcua/queue"
	"motcua/queue/queuetest"
	"motcua/router"
)

// office is a book with stamped records as the engine makes them, for tests
// that need a journal with something in it.
type office struct {
	*queuetest.Book
	epoch string
}

func newOffice(epoch string) *office {
	b := queuetest.NewBook(router.HeadStart{})
	b.State = queue.NewState(epoch)
	return &office{Book: b, epoch: epoch}
}

// found applies the small centre, opens the day and the counters.
func (o *office) found() {
	o.Must(queue.ApplyConfig{Config: queuetest.Config()})
	o.day()
}

func (o *office) day() {
	o.Must(queue.OpenDay{})
	for _, c := range queuetest.Config().Counters {
		o.Must(queue.OpenCounter{Counter: c.ID})
	}
}

// work plays business days of 400 tickets until there are n records or more.
func (o *office) work(n int) {
	r := rand.New(rand.NewPCG(1, 2))
	categories := queuetest.Config().Categories
	for o.found(); ; o.day() {
		for range 400 {
			o.Pass(40 * time.Second)
			t := o.Issue(categories[r.IntN(len(categories))].ID)
			for _, to := range []queue.SlipState{queue.SlipIsSending, queue.SlipIsPrinted} {
				o.Must(queue.SlipMoved{Ticket: t, To: to})
			}
			c := queuetest.Config().Counters[r.IntN(2)].ID
			if k := o.State.Counter(c); k.Ticket != 0 {
				o.Must(queue.Finish{Counter: c, Ticket: k.Ticket})
			}
			if _, err := o.Do(queue.CallNext{Counter: c}); err == nil {
				o.Must(queue.Start{Counter: c, Ticket: o.State.Counter(c).Ticket})
			}
			if len(o.Records) >= n {
				return
			}
		}
		for _, c := range queuetest.Config().Counters {
			if k := o.State.Counter(c.ID); k.Ticket != 0 {
				o.Must(queue.Finish{Counter: c.ID, Ticket: k.Ticket})
			}
		}
		o.Must(queue.CloseDay{})
		o.Pass(24*time.Hour - 400*40*time.Second)
	}
}

func open(t testing.TB, dir string, o journal.Options) *journal.Journal {
	t.Helper()
	j, err := journal.Open(context.Background(), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	})
	return j
}

func folder(t testing.TB) string { return filepath.Join(t.TempDir(), "data") }

// written is a closed journal of n records or more in a new folder, and the
// state at its head.
func written(t testing.TB, n int) (dir string, o *office) {
	t.Helper()
	dir = folder(t)
	j := open(t, dir, journal.Options{Release: "0.1"})
	o = newOffice(j.Epoch())
	o.work(n)
	for i := 0; i < len(o.Records); i += 1000 {
		if err := j.Append(t.Context(), o.Records[i:min(i+1000, len(o.Records))], nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	return dir, o
}
