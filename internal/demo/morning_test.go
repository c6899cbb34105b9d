package demo_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"motcua/internal/demo"
	"motcua/queue"
	"motcua/queue/queuetest"
)

func newMorning(t *testing.T, h *hall, o demo.Options) *demo.Morning {
	t.Helper()
	o.Base, o.Client, o.Config = "http://hall.test", &http.Client{Transport: h}, office
	m, err := demo.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func set(t *testing.T, m *demo.Morning, speed int) {
	t.Helper()
	if err := m.SetSpeed(context.Background(), speed); err != nil {
		t.Fatal(err)
	}
}

// A whole morning at each speed: the hall is busy and never overflows.
func TestHallIsBusyAndStable(t *testing.T) {
	var missed, parked, moved int
	for seed := range uint64(2) {
		for _, speed := range []int{10, 60} {
			t.Run(fmt.Sprintf("seed %d at %d", seed, speed), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					h := newHall()
					m := newMorning(t, h, demo.Options{Seed: seed})
					set(t, m, speed)
					minute := time.Minute / time.Duration(speed)
					time.Sleep(15 * minute)
					var samples, good, least, most, busy int
					least = 1000
					for range 210 {
						time.Sleep(minute)
						h.look(func(s *queue.State) {
							n := s.View().WaitingCount()
							samples++
							if n >= 5 && n <= 25 {
								good++
							}
							least, most = min(least, n), max(most, n)
							for _, k := range s.Counters[1:] {
								if k.Ticket != 0 {
									busy++
								}
							}
						})
					}
					st := m.State()
					t.Logf("waiting %d–%d, %d of %d samples within 5–25, counters busy %.0f %%, %+v",
						least, most, good, samples, 100*float64(busy)/float64(6*samples), st)
					if most > 30 {
						t.Errorf("up to %d people wait, the hall overflows", most)
					}
					if good < samples*9/10 {
						t.Errorf("%d of %d samples within 5–25 waiting", good, samples)
					}
					if busy < 6*samples/2 {
						t.Errorf("counters are busy in %d of %d samples, want half at least", busy, 6*samples)
					}
					missed, parked, moved = missed+st.NoShows, parked+st.Parked, moved+st.Transferred
					leave(t, h, m)
					check(t, h, m)
				})
			})
		}
	}
	if missed == 0 || parked == 0 || moved == 0 {
		t.Errorf("%d no-shows, %d parked, %d transferred in four mornings", missed, parked, moved)
	}
}

// leave turns the morning off and checks what it leaves behind.
func leave(t *testing.T, h *hall, m *demo.Morning) {
	t.Helper()
	var before []queue.CounterState
	h.look(func(s *queue.State) {
		for _, k := range s.Counters {
			before = append(before, k.State)
		}
	})
	began := time.Now()
	set(t, m, 0)
	if took := time.Since(began); took >= time.Second {
		t.Errorf("stopping took %s, want less than a second", took)
	}
	h.look(func(s *queue.State) {
		for i, k := range s.Counters[1:] {
			if k.Ticket != 0 {
				t.Errorf("counter %s still has ticket %d (%s)", k.ID, k.Ticket, s.Ticket(k.Ticket).State)
			}
			if k.State != before[i+1] {
				t.Errorf("counter %s is %s after the stop, was %s", k.ID, k.State, before[i+1])
			}
		}
		for _, x := range s.Tickets {
			if x.State == queue.Parked {
				t.Errorf("%s is still parked", x.Label)
			}
		}
	})
	records := len(h.book.Records)
	time.Sleep(time.Minute)
	if n := len(h.book.Records); n != records {
		t.Errorf("%d events after the stop", n-records)
	}
}

type reporter interface{ Errorf(string, ...any) }

func check(t reporter, h *hall, m *demo.Morning) {
	checkCounts(t, h, m)
	checkRules(t, h)
}

// checkCounts compares what the morning says with what the API acknowledged.
func checkCounts(t reporter, h *hall, m *demo.Morning) {
	st := m.State()
	for _, c := range []struct {
		verb string
		got  int
	}{{"tickets", st.Issued}, {"finish", st.Served}, {"no-show", st.NoShows}, {"park", st.Parked}, {"transfer", st.Transferred}} {
		if want := h.acks(c.verb); c.got != want {
			t.Errorf("%s: the morning counts %d, the API acknowledged %d", c.verb, c.got, want)
		}
	}
}

// checkRules looks at what holds whatever the API answers.
func checkRules(t reporter, h *hall) {
	if h.most > 1 {
		t.Errorf("%d commands under way at one counter", h.most)
	}
	h.look(func(s *queue.State) {
		if h.touched["1"] != 0 {
			t.Errorf("%d commands at the visitor's counter", h.touched["1"])
		}
		for _, p := range queuetest.Invariants(s) {
			t.Errorf("invariant: %s", p)
		}
	})
}

// Whatever the API answers: one command at a counter at most, counts of what
// was acknowledged, no crash, and off within a second.
func TestWhateverTheAPIAnswers(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		seed := rapid.Uint64().Draw(rt, "seed")
		trouble := rapid.Float64Range(0, 1).Draw(rt, "trouble")
		kinds := rapid.SliceOfNDistinct(rapid.IntRange(1, int(faults)-1), 1, int(faults)-1, rapid.ID[int]).Draw(rt, "kinds")
		speeds := rapid.SliceOfN(rapid.SampledFrom([]int{0, 1, 10, 60, 60}), 1, 3).Draw(rt, "speeds")
		var failures list
		synctest.Test(t, func(t *testing.T) {
			h := newHall()
			m := newMorning(t, h, demo.Options{Seed: seed})
			var mu sync.Mutex // protects rng
			rng := rand.New(rand.NewPCG(seed, 1))
			var begun atomic.Bool
			h.fault = func(*http.Request) fault {
				mu.Lock()
				defer mu.Unlock()
				if begun.Load() && rng.Float64() < trouble {
					return fault(kinds[rng.IntN(len(kinds))])
				}
				return well
			}
			set(t, m, 60)
			begun.Store(true)
			restarted := false
			for _, s := range speeds {
				time.Sleep(15 * time.Second)
				began := time.Now()
				restarted = restarted || s == 0
				_ = m.SetSpeed(t.Context(), s) // a start may fail: that is an answer too
				if took := time.Since(began); s == 0 && took >= time.Second {
					failures.Errorf("stopping took %s", took)
				}
			}
			time.Sleep(10 * time.Second)
			if err := m.Close(); err != nil {
				failures.Errorf("close: %v", err)
			}
			checkRules(&failures, h)
			if !restarted { // the counts begin anew with each start
				checkCounts(&failures, h, m)
			}
		})
		if len(failures) > 0 {
			rt.Fatal(strings.Join(failures, "\n"))
		}
	})
}

type list []string

func (l *list) Errorf(format string, args ...any) { *l = append(*l, fmt.Sprintf(format, args...)) }

func TestRefusals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall()
		m := newMorning(t, h, demo.Options{})
		for _, speed := range []int{-1, 2, 59, 1000} {
			var e *queue.Error
			if err := m.SetSpeed(t.Context(), speed); !errors.As(err, &e) || e.Code != queue.Invalid || !strings.Contains(e.Hint, "0 (off), 1, 10 or 60") {
				t.Errorf("speed %d: %v", speed, err)
			}
		}
		if _, err := h.do(queue.CloseDay{}); err != nil {
			t.Fatal(err)
		}
		if err := m.SetSpeed(t.Context(), 1); !errors.Is(err, &queue.Error{Code: queue.Closed, Reason: queue.WhyDayClosed}) {
			t.Errorf("closed day: %v", err)
		}
		if _, err := h.do(queue.OpenDay{}); err != nil {
			t.Fatal(err)
		}
		h.fault = func(*http.Request) fault { return lost }
		if err := m.SetSpeed(t.Context(), 1); err == nil || m.State().Speed != 0 {
			t.Errorf("unreachable: %v, %+v", err, m.State())
		}
		h.fault = func(*http.Request) fault { return well }
		if err := m.Close(); err != nil {
			t.Fatal(err)
		}
		if err := m.SetSpeed(t.Context(), 1); err == nil {
			t.Error("started after Close")
		}
		if err := m.SetSpeed(t.Context(), 0); err != nil {
			t.Errorf("off after Close: %v", err)
		}
	})
	if _, err := demo.New(demo.Options{Base: "http://hall.test"}); err == nil {
		t.Error("a Morning without a configuration")
	}
	synctest.Test(t, func(t *testing.T) {
		m := newMorning(t, newHall(), demo.Options{Human: 7})
		if err := m.SetSpeed(t.Context(), 1); !errors.Is(err, &queue.Error{Code: queue.Closed, Reason: queue.WhyNotConfigured}) {
			t.Errorf("all counters for people: %v", err)
		}
	})
}

// A speed changed while all wait is in force at once.
func TestSpeedChangesUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall()
		m := newMorning(t, h, demo.Options{Seed: 4})
		set(t, m, 1)
		time.Sleep(2 * time.Minute)
		slow := m.State()
		if slow.Speed != 1 || slow.Issued == 0 {
			t.Errorf("after two minutes at speed 1: %+v", slow)
		}
		set(t, m, 60)
		time.Sleep(2 * time.Minute)
		fast := m.State()
		if fast.Speed != 60 || fast.Served < 30 || fast.Since != slow.Since {
			t.Errorf("after two minutes at speed 60: %+v, before %+v", fast, slow)
		}
		leave(t, h, m)
		check(t, h, m)
	})
}

// Visitors press, call, close and take a ticket out of an officer's lane;
// their tickets are served, and what they hold is left alone.
func TestVisitorIsNotDisturbed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall()
		m := newMorning(t, h, demo.Options{Seed: 5})
		set(t, m, 60)
		time.Sleep(30 * time.Second)
		must := func(c queue.Command) []queue.Record {
			t.Helper()
			recs, err := h.do(c)
			if err != nil {
				t.Fatalf("%#v: %v", c, err)
			}
			return recs
		}
		must(queue.OpenCounter{Counter: "1"})
		must(queue.CallNext{Counter: "1"})

		// Counter 3 is closed by hand as soon as it is free, and stays so.
		for {
			if _, err := h.do(queue.CloseCounter{Counter: "3"}); err == nil {
				break
			}
			time.Sleep(time.Millisecond)
		}
		mine := queue.TicketID(must(queue.Issue{Category: "A", Entry: queue.EntryPanel})[0].Seq)
		time.Sleep(4 * time.Minute)
		h.look(func(s *queue.State) {
			if k := s.Counter("3"); k.State != queue.CounterIsClosed {
				t.Errorf("counter 3 is %s, the visitor closed it", k.State)
			}
			if k := s.Counter("1"); k.Ticket == 0 {
				t.Error("the visitor's ticket at counter 1 is gone")
			}
			if x := s.Ticket(mine); x.State != queue.Finished || x.Category != "A" {
				t.Errorf("the visitor's own ticket is %s in %s", x.State, x.Category)
			}
		})

		// The visitor sits down at an officer's counter and takes one.
		must(queue.OpenCounter{Counter: "3"})
		var held queue.TicketID
		for held == 0 {
			if recs, err := h.do(queue.CallNext{Counter: "3"}); err == nil {
				held = recs[0].Event.(queue.TicketCalled).Ticket
			} else {
				time.Sleep(time.Millisecond)
			}
		}
		time.Sleep(2 * time.Minute)
		h.look(func(s *queue.State) {
			if x := s.Ticket(held); x.State != queue.Called || x.Counter != "3" {
				t.Errorf("the ticket a visitor called is %s at %s", x.State, x.Counter)
			}
		})
		set(t, m, 0)
		h.look(func(s *queue.State) {
			if k := s.Counter("3"); k.Ticket != held {
				t.Errorf("stopping took the visitor's ticket away")
			}
		})
		check(t, h, m)
	})
}

// What a daemon left at a counter when it went down is taken up after a while.
func TestAbandonedTicketIsTakenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall()
		for _, c := range []queue.Command{queue.OpenCounter{Counter: "4"}, queue.Issue{Category: "C"}, queue.CallNext{Counter: "4"}} {
			if _, err := h.do(c); err != nil {
				t.Fatal(err)
			}
		}
		m := newMorning(t, h, demo.Options{Seed: 6})
		set(t, m, 60)
		time.Sleep(4 * time.Minute)
		var first queue.TicketID
		h.look(func(s *queue.State) { first = s.Counter("4").Ticket })
		time.Sleep(4 * time.Minute)
		h.look(func(s *queue.State) {
			if first == 0 || s.Ticket(first).State != queue.Finished {
				t.Errorf("ticket %d was not taken up after five minutes", first)
			}
		})
		leave(t, h, m)
	})
}
