package appointments

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// column is what a column of the file is about.
type column string

const (
	colCode     column = "code"
	colSlot     column = "slot" // date and time in one cell
	colDate     column = "date"
	colTime     column = "time"
	colCategory column = "category"
	colPoint    column = "point"
	colDossiers column = "dossiers"
)

// headings are the ways to write a column's heading, folded.
var headings = map[column][]string{
	colCode:     {"code", "booking code", "appointment code", "ma", "ma hen", "ma lich hen", "terminnummer", "termincode", "kennung"},
	colSlot:     {"slot", "appointment", "date and time", "date time", "datetime", "lich hen", "ngay gio", "ngay gio hen", "thoi gian", "thoi gian hen", "termin", "zeitpunkt", "datum und uhrzeit"},
	colDate:     {"date", "day", "ngay", "ngay hen", "datum", "tag"},
	colTime:     {"time", "hour", "gio", "gio hen", "uhrzeit", "zeit"},
	colCategory: {"category", "linh vuc", "nhom thu tuc", "bereich"},
	colPoint:    {"point", "service point", "diem", "diem tiep nhan", "stelle", "annahmestelle"},
	colDossiers: {"dossiers", "number of dossiers", "ho so", "so ho so", "so luong ho so", "akten", "anzahl akten", "anzahl der akten", "anzahl"},
}

// personal are words in headings, folded, of columns about a person.
var personal = []string{
	"name", "names", "citizen", "person", "applicant", "ten", "ho ten", "cong dan", "nguoi", "khach", "vorname", "nachname", "familienname", "antragsteller",
	"phone", "mobile", "tel", "telephone", "dien thoai", "sdt", "so dt", "zalo", "telefon", "handy", "email", "mail",
	"id", "passport", "cccd", "cmnd", "can cuoc", "chung minh", "ho chieu", "dinh danh", "bhyt", "ausweis", "ausweisnummer", "personalausweis",
	"birth", "birthday", "born", "dob", "age", "ngay sinh", "nam sinh", "tuoi", "geburtsdatum", "geburtstag", "geboren", "alter",
	"address", "dia chi", "adresse", "anschrift", "sex", "gender", "gioi tinh", "geschlecht", "dan toc", "ethnicity",
	"note", "notes", "remark", "remarks", "comment", "ghi chu", "notiz", "bemerkung",
}

// known finds the column a heading names; "" if none.
func known(heading string) column {
	if heading == "" {
		return ""
	}
	f := fold(heading)
	for c, names := range headings {
		if slices.Contains(names, f) {
			return c
		}
	}
	return ""
}

// isPersonal reports whether a heading has a word of a person's column.
func isPersonal(heading string) bool {
	f := " " + fold(heading) + " "
	return slices.ContainsFunc(personal, func(w string) bool { return strings.Contains(f, " "+w+" ") })
}

// fold makes headings comparable: without case, accents, punctuation and what
// is in brackets. "Ngày (dd/mm/yyyy)" gives "ngay".
func fold(heading string) string {
	words := strings.FieldsFunc(norm.NFD.String(unbracketed(heading)), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mn, r)
	})
	return strings.Map(func(r rune) rune {
		switch r {
		case 'đ', 'Đ':
			return 'd'
		}
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, strings.Join(words, " "))
}

// unbracketed is a heading up to the remark in brackets that may follow it.
func unbracketed(heading string) string {
	before, _, _ := strings.Cut(heading, "(")
	return trim(before)
}

// columns tells what each cell of the row of headings is about, "" for one
// that is empty. More than one known heading makes a row of headings; with
// fewer, nothing that stands there is repeated, since it may be a person's.
func columns(row []string) ([]column, []Problem) {
	var problems []Problem
	found := map[column]string{} // the heading as the file has it
	of := make([]column, len(row))
	for i, h := range row {
		c := known(h)
		if c == "" {
			continue
		}
		if _, twice := found[c]; twice {
			problems = append(problems, problem(whyFileTwice, h, ""))
		}
		of[i], found[c] = c, h
	}
	if len(found) < 2 {
		return nil, []Problem{problem(whyFileHeadings, "", "")}
	}
	for i, h := range row {
		switch {
		case h == "" || of[i] != "":
		case isPersonal(h):
			problems = append(problems, problem(whyFilePerson, nameOf(h, i), ""))
		default:
			problems = append(problems, problem(whyFileColumn, nameOf(h, i), ""))
		}
	}
	lacks := func(c column) {
		if _, ok := found[c]; !ok {
			problems = append(problems, problem(whyFileLacks, string(c), ""))
		}
	}
	lacks(colCode)
	_, hasDate := found[colDate]
	_, hasClock := found[colTime]
	if h, ok := found[colSlot]; !ok {
		lacks(colDate)
		lacks(colTime)
	} else if hasDate || hasClock {
		problems = append(problems, problem(whyFileBoth, h, ""))
	}
	lacks(colCategory)
	return of, problems
}

// nameOf is how a text names the column at an index: by its heading, or by its
// number where it has none, or one that may be a person's.
func nameOf(heading string, i int) string {
	if heading == "" || utf8.RuneCountInString(heading) > 40 || strings.ContainsFunc(heading, func(r rune) bool { return unicode.IsDigit(r) || !unicode.IsPrint(r) }) {
		return strconv.Itoa(i + 1)
	}
	return heading
}
