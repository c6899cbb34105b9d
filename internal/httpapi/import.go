package httpapi

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"motcua/internal/appointments"
	"motcua/queue"
)

const importPath = base + "/appointments/import"

// Imported answers a list of appointments. Rows says what is wrong with those
// that were left out.
type Imported struct {
	Epoch     string     `json:"epoch"`
	Seq       queue.Seq  `json:"seq" doc:"Position after the command; 0 when it changed nothing"`
	Imported  int        `json:"imported" doc:"Rows added, or moved: their code was known with other data"`
	Unchanged int        `json:"unchanged" doc:"Rows known already as they are"`
	Rows      []WrongRow `json:"rows" nullable:"false" doc:"What is wrong with the rows left out"`
}

// WrongRow is one thing that is wrong with a row of a list. It repeats nothing
// that may be about a person.
type WrongRow struct {
	Line    int    `json:"line" doc:"In the file, from 1; 0 of the whole file"`
	Column  string `json:"column,omitempty"`
	Code    string `json:"code" doc:"Stable, to be translated by faces"`
	Message string `json:"message" doc:"What is wrong and how to mend it, in the language asked for"`
	// planned: the centre's plan is against it, and Column is the domain's word;
	// otherwise it is the heading as the file has it.
	planned bool
}

func (s *Server) addImport(api huma.API) {
	type importIn struct {
		KeyHeader
		SkipBad bool   `query:"skip_bad" doc:"Book the good rows and say which are wrong; otherwise one wrong row refuses the list"`
		RawBody []byte `contentType:"text/csv"`
	}
	type importOut struct {
		ReplayHeader
		Body Imported
	}
	op := s.op(http.MethodPost, "/appointments/import", "import-appointments", "Book a list of appointments in CSV", bookers)
	op.Description += " UTF-8; headings code, date, time (or slot), category, point, dossiers in any order, in Vietnamese, English or German."
	op.MaxBodyBytes = maxConfig + 1
	op.RequestBody = &huma.RequestBody{}
	add(s, api, op, func(ctx context.Context, in *importIn) (*importOut, error) {
		l, err := s.readList(ctx, in.RawBody)
		if err != nil {
			return nil, err
		}
		res, epoch, err := s.importList(ctx, in.Key, l, in.SkipBad)
		if err != nil {
			return nil, err
		}
		b := bookedOf(res, epoch, len(l.rows))
		return &importOut{replay(res), Imported{Epoch: epoch, Seq: b.Seq, Imported: b.Booked, Unchanged: b.Unchanged, Rows: append([]WrongRow{}, l.wrong...)}}, nil
	})
	op.RequestBody.Required = false // an empty file is refused in a file's own words
}

// list is what is known of a list while it is imported.
type list struct {
	rows  []appointments.Row // that are right as far as is known
	wrong []WrongRow
}

func (l *list) bookings() []queue.Booking { return appointments.Good(l.rows) }

// readList reads a file; one that is wrong as a whole is refused.
func (s *Server) readList(ctx context.Context, b []byte) (*list, error) {
	configs := make(chan *queue.Config, 1)
	if err := s.read(ctx, func(st *queue.State) { configs <- st.Config }); err != nil {
		return nil, err
	}
	rows, err := appointments.ReadCSV(bytes.NewReader(b), appointments.Rules{Config: <-configs})
	var bad *appointments.Error
	if errors.As(err, &bad) {
		l := &list{}
		for _, p := range bad.Problems {
			l.wrong = append(l.wrong, s.wrongRow(ctx, bad.Line, p))
		}
		return nil, s.wrongList(ctx, l.wrong)
	}
	if err != nil {
		return nil, err
	}
	l := &list{}
	for _, r := range rows {
		if len(r.Problems) == 0 {
			l.rows = append(l.rows, r)
		}
		for _, p := range r.Problems {
			l.wrong = append(l.wrong, s.wrongRow(ctx, r.Line, p))
		}
	}
	return l, nil
}

// importList books the rows that are right. What the centre's plan has against
// a row is found when they are booked; with skip those are left out then, and
// the rest is one command more.
func (s *Server) importList(ctx context.Context, key string, l *list, skip bool) (queue.Result, string, error) {
	if len(l.wrong) > 0 && !skip {
		if err := s.checkList(ctx, l); err != nil {
			return queue.Result{}, "", err
		}
		return queue.Result{}, "", s.wrongList(ctx, l.wrong)
	}
	for n := 1; len(l.rows) > 0; n++ {
		res, epoch, err := s.do(ctx, partKey(key, n), "", queue.BookAppointments{Bookings: l.bookings()})
		var problems queue.Problems
		if !errors.As(err, &problems) {
			return res, epoch, err
		}
		before := len(l.rows)
		s.leaveOut(ctx, l, problems)
		switch {
		case len(l.rows) == before: // about no row
			return queue.Result{}, "", err
		case !skip:
			return queue.Result{}, "", s.wrongList(ctx, l.wrong)
		}
	}
	epoch, err := s.epochOf(ctx)
	return queue.Result{}, epoch, err
}

// partKey is the key of the n-th command of one request.
func partKey(key string, n int) string {
	if key == "" || n == 1 {
		return key
	}
	return key + "/" + strconv.Itoa(n)
}

// checkList finds what the centre's plan has against rows of a list that is
// refused anyway, so that all is named at once.
func (s *Server) checkList(ctx context.Context, l *list) error {
	list := l.bookings()
	list = list[:min(len(list), queue.MaxBookings)]
	got := make(chan queue.Problems, 1)
	err := s.read(ctx, func(st *queue.State) { got <- st.View().CheckBookings(list, queue.Env{Now: s.o.Now()}) })
	if err != nil {
		return err
	}
	s.leaveOut(ctx, l, <-got)
	return nil
}

// leaveOut takes the rows out that the domain finds wrong.
func (s *Server) leaveOut(ctx context.Context, l *list, problems queue.Problems) {
	bad := map[int]bool{}
	for _, p := range problems {
		i, column := bookingOf(p.Field)
		if i < 0 || i >= len(l.rows) {
			continue
		}
		bad[i] = true
		l.wrong = append(l.wrong, WrongRow{Line: l.rows[i].Line, Column: column, Code: p.Code,
			Message: s.problemWords(callOf(ctx).lang, queue.WhyBadBookings, p), planned: true})
	}
	var right []appointments.Row
	for i, r := range l.rows {
		if !bad[i] {
			right = append(right, r)
		}
	}
	l.rows = right
	slices.SortStableFunc(l.wrong, func(a, b WrongRow) int { return a.Line - b.Line })
}

// bookingOf reads "bookings[3].slot"; −1 when it is no such field.
func bookingOf(field string) (int, string) {
	var i int
	rest, ok := strings.CutPrefix(field, "bookings[")
	at, column, ok2 := strings.Cut(rest, "].")
	i, err := strconv.Atoi(at)
	if !ok || !ok2 || err != nil {
		return -1, ""
	}
	return i, column
}

func (s *Server) wrongRow(ctx context.Context, line int, p appointments.Problem) WrongRow {
	return WrongRow{Line: line, Column: p.Column, Code: p.Code,
		Message: s.words(callOf(ctx).lang, "booking."+p.Code, map[string]any{"column": p.Column, "value": p.Value}, p.Msg+". "+p.Hint)}
}

// words are a text and its hint, or else what is said in English.
func (s *Server) words(lang, key string, args map[string]any, otherwise string) string {
	text, hint := s.o.Web.Text(lang, key, args), s.o.Web.Text(lang, key+".hint", args)
	if text == key || hint == key+".hint" {
		return sentence(otherwise)
	}
	return text + " " + hint
}

// wrongList refuses a list with all that is wrong with it.
func (s *Server) wrongList(ctx context.Context, rows []WrongRow) *Problem {
	p := s.problem(ctx, &queue.Error{Code: queue.Invalid, Reason: queue.WhyBadBookings, Msg: "the list of appointments has wrong rows; nothing was booked",
		Hint: "Correct the rows named and import the whole list again, or import the good ones alone with skip_bad=true."})
	for _, r := range rows {
		p.Errors = append(p.Errors, BadField{Field: s.placeOf(callOf(ctx).lang, r), Message: r.Message})
	}
	return p
}

// placeOf says where in a list something is wrong: "line 3, slot".
func (s *Server) placeOf(lang string, r WrongRow) string {
	say := func(key, otherwise string, args map[string]any) string {
		if t := s.o.Web.Text(lang, key, args); t != key {
			return t
		}
		return otherwise
	}
	at := say("file.whole", "file", nil)
	if r.Line > 0 {
		at = say("file.line", "line "+strconv.Itoa(r.Line), map[string]any{"n": r.Line})
	}
	switch {
	case r.planned:
		at += ", " + say("file.column."+r.Column, r.Column, nil)
	case r.Column != "":
		at += ", " + r.Column
	}
	return at
}
