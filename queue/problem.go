package queue

import (
	"fmt"
	"maps"
	"strings"
)

// Problem is one mistake in a configuration: where, what stands there, what is
// wrong and how to mend it. Msg and Hint are English; faces translate by Code,
// with Values for the words' arguments.
type Problem struct {
	Field string `json:"field"` // "categories[3].series"
	Code  string `json:"code"`  // one of FlawCodes, of a booking one of BookingFlaws
	Value string `json:"value"`
	Msg   string `json:"message"`
	Hint  string `json:"hint"`
	// Args are what the words of Code name: "low" and "high" of a range, …
	Args map[string]any `json:"args,omitempty"`
}

func (p Problem) String() string {
	return fmt.Sprintf("%s = %q: %s. %s", p.Field, p.Value, p.Msg, p.Hint)
}

// Values are the arguments of the words for p.Code: Args and, as "value", what
// stands in the field.
func (p Problem) Values() map[string]any {
	values := map[string]any{"value": p.Value}
	maps.Copy(values, p.Args)
	return values
}

// Problems is every mistake of a configuration at once.
type Problems []Problem

func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, x := range p {
		lines[i] = x.String()
	}
	return strings.Join(lines, "\n")
}

// The codes of what may be wrong with a configuration. The literals are stable.
const (
	FlawID           = "id"            // no id
	FlawTwice        = "twice"         // the same once more
	FlawWords        = "words"         // no words in {language}
	FlawRange        = "range"         // not within {low}–{high} {unit}
	FlawRangeOr      = "range_or"      // … nor {or}, which means {sense}: off, strict
	FlawEmpty        = "empty"         // nothing where {what} must stand
	FlawLanguage     = "language"      // no language code
	FlawPrefix       = "prefix"        // no prefix of a label
	FlawUnknown      = "unknown"       // no {kind} of that id; they are below [[{table}]]
	FlawUnserved     = "unserved"      // no counter serves {category}
	FlawUnservedAt   = "unserved_at"   // … at {point}
	FlawNotOffered   = "not_offered"   // {category} is not offered at that point
	FlawLegAway      = "leg_away"      // a leg is not offered at {point}, and {series} numbers each point by itself
	FlawLegRepeated  = "leg_repeated"  // a leg is the one before it
	FlawTooMany      = "too_many"      // more than {high}
	FlawResultsTwice = "results_twice" // {other} collects results at {point} as well
	FlawNormalStart  = "normal_start"  // the normal class has a head start
	FlawNormalButton = "normal_button" // the normal class has a button
	FlawNoNormal     = "no_normal"     // there is no normal class
	FlawGuardOff     = "guard_off"     // strict priority without the guard
	FlawRole         = "role"          // a role that can't grant a class
	FlawButtonRole   = "button_role"   // a device can't grant a class
	FlawPolicy       = "policy"        // no policy of a live centre
	FlawTime         = "time"          // no time of day
	FlawBeforeDay    = "before_day"    // before the business day begins
	FlawOrder        = "order"         // the end is not after {from}
	FlawDate         = "date"          // no date
	FlawWeekday      = "weekday"       // no weekday
	FlawOverlap      = "overlap"       // at the same time as {other}, on {day}
	FlawCutOff       = "cut_off"       // numbers would end before the session, of {length} minutes, begins
	FlawPause        = "pause"         // no reason of a pause
	FlawUnprintable  = "unprintable"   // words that the slip can't show
)

// FlawCodes lists the codes of all problems, so that faces can be held to have
// words for each: "problem.<code>" and "problem.<code>.hint".
func FlawCodes() []string {
	return []string{FlawID, FlawTwice, FlawWords, FlawRange, FlawRangeOr, FlawEmpty, FlawLanguage, FlawPrefix, FlawUnknown,
		FlawUnserved, FlawUnservedAt, FlawNotOffered, FlawLegAway, FlawLegRepeated, FlawTooMany, FlawResultsTwice, FlawNormalStart,
		FlawNormalButton, FlawNoNormal, FlawGuardOff, FlawRole, FlawButtonRole, FlawPolicy, FlawTime, FlawBeforeDay,
		FlawOrder, FlawDate, FlawWeekday, FlawOverlap, FlawCutOff, FlawPause, FlawUnprintable}
}

// The codes of what may be wrong with an appointment that is to be booked. The
// literals are stable, and those of the same mistake in a list of appointments
// (internal/appointments).
const (
	FlawBookingCode      = "code"             // no code
	FlawBookingRepeated  = "repeated"         // the code stands twice
	FlawBookingCategory  = "category_unknown" // no category
	FlawBookingDropped   = "category_dropped" // a category that was taken out
	FlawBookingPoint     = "point_unknown"    // no service point
	FlawBookingNotThere  = "point_category"   // the category is not offered at that point
	FlawBookingDossiers  = "dossiers"         // no number of dossiers
	FlawBookingPast      = "past"             // over
	FlawBookingFar       = "far"              // more than a year away
	FlawBookingNoSession = "no_session"       // in no session of the category
	FlawBookingCheckedIn = "checked_in"       // the citizen has come already
	FlawBookingFull      = "full"             // as many are booked as may be
	FlawBookingQuota     = "quota"            // the session's quota is used up
)

// BookingFlaws lists the codes of all problems of bookings, so that faces can
// be held to have words for each: "booking.<code>" and "booking.<code>.hint".
func BookingFlaws() []string {
	return []string{FlawBookingCode, FlawBookingRepeated, FlawBookingCategory, FlawBookingDropped, FlawBookingPoint,
		FlawBookingNotThere, FlawBookingDossiers, FlawBookingPast, FlawBookingFar, FlawBookingNoSession,
		FlawBookingCheckedIn, FlawBookingFull, FlawBookingQuota}
}
