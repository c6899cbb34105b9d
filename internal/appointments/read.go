package appointments

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"motcua/queue"
)

// MaxBytes is the size of the largest file that is read.
const MaxBytes = 1 << 20

// Rules are what a list is held to besides its own shape.
type Rules struct {
	// Now is the present: an appointment of an earlier business day is wrong.
	// The zero time: nobody knows it.
	Now time.Time
	// Config is the centre's, for its categories and points. Nil: nobody knows
	// it, and ids are held to their shape alone.
	Config *queue.Config
}

// Row is a row of the file. Either its Booking is right, or there are Problems
// and the Booking is empty.
type Row struct {
	Line     int // in the file, from 1
	Booking  queue.Booking
	Problems []Problem
}

// RowProblem is a problem with the line it stands in.
type RowProblem struct {
	Line int `json:"line"`
	Problem
}

func (p RowProblem) String() string { return fmt.Sprintf("line %d: %s", p.Line, p.Problem) }

// Good returns the bookings of the rows that are right, in the file's order.
// A command takes at most [queue.MaxBookings] of them.
func Good(rows []Row) []queue.Booking {
	var good []queue.Booking
	for _, r := range rows {
		if len(r.Problems) == 0 {
			good = append(good, r.Booking)
		}
	}
	return good
}

// Bad returns every problem of the rows that are wrong, in the file's order.
func Bad(rows []Row) []RowProblem {
	var bad []RowProblem
	for _, r := range rows {
		for _, p := range r.Problems {
			bad = append(bad, RowProblem{r.Line, p})
		}
	}
	return bad
}

// ReadCSV reads a list of appointments: UTF-8 with or without a byte order
// mark, cells separated by comma, semicolon or tab, one row a line, headings
// first. The columns are code, date and time (or slot, both in one cell),
// category and, if wanted, point and dossiers, in any order. Dates and times
// are local ([queue.Zone]) unless a slot names its offset. Empty rows and empty
// columns are passed over.
//
// A file that is wrong as a whole gives an [*Error]; rows that are wrong are
// among the rows. Neither repeats what may be about a person. Other errors are
// the reader's own.
func ReadCSV(r io.Reader, rules Rules) ([]Row, error) {
	b, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read appointments: %w", err)
	}
	if code := unsuitable(b); code != "" {
		return nil, unreadable(0, problem(code, "", ""))
	}
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	text := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(b))

	f := file{rules: rules}
	var rows []Row
	n := 0
	for line := range strings.SplitSeq(text, "\n") {
		n++
		if blank(line) {
			continue
		}
		if f.columns == nil {
			if f.comma == 0 && separator(line, &f.comma) {
				continue
			}
			if problems := f.begin(line); problems != nil {
				return nil, unreadable(n, problems...)
			}
			f.line = n
			continue
		}
		row := Row{Line: n}
		cells, ok := split(line, f.comma)
		switch {
		case !ok:
			row.Problems = []Problem{problem(whyQuotes, "", "")}
		case !slices.ContainsFunc(cells, func(c string) bool { return c != "" }):
			continue
		default:
			row.Booking, row.Problems = f.row(cells, n)
		}
		rows = append(rows, row)
	}
	switch {
	case f.columns == nil:
		return nil, unreadable(0, problem(whyFileEmpty, "", ""))
	case len(f.nameless) > 0:
		var problems []Problem
		for _, i := range slices.Sorted(maps.Keys(f.nameless)) {
			problems = append(problems, problem(whyFileNameless, strconv.Itoa(i+1), ""))
		}
		return nil, unreadable(f.line, problems...)
	case len(rows) == 0:
		return nil, unreadable(0, problem(whyFileRows, "", ""))
	}
	f.duplicates(rows)
	for i := range rows {
		if len(rows[i].Problems) > 0 {
			rows[i].Booking = queue.Booking{}
		}
	}
	return rows, nil
}

// unsuitable names what makes bytes no CSV in UTF-8, or returns "".
func unsuitable(b []byte) string {
	switch {
	case len(b) > MaxBytes:
		return whyFileLarge
	case bytes.HasPrefix(b, []byte("PK\x03\x04")), bytes.HasPrefix(b, []byte("\xd0\xcf\x11\xe0")):
		return whyFileWorkbook // a ZIP file (xlsx, ods), a compound file (xls)
	case !utf8.Valid(b), bytes.IndexByte(b, 0) >= 0: // NUL: UTF-16 without a mark
		return whyFileEncoding
	}
	return ""
}

func blank(line string) bool { return trim(line) == "" }

// trim cuts white space off a cell, also what a spreadsheet has without showing it.
func trim(cell string) string {
	return strings.TrimFunc(cell, func(r rune) bool { return unicode.IsSpace(r) || r == '\ufeff' || r == '\u200b' })
}

// commas are the separators, the likeliest first.
var commas = []rune{',', ';', '\t'}

// separator reads the line "sep=;" that some spreadsheets put before the headings.
func separator(line string, comma *rune) bool {
	rest, ok := strings.CutPrefix(strings.ToLower(line), "sep=")
	r, n := utf8.DecodeRuneInString(rest)
	if !ok || !slices.Contains(commas, r) || trim(rest[n:]) != "" {
		return false
	}
	*comma = r
	return true
}

// split cuts a line into trimmed cells; !ok if its quotation marks are wrong.
func split(line string, comma rune) (cells []string, ok bool) {
	r := csv.NewReader(strings.NewReader(line))
	r.Comma, r.FieldsPerRecord, r.TrimLeadingSpace = comma, -1, comma != '\t'
	cells, err := r.Read()
	for i := range cells {
		cells[i] = trim(cells[i])
	}
	return cells, err == nil
}

// file is what is known of the file while its rows are read.
type file struct {
	rules    Rules
	comma    rune
	line     int // of the headings
	headings []string
	columns  []column         // what each is about; nil before the headings
	at       map[column]int   // the other way round
	nameless map[int]bool     // columns without a heading in which something stands
	codes    map[string][]int // the lines a code stands in
}

// begin reads the headings. The separator is the one that makes the most
// known headings of them.
func (f *file) begin(line string) []Problem {
	try := commas
	if f.comma != 0 {
		try = []rune{f.comma}
	}
	most := -1
	for _, comma := range try {
		cells, ok := split(line, comma)
		if !ok {
			continue
		}
		n := 0
		for _, h := range cells {
			if known(h) != "" {
				n++
			}
		}
		if n > most {
			most, f.comma, f.headings = n, comma, cells
		}
	}
	if most < 0 {
		return []Problem{problem(whyQuotes, "", "")}
	}
	for i, h := range f.headings {
		f.headings[i] = unbracketed(h)
	}
	var problems []Problem
	f.columns, problems = columns(f.headings)
	f.codes, f.at, f.nameless = map[string][]int{}, map[column]int{}, map[int]bool{}
	for i, c := range f.columns {
		if c != "" {
			f.at[c] = i
		}
	}
	return problems
}

// duplicates finds fault with every row whose code another one has too:
// nobody knows which of them is meant.
func (f *file) duplicates(rows []Row) {
	for n := range rows {
		r := &rows[n]
		lines := f.codes[r.Booking.Code]
		if r.Booking.Code == "" || len(lines) < 2 {
			continue
		}
		other := lines[0]
		if other == r.Line {
			other = lines[1]
		}
		r.Problems = append(r.Problems, problem(whyDuplicate, f.headings[f.at[colCode]], strconv.Itoa(other)))
	}
}
