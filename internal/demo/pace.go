package demo

import (
	"sync"
	"time"
)

// pace turns durations of the played morning into waits of the real one. The
// speed may change while somebody waits.
type pace struct {
	mu      sync.Mutex    // protects everything below
	speed   int           // played time per real time, ≥ 1
	since   time.Time     // when speed was set
	played  time.Duration // until then
	changed chan struct{} // closed when speed changes
}

func newPace(speed int) *pace {
	return &pace{speed: speed, since: time.Now(), changed: make(chan struct{})}
}

func (p *pace) set(speed int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	p.played += now.Sub(p.since) * time.Duration(p.speed)
	p.since, p.speed = now, speed
	close(p.changed)
	p.changed = make(chan struct{})
}

// now is how much of the morning has been played.
func (p *pace) now() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.played + time.Since(p.since)*time.Duration(p.speed)
}

// real is what d of the morning takes at the present speed.
func (p *pace) real(d time.Duration) (time.Duration, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return d / time.Duration(p.speed), p.changed
}

// wait lets d of the morning pass, and at least least of real time; false when
// stop was closed before.
func (p *pace) wait(d, least time.Duration, stop <-chan struct{}) bool {
	began, until := time.Now(), p.now()+d
	for {
		left, changed := p.real(until - p.now())
		left = max(left, least-time.Since(began))
		if left <= 0 {
			return !closed(stop)
		}
		timer := time.NewTimer(left)
		select {
		case <-timer.C:
		case <-changed:
			timer.Stop()
		case <-stop:
			timer.Stop()
			return false
		}
	}
}

// waitReal lets d of real time pass; false when stop was closed before.
func waitReal(d time.Duration, stop <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return !closed(stop)
	case <-stop:
		return false
	}
}

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
