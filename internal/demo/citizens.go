package demo

import (
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"motcua/display"
	"motcua/queue"
)

const (
	// look is how often the hall is looked at, of the played morning; in real
	// time it lies between lookLeast and lookMost.
	look      = 30 * time.Second
	lookLeast = time.Second
	lookMost  = 5 * time.Second

	// doors: until so many wait or so long has passed, people come in at six a
	// minute; they stood before the doors (domain.md §8).
	doorsCrowd = 8
	doorsOpen  = 5 * time.Minute
	doorsRate  = 6.0
)

var errNoTicket = errors.New("issue ticket: the answer names none")

// citizens sends people into the hall: a Poisson process whose intensity is
// looked at anew with every board. Between two looks it is constant, and
// what is drawn has no memory, so a draw may be dropped at each look.
func (r *run) citizens() {
	rng := rand.New(rand.NewPCG(r.m.o.Seed, 0))
	lanes := r.lanes()
	for {
		board, err := r.m.api.board(r.ctx, r.point)
		if err != nil {
			r.m.complain("demonstration can't read the board", err)
			if !waitReal(2*time.Second, r.quit) {
				return
			}
			continue
		}
		officers := r.see(board, lanes)
		people := waiting(board)
		r.m.count(func(s *MorningState) { s.Waiting = people })

		period := max(look, r.played(lookLeast))
		period = min(period, max(r.played(lookMost), time.Millisecond))
		next := r.pace.now() + period
		for {
			perMinute := rate(lanes, officers, people, r.pace.now())
			if officers > 0 && people < doorsCrowd && r.pace.now() < doorsOpen {
				perMinute = doorsRate
			}
			left := next - r.pace.now()
			gap := left
			if board.Day.Open && perMinute > 0 {
				gap = minutes(rng.ExpFloat64() / perMinute)
			}
			if gap >= left {
				if !r.pace.wait(left, breath, r.quit) {
					return
				}
				break
			}
			if !r.pace.wait(gap, 0, r.quit) {
				return
			}
			i := choose(rng, lanes)
			if i < 0 {
				continue
			}
			// One who was not let in counts as well until the next look: a
			// refusing door is not run at.
			people++
			lanes[i].waiting++
			r.arrive(rng, lanes[i].id)
		}
	}
}

// played is how much of the morning passes in d of real time.
func (r *run) played(d time.Duration) time.Duration {
	real, _ := r.pace.real(time.Hour)
	return time.Duration(float64(d) * float64(time.Hour) / float64(real))
}

// lanes are the categories the officers serve; a number nobody would call is
// never taken.
func (r *run) lanes() []lane {
	share := mix(r.cfg.Categories)
	var lanes []lane
	for i := range r.cfg.Categories {
		c := &r.cfg.Categories[i]
		if c.At(r.point) && slices.ContainsFunc(r.desks, func(d queue.Desk) bool { return d.Serves(c.ID) }) {
			lanes = append(lanes, lane{id: c.ID, minutes: c.Minutes, share: share[c.ID]})
		}
	}
	return lanes
}

// see updates the lanes from a board and returns how many officers work. An
// officer on a break still counts: people don't go home for ten minutes.
func (r *run) see(b display.Board, lanes []lane) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.open)
	for _, d := range r.desks {
		for _, c := range b.Counters {
			if c.Number == d.Number && c.State != queue.CounterIsClosed && c.State != "" {
				r.open[d.ID] = true
			}
		}
	}
	for i := range lanes {
		l := &lanes[i]
		l.waiting, l.counters = 0, 0
		for _, x := range b.Lanes {
			if x.Category == string(l.id) {
				l.waiting = max(x.Waiting, 0)
			}
		}
		for j := range r.desks {
			if d := &r.desks[j]; r.open[d.ID] && d.Serves(l.id) {
				l.counters++
			}
		}
	}
	return len(r.open)
}

func waiting(b display.Board) int {
	n := 0
	for _, l := range b.Lanes {
		n += max(l.Waiting, 0)
	}
	return n
}

// arrive takes a number; the greeter grants priority and counts dossiers.
func (r *run) arrive(rng *rand.Rand, c queue.CategoryID) {
	b := issueBody{Category: c, Point: r.point}
	if rng.Float64() < sharePriority {
		b.Class = r.priority()
	}
	dossiers := 1
	if rng.Float64() < shareAgent {
		dossiers = 2 + rng.IntN(4)
		b.Dossiers = dossiers
	}
	if l := r.cfg.Languages; len(l) > 1 && rng.Float64() < .15 {
		b.SlipLanguage = l[1+rng.IntN(len(l)-1)]
	}
	id, err := r.m.api.issue(r.ctx, b)
	if err == nil && id == 0 {
		err = errNoTicket
	}
	if err != nil {
		r.m.complain("demonstration got no number", err, "category", c)
		return
	}
	r.mu.Lock()
	r.issued[id] = &citizen{errand: newErrand(r.m.o.Seed, id), dossiers: dossiers}
	r.mu.Unlock()
	r.m.count(func(s *MorningState) { s.Issued++; s.Waiting++ })
}

// priority is the class with the largest head start; "" when there is only one.
func (r *run) priority() queue.ClassID {
	var best queue.Class
	for _, c := range r.cfg.Classes {
		if c.ID != queue.Normal && c.HeadStart > best.HeadStart {
			best = c
		}
	}
	return best.ID
}
