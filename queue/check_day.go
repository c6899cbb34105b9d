package queue

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// The day: sessions, holidays, quotas, breaks.

// dayBegins is the time of day at which a business day begins: what is planned
// before it would belong to the day before.
var dayBegins = TimeOfDay(time.Time{}.Add(Boundary).Format("15:04"))

// interval checks a span within a day; false when it can't be compared.
func (k *checker) interval(field string, from, to TimeOfDay) bool {
	ok := k.timeOfDay(field+".from", from)
	if !k.timeOfDay(field+".to", to) || !ok {
		return false
	}
	if from < dayBegins {
		k.add(FlawBeforeDay, field+".from", from, "is before the business day begins", "Give a time from "+string(dayBegins)+" on.",
			map[string]any{"from": string(dayBegins)})
	}
	if to <= from {
		k.add(FlawOrder, field+".to", to, fmt.Sprintf("is not after %s", from), "Give a later time of the same day.",
			map[string]any{"from": string(from)})
		return false
	}
	return true
}

func (k *checker) timeOfDay(field string, t TimeOfDay) bool {
	if !t.Valid() {
		k.add(FlawTime, field, t, "is no time of day", "Write hours and minutes, such as 07:30.", nil)
		return false
	}
	return true
}

func (k *checker) date(field string, d Day) bool {
	if !d.Valid() {
		k.add(FlawDate, field, d, "is no date", "Write it as 2026-11-23.", nil)
		return false
	}
	return true
}

func (k *checker) weekday(field string, w Weekday) {
	if !w.Valid() {
		k.add(FlawWeekday, field, w, "is no weekday", "Use mon, tue, wed, thu, fri, sat or sun.", nil)
	}
}

func (k *checker) days(field string, days []Weekday) {
	named := seen{}
	for i, w := range days {
		f := fmt.Sprintf("%s[%d]", field, i)
		k.weekday(f, w)
		k.twice(f, string(w), named)
	}
}

// weekly is an interval that was found sound, on its days; none are all.
type weekly struct {
	name     string // a session's id, a break's beginning
	days     []Weekday
	from, to TimeOfDay
}

// meets is a day on which both are, at the same time; "" when there is none.
// "all" stands for every day.
func (a weekly) meets(b weekly) string {
	if a.to <= b.from || b.to <= a.from {
		return ""
	}
	switch {
	case len(a.days) == 0 && len(b.days) == 0:
		return "all"
	case len(a.days) == 0:
		return string(b.days[0])
	case len(b.days) == 0:
		return string(a.days[0])
	}
	for _, w := range a.days {
		if slices.Contains(b.days, w) {
			return string(w)
		}
	}
	return ""
}

// overlap names the first of the others, of this kind, that x meets.
func (k *checker) overlap(field string, x weekly, kind string, others []weekly) {
	for _, o := range others {
		if day := x.meets(o); day != "" {
			on := day
			if day == "all" {
				on = "every day"
			}
			k.add(FlawOverlap, field+".from", x.from, fmt.Sprintf("makes it overlap %s %s on %s", kind, o.name, on), "Let one end before the other begins.",
				map[string]any{"other": o.name, "day": day})
			return
		}
	}
}

func (k *checker) sessions() {
	ids := seen{}
	var sound []weekly
	for i := range k.Sessions {
		x := &k.Sessions[i]
		f := fmt.Sprintf("sessions[%d]", i)
		k.id(f+".id", string(x.ID))
		k.twice(f+".id", string(x.ID), ids)
		k.words(f+".name", x.Name)
		if len(x.Days) == 0 {
			k.empty(f+".days", "days", `Name its weekdays, such as ["mon", "tue"].`)
		}
		k.days(f+".days", x.Days)
		k.within(f+".doors", x.Doors, 0, 180, "minutes")
		k.within(f+".cut_off", x.CutOff, 0, 180, "minutes")
		if !k.interval(f, x.From, x.To) {
			continue
		}
		if length := x.length(); x.CutOff >= length && x.CutOff <= 180 {
			k.add(FlawCutOff, f+".cut_off", x.CutOff, fmt.Sprintf("is not shorter than the session, which has %d minutes", length),
				"Give fewer minutes, or numbers would end before the session begins.", map[string]any{"length": length})
		}
		if len(x.Days) == 0 {
			continue
		}
		w := weekly{string(x.ID), x.Days, x.From, x.To}
		k.overlap(f, w, "session", sound)
		sound = append(sound, w)
	}
}

// length is how long the session is, in minutes; its times are sound.
func (s *Session) length() int {
	from, err := time.Parse("15:04", string(s.From))
	to, err2 := time.Parse("15:04", string(s.To))
	if err != nil || err2 != nil {
		return 0
	}
	return int(to.Sub(from) / time.Minute)
}

func (k *checker) holidays() {
	for i, x := range k.Holidays {
		f := fmt.Sprintf("holidays[%d]", i)
		ok := k.date(f+".from", x.From)
		if x.To != "" && k.date(f+".to", x.To) && ok && x.To < x.From {
			k.add(FlawOrder, f+".to", x.To, fmt.Sprintf("is before %s", x.From), "Give the last day, or leave it out for one day.",
				map[string]any{"from": string(x.From)})
		}
		k.words(f+".name", x.Name)
	}
	days := seen{}
	for i, x := range k.ExtraDays {
		f := fmt.Sprintf("extra_days[%d]", i)
		k.date(f+".day", x.Day)
		k.twice(f+".day", string(x.Day), days)
		k.weekday(f+".as", x.As)
	}
}

func (k *checker) quotas() {
	known := seen{}
	for i, x := range k.Quotas {
		f := fmt.Sprintf("quotas[%d]", i)
		ok := k.knownCategory(f+".category", x.Category)
		k.knownSession(f+".session", x.Session)
		if x.Point != "" && k.knownPoint(f+".point", x.Point) && ok && !k.offered(k.Category(x.Category), x.Point) {
			k.add(FlawNotOffered, f+".point", x.Point, fmt.Sprintf("does not offer category %s", x.Category),
				"Name a point that does, or leave it out for all of them.", map[string]any{"category": string(x.Category)})
		}
		k.twice(f+".category", strings.TrimSpace(fmt.Sprintf("%s %s %s", x.Category, x.Session, x.Point)), known)
		k.within(f+".dossiers", x.Dossiers, 1, 9999, "dossiers")
	}
}

func (k *checker) breaks() {
	sound := map[CounterID][]weekly{}
	for i, x := range k.Breaks {
		f := fmt.Sprintf("breaks[%d]", i)
		if k.Desk(x.Counter) == nil {
			k.unknown(f+".counter", string(x.Counter), "counter", "counters")
		}
		k.days(f+".days", x.Days)
		if !slices.Contains(pauseReasons, x.Reason) {
			k.add(FlawPause, f+".reason", x.Reason, "is no reason for a pause", "Use break, lunch, desk_work or other.", nil)
		}
		if !k.interval(f, x.From, x.To) {
			continue
		}
		w := weekly{string(x.From), x.Days, x.From, x.To}
		k.overlap(f, w, "the break at", sound[x.Counter])
		sound[x.Counter] = append(sound[x.Counter], w)
	}
}
