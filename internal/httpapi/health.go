package httpapi

import "time"

// HealthState is how the centre, or a part of it, does.
type HealthState string

const (
	HealthOK       HealthState = "ok"
	HealthDegraded HealthState = "degraded" // works without something it should have
	HealthDown     HealthState = "down"     // gives out no numbers
)

// Health is what the daemon found and what is degraded.
type Health struct {
	Status  HealthState  `json:"status" enum:"ok,degraded,down"`
	Version string       `json:"version,omitempty"`
	Since   time.Time    `json:"since,omitzero"` // start of the daemon
	Parts   []HealthPart `json:"parts,omitempty" nullable:"false"`
}

// HealthPart is one part: journal, printer, panel, clock, hub, …
type HealthPart struct {
	Name   string      `json:"name"`
	Status HealthState `json:"status" enum:"ok,degraded,down"`
	Code   string      `json:"code,omitempty" doc:"Stable cause, such as paper_out"`
	Msg    string      `json:"message,omitempty"`
	Hint   string      `json:"hint,omitempty" doc:"What to do about it"`
}
