package kiosk

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"os"
	"strconv"
	"strings"
	"time"
)

// Button names a key of a panel: a category's ("A") or a language's ("vi").
// What the name stands for is decided by who listens, not by the panel. The
// empty Button stands for all buttons of a panel together.
type Button string

// Press is one push of a button by a person: bounces are already removed, and
// a button held down is one press.
type Press struct {
	Button Button
	// Count is the number of this press among all presses of the panel since
	// it was made, beginning with 1. Together with [Panel.Boot] it is the key
	// under which the press can be retried without a second ticket: [Press.Key].
	Count uint64
	// At is when the contact first closed, by the panel's clock. It is for
	// logs and latency figures; the order of presses is that of Count.
	At time.Time
}

// Key returns the idempotency key of the press on the panel with this boot:
// the boot, a slash and the count.
func (p Press) Key(boot string) string {
	return boot + "/" + strconv.FormatUint(p.Count, 10)
}

// The codes of a [Fault]. They reach logs and health entries as they stand
// here and are never renamed.
const (
	// FaultStuck: a button has been down for over 10 s. Nobody leans on a
	// button that long; its contact or its wire is closed.
	FaultStuck = "stuck"
	// FaultCable: three or more buttons went down within 5 ms. That is a plug
	// or a cable, never people.
	FaultCable = "cable"
	// FaultIO: the line of a button answers with errors; the button gives no
	// presses.
	FaultIO = "io"
	// FaultLamp: the line of a button's lamp answers with errors; the button
	// itself works.
	FaultLamp = "lamp"
	// FaultAbsent: the machine has no panel, or none that can be opened.
	FaultAbsent = "absent"
)

// Fault is something wrong with a panel that a person must look at. Msg says
// what was seen and Hint what to do about it; both are for staff, in English,
// and whoever shows another language translates by Code.
type Fault struct {
	Button Button // "" for the whole panel
	Code   string // FaultStuck, FaultCable, FaultIO, FaultLamp, FaultAbsent
	Msg    string
	Hint   string
}

// Panel is a row of lit buttons. The panel knows contacts and lamps, nothing
// else: it does not know which categories are open, it does not limit how
// often somebody may press, and it switches no lamp by itself. When a button
// is reported stuck, whoever listens turns its lamp off.
type Panel interface {
	// Run watches the buttons and drives the lamps until ctx ends, then
	// returns nil; it does not return before every goroutine it started has
	// ended, which may take 0.7 s on real pins. It returns an error only when
	// it was misused: a panel runs once at a time. Missing or broken hardware
	// is reported through fault and is no error, because a centre without its
	// panel still calls tickets.
	//
	// Run calls press and fault one at a time, on the goroutine that called
	// Run, so neither needs a lock against the other. Both should return
	// within milliseconds: while one runs, later presses wait in order. A
	// listener that prints hands the press to a goroutine of its own. They may
	// call SetLamp, Buttons and Boot. Neither is called after Run has returned.
	//
	// fault is called with cleared false when a fault begins and with cleared
	// true when it has ended, at most once each in turn for every pair of
	// Button and Code. A cleared fault carries the same Button and Code as it
	// did when it began. Faults that stand when ctx ends are not cleared.
	Run(ctx context.Context, press func(Press), fault func(f Fault, cleared bool)) error

	// SetLamp sets what the light of a button says; the empty Button sets all
	// of them. It never blocks, may be called from any goroutine, before and
	// during Run, and the last value set is remembered: the pattern runs until
	// it is replaced. Setting the value a lamp already has does not restart
	// its pattern. A button the panel does not have and a lamp that is not
	// Valid are ignored; a button without a light is no error. Before the first
	// SetLamp every lamp is LampOff.
	SetLamp(b Button, l Lamp)

	// Buttons lists the buttons in the order they stand on the panel. The
	// slice is the caller's own.
	Buttons() []Button

	// Boot names this start of the panel. No two starts ever share a Boot, on
	// this machine or another, so Boot and Press.Count never repeat together.
	Boot() string
}

// bootIDFile names the running boot of a Linux kernel (random(4)).
const bootIDFile = "/proc/sys/kernel/random/boot_id"

// NewBoot returns a new name for one start of a panel, such as
// "3f2b8c1d-9a64d1f0c2e85b37": the beginning of the kernel's boot id, so that a
// reader of the journal sees which starts share a boot of the machine, and 64
// random bits, so that no start repeats another. A counter of starts would have
// to be kept on a disk that may have lost its last write; random bits need none.
// A kernel without a boot id gives "noboot" for the first half.
func NewBoot() string {
	boot := "noboot"
	if b, err := os.ReadFile(bootIDFile); err == nil {
		if first, _, _ := strings.Cut(strings.TrimSpace(string(b)), "-"); first != "" {
			boot = first
		}
	}
	var start [8]byte
	rand.Read(start[:]) // never fails: crypto/rand ends the program instead
	return boot + "-" + hex.EncodeToString(start[:])
}
