package queue

// Reason is why a ticket was called: a code with values, made into words where
// it is shown (routing.md §1). It never says on which ground a class was granted.
type Reason struct {
	Code      ReasonCode `json:"code"`
	Cause     CallReason `json:"cause,omitempty"`      // of manual: who asked
	Arrival   Stamp      `json:"arrival,omitempty"`    // a: the ticket's arrival as it counts
	Effective Stamp      `json:"effective,omitempty"`  // v: arrival less the head start
	HeadStart int        `json:"head_start,omitempty"` // H in minutes
	Other     string     `json:"other,omitempty"`      // label of the ticket it is compared with
	Expected  int        `json:"expected,omitempty"`   // E in minutes, of this ticket
	OtherMin  int        `json:"other_expected,omitempty"`
	Window    int        `json:"window,omitempty"` // D in minutes
	Guard     int        `json:"guard,omitempty"`  // G in minutes
	Slot      Stamp      `json:"slot,omitempty"`   // s: of the appointment
	// Of not_served: what the counter does not serve.
	Category CategoryID `json:"category,omitempty"`
}

// ReasonCode is stable and translated by the faces.
type ReasonCode string

const (
	ByArrival  ReasonCode = "first"
	ByPriority ReasonCode = "priority"
	ByShorter  ReasonCode = "shorter"
	ByGuard    ReasonCode = "guard"
	ByTransfer ReasonCode = "transfer"
	ByReturn   ReasonCode = "returned"
	ByHand     ReasonCode = "manual"

	ByAppointment ReasonCode = "appointment"
	// ByPolicy is the reason of the policies kept for comparison, which give no other.
	ByPolicy ReasonCode = "policy"
	// NotServed answers why a ticket was not called: the counter may not call it.
	NotServed ReasonCode = "not_served"
	// NotPassed is told to the holder: no number taken after Arrival is placed
	// before this one.
	NotPassed ReasonCode = "nopass"
)

// CallParked is the cause of a counter's calling back the ticket it parked: by
// hand, but nobody is passed over who was promised that place.
const CallParked CallReason = "parked"

// CallTransferred is the cause of a call by hand of a ticket that was
// transferred to the front of its lane.
const CallTransferred CallReason = "transferred_first"
