package escpos

import (
	"sync/atomic"

	"motcua/printer"
)

// Auto is ESC/POS as the printer that was opened last speaks it. Whoever opens
// a link says by [Auto.Recognise] what stands there, before the link is used.
// It is safe for concurrent use; make one by [NewAuto].
type Auto struct {
	sounds bool
	now    atomic.Pointer[recognised]
}

type recognised struct {
	protocol *Protocol
	note     string
}

var _ printer.Protocol = (*Auto)(nil)

// NewAuto speaks to a printer nobody has seen yet: profile "generic", without
// a note.
func NewAuto() *Auto {
	p, _ := ProfileFor(printer.DeviceID{})
	a := &Auto{}
	a.now.Store(&recognised{protocol: &Protocol{profile: p}})
	return a
}

// Sounding makes every printer that has a buzzer sound, see [Protocol.Sounding].
// Call it before the first use.
func (a *Auto) Sounding() *Auto {
	a.sounds = true
	now := a.now.Load()
	a.now.Store(&recognised{now.protocol.Sounding(), now.note})
	return a
}

// Recognise chooses the profile by what the printer says of itself, and
// returns it with the note of [ProfileFor].
func (a *Auto) Recognise(id printer.DeviceID) (Profile, string) {
	p, note := ProfileFor(id)
	a.now.Store(&recognised{&Protocol{profile: p, sounds: a.sounds}, note})
	return p, note
}

// Note says why the profile may be wrong, with the remedy; empty when it fits.
func (a *Auto) Note() string { return a.now.Load().note }

// Encode is [Protocol.Encode] of the profile in use.
func (a *Auto) Encode(s printer.Slip, id printer.JobID) (printer.Job, error) {
	return a.now.Load().protocol.Encode(s, id)
}

// StatusRequest is [Protocol.StatusRequest] of the profile in use.
func (a *Auto) StatusRequest() []byte { return a.now.Load().protocol.StatusRequest() }

// Greeting is [Protocol.Greeting] of the profile in use.
func (a *Auto) Greeting() []byte { return a.now.Load().protocol.Greeting() }

// Probe is [Protocol.Probe] of the profile in use.
func (a *Auto) Probe() []byte { return a.now.Load().protocol.Probe() }

// Recover is [Protocol.Recover] of the profile in use.
func (a *Auto) Recover(remainder, attempt int) []byte {
	return a.now.Load().protocol.Recover(remainder, attempt)
}

// NewParser is [Protocol.NewParser] of the profile in use: each link has its own.
func (a *Auto) NewParser() printer.Parser { return a.now.Load().protocol.NewParser() }
