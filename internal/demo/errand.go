package demo

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"motcua/queue"
)

// The shares of domain.md §8; parking, moving and leaving are assumptions.
const (
	shareMissed   = .04
	sharePriority = .12
	shareAgent    = .06 // with 2 to 5 dossiers
	shareParked   = .05
	shareMoved    = .04
	shareLong     = .03 // a service 2.5 times as long (routing.md §4)
	variation     = .7  // CV of a service
	perDossier    = .6  // of the minutes, for each dossier after the first (routing.md §1)
)

// meanWalk is the time from a call to the chair (routing.md §4): .3 + Exp(.7) min.
const meanWalk = time.Minute

// errand is what a citizen will do, drawn from the seed and the ticket: who
// serves it and when moves no draw.
type errand struct {
	missed  bool
	parked  bool // sent for a copy, comes back after away
	moved   bool // at the wrong counter
	walk    time.Duration
	away    time.Duration
	service float64 // of the category's minutes
	split   float64 // share of the service before it is parked or moved
	outcome queue.Outcome
}

func newErrand(seed uint64, t queue.TicketID) errand {
	r := rand.New(rand.NewPCG(seed, uint64(t)))
	e := errand{
		missed: r.Float64() < shareMissed,
		walk:   minutes(.3 + .7*r.ExpFloat64()),
		away:   minutes(4 + 6*r.Float64()),
		split:  .2 + .4*r.Float64(),
	}
	// A lognormal of mean 1: σ² = ln(1 + CV²), μ = −σ²/2.
	variance := math.Log(1 + variation*variation)
	e.service = math.Exp(math.Sqrt(variance)*r.NormFloat64() - variance/2)
	if r.Float64() < shareLong {
		e.service *= 2.5
	}
	switch x := r.Float64(); {
	case x < shareParked:
		e.parked = true
	case x < shareParked+shareMoved:
		e.moved = true
	}
	switch x := r.Float64(); {
	case x < .88:
		e.outcome = queue.Done
	case x < .94:
		e.outcome = queue.PapersMissing
	case x < .98:
		e.outcome = queue.FiledOnline
	default:
		e.outcome = queue.WrongPlace
	}
	return e
}

// length is the whole service of so many dossiers.
func (e errand) length(usual, dossiers int) time.Duration {
	m := float64(max(usual, 1)) * (1 + perDossier*float64(max(dossiers, 1)-1)) * e.service
	return max(minutes(m), 20*time.Second)
}

func minutes(m float64) time.Duration { return time.Duration(m * float64(time.Minute)) }

// busy is the arrival intensity until a minute of the played morning, from
// 07:30 (routing.md §4). After its last the morning begins anew: who watches
// for long wants a hall, not a lunch break.
var busy = []struct{ until, level float64 }{{30, 1.1}, {120, 1.6}, {180, 1.0}, {210, .6}}

// intensity is the profile's level at an instant of the morning.
func intensity(at time.Duration) float64 {
	m := math.Mod(at.Minutes(), busy[len(busy)-1].until)
	for _, b := range busy {
		if m < b.until {
			return b.level
		}
	}
	return busy[0].level
}

// full is how many people wait when nobody more comes.
const full = 25

// crowd is the factor by which people who wait keep others from coming: 3 in
// an empty hall, 1 with 17, 0 with 25. It is what makes the hall stable: with
// any profile and any officers it settles where as many come as are served.
func crowd(waiting int) float64 { return min(3, max(0, float64(full-waiting)/8)) }

// mix is the share of each category (domain.md §5); the others share the rest.
func mix(categories []queue.Category) map[queue.CategoryID]float64 {
	known := map[queue.CategoryID]float64{"A": .60, "D": .19, "B": .13, "C": .04}
	left, others := 1.0, 0
	for _, c := range categories {
		if known[c.ID] == 0 {
			others++
		} else {
			left -= known[c.ID]
		}
	}
	if others > 0 && left > .04 && left < 1 {
		left = .04
	}
	m := make(map[queue.CategoryID]float64, len(categories))
	for _, c := range categories {
		m[c.ID] = cmp.Or(known[c.ID], left/float64(max(others, 1)))
	}
	return m
}

// lane is a category as the citizens see it.
type lane struct {
	id       queue.CategoryID
	minutes  int // usual service
	share    float64
	waiting  int
	counters int // of the officers, open and serving it
}

// weight is the lane's share with a discount for a long queue: people look at
// the wall before they press.
func (l lane) weight() float64 {
	if l.counters == 0 {
		return 0
	}
	return l.share / (1 + float64(l.waiting)/float64(4*l.counters))
}

// rate is how many people come in a minute, over all lanes. The officers'
// capacity is taken at 85 %: skills never overlap so well that all are busy.
func rate(lanes []lane, officers, waiting int, at time.Duration) float64 {
	var sum, work float64
	for _, l := range lanes {
		w := l.weight()
		sum += w
		work += w * (float64(max(l.minutes, 1)) + meanWalk.Minutes())
	}
	if sum == 0 || officers == 0 {
		return 0
	}
	return .85 * float64(officers) * sum / work * intensity(at) * crowd(waiting)
}

// choose draws a lane; −1 when none has any weight.
func choose(r *rand.Rand, lanes []lane) int {
	var sum float64
	for _, l := range lanes {
		sum += l.weight()
	}
	x := r.Float64() * sum
	for i, l := range lanes {
		if w := l.weight(); w > 0 {
			if x < w {
				return i
			}
			x -= w
		}
	}
	// Rounding may leave a hair of x over.
	return slices.IndexFunc(lanes, func(l lane) bool { return l.weight() > 0 })
}
