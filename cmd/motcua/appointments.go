package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"motcua/internal/appointments"
	"motcua/queue"
)

type appointmentsCmd struct {
	Check    checkAppointmentsCmd    `cmd:"" help:"Say what is wrong with the rows of a CSV file. Nothing is booked."`
	Template templateAppointmentsCmd `cmd:"" help:"Write a CSV file to begin with: the headings and an example row to replace."`
	Import   importAppointmentsCmd   `cmd:"" help:"Book the rows of a CSV file at a running motcuad."`
}

// appointmentList is the CSV file a command reads.
type appointmentList struct {
	File string `arg:"" help:"CSV file with the columns code, date, time, category and, if wanted, point and dossiers, in any order; - = standard input."`
}

func (l appointmentList) name() string {
	if l.File == "-" {
		return standardInput
	}
	return l.File
}

func (l appointmentList) read(in io.Reader, rules appointments.Rules) ([]appointments.Row, error) {
	if l.File != "-" {
		f, err := os.Open(l.File)
		if err != nil {
			return nil, fmt.Errorf("open list: %w", err)
		}
		defer f.Close()
		in = f
	}
	rows, err := appointments.ReadCSV(in, rules)
	if e := (*appointments.Error)(nil); errors.As(err, &e) {
		return nil, &unread{l.name(), e}
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", l.name(), err)
	}
	return rows, nil
}

// rowFault is what is wrong with a row, in words.
type rowFault struct {
	line int
	what string
}

// wrongRows counts the rows with faults.
func wrongRows(faults []rowFault) int {
	lines := map[int]bool{}
	for _, f := range faults {
		lines[f.line] = true
	}
	return len(lines)
}

func (v *voice) printFaults(w io.Writer, faults []rowFault) {
	slices.SortStableFunc(faults, func(a, b rowFault) int { return a.line - b.line })
	for _, f := range faults {
		fmt.Fprintln(w, v.line(f.line)+f.what)
	}
}

// faultsOf are those the list itself has.
func (v *voice) faultsOf(rows []appointments.Row) []rowFault {
	var faults []rowFault
	for _, p := range appointments.Bad(rows) {
		faults = append(faults, rowFault{p.Line, v.rowText(p.Problem)})
	}
	return faults
}

// badList is the finding that some of a list's rows have faults.
func (v *voice) badList(key, file string, faults []rowFault, rows []appointments.Row) error {
	return v.finding(key, "cli.rows_wrong.hint", map[string]any{"file": v.file(file), "bad": wrongRows(faults), "n": len(rows)})
}

// rightRows are the rows that can be booked.
func rightRows(rows []appointments.Row) []appointments.Row {
	return slices.DeleteFunc(slices.Clone(rows), func(r appointments.Row) bool { return len(r.Problems) > 0 })
}

// bookingField is how the domain and the API name a field of a booking:
// "bookings[3].slot", "body.bookings[3].slot".
var bookingField = regexp.MustCompile(`^(?:body\.)?bookings\[(\d+)\](?:\.(\w+))?$`)

// bookingFault makes a fault of a booking's field; !ok if the field is of none of rows.
func (v *voice) bookingFault(rows []appointments.Row, field, what string) (rowFault, bool) {
	m := bookingField.FindStringSubmatch(field)
	if m == nil {
		return rowFault{}, false
	}
	i, err := strconv.Atoi(m[1])
	if err != nil || i >= len(rows) {
		return rowFault{}, false
	}
	if m[2] == "" {
		return rowFault{rows[i].Line, what}, true
	}
	column := m[2]
	if key := "file.column." + m[2]; v.say(key, nil) != key {
		column = v.say(key, nil)
	}
	return rowFault{rows[i].Line, column + ": " + what}, true
}

type checkAppointmentsCmd struct {
	appointmentList `embed:""`
	spokenIn        `embed:""`
	Data            string `help:"Hold the rows to the centre in this data folder as well: categories, points, sessions, quotas." type:"path" placeholder:"DIR"`
}

func (c *checkAppointmentsCmd) Run(io *console) error {
	v, err := c.voice()
	if err != nil {
		return err
	}
	return v.tell(c.check(io, v))
}

func (c *checkAppointmentsCmd) check(io *console, v *voice) error {
	rules := appointments.Rules{Now: time.Now()}
	var centre *queue.State
	if c.Data != "" {
		var err error
		if centre, err = c.centre(io.ctx); err != nil {
			return err
		}
		rules.Config = centre.Config
	}
	rows, err := c.read(io.in, rules)
	if err != nil {
		return err
	}
	faults := v.faultsOf(rows)
	if good := rightRows(rows); centre != nil && len(good) > 0 {
		for _, p := range centre.View().CheckBookings(appointments.Good(rows), queue.Env{Now: rules.Now, ClockOK: true}) {
			what := p.Msg + ". " + p.Hint
			if !v.english() {
				what = v.booking(p.Code, p.Values())
			}
			if f, ok := v.bookingFault(good, p.Field, what); ok {
				faults = append(faults, f)
			}
		}
	}
	if len(faults) == 0 {
		fmt.Fprintln(io.out, v.say("cli.all_right", map[string]any{"n": len(rows)}))
		return nil
	}
	v.printFaults(io.out, faults)
	return v.badList("cli.rows_wrong", c.name(), faults, rows)
}

// centre is the state at the head of the centre's journal.
func (c *checkAppointmentsCmd) centre(ctx context.Context) (*queue.State, error) {
	j, err := data{c.Data}.open(ctx)
	if err != nil {
		return nil, err
	}
	defer j.Close()
	s, _, err := j.Load(ctx)
	if err != nil {
		return nil, broken(c.Data, err)
	}
	if s.Config == nil {
		return nil, &worded{"cli.no_centre.check", map[string]any{"path": c.Data},
			fmt.Errorf("the centre in %s has no configuration yet: apply its file first, or check without --data", c.Data)}
	}
	return s, nil
}

type templateAppointmentsCmd struct {
	Language string `help:"Of the headings: vi, en or de." enum:"vi,en,de" default:"vi"`
}

func (c *templateAppointmentsCmd) Run(io *console) error {
	return appointments.Template(io.out, c.Language)
}

// partRows is how many rows one request books: all of them or none, so that a
// part that is refused holds up few others.
const partRows = 500

type importAppointmentsCmd struct {
	appointmentList `embed:""`
	daemon          `embed:""`
	spokenIn        `embed:""`
	SkipBad         bool `help:"Book the rows that are right although others are wrong."`
	Again           bool `help:"Book once more what was imported before: what was cancelled or moved since comes back."`
}

func (c *importAppointmentsCmd) Run(io *console) error {
	v, err := c.voice()
	if err != nil {
		return err
	}
	return v.tell(c.run(io, v))
}

func (c *importAppointmentsCmd) run(io *console, v *voice) error {
	token, err := c.token()
	if err != nil {
		return err
	}
	to := caller{c.URL, token, c.Language}
	cfg, err := c.config(io.ctx, to)
	if err != nil {
		return err
	}
	rows, err := c.read(io.in, appointments.Rules{Now: time.Now(), Config: cfg})
	if err != nil {
		return err
	}
	left := v.faultsOf(rows)
	if len(left) > 0 && !c.SkipBad {
		v.printFaults(io.out, left)
		return v.badList("cli.rows_wrong.none", c.name(), left, rows)
	}
	n := 0
	for part := range slices.Chunk(rightRows(rows), partRows) {
		refused, err := c.book(io, to, v, part)
		left = append(left, refused...)
		if err != nil {
			v.printFaults(io.out, left)
			if n == 0 {
				return v.also(err, "cli.none_before", nil)
			}
			return v.also(err, "cli.some_before", nil)
		}
		n++
	}
	if len(left) > 0 {
		fmt.Fprintln(io.out, v.say("cli.left_out", map[string]any{"bad": wrongRows(left), "n": len(rows)}))
		v.printFaults(io.out, left)
	}
	return nil
}

// config is the centre's configuration, so that wrong ids are found in the
// whole list before its first row is booked.
func (c *importAppointmentsCmd) config(ctx context.Context, from caller) (*queue.Config, error) {
	got, refused, err := from.call(ctx, http.MethodGet, "/api/v1/centre", "", nil)
	if refused != nil {
		return nil, refused
	}
	if err != nil {
		return nil, err
	}
	cfg := &queue.Config{}
	if err := json.Unmarshal(got, cfg); err != nil {
		return nil, &worded{"cli.releases", nil, fmt.Errorf("read the centre's configuration: %w", err)}
	}
	return cfg, nil
}

// bookingBody is a row as the API takes it.
type bookingBody struct {
	Code     string           `json:"code"`
	Slot     time.Time        `json:"slot"`
	Category queue.CategoryID `json:"category"`
	Point    queue.PointID    `json:"point,omitempty"`
	Dossiers int              `json:"dossiers,omitempty"`
}

// book sends rows in one request and prints what became of them. Of a part
// that is refused for some rows it sends the others if bad ones are to be
// skipped; refused are those rows.
func (c *importAppointmentsCmd) book(io *console, to caller, v *voice, part []appointments.Row) (refused []rowFault, err error) {
	for len(part) > 0 {
		var body struct {
			Bookings []bookingBody `json:"bookings"`
		}
		for _, r := range part {
			b := r.Booking
			body.Bookings = append(body.Bookings, bookingBody{b.Code, b.Slot.Time().In(queue.Zone), b.Category, b.Point, b.Dossiers})
		}
		text, err := json.Marshal(body)
		if err != nil {
			return refused, fmt.Errorf("encode appointments: %w", err)
		}
		key := ""
		if !c.Again {
			sum := sha256.Sum256(text)
			key = "appointments/" + hex.EncodeToString(sum[:16])
		}
		done, no, err := to.ask(io.ctx, http.MethodPost, appointmentsPath, key, json.RawMessage(text))
		if err != nil {
			return refused, v.also(err, "cli.maybe_booked", map[string]any{"lines": lineRanges(part)})
		}
		if no == nil {
			return refused, v.reportPart(io.out, part, done)
		}
		bad := map[int]bool{}
		for _, e := range no.Errors {
			f, ok := v.bookingFault(part, e.Field, e.Message)
			if !ok {
				return refused, no
			}
			refused, bad[f.line] = append(refused, f), true
		}
		switch {
		case len(bad) == 0:
			return refused, no
		case !c.SkipBad:
			return refused, v.finding("cli.part_refused", "cli.rows_wrong.hint", map[string]any{"file": v.file(c.name()), "lines": lineRanges(part)})
		}
		part = slices.DeleteFunc(slices.Clone(part), func(r appointments.Row) bool { return bad[r.Line] })
	}
	return refused, nil
}

// reportPart prints what became of rows that were not refused.
func (v *voice) reportPart(w io.Writer, part []appointments.Row, done answer) error {
	var n struct {
		Booked    *int `json:"booked"`
		Unchanged int  `json:"unchanged"`
	}
	if err := json.Unmarshal(done.JSON, &n); err != nil || n.Booked == nil {
		return &worded{"cli.releases", nil, errors.New("motcuad's answer does not say what was booked: the two are of different releases")}
	}
	key := "cli.booked"
	switch {
	case done.Replayed:
		key = "cli.booked.before"
	case n.Unchanged > 0:
		key = "cli.booked.known"
	}
	fmt.Fprintln(w, v.say(key, map[string]any{"lines": lineRanges(part), "n": *n.Booked, "known": n.Unchanged}))
	return nil
}

// lineRanges are the rows' lines, as "2-9, 11".
func lineRanges(rows []appointments.Row) string {
	var b strings.Builder
	for i := 0; i < len(rows); {
		j := i
		for j+1 < len(rows) && rows[j+1].Line == rows[j].Line+1 {
			j++
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(strconv.Itoa(rows[i].Line))
		if j > i {
			b.WriteString("-" + strconv.Itoa(rows[j].Line))
		}
		i = j + 1
	}
	return b.String()
}
