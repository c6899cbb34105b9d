package web

import "time"

// NextArgs are the arguments of the text "error.next", which says when
// something is to be had again: "at 13:30" on the day of now, "on Monday 23/11
// at 07:30" on another, in the centres' time. The refusals by hours, cut-off,
// holiday and quota take that text as {next}.
func NextArgs(next, now time.Time) map[string]any {
	next, now = next.In(zone), now.In(zone)
	day := "other"
	if next.Format(time.DateOnly) == now.Format(time.DateOnly) {
		day = "today"
	}
	weekdays := [...]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
	return map[string]any{
		"day": day, "weekday": weekdays[next.Weekday()],
		"d": next.Day(), "m": int(next.Month()), "at": next.Format("15:04"),
	}
}
