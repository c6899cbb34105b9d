package sysd_test

import (
	"testing"
	"time"

	"motcua/internal/sysd"
)

// machine is a clock to be set by hand.
type machine struct {
	wall   time.Time
	mono   int64
	synced bool
}

func (m *machine) clock(notBefore time.Time) *sysd.Clock {
	return sysd.NewClock(sysd.ClockOptions{NotBefore: notBefore,
		Now: func() time.Time { return m.wall }, Mono: func() int64 { return m.mono }, Synced: func() bool { return m.synced }})
}

func (m *machine) pass(d time.Duration) { m.wall, m.mono = m.wall.Add(d), m.mono+d.Milliseconds() }

func TestTrust(t *testing.T) {
	stored := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	m := &machine{wall: time.Unix(0, 0), mono: 5000}
	c := m.clock(stored)
	if c.OK() {
		t.Error("trusted in 1970")
	}
	m.pass(2 * time.Second)
	m.synced = true
	if c.OK() {
		t.Error("trusted before the last stored time, whatever the kernel says")
	}
	m.wall = stored.Add(time.Hour) // NTP sets it
	if !c.OK() {
		t.Error("not trusted after NTP set it")
	}
	m.synced = false // nine hours offline
	m.pass(9 * time.Hour)
	if !c.OK() {
		t.Error("trust lost without a step")
	}
	m.wall = m.wall.Add(24 * time.Hour)
	if c.OK() {
		t.Error("trusted after a step nobody vouches for")
	}
	m.pass(2 * time.Second)
	c.Confirm()
	if !c.OK() {
		t.Error("a person's word is not enough")
	}
}

// TestTrustOutlastsTheProcess: who takes over in the same boot needs no new
// word, unless the clock was stepped or put before what is stored.
func TestTrustOutlastsTheProcess(t *testing.T) {
	m := &machine{wall: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC), mono: 5000}
	var kept *time.Duration
	again := func(notBefore time.Time) *sysd.Clock {
		return sysd.NewClock(sysd.ClockOptions{NotBefore: notBefore, Trusted: kept, Gained: func(d time.Duration) { kept = &d },
			Now: func() time.Time { return m.wall }, Mono: func() int64 { return m.mono }, Synced: func() bool { return m.synced }})
	}
	c := again(time.Time{})
	if c.OK() || kept != nil {
		t.Fatal("trusted without anybody's word")
	}
	c.Confirm()
	m.pass(time.Hour)
	if c := again(time.Time{}); !c.OK() {
		t.Error("a person's word is lost with the process")
	}
	if c := again(m.wall.Add(time.Minute)); c.OK() {
		t.Error("trusted before the last stored time")
	}
	m.wall = m.wall.Add(time.Minute)
	if c := again(time.Time{}); c.OK() {
		t.Error("trusted though somebody has set it meanwhile")
	}
	kept, m.synced = nil, true
	m.pass(2 * time.Second)
	c = again(time.Time{})
	if !c.OK() || kept == nil {
		t.Fatal("the network's word is not kept")
	}
	m.synced = false
	m.pass(9 * time.Hour)
	if c := again(time.Time{}); !c.OK() {
		t.Error("the network's word is lost with the process")
	}
}

func TestSystem(t *testing.T) {
	c := sysd.NewClock(sysd.ClockOptions{})
	if a, b := c.Mono(), c.Mono(); a <= 0 || b < a {
		t.Errorf("monotonic clock went %d, %d", a, b)
	}
	c.OK() // whatever the machine says, it must answer
	if sysd.BootID() == "" {
		t.Error("no boot id")
	}
}
