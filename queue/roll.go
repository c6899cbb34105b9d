package queue

import (
	"fmt"
	"strconv"
	"strings"
)

// Roll is a pre-printed roll of numbers at a service point. While it is open,
// numbers given out by hand for its category, or for all categories without a
// roll of their own, are its numbers.
type Roll struct {
	Point    PointID    `json:"point"`
	Category CategoryID `json:"category,omitempty"` // empty: all without a roll of their own
	Prefix   string     `json:"prefix,omitempty"`
	Width    int        `json:"width"` // digits of a number, with the zeros before it
	First    int        `json:"first"`
	Next     int        `json:"next"`           // beyond the last one the digits hold: it is used up
	Self     bool       `json:"self,omitempty"` // people tear numbers off themselves
	Open     bool       `json:"open,omitempty"` // in use; else put away
	Since    Stamp      `json:"since"`          // in use, or put away
}

// Label is the n-th number of the roll as it is printed.
func (r *Roll) Label(n int) string { return fmt.Sprintf("%s%0*d", r.Prefix, r.Width, n) }

// last is the highest number its digits hold.
func (r *Roll) last() int {
	n := 1
	for range r.Width {
		n *= 10
	}
	return n - 1
}

// Upcoming is the next number of the roll; "" when it is used up.
func (r *Roll) Upcoming() string {
	if r.Next > r.last() {
		return ""
	}
	return r.Label(r.Next)
}

func (r *Roll) ended() RollEnded {
	return RollEnded{Point: r.Point, Category: r.Category, Next: r.Upcoming()}
}

// number is a label's place on the roll; false when it is none of its labels.
func (r *Roll) number(label string) (int, bool) {
	digits, ok := strings.CutPrefix(label, r.Prefix)
	if !ok || len(digits) != r.Width {
		return 0, false
	}
	return digitsOnly(digits)
}

// typed is number for what somebody types: its digits alone are enough.
func (r *Roll) typed(s string) (int, bool) {
	s = strings.ToUpper(strings.TrimSpace(s))
	if n, ok := r.number(s); ok {
		return n, true
	}
	if len(s) == 0 || len(s) > r.Width {
		return 0, false
	}
	return digitsOnly(s)
}

func digitsOnly(s string) (int, bool) {
	if strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}

// newRoll reads the first number of a roll: at most two letters a voice can
// speak, then two to four digits.
func newRoll(first string) (Roll, bool) {
	s := strings.ToUpper(strings.TrimSpace(first))
	digits := strings.TrimLeft(s, prefixLetters)
	r := Roll{Prefix: strings.TrimSuffix(s, digits), Width: len(digits)}
	n, ok := digitsOnly(digits)
	if !ok || len(r.Prefix) > 2 || r.Width < 2 || r.Width > 4 {
		return Roll{}, false
	}
	r.First, r.Next = n, n
	return r, true
}

// roll finds the roll that was started for exactly this category; nil when
// there was none today.
func (s *State) roll(p PointID, c CategoryID) *Roll {
	for i := range s.Rolls {
		if r := &s.Rolls[i]; r.Point == p && r.Category == c {
			return r
		}
	}
	return nil
}

// rollFor finds the roll from which a category's numbers come now; nil when
// they don't come from one.
func (s *State) rollFor(p PointID, c CategoryID) *Roll {
	for _, of := range []CategoryID{c, ""} {
		if r := s.roll(p, of); r != nil && r.Open {
			return r
		}
	}
	return nil
}

// Rolls are the rolls of a point, in use or put away today. They belong to the state.
func (v View) Rolls(p PointID) []*Roll {
	var list []*Roll
	for i := range v.s.Rolls {
		if r := &v.s.Rolls[i]; r.Point == p {
			list = append(list, r)
		}
	}
	return list
}

// RollFor is the open roll from which a category's numbers come; nil: none. It
// belongs to the state.
func (v View) RollFor(p PointID, c CategoryID) *Roll { return v.s.rollFor(p, c) }
