package sim

import (
	"fmt"
	"math"
	"time"

	"motcua/queue"
)

// Flow is a Poisson stream of citizens who want the same and need
// exponentially distributed services.
type Flow struct {
	Category queue.CategoryID
	Class    queue.ClassID
	Between  time.Duration // mean time between two arrivals
	Service  time.Duration // mean service
}

// Endless is a hall without evening: all counters are open, whoever is called
// is there and is served at once, and a counter that becomes free calls the
// next. With one category and equal services it is the M/M/c queue of the
// textbooks under the product's routing.
type Endless struct {
	Config    queue.Config
	Picker    queue.Picker
	Flows     []Flow
	Seed      uint64
	Customers int           // in all flows together, warm-up included
	Target    time.Duration // whoever waits longer is late
}

// warmUp is the share of the citizens who find a hall that was empty a short
// while ago, and don't count; batches is into how many runs the others are cut.
const (
	warmUp  = 0.02
	batches = 20
)

// forgetAfter is how many citizens may come until the state forgets those who
// are gone; far fewer than a series has numbers.
const forgetAfter = 1000

// Batch is what a run of successive citizens saw, by flow.
type Batch struct {
	Citizens []int
	Late     []int           // who waited longer than the target
	Wait     []time.Duration // of all of them together
}

// Mean is the mean wait of a flow's citizens.
func (b Batch) Mean(flow int) time.Duration {
	if b.Citizens[flow] == 0 {
		return 0
	}
	return b.Wait[flow] / time.Duration(b.Citizens[flow])
}

// LateShare is the share of all citizens who waited longer than the target.
func (b Batch) LateShare() float64 {
	late, all := 0, 0
	for i := range b.Citizens {
		late, all = late+b.Late[i], all+b.Citizens[i]
	}
	return float64(late) / float64(all)
}

// Estimate is a mean over batches and its standard error.
type Estimate struct{ Mean, Err float64 }

// Over estimates a figure from its values in each of several batches.
func Over(batches []Batch, figure func(Batch) float64) Estimate {
	n := float64(len(batches))
	sum, squares := 0.0, 0.0
	for _, b := range batches {
		sum += figure(b)
	}
	mean := sum / n
	for _, b := range batches {
		d := figure(b) - mean
		squares += d * d
	}
	return Estimate{mean, math.Sqrt(squares / (n - 1) / n)}
}

// citizen is one who has come and is not yet gone.
type citizen struct {
	flow    int
	batch   int // −1 in the warm-up
	service time.Duration
}

// run is an Endless in progress.
type run struct {
	Endless
	hall    *Hall
	come    int
	present map[queue.TicketID]citizen
	batches []Batch
}

// Run simulates the hall and returns what its citizens saw, in batches of
// equally many in the order of their coming.
func (e Endless) Run() ([]Batch, error) {
	h, err := NewHall(endlessBegin, e.Config, e.Picker)
	if err != nil {
		return nil, err
	}
	for _, c := range e.Config.Counters {
		if _, err := h.Do(queue.OpenCounter{Counter: c.ID}); err != nil {
			return nil, err
		}
	}
	r := &run{Endless: e, hall: h, present: map[queue.TicketID]citizen{}, batches: make([]Batch, batches)}
	for i := range r.batches {
		n := len(e.Flows)
		r.batches[i] = Batch{make([]int, n), make([]int, n), make([]time.Duration, n)}
	}
	for i, f := range e.Flows {
		s := NewStream(e.Seed, Arrivals, uint64(i))
		r.arrive(i, 0, s.Exp(ms(f.Between)), s)
	}
	if err := h.Run(); err != nil {
		return nil, fmt.Errorf("after %d customers: %w", r.come, err)
	}
	return r.batches, nil
}

var endlessBegin = time.Date(2026, 11, 23, 7, 30, 0, 0, queue.Zone)

// arrive lets the nth citizen of a flow come, so many milliseconds after the
// beginning, and those after them.
func (r *run) arrive(flow int, nth uint64, after float64, s Stream) {
	r.hall.At(queue.StampOf(endlessBegin)+queue.Stamp(after), func() error {
		if r.come == r.Customers {
			return nil
		}
		f := r.Flows[flow]
		r.arrive(flow, nth+1, after+s.Exp(ms(f.Between)), s)
		if r.come%forgetAfter == 0 {
			r.hall.State.DropOver()
		}
		if _, err := r.hall.Do(queue.Issue{Category: f.Category, Class: f.Class}); err != nil {
			return err
		}
		needs := NewStream(r.Seed, Services, nth*uint64(len(r.Flows))+uint64(flow))
		id := queue.TicketID(r.hall.State.Pos.Seq)
		r.present[id] = citizen{flow: flow, batch: r.batch(), service: time.Duration(needs.Exp(float64(f.Service)))}
		r.come++
		counter, ok := r.hall.Free(r.hall.State.Ticket(id))
		if !ok {
			return nil
		}
		return r.serve(r.hall.Do(queue.CallNext{Counter: counter}))
	})
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// batch is the one the next citizen belongs to.
func (r *run) batch() int {
	warm := int(warmUp * float64(r.Customers))
	if r.come < warm {
		return -1
	}
	return (r.come - warm) * batches / (r.Customers - warm)
}

// serve begins the service of whoever was called, if anyone was.
func (r *run) serve(events []queue.Event, err error) error {
	if err != nil {
		return err
	}
	call, ok := Called(events)
	if !ok {
		return nil
	}
	t, c := r.hall.State.Ticket(call.Ticket), r.present[call.Ticket]
	delete(r.present, call.Ticket)
	if c.batch >= 0 {
		b := &r.batches[c.batch]
		b.Citizens[c.flow]++
		b.Wait[c.flow] += t.FirstCall.Sub(t.Issued)
		if t.FirstCall.Sub(t.Issued) > r.Target {
			b.Late[c.flow]++
		}
	}
	if _, err := r.hall.Do(queue.Start{Counter: call.Counter, Ticket: call.Ticket}); err != nil {
		return err
	}
	r.hall.At(r.hall.Now().Add(c.service), func() error {
		return r.serve(r.hall.Do(queue.Finish{Counter: call.Counter, Ticket: call.Ticket, Next: true}))
	})
	return nil
}
