package queue

import "time"

// Stamp is an instant in milliseconds since 1970-01-01 UTC; 0 means "not yet".
// States hold stamps instead of time.Time so that copying one is a memmove.
type Stamp int64

// StampOf rounds t down to the millisecond, as records are.
func StampOf(t time.Time) Stamp { return Stamp(t.UnixMilli()) }

// Time returns the instant in UTC; the zero Stamp gives the zero time.
func (s Stamp) Time() time.Time {
	if s == 0 {
		return time.Time{}
	}
	return time.UnixMilli(int64(s)).UTC()
}

// Add returns the stamp d later, to the millisecond.
func (s Stamp) Add(d time.Duration) Stamp { return s + Stamp(d.Milliseconds()) }

// Sub returns s − u.
func (s Stamp) Sub(u Stamp) time.Duration { return time.Duration(s-u) * time.Millisecond }

// Mark is an instant on the monotonic clock of one boot: Boot counts the boots
// the journal has seen, Mono is ms. It measures the short spans of the rules,
// which must end also while the wall clock is set back. The zero Mark is none.
type Mark struct {
	Boot int32 `json:"boot,omitempty"`
	Mono int64 `json:"mono,omitempty"`
}

// elapsed measures from one instant to another: on the monotonic clock when both
// lie in one boot, so that it ends also while the wall clock is set back
// (design.md §3), else by the stamps.
func elapsed(from, to Mark, then, now Stamp) time.Duration {
	if from.Boot != 0 && from.Boot == to.Boot && to.Mono > 0 && to.Mono >= from.Mono {
		return time.Duration(to.Mono-from.Mono) * time.Millisecond
	}
	return now.Sub(then)
}

// Zone is the local time of every centre: Asia/Ho_Chi_Minh, UTC+7, without
// daylight saving since 1975, so no zone table is needed to replay a journal.
var Zone = time.FixedZone("+07", 7*3600)

// Boundary is when a business day begins, after local midnight: an office
// that works past twelve still belongs to its own day.
const Boundary = 3 * time.Hour

// Day is a business day's id: the local date "2026-11-23" on which it began.
type Day string

// DayOf returns the business day an instant belongs to.
func DayOf(t time.Time) Day { return Day(t.In(Zone).Add(-Boundary).Format(time.DateOnly)) }

// Valid reports whether d is a date in the form 2006-01-02.
func (d Day) Valid() bool {
	t, err := time.Parse(time.DateOnly, string(d))
	return err == nil && t.Format(time.DateOnly) == string(d)
}

// Begins returns the instant the business day starts (03:00 local time); the
// zero time when d is no date.
func (d Day) Begins() time.Time {
	t, err := time.ParseInLocation(time.DateOnly, string(d), Zone)
	if err != nil {
		return time.Time{}
	}
	return t.Add(Boundary)
}
