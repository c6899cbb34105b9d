package appointments

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"motcua/kiosk/scanner"
	"motcua/queue"
)

// row is one row while it is read.
type row struct {
	file     *file
	line     int
	cells    []string
	problems []Problem
}

// row reads one row with everything that is wrong with it.
func (f *file) row(cells []string, line int) (queue.Booking, []Problem) {
	r := &row{file: f, line: line, cells: cells}
	var b queue.Booking
	b.Code = r.code()
	b.Slot = r.slot()
	b.Category, b.Point = r.place()
	b.Dossiers = r.dossiers()
	r.rest()
	return b, r.problems
}

// cell is what stands in a column, "" if there is no such column.
func (r *row) cell(c column) string {
	i, ok := r.file.at[c]
	if !ok || i >= len(r.cells) {
		return ""
	}
	return r.cells[i]
}

// need is cell of a column that must be filled in.
func (r *row) need(c column) string {
	s := r.cell(c)
	if s == "" {
		r.wrong(whyMissing, c)
	}
	return s
}

func (r *row) wrong(code string, c column) {
	r.problems = append(r.problems, problem(code, r.file.headings[r.file.at[c]], shown(r.cell(c))))
}

func (r *row) code() string {
	s := r.need(colCode)
	switch {
	case s == "":
	case scanner.IsAppointment(s):
		r.file.codes[s] = append(r.file.codes[s], r.line)
		return s
	case len(s) >= 4 && len(s) <= 32 && isNumber.MatchString(s):
		r.wrong(whyCodeNumber, colCode)
	default:
		r.wrong(whyCode, colCode)
	}
	return ""
}

// slot is the instant of the appointment; 0 when it is wrong.
func (r *row) slot() queue.Stamp {
	var t time.Time
	on := colDate // the column that names the day
	if _, ok := r.file.at[colSlot]; ok {
		on = colSlot
		if s := r.need(colSlot); s != "" {
			if t, ok = readSlot(s); !ok {
				r.wrong(whySlot, colSlot)
				return 0
			}
		}
	} else {
		day, isDay := readDate(r.need(colDate))
		if !isDay && r.cell(colDate) != "" {
			r.wrong(whyDate, colDate)
		}
		since, isTime := readTime(r.need(colTime))
		if !isTime && r.cell(colTime) != "" {
			r.wrong(whyTime, colTime)
		}
		if !isDay || !isTime {
			return 0
		}
		t = day.Add(since)
	}
	if t.IsZero() {
		return 0
	}
	if now := r.file.rules.Now; !now.IsZero() && queue.DayOf(t) < queue.DayOf(now) {
		r.wrong(whyPast, on)
	}
	return queue.StampOf(t)
}

// place is the category and the point; both are held to the centre's
// configuration where that is known.
func (r *row) place() (queue.CategoryID, queue.PointID) {
	cfg := r.file.rules.Config
	c, p := queue.CategoryID(r.need(colCategory)), queue.PointID(r.cell(colPoint))
	var offered *queue.Category
	switch {
	case c == "":
	case !isID.MatchString(string(c)):
		r.wrong(whyCategory, colCategory)
	case cfg != nil:
		i := slices.IndexFunc(cfg.Categories, func(x queue.Category) bool { return x.ID == c && !x.Draining })
		if i < 0 {
			r.wrong(whyCategoryUnknown, colCategory)
			break
		}
		offered = &cfg.Categories[i]
	}
	switch {
	case p == "":
	case !isID.MatchString(string(p)):
		r.wrong(whyPoint, colPoint)
	case cfg == nil:
	case !slices.ContainsFunc(cfg.Points, func(x queue.Point) bool { return x.ID == p && !x.Draining }):
		r.wrong(whyPointUnknown, colPoint)
	case offered != nil && !offered.At(p):
		r.wrong(whyPointCategory, colPoint)
	}
	return c, p
}

// dossiers is 0 where nothing is written.
func (r *row) dossiers() int {
	s := r.cell(colDossiers)
	if s == "" {
		return 0
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > 99 {
		r.wrong(whyDossiers, colDossiers)
	}
	return n
}

// rest looks at cells that belong to no column.
func (r *row) rest() {
	for i, s := range r.cells {
		switch {
		case s == "":
		case i >= len(r.file.columns):
			r.problems = append(r.problems, problem(whyCells, "", ""))
			return
		case r.file.columns[i] == "":
			r.file.nameless[i] = true
		}
	}
}

// The shapes of cells. A date has the day or the year first, never the month.
var (
	isNumber  = regexp.MustCompile(`^[A-Z0-9-]*[0-9][A-Z0-9-]*$`)
	isID      = regexp.MustCompile(`^[A-Za-z0-9_-]{1,32}$`) // as queue.Config.Check has it
	isDate    = regexp.MustCompile(`^(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4})(?:[ T]\d{1,2}[:.hg](?:\d{2})?(?::\d{2})?)?$`)
	dayFirst  = regexp.MustCompile(`^(\d{1,2})([-/.])(\d{1,2})([-/.])(\d{4})$`)
	yearFirst = regexp.MustCompile(`^(\d{4})([-/.])(\d{1,2})([-/.])(\d{1,2})$`)
	clockTime = regexp.MustCompile(`^(\d{1,2})(?:[hg]|[:.hg](\d{2})(?::(\d{2}))?)(?: ?uhr)?$`)
)

// readDate returns local midnight of a day of this millennium.
func readDate(s string) (time.Time, bool) {
	var year, month, day int
	m := dayFirst.FindStringSubmatch(s)
	if m != nil {
		year, month, day = atoi(m[5]), atoi(m[3]), atoi(m[1])
	} else if m = yearFirst.FindStringSubmatch(s); m != nil {
		year, month, day = atoi(m[1]), atoi(m[3]), atoi(m[5])
	}
	if m == nil || m[2] != m[4] || year < 2000 || year > 2999 {
		return time.Time{}, false
	}
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, queue.Zone)
	if t.Month() != time.Month(month) || t.Day() != day {
		return time.Time{}, false
	}
	return t, true
}

// readTime returns how long after midnight a time of day is.
func readTime(s string) (time.Duration, bool) {
	m := clockTime.FindStringSubmatch(strings.ToLower(s))
	if m == nil {
		return 0, false
	}
	hour, minute, second := atoi(m[1]), atoi(m[2]), atoi(m[3])
	since := time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute + time.Duration(second)*time.Second
	return since, hour < 24 && minute < 60 && second < 60
}

// readSlot returns the instant of a date and a time in one cell.
func readSlot(s string) (time.Time, bool) {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		t = t.In(queue.Zone).Truncate(time.Second)
		return t, t.Year() >= 2000 && t.Year() <= 2999
	}
	i := strings.IndexAny(s, " T")
	if i < 0 {
		return time.Time{}, false
	}
	day, ok := readDate(s[:i])
	since, good := readTime(trim(s[i+1:]))
	return day.Add(since), ok && good
}

// atoi is the value of digits that a pattern has matched; 0 for none.
func atoi(digits string) int {
	n, _ := strconv.Atoi(digits)
	return n
}
