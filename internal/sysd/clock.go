package sysd

import (
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// synced is where systemd-timesyncd says that it has set the clock.
const synced = "/run/systemd/timesync/synchronized"

// stepOver is how far wall clock and monotonic clock may part between two
// looks before somebody must have set the clock.
const stepOver = 2 * time.Second

// askEvery bounds how often the kernel is asked about a clock not yet trusted.
const askEvery = time.Second

// ClockOptions are what a Clock must know. The functions may be nil: the system's.
type ClockOptions struct {
	// NotBefore is the last time that was stored: a clock before it is wrong.
	NotBefore time.Time
	Now       func() time.Time
	Mono      func() int64 // CLOCK_BOOTTIME, ms
	Synced    func() bool  // the kernel or timesyncd vouches for the time
	// Trusted is the offset, Now − Mono, at which the clock was trusted earlier
	// in this boot, by another process; nil: it never was.
	Trusted *time.Duration
	// Gained is told of the offset whenever trust is gained. Nil: nobody is.
	Gained func(offset time.Duration)
}

// Clock is the wall clock with its trust (hardware.md §7): vouched for by NTP,
// an RTC or a person, and not before what was stored. Trust once gained lasts
// until the clock is stepped or the machine boots, also through a restart of the
// process, for the kernel withdraws its own word some nine hours after the last
// contact. It is safe for concurrent use.
type Clock struct {
	o ClockOptions

	mu      sync.Mutex // protects below
	trusted bool
	asked   int64         // Mono of the last question to the kernel
	offset  time.Duration // wall − monotonic at the last look
}

// NewClock returns the system's clock.
func NewClock(o ClockOptions) *Clock {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Mono == nil {
		o.Mono = boottime
	}
	if o.Synced == nil {
		o.Synced = kernelSynced
	}
	c := &Clock{o: o, asked: -askEvery.Milliseconds() - 1}
	if o.Trusted != nil && !o.Now().Before(o.NotBefore) {
		c.trusted, c.offset = true, *o.Trusted // if it was stepped since, the first look sees it
	}
	return c
}

// Now is the wall clock.
func (c *Clock) Now() time.Time { return c.o.Now() }

// Mono is CLOCK_BOOTTIME in milliseconds.
func (c *Clock) Mono() int64 { return c.o.Mono() }

// OK reports whether Now can be trusted.
func (c *Clock) OK() bool {
	c.mu.Lock()
	wall, mono := c.o.Now(), c.o.Mono()
	offset := since(wall, mono)
	if moved := offset - c.offset; moved > stepOver || moved < -stepOver {
		c.trusted, c.asked = false, mono-askEvery.Milliseconds()-1
	}
	c.offset = offset
	gained := false
	if !c.trusted && mono-c.asked > askEvery.Milliseconds() {
		c.asked = mono
		c.trusted = !wall.Before(c.o.NotBefore) && c.o.Synced()
		gained = c.trusted
	}
	ok := c.trusted
	c.mu.Unlock()
	if gained && c.o.Gained != nil {
		c.o.Gained(offset)
	}
	return ok
}

// Confirm is a person's word that the clock is right.
func (c *Clock) Confirm() {
	c.mu.Lock()
	c.trusted = true
	c.offset = since(c.o.Now(), c.o.Mono())
	offset := c.offset
	c.mu.Unlock()
	if c.o.Gained != nil {
		c.o.Gained(offset)
	}
}

// since is how far the wall clock is ahead of the monotonic one.
func since(wall time.Time, mono int64) time.Duration {
	return time.Duration(wall.UnixMilli()-mono) * time.Millisecond
}

func boottime() int64 {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &t); err != nil {
		return 0
	}
	return t.Nano() / int64(time.Millisecond)
}

// kernelSynced asks the kernel (adjtimex) and timesyncd.
func kernelSynced() bool {
	var t unix.Timex
	if state, err := unix.Adjtimex(&t); err == nil && state != unix.TIME_ERROR && t.Status&unix.STA_UNSYNC == 0 {
		return true
	}
	_, err := os.Stat(synced)
	return err == nil
}

// BootID names the running boot of the kernel; "unknown" where there is none.
func BootID() string {
	b, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(b))
}
