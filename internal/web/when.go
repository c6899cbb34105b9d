package web

import (
	"strings"
	"time"
)

// When says in a language when something is, as it stands in a sentence: "at
// 13:30", or on another day than now's "on Thursday 26/11 at 07:30".
func (w *Web) When(lang string, at, now time.Time) string {
	at, now = at.In(zone), now.In(zone)
	day := "other"
	if at.Format(time.DateOnly) == now.Format(time.DateOnly) {
		day = "today"
	}
	return w.Text(lang, "error.next", map[string]any{
		"day": day, "at": at.Format("15:04"), "d": at.Day(), "m": int(at.Month()),
		"weekday": strings.ToLower(at.Format("Mon")),
	})
}
