package demo

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"motcua/queue"
)

// The draws have the shares and means they are said to have.
func TestErrands(t *testing.T) {
	const n = 20000
	var missed, parked, moved, service float64
	var walk time.Duration
	for i := range n {
		e := newErrand(7, queue.TicketID(i+1))
		if e != newErrand(7, queue.TicketID(i+1)) {
			t.Fatalf("errand %d is drawn differently the second time", i+1)
		}
		for _, x := range []struct {
			is  bool
			sum *float64
		}{{e.missed, &missed}, {e.parked, &parked}, {e.moved, &moved}} {
			if x.is {
				*x.sum++
			}
		}
		service += e.service
		walk += e.walk
	}
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"missed", missed / n, .04}, {"parked", parked / n, .05}, {"moved", moved / n, .04},
		{"walk in minutes", walk.Minutes() / n, 1},
		{"service", service / n, 1 + 1.5*.03}, // 3 % take 2.5 times as long
	} {
		if math.Abs(c.got-c.want) > .15*c.want {
			t.Errorf("%s: %.3f, want about %.3f", c.name, c.got, c.want)
		}
	}
	if got := (errand{service: 1}).length(10, 3); got != 22*time.Minute {
		t.Errorf("three dossiers of ten minutes take %s, want 22m", got)
	}
}

func TestProfile(t *testing.T) {
	for _, c := range []struct {
		minute int
		want   float64
	}{{0, 1.1}, {29, 1.1}, {30, 1.6}, {119, 1.6}, {120, 1.0}, {180, .6}, {209, .6}, {210, 1.1}, {240, 1.6}} {
		if got := intensity(time.Duration(c.minute) * time.Minute); got != c.want {
			t.Errorf("minute %d: %v, want %v", c.minute, got, c.want)
		}
	}
	for _, c := range []struct {
		waiting int
		want    float64
	}{{0, 3}, {1, 3}, {17, 1}, {25, 0}, {400, 0}} {
		if got := crowd(c.waiting); got != c.want {
			t.Errorf("crowd(%d) = %v, want %v", c.waiting, got, c.want)
		}
	}
}

func TestMix(t *testing.T) {
	sum := func(m map[queue.CategoryID]float64) (s float64) {
		for _, v := range m {
			s += v
		}
		return s
	}
	for name, c := range map[string]struct {
		letters string
		want    map[queue.CategoryID]float64
	}{
		"the usual ones":  {"ABCDR", map[queue.CategoryID]float64{"A": .6, "D": .19, "B": .13, "C": .04, "R": .04}},
		"all others":      {"XYZW", map[queue.CategoryID]float64{"X": .25}},
		"without A":       {"DXY", map[queue.CategoryID]float64{"D": .19, "X": .02}},
		"one nobody knew": {"X", map[queue.CategoryID]float64{"X": 1}},
	} {
		t.Run(name, func(t *testing.T) {
			var list []queue.Category
			for _, l := range c.letters {
				list = append(list, queue.Category{ID: queue.CategoryID(l)})
			}
			m := mix(list)
			for id, want := range c.want {
				if math.Abs(m[id]-want) > 1e-9 {
					t.Errorf("%s has %.3f, want %.3f", id, m[id], want)
				}
			}
			if s := sum(m); s > 1+1e-9 {
				t.Errorf("the shares are %.3f together", s)
			}
		})
	}
}

// A lane nobody serves gets nobody, and a hall without officers nobody at all.
func TestChoose(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	lanes := []lane{{id: "A", share: .9}, {id: "B", share: .1, counters: 1, minutes: 10, waiting: 9}}
	for range 100 {
		if i := choose(rng, lanes); i != 1 {
			t.Fatalf("chose lane %d", i)
		}
	}
	if got := choose(rng, lanes[:1]); got != -1 {
		t.Errorf("chose %d of lanes nobody serves", got)
	}
	if got := rate(lanes[:1], 1, 0, 0); got != 0 {
		t.Errorf("%v people a minute come for a lane nobody serves", got)
	}
	if got := rate(lanes, 0, 0, 0); got != 0 {
		t.Errorf("%v people a minute come to a hall without officers", got)
	}
	// One officer, ten minutes and a walk: .85/11 a minute, at 1.1 in the
	// first half hour, as they are with 17 waiting.
	if got, want := rate(lanes, 1, 17, 0), .85/11*1.1; math.Abs(got-want) > 1e-9 {
		t.Errorf("rate is %v, want %v", got, want)
	}
}
