package queue

// Command is something a person, a panel or a timer asks for. The set is
// closed: every command is in this file.
type Command interface{ command() }

// Role is what the asker may do (trust.md §9). The engine's own timers act as Machine.
type Role string

const (
	Machine    Role = "machine"
	Kiosk      Role = "kiosk"
	Greeter    Role = "greeter"
	Officer    Role = "officer"
	Supervisor Role = "supervisor"
)

// Staff reports whether the role may grant a class.
func (r Role) Staff() bool { return r == Greeter || r == Officer || r == Supervisor }

// Request is a command with who asks for it.
type Request struct {
	Actor string // device or staff id, never a name
	Role  Role
	// Key makes the request repeatable: the same key with the same command
	// returns the first answer, with another command it is refused. Empty:
	// not repeatable.
	Key     string
	Command Command
	// SlipLanguage is used for the slip and then forgotten: it is kept beside
	// the print job until the paper is out, never in an event.
	SlipLanguage string
}

// OpenDay begins a business day, or reopens the one just closed. An empty Day
// is the one the clock says. Days only move forward.
type OpenDay struct {
	Day Day `json:"day,omitempty"`
}

// CloseDay ends the business day: who still waits, is parked or was not there
// expires, and every counter closes. A ticket called or being served refuses it.
type CloseDay struct{}

// Tick is the engine's timer: it does what is due by now. When the clock is
// trusted and a new business day has begun it rolls over by force.
type Tick struct{}

// ApplyConfig makes Config the centre's configuration from here on.
type ApplyConfig struct {
	Config Config `json:"config"`
}

// OpenCounter opens a closed or paused counter. Staff is the officer's opaque id, or "".
type OpenCounter struct {
	Counter CounterID `json:"counter"`
	Staff   string    `json:"staff,omitempty"`
}

// PauseCounter stops calling for a while. Reason is a code, never free text.
type PauseCounter struct {
	Counter CounterID   `json:"counter"`
	Reason  PauseReason `json:"reason,omitempty"`
	Minutes int         `json:"minutes,omitempty"` // how long, as planned; 0 = not known
}

type PauseReason string

const (
	PauseBreak PauseReason = "break"
	PauseLunch PauseReason = "lunch"
	PauseDesk  PauseReason = "desk_work"
	PauseOther PauseReason = "other"
)

// CloseCounter ends a counter's work; tickets bound to it become anyone's.
type CloseCounter struct {
	Counter CounterID `json:"counter"`
}

// Issue gives out the next number of a category. Hours, cut-offs and quotas
// refuse it before anything is printed; a supervisor may go beyond them.
type Issue struct {
	Category CategoryID `json:"category"`        // may be empty for a receipt: the one for results
	Point    PointID    `json:"point,omitempty"` // empty: the centre's first
	// Class is empty for normal. Another one is granted by who may grant it;
	// at a button it is a claim, where the class permits that, and the ticket
	// stays normal until SetClass confirms it.
	Class    ClassID `json:"class,omitempty"`
	Dossiers int     `json:"dossiers,omitempty"` // 1–99, 0 = 1; more than 1 only by staff
	Entry    Entry   `json:"entry,omitempty"`
	// Legs are the categories the visit goes on to, in order; nil: those the
	// category names. Only staff choose them.
	Legs []CategoryID `json:"legs,omitempty"`
	// Ref is 16 random bytes drawn by the caller: the unguessable part of the
	// ticket's link. It is no part of the command under its key, so that a
	// retry, which draws again, is still the same command.
	Ref Ref `json:"-"`
	// Shown: no slip, the number stands on a screen. Like Ref it is no part of
	// the command: a retry may come when the printer is well again.
	Shown bool `json:"-"`
}

// Entry is how a ticket came in.
type Entry string

const (
	EntryPanel   Entry = "panel"
	EntryKiosk   Entry = "kiosk"
	EntryGreeter Entry = "greeter"
	EntryAPI     Entry = "api"

	EntryReceipt     Entry = "receipt"     // the receipt of a dossier was scanned
	EntryAppointment Entry = "appointment" // checked in
	EntryDirect      Entry = "direct"      // taken at the counter without a slip
	EntryRoll        Entry = "roll"        // on a pre-printed roll; since release 0.3
)

// Paper reports whether a ticket of this entry has a slip.
func (e Entry) Paper() bool { return e != EntryDirect && e != EntryRoll }

// WalkDirect takes a citizen at a free counter without a slip: the ticket gets
// a label and is served at once, so that the figures stay true.
type WalkDirect struct {
	Counter  CounterID  `json:"counter"`
	Category CategoryID `json:"category"`
	Class    ClassID    `json:"class,omitempty"`
	Dossiers int        `json:"dossiers,omitempty"` // 1–99, 0 = 1
	Ref      Ref        `json:"-"`                  // as Issue.Ref
}

// StartRoll takes a pre-printed roll of numbers into use: from here on the
// numbers that staff give out by hand are its numbers, and no slip is printed.
type StartRoll struct {
	Point    PointID    `json:"point,omitempty"`    // empty: the centre's first
	Category CategoryID `json:"category,omitempty"` // empty: one roll for all categories without one of their own
	First    string     `json:"first"`              // the number at its end, as printed: "057", "A057"
	// Self: people tear numbers off themselves. A counter for which nobody
	// waits then calls the next number of the roll.
	Self bool `json:"self,omitempty"`
}

// EndRoll puts a roll away; the category's series goes on where it was.
type EndRoll struct {
	Point    PointID    `json:"point,omitempty"`
	Category CategoryID `json:"category,omitempty"` // as it was started
}

// TearOff enters the numbers that people tore off a roll themselves, from the
// next one up to UpTo: all of them wait, in their order.
type TearOff struct {
	Point    PointID    `json:"point,omitempty"`
	Category CategoryID `json:"category"` // for which they wait
	UpTo     string     `json:"up_to"`    // the last one torn off; its digits are enough
}

// MaxTorn is how many numbers one TearOff may enter: more is a typing mistake.
const MaxTorn = 99

// TakeBack corrects a TearOff that went too far: the numbers after UpTo go back
// onto the roll, as if nobody had entered them.
type TakeBack struct {
	Point    PointID    `json:"point,omitempty"`
	Category CategoryID `json:"category,omitempty"` // the roll's, as it was started
	UpTo     string     `json:"up_to,omitempty"`    // the last right one; empty: none of them is right
}

// CallNext calls the ticket the router chooses for the counter.
type CallNext struct {
	Counter CounterID `json:"counter"`
}

// CallTicket calls a given ticket out of order, or a parked one back.
type CallTicket struct {
	Counter CounterID  `json:"counter"`
	Ticket  TicketID   `json:"ticket"`
	Reason  CallReason `json:"reason,omitempty"` // may be empty for the counter's own parked ticket
}

// CallReason says why a ticket was called out of order: a code, never free
// text and never a ground of priority.
type CallReason string

const (
	CallAccompanied CallReason = "accompanied"
	CallSupervisor  CallReason = "supervisor"
	CallCorrection  CallReason = "correction"
	CallOther       CallReason = "other"
)

// Recall calls the counter's called ticket once more.
type Recall struct {
	Counter CounterID `json:"counter"`
	Ticket  TicketID  `json:"ticket"`
}

// Start begins serving the called ticket.
type Start struct {
	Counter CounterID `json:"counter"`
	Ticket  TicketID  `json:"ticket"`
}

// Finish ends the service. With Next set, the same request calls the next
// ticket if anyone waits.
type Finish struct {
	Counter CounterID `json:"counter"`
	Ticket  TicketID  `json:"ticket"`
	Outcome Outcome   `json:"outcome,omitempty"` // empty: done
	Next    bool      `json:"next,omitempty"`
}

// Outcome is how a service ended.
type Outcome string

const (
	Done          Outcome = "done"
	PapersMissing Outcome = "papers_missing"
	FiledOnline   Outcome = "filed_online"
	WrongPlace    Outcome = "wrong_place"
	Left          Outcome = "left"
	AutoClosed    Outcome = "auto_closed" // by the forced rollover; not in service times
)

// NoShow marks the called ticket as not there.
type NoShow struct {
	Counter CounterID `json:"counter"`
	Ticket  TicketID  `json:"ticket"`
}

// Reactivate puts a ticket that was not there, or was cancelled, back in the queue, once.
type Reactivate struct {
	Ticket TicketID `json:"ticket"`
}

// Park sets the called or served ticket aside at this counter.
type Park struct {
	Counter CounterID `json:"counter"`
	Ticket  TicketID  `json:"ticket"`
}

// Unpark puts a parked ticket back in the queue.
type Unpark struct {
	Counter CounterID `json:"counter,omitempty"`
	Ticket  TicketID  `json:"ticket"`
}

// Transfer sends a ticket to a category or to one counter.
type Transfer struct {
	Counter    CounterID    `json:"counter,omitempty"` // the one that holds it; empty for a waiting ticket
	Ticket     TicketID     `json:"ticket"`
	ToCategory CategoryID   `json:"to_category,omitempty"`
	ToCounter  CounterID    `json:"to_counter,omitempty"`
	Mode       TransferMode `json:"mode,omitempty"` // empty: keep
}

// TransferMode is a transferred ticket's place at its target.
type TransferMode string

const (
	Keep  TransferMode = "keep"  // seniority by arrival
	First TransferMode = "first" // before all others there
	Last  TransferMode = "last"  // as if it arrived now
)

// SetClass grants a waiting, parked or missed ticket another class, or takes
// it back. The ground is seen, never stored.
type SetClass struct {
	Ticket TicketID `json:"ticket"`
	Class  ClassID  `json:"class"`
}

// SetDossiers corrects the number of dossiers of a ticket that is not over.
type SetDossiers struct {
	Ticket   TicketID `json:"ticket"`
	Dossiers int      `json:"dossiers"` // 1–99
}

// PlanLegs replaces what a visit goes on to after its present leg; empty: nothing.
type PlanLegs struct {
	Ticket TicketID     `json:"ticket"`
	Legs   []CategoryID `json:"legs"` // at most MaxLegs
}

// MaxLegs is how many further legs a visit may have.
const MaxLegs = 6

// Undo takes back the last command that was given at a counter, or with no
// counter the last one given for the ticket, within the window of
// Calls.UndoWithin. Recall and reprint are not undone.
type Undo struct {
	Counter CounterID `json:"counter,omitempty"`
	Ticket  TicketID  `json:"ticket,omitempty"` // 0: whichever the counter's last command was about
}

// BookAppointments adds appointments, or moves those whose code is known
// already. All of them or none: each that is wrong is named.
type BookAppointments struct {
	Bookings []Booking `json:"bookings"` // at most MaxBookings
}

// MaxBookings bounds one command; a longer list is sent in parts.
const MaxBookings = 2000

// Booking is an appointment as it is asked for. It holds no person.
type Booking struct {
	Code     string     `json:"code"` // 4–32 capital letters, digits and -; unique among those to come
	Slot     Stamp      `json:"slot"` // when
	Category CategoryID `json:"category"`
	Point    PointID    `json:"point,omitempty"`    // empty: the first that offers the category
	Dossiers int        `json:"dossiers,omitempty"` // 1–99, 0 = 1
}

// CancelAppointment frees an appointment's slot.
type CancelAppointment struct {
	Code string `json:"code"`
}

// CheckIn gives a citizen with an appointment a number: in time it counts from
// its slot, later it is a walk-in's.
type CheckIn struct {
	Code  string  `json:"code"`
	Class ClassID `json:"class,omitempty"` // priority as well, granted by staff
	Ref   Ref     `json:"-"`               // as Issue.Ref
	Shown bool    `json:"-"`               // as Issue.Shown
}

// Rebook turns a ticket that can't be served today into an appointment at the
// beginning of the category's next session; its code is the label and the date.
// It is bound by that session's quota, but may go beyond Appointments.Capacity:
// the office that sends somebody home has chosen to see them then.
type Rebook struct {
	Ticket TicketID `json:"ticket"`
}

// Cancel takes a ticket out of the queue.
type Cancel struct {
	Counter CounterID `json:"counter,omitempty"`
	Ticket  TicketID  `json:"ticket"`
}

// ReprintSlip asks for the same number on paper again, marked as a reprint.
type ReprintSlip struct {
	Ticket TicketID `json:"ticket"`
}

// ConfirmSlip says that the slip of which nobody knew did come out: somebody
// holds it.
type ConfirmSlip struct {
	Ticket TicketID `json:"ticket"`
}

// SlipMoved records what became of a print job; SlipSending is durable before
// the printer gets the first byte.
type SlipMoved struct {
	Ticket TicketID  `json:"ticket"`
	To     SlipState `json:"to"`
	Cause  string    `json:"cause,omitempty"` // of a failure: a code
	Proof  bool      `json:"proof,omitempty"` // printed: the printer itself said so
}

func (OpenDay) command()      {}
func (CloseDay) command()     {}
func (Tick) command()         {}
func (ApplyConfig) command()  {}
func (OpenCounter) command()  {}
func (PauseCounter) command() {}
func (CloseCounter) command() {}
func (Issue) command()        {}
func (CallNext) command()     {}
func (CallTicket) command()   {}
func (Recall) command()       {}
func (Start) command()        {}
func (Finish) command()       {}
func (NoShow) command()       {}
func (Reactivate) command()   {}
func (Park) command()         {}
func (Unpark) command()       {}
func (Transfer) command()     {}
func (Cancel) command()       {}
func (ReprintSlip) command()  {}
func (ConfirmSlip) command()  {}
func (SlipMoved) command()    {}

func (WalkDirect) command()        {}
func (SetClass) command()          {}
func (SetDossiers) command()       {}
func (PlanLegs) command()          {}
func (Undo) command()              {}
func (BookAppointments) command()  {}
func (CancelAppointment) command() {}
func (CheckIn) command()           {}
func (Rebook) command()            {}

func (StartRoll) command() {}
func (EndRoll) command()   {}
func (TearOff) command()   {}
func (TakeBack) command()  {}
