package queue

// Event is something that happened. The set is closed; each carries its
// version in its name and is never edited: a new shape gets a new version.
// The names are listed with their release in doc.go.
type Event interface{ EventType() string }

type ConfigApplied struct {
	Config *Config `json:"config"`
}

type DayOpened struct {
	Day Day `json:"day"`
}

// DayClosed carries the day's account, taken after the events before it.
type DayClosed struct {
	Day    Day     `json:"day"`
	Forced bool    `json:"forced,omitempty"` // by the rollover, not by hand
	Totals *Totals `json:"totals,omitempty"`
}

// Totals is what became of a day's tickets: Issued is the sum of the others.
type Totals struct {
	Issued    int `json:"issued"`
	Finished  int `json:"finished"`
	NoShow    int `json:"no_show"`
	Cancelled int `json:"cancelled"`
	Expired   int `json:"expired"`
}

type CounterOpened struct {
	Counter CounterID `json:"counter"`
	Staff   string    `json:"staff,omitempty"`
}

type CounterPaused struct {
	Counter CounterID   `json:"counter"`
	Reason  PauseReason `json:"reason,omitempty"`
	Until   Stamp       `json:"until,omitempty"`   // when it is to end; 0 = not known
	Planned bool        `json:"planned,omitempty"` // by the centre's plan of breaks, not by hand
}

type CounterClosed struct {
	Counter CounterID `json:"counter"`
}

// TicketIssued creates the ticket whose id is the record's own Seq.
type TicketIssued struct {
	Label    string     `json:"label"`
	Number   int        `json:"number"`
	Series   SeriesID   `json:"series"`
	Day      Day        `json:"day"`
	Point    PointID    `json:"point"`
	Category CategoryID `json:"category"`
	Class    ClassID    `json:"class"`
	Dossiers int        `json:"dossiers"`
	Entry    Entry      `json:"entry,omitempty"`
	Ahead    int        `json:"ahead"` // people ahead in the lane at that moment
	Ref      Ref        `json:"ref"`

	Session SessionID    `json:"session,omitempty"` // whose quota it counts in
	Arrival Stamp        `json:"arrival,omitempty"` // from when it counts; 0 = from the record's own time
	Slot    Stamp        `json:"slot,omitempty"`    // of the appointment it came to in time
	Claim   ClassID      `json:"claim,omitempty"`   // claimed at a button, not yet confirmed
	Legs    []CategoryID `json:"legs,omitempty"`    // to which the visit goes on
}

// TicketCalled carries the label and category so that whoever hears it needs
// no state to say it.
type TicketCalled struct {
	Ticket   TicketID   `json:"ticket"`
	Label    string     `json:"label"`
	Category CategoryID `json:"category"`
	Class    ClassID    `json:"class"`
	Counter  CounterID  `json:"counter"`
	Reason   Reason     `json:"reason"`
	// Finished is the ticket whose finish asked for this call in the same request.
	Finished TicketID `json:"finished,omitempty"`
}

type TicketRecalled struct {
	Ticket  TicketID  `json:"ticket"`
	Label   string    `json:"label"`
	Counter CounterID `json:"counter"`
	Call    int       `json:"call"` // 2 = first recall
}

type TicketStarted struct {
	Ticket  TicketID  `json:"ticket"`
	Label   string    `json:"label"`
	Counter CounterID `json:"counter"`
}

type TicketFinished struct {
	Ticket  TicketID  `json:"ticket"`
	Label   string    `json:"label"`
	Counter CounterID `json:"counter"`
	Outcome Outcome   `json:"outcome"`
}

// TicketLegFinished ends one leg of a visit; the ticket waits for the next one.
type TicketLegFinished struct {
	Ticket  TicketID   `json:"ticket"`
	Label   string     `json:"label"`
	Counter CounterID  `json:"counter"`
	Outcome Outcome    `json:"outcome"`
	Next    CategoryID `json:"next"`
	Point   PointID    `json:"point"` // where the next leg waits
	Arrival Stamp      `json:"arrival"`
}

type TicketLegsPlanned struct {
	Ticket TicketID     `json:"ticket"`
	Label  string       `json:"label"`
	Legs   []CategoryID `json:"legs"`
}

// TicketClassSet carries the arrival the ticket has from now on.
type TicketClassSet struct {
	Ticket  TicketID `json:"ticket"`
	Label   string   `json:"label"`
	Class   ClassID  `json:"class"`
	Arrival Stamp    `json:"arrival"`
}

type TicketDossiersSet struct {
	Ticket   TicketID `json:"ticket"`
	Label    string   `json:"label"`
	Dossiers int      `json:"dossiers"`
}

// TicketUndone puts a ticket back as it was before an event; nothing is deleted.
type TicketUndone struct {
	Ticket  TicketID    `json:"ticket"`
	Label   string      `json:"label"`
	Counter CounterID   `json:"counter,omitempty"` // whose command it was
	Undone  string      `json:"undone"`            // type of the event taken back
	Seq     Seq         `json:"seq"`               // its place
	State   TicketState `json:"state"`             // the state restored
}

// AppointmentBooked adds an appointment, or moves the one of that code.
type AppointmentBooked struct {
	Code     string     `json:"code"`
	Slot     Stamp      `json:"slot"`
	Category CategoryID `json:"category"`
	Point    PointID    `json:"point"`
	Session  SessionID  `json:"session,omitempty"` // whose quota it reserves
	Dossiers int        `json:"dossiers"`
}

type AppointmentCancelled struct {
	Code string `json:"code"`
}

// AppointmentMissed frees the slot of who did not come in time.
type AppointmentMissed struct {
	Code string `json:"code"`
}

// AppointmentCheckedIn follows the issue of the ticket.
type AppointmentCheckedIn struct {
	Code   string   `json:"code"`
	Ticket TicketID `json:"ticket"`
	Late   bool     `json:"late,omitempty"` // a walk-in's number
}

// RollStarted: from here on numbers given out by hand, and those people tear
// off, are of this roll. Label is the first one.
type RollStarted struct {
	Point    PointID    `json:"point"`
	Category CategoryID `json:"category,omitempty"`
	Label    string     `json:"label"`
	Prefix   string     `json:"prefix,omitempty"`
	Number   int        `json:"number"`
	Width    int        `json:"width"` // digits
	Self     bool       `json:"self,omitempty"`
}

// RollEnded names the number that would have been next.
type RollEnded struct {
	Point    PointID    `json:"point"`
	Category CategoryID `json:"category,omitempty"`
	Next     string     `json:"next,omitempty"` // empty: it is used up
}

// RollTakenBack puts the numbers from Label to Last back onto the roll; Number is
// Label's. Their tickets are none until a TicketReissued names them again.
type RollTakenBack struct {
	Point    PointID    `json:"point"`
	Category CategoryID `json:"category,omitempty"`
	Label    string     `json:"label"`
	Last     string     `json:"last"`
	Number   int        `json:"number"`
	Tickets  []TicketID `json:"tickets"`
}

// TicketReissued gives out a number that was taken back onto its roll: the
// ticket begins anew with what Issued says, under the id it had.
type TicketReissued struct {
	Ticket TicketID     `json:"ticket"`
	Issued TicketIssued `json:"issued"`
}

type TicketNoShow struct {
	Ticket  TicketID  `json:"ticket"`
	Label   string    `json:"label"`
	Counter CounterID `json:"counter"`
}

// TicketReactivated carries the arrival the ticket has from now on.
type TicketReactivated struct {
	Ticket  TicketID `json:"ticket"`
	Label   string   `json:"label"`
	Arrival Stamp    `json:"arrival"`
}

type TicketParked struct {
	Ticket  TicketID  `json:"ticket"`
	Label   string    `json:"label"`
	Counter CounterID `json:"counter"`
}

type TicketUnparked struct {
	Ticket  TicketID `json:"ticket"`
	Label   string   `json:"label"`
	Arrival Stamp    `json:"arrival"`
}

// TicketTransferred carries where the ticket waits from now on and since when.
type TicketTransferred struct {
	Ticket   TicketID     `json:"ticket"`
	Label    string       `json:"label"`
	From     CounterID    `json:"from,omitempty"`
	Category CategoryID   `json:"category"`
	Bound    CounterID    `json:"bound,omitempty"` // waits for this counter alone
	Mode     TransferMode `json:"mode"`
	Arrival  Stamp        `json:"arrival"`
	Point    PointID      `json:"point,omitempty"` // where it waits from now on; empty: where it was
}

type TicketCancelled struct {
	Ticket      TicketID `json:"ticket"`
	Label       string   `json:"label"`
	Appointment string   `json:"appointment,omitempty"` // the code it was turned into
}

// TicketExpired ends a ticket at closing. NotThere marks one that was called
// when the day was closed by force, or had been missed: it counts as a no-show.
type TicketExpired struct {
	Ticket   TicketID `json:"ticket"`
	Label    string   `json:"label"`
	NotThere bool     `json:"not_there,omitempty"`
}

// SlipQueued asks for a second paper of a ticket; the first needs no event of
// its own, since a ticket is issued with its slip queued.
type SlipQueued struct {
	Ticket TicketID `json:"ticket"`
}

type SlipSending struct {
	Ticket TicketID `json:"ticket"`
}

type SlipPrinted struct {
	Ticket TicketID `json:"ticket"`
	Proof  bool     `json:"proof,omitempty"` // the printer acknowledged it
	Seen   bool     `json:"seen,omitempty"`  // staff say that it came out
}

type SlipFailed struct {
	Ticket TicketID `json:"ticket"`
	Cause  string   `json:"cause,omitempty"`
}

type SlipUnknown struct {
	Ticket TicketID `json:"ticket"`
}

func (ConfigApplied) EventType() string     { return "config.applied.v1" }
func (DayOpened) EventType() string         { return "day.opened.v1" }
func (DayClosed) EventType() string         { return "day.closed.v1" }
func (CounterOpened) EventType() string     { return "counter.opened.v1" }
func (CounterPaused) EventType() string     { return "counter.paused.v1" }
func (CounterClosed) EventType() string     { return "counter.closed.v1" }
func (TicketIssued) EventType() string      { return "ticket.issued.v1" }
func (TicketCalled) EventType() string      { return "ticket.called.v1" }
func (TicketRecalled) EventType() string    { return "ticket.recalled.v1" }
func (TicketStarted) EventType() string     { return "ticket.started.v1" }
func (TicketFinished) EventType() string    { return "ticket.finished.v1" }
func (TicketNoShow) EventType() string      { return "ticket.no_show.v1" }
func (TicketReactivated) EventType() string { return "ticket.reactivated.v1" }
func (TicketParked) EventType() string      { return "ticket.parked.v1" }
func (TicketUnparked) EventType() string    { return "ticket.unparked.v1" }
func (TicketTransferred) EventType() string { return "ticket.transferred.v1" }
func (TicketCancelled) EventType() string   { return "ticket.cancelled.v1" }
func (TicketExpired) EventType() string     { return "ticket.expired.v1" }
func (SlipQueued) EventType() string        { return "slip.queued.v1" }
func (SlipSending) EventType() string       { return "slip.sending.v1" }
func (SlipPrinted) EventType() string       { return "slip.printed.v1" }
func (SlipFailed) EventType() string        { return "slip.failed.v1" }
func (SlipUnknown) EventType() string       { return "slip.unknown.v1" }

func (TicketLegFinished) EventType() string    { return "ticket.leg_finished.v1" }
func (TicketLegsPlanned) EventType() string    { return "ticket.legs_planned.v1" }
func (TicketClassSet) EventType() string       { return "ticket.class_set.v1" }
func (TicketDossiersSet) EventType() string    { return "ticket.dossiers_set.v1" }
func (TicketUndone) EventType() string         { return "ticket.undone.v1" }
func (AppointmentBooked) EventType() string    { return "appointment.booked.v1" }
func (AppointmentCancelled) EventType() string { return "appointment.cancelled.v1" }
func (AppointmentMissed) EventType() string    { return "appointment.missed.v1" }
func (AppointmentCheckedIn) EventType() string { return "appointment.checked_in.v1" }

func (RollStarted) EventType() string    { return "roll.started.v1" }
func (RollEnded) EventType() string      { return "roll.ended.v1" }
func (RollTakenBack) EventType() string  { return "roll.taken_back.v1" }
func (TicketReissued) EventType() string { return "ticket.reissued.v1" }
