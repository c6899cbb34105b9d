package appointments

import (
	"fmt"
	"strings"
)

// Problem is one thing that is wrong with a row or with the file.
type Problem struct {
	// Code is stable; faces translate by it: the words are booking.<code>, with
	// the arguments column and value, and the remedy booking.<code>.hint.
	Code string `json:"code"`
	// Column is the heading as the file has it, or of a column that is missing
	// as it should be; empty when it is about the whole row or file.
	Column string `json:"column,omitempty"`
	// Value is what stands there, of a duplicate the other lines; empty when it
	// may be about a person, and then it is nowhere else either.
	Value string `json:"value,omitempty"`
	Msg   string `json:"message"` // what is wrong, in English
	Hint  string `json:"hint"`    // how to mend it, in English
}

// Elsewhere reports whether Value is not what stands in the cell, but where
// else the same stands.
func (p Problem) Elsewhere() bool { return p.Code == whyDuplicate }

func (p Problem) String() string {
	at := p.Column
	if p.Value != "" && !p.Elsewhere() {
		at = strings.TrimPrefix(at+fmt.Sprintf(" = %q", p.Value), " = ")
	}
	return strings.TrimPrefix(at+": ", ": ") + p.Msg + ". " + p.Hint
}

// Error is a file that can't be read as a whole. It names everything that is
// wrong with its headings at once, up to twenty things.
type Error struct {
	Line     int // of the headings; 0 when it is about the whole file
	Problems []Problem
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("no appointments can be read from the file")
	for _, p := range e.Problems {
		b.WriteString("\n  ")
		if e.Line > 0 {
			fmt.Fprintf(&b, "line %d: ", e.Line)
		}
		b.WriteString(p.String())
	}
	return b.String()
}

// The codes of a row's problems, then those of a file's.
const (
	whyMissing         = "missing"
	whyCode            = "code"
	whyCodeNumber      = "code_number"
	whyDuplicate       = "duplicate"
	whyDate            = "date"
	whyTime            = "time"
	whySlot            = "slot"
	whyPast            = "past"
	whyCategory        = "category"
	whyCategoryUnknown = "category_unknown"
	whyPoint           = "point"
	whyPointUnknown    = "point_unknown"
	whyPointCategory   = "point_category"
	whyDossiers        = "dossiers"
	whyCells           = "cells"
	whyQuotes          = "quotes"

	whyFileEmpty    = "file_empty"
	whyFileLarge    = "file_large"
	whyFileEncoding = "file_encoding"
	whyFileWorkbook = "file_workbook"
	whyFileHeadings = "file_headings"
	whyFilePerson   = "file_person"
	whyFileColumn   = "file_column"
	whyFileNameless = "file_nameless"
	whyFileTwice    = "file_twice"
	whyFileBoth     = "file_both"
	whyFileLacks    = "file_lacks"
	whyFileRows     = "file_rows"
)

// words are the English texts of the codes. {column} and {value} stand for
// the problem's own.
var words = map[string]struct{ msg, hint string }{
	whyMissing:         {"the cell {column} is empty", "Fill it in, or remove the row."},
	whyCode:            {"this is no code of an appointment", "Write 4 to 32 capital letters A–Z, digits and hyphens, as it stands on the citizen's paper."},
	whyCodeNumber:      {"this may be the number of a person or of a card", "Give the appointment a code of its own: no person is kept."},
	whyDuplicate:       {"the same code also stands in line {value}", "Give each appointment its own code, or remove all rows of it but one."},
	whyDate:            {"this is no date", "Write 2026-11-23 or 23/11/2026, the day before the month."},
	whyTime:            {"this is no time of day", "Write 08:30 or 8h30, in 24 hours."},
	whySlot:            {"this is no date with a time of day", "Write 2026-11-23 08:30 or 23/11/2026 8h30, in local time."},
	whyPast:            {"the time of this appointment is over", "Correct date and time, or remove the row."},
	whyCategory:        {"this is no id of a category", "Write the letter on the category's button, such as A."},
	whyCategoryUnknown: {"the centre has no such category", "Write the letter of one of the centre's categories."},
	whyPoint:           {"this is no id of a service point", "Write the id as the centre's file has it, or leave the cell empty."},
	whyPointUnknown:    {"the centre has no such service point", "Write the id as the centre's file has it, or leave the cell empty."},
	whyPointCategory:   {"this service point does not serve the category", "Name a point that does, or leave the cell empty."},
	whyDossiers:        {"this is no number of dossiers", "Write 1 to 99, or leave the cell empty for 1."},
	whyCells:           {"the row has more cells than there are headings", "Remove what is too much; a cell with a separator in it needs quotation marks around it."},
	whyQuotes:          {"a quotation mark is open or stands in the wrong place", "Remove the quotation marks, and any line break within a cell."},

	whyFileEmpty:    {"the file is empty", "Begin with the template and save it as CSV UTF-8."},
	whyFileLarge:    {"the file is larger than 1 MiB", "Split it into several files, each with the headings."},
	whyFileEncoding: {"the file is not in UTF-8", "Open it in the spreadsheet and save it as CSV UTF-8."},
	whyFileWorkbook: {"the file is a spreadsheet's own, not CSV", "Open it in the spreadsheet and save it as CSV UTF-8."},
	whyFileHeadings: {"the first row has no known headings", "Write the headings code, date, time and category into the first row, as the template has them."},
	whyFilePerson:   {"the column {column} is about a person, and no person is kept", "Remove the column and save the file again."},
	whyFileColumn:   {"the column {column} is unknown, and nothing unknown is kept", "Remove the column, or give it one of the headings code, date, time, category, point, dossiers."},
	whyFileNameless: {"the column {column} has no heading", "Remove the column, or give it one of the headings code, date, time, category, point, dossiers."},
	whyFileTwice:    {"the column {column} is there twice", "Remove one of them."},
	whyFileBoth:     {"the time is there twice, in the column {column} and in others", "Keep the column with date and time together, or the columns date and time."},
	whyFileLacks:    {"the column {column} is missing", "Add it with its heading, as the template has it."},
	whyFileRows:     {"there are headings and no appointments below them", "Write one appointment in each row."},
}

func problem(code, column, value string) Problem {
	w := words[code]
	r := strings.NewReplacer("{column}", column, "{value}", value)
	return Problem{Code: code, Column: column, Value: value, Msg: r.Replace(w.msg), Hint: r.Replace(w.hint)}
}

// mostProblems is how many problems of a file are named; more help nobody.
const mostProblems = 20

func unreadable(line int, problems ...Problem) error {
	return &Error{Line: line, Problems: problems[:min(len(problems), mostProblems)]}
}

// shown returns what stands in a cell as far as a text may repeat it, and
// otherwise nothing. What may be somebody's name or number is not repeated: a
// value needs a digit or is of at most three characters, has only one word,
// and has fewer digits than a phone number unless it is in the shape of a date.
func shown(cell string) string {
	if len(cell) > 32 {
		return ""
	}
	digits, letters, spaces := 0, 0, 0
	for _, c := range []byte(cell) {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			letters++
		case c == ' ':
			spaces++
		case !strings.ContainsRune("-/.:,_+", rune(c)):
			return ""
		}
	}
	date := isDate.MatchString(cell)
	switch {
	case digits == 0 && len(cell) > 3:
		return ""
	case digits > 8 && !date:
		return ""
	case letters > 0 && spaces > 0 && !date:
		return ""
	}
	return cell
}
