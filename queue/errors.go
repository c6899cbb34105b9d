package queue

import "fmt"

// Code is the class of a refusal; each has one HTTP status (internal/httpapi).
type Code string

const (
	Conflict    Code = "conflict"    // the state has moved on; look again
	Invalid     Code = "invalid"     // the request itself is wrong
	NotFound    Code = "not_found"   // no such thing
	Denied      Code = "denied"      // not by you
	Closed      Code = "closed"      // not now
	Unavailable Code = "unavailable" // not stored; nothing happened; try again
	Internal    Code = "internal"    // our mistake
)

// Reason is the stable, translatable cause of a refusal (domain.md §3).
const (
	WhyWrongState      = "wrong_state"
	WhyTicketTaken     = "ticket_taken"
	WhyTicketOver      = "ticket_over"
	WhyDayOver         = "day_over"
	WhyDayClosed       = "day_closed"
	WhyDayBackwards    = "day_backwards"
	WhyCounterBusy     = "counter_busy"
	WhyCounterClosed   = "counter_closed"
	WhyCounterUnknown  = "counter"
	WhyCategoryUnknown = "category"
	WhyCategoryClosed  = "category_closed"
	WhyClassUnknown    = "class"
	WhyClassByStaff    = "class_by_staff"
	WhyPointUnknown    = "point"
	WhyTicketUnknown   = "ticket"
	WhyQueueEmpty      = "queue_empty"
	WhyStaffElsewhere  = "staff_elsewhere"
	WhyNotHolder       = "not_holder"
	WhyTooSoon         = "too_soon"
	WhyLimitReached    = "limit_reached"
	WhySeriesFull      = "series_full"
	WhyNotConfigured   = "not_configured"
	WhyInUse           = "in_use"
	WhyBadConfig       = "config"
	WhyBadField        = "field"
	WhyKeyReused       = "key_reused"
	WhyNotStored       = "not_stored"

	WhyOutsideHours    = "outside_hours"
	WhyHoliday         = "holiday"
	WhySessionCutOff   = "session_cutoff"
	WhyQuotaExhausted  = "quota_exhausted"
	WhyBulkElsewhere   = "bulk_elsewhere"
	WhyDayAhead        = "day_ahead"
	WhyTooLate         = "too_late"
	WhyAppointment     = "appointment"
	WhyAppointmentDone = "appointment_done"
	WhyAppointmentDay  = "appointment_day"
	WhyBadBookings     = "bookings"
	WhySessionUnknown  = "session"
	WhyOtherPoint      = "other_point"
	WhyRebooked        = "rebooked"

	WhyRole       = "role"
	WhyRoll       = "roll"        // none is in use there
	WhyRollNumber = "roll_number" // does not come next on the roll
	WhyRollEnd    = "roll_end"    // no number is left on it
	WhyRollCalled = "roll_called" // its number can't go back onto the roll
	WhyLabelTaken = "label_taken"
)

// Error is every refusal of the domain. Msg says what is wrong and Hint what
// to do about it, in English; faces translate by Reason. Err is for logs only.
type Error struct {
	Code   Code
	Reason string
	Msg    string
	Hint   string
	// Wait, in whole seconds, is when a too_soon refusal ends; 0 otherwise.
	Wait int
	// Next is when numbers are next served, of a refusal by hours, cut-off,
	// holiday or quota; 0 when the plan names no such time.
	Next Stamp
	Err  error
}

func (e *Error) Error() string {
	s := fmt.Sprintf("%s/%s: %s", e.Code, e.Reason, e.Msg)
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }

// Is matches errors of the same code and reason, so that a test or caller can
// write errors.Is(err, &queue.Error{Code: queue.Closed, Reason: queue.WhyDayClosed}).
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code && (t.Reason == "" || t.Reason == e.Reason)
}

func refuse(c Code, reason, hint, msg string, args ...any) *Error {
	return &Error{Code: c, Reason: reason, Msg: fmt.Sprintf(msg, args...), Hint: hint}
}
