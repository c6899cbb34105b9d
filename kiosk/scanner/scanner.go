package scanner

import (
	"bytes"
	"regexp"
	"time"
)

// Kind says what was scanned. The values may be logged and are never renamed.
type Kind string

const (
	// Unknown is everything else: a VNeID or health insurance code, a web
	// address, a damaged text. It is opaque; the answer is to choose a button.
	Unknown Kind = "unknown"
	// Receipt is the receipt of a dossier: its holder collects a result.
	Receipt Kind = "receipt"
	// Appointment is a code that says of itself that it is an appointment's.
	Appointment Kind = "appointment"
	// Plain is a text in the shape of an appointment's code: see [Code.Known].
	Plain Kind = "plain"
	// Ticket is the link on a slip of ours, as far as its shape tells: whether
	// it is one the centre says, see [Code.Token].
	Ticket Kind = "ticket"
	// IDCard is an identity card of any year.
	IDCard Kind = "id_card"
)

// Code is what is kept of a scan. However it is printed, logged or encoded,
// only its kind is shown: the age class belongs in no log and no event.
type Code struct {
	Kind Kind
	// Appointment is the code of an appointment, of a Kind Appointment or
	// Plain; otherwise empty.
	Appointment string
	// Day and Token, of a Ticket, are the two parts of its link. Who has them
	// may look at the ticket's page; they prove nothing until they are checked.
	Day, Token string
	// From60, of an IDCard: the holder is 60 or older on the given day.
	From60 bool
}

func (c Code) String() string               { return string(c.Kind) }
func (c Code) GoString() string             { return "scanner.Code{" + string(c.Kind) + "}" }
func (c Code) MarshalText() ([]byte, error) { return []byte(c.Kind), nil }

// Known decides about a Plain code: it is an Appointment if the centre has one
// of that code, and otherwise Unknown with nothing kept. Other kinds stay as
// they are.
func (c Code) Known(has func(code string) bool) Code {
	switch {
	case c.Kind != Plain:
		return c
	case has(c.Appointment):
		c.Kind = Appointment
		return c
	}
	return Code{Kind: Unknown}
}

// Longest is the longest text that is read, in bytes.
const Longest = 1 << 10

// Read tells what a scanned text is and overwrites it with zeros, whatever it
// was. The text may be broken UTF-8 and may have a byte order mark and line
// ends. The holder of an ID card is as old as on the date today has in its own
// zone.
func Read(text []byte, today time.Time) Code {
	defer clear(text)
	if len(text) > Longest {
		return Code{Kind: Unknown}
	}
	if day, token := link(text); token != nil {
		return Code{Kind: Ticket, Day: string(day), Token: string(token)}
	}
	// The receipt comes before the ID card: what is printed around its code may
	// have as many fields as that.
	if hasDossier(text) {
		return Code{Kind: Receipt}
	}
	if number, fields := idCard(text); number != nil {
		return Code{Kind: IDCard, From60: from60(number, fields, today)}
	}
	t := trim(text)
	code, marked := bytes.CutPrefix(t, []byte(Prefix))
	switch {
	case !isAppointment(code):
		return Code{Kind: Unknown}
	case marked:
		return Code{Kind: Appointment, Appointment: string(code)}
	}
	return Code{Kind: Plain, Appointment: string(code)}
}

// Prefix is what an appointment's QR code may have before the code itself, so
// that it can't be taken for anything else.
const Prefix = "motcua:appointment:"

// IsAppointment reports whether a code can be an appointment's and be read
// from a QR code: 4 to 32 capital letters, digits and hyphens, and not what
// may be the number of a person or a card. Such are nine digits in a row, and
// nine or more without any letter, however they are grouped.
func IsAppointment(code string) bool { return isAppointment(code) }

// isAppointment takes bytes as they were scanned too: no copy of them is made
// that would outlive the text.
func isAppointment[T string | []byte](code T) bool {
	if len(code) < 4 || len(code) > 32 {
		return false
	}
	letters, digits, run := 0, 0, 0
	for i := range len(code) {
		switch c := code[i]; {
		case isDigit(c):
			digits++
			if run++; run == personal {
				return false
			}
			continue
		case c >= 'A' && c <= 'Z':
			letters++
		case c != '-':
			return false
		}
		run = 0
	}
	return letters+digits > 0 && (letters > 0 || digits < personal)
}

// personal is how many digits the shortest number of a person has: an old ID
// card's. Phone numbers have ten, ID numbers twelve, insurance numbers more.
const personal = 9

// The end of the link on a slip (trust.md §9): /t/YYYY-MM-DD/ and 43 letters of
// base64url.
const (
	linkPath  = "/t/"
	linkDay   = len("2006-01-02")
	linkToken = 43
)

// link returns the day and the token of a link that ends as those on slips do;
// no token when it is none.
func link(text []byte) (day, token []byte) {
	text = trim(text)
	at := len(text) - len(linkPath) - linkDay - 1 - linkToken
	if at < 0 {
		return nil, nil
	}
	day, ok := bytes.CutPrefix(text[at:], []byte(linkPath))
	if !ok {
		return nil, nil
	}
	day, token = day[:linkDay], day[linkDay:]
	if token[0] != '/' || day[4] != '-' || day[7] != '-' || !isDigits(day[:4]) || !isDigits(day[5:7]) || !isDigits(day[8:]) {
		return nil, nil
	}
	token = token[1:]
	for _, c := range token {
		if !isDigit(c) && (c|0x20 < 'a' || c|0x20 > 'z') && c != '-' && c != '_' {
			return nil, nil
		}
	}
	return day, token
}

// dossier is the code of a dossier in its old form, of Circular
// 01/2018/TT-VPCP Art. 19, or a newer one. The group is the date, YYMMDD.
var dossier = regexp.MustCompile(`\b(?:\d{3}\.\d{2}\.\d{2}\.[A-Y]\d{2}|[A-Y]\d{2}(?:\.\d{1,3}){0,3})-(\d{6})-[A-Z]{0,2}\d{4,8}\b`)

// hasDossier reports whether a dossier's code with a date that exists stands
// anywhere in the text.
func hasDossier(text []byte) bool {
	for _, m := range dossier.FindAllSubmatchIndex(text, -1) {
		d := text[m[2]:m[3]]
		if _, ok := date(2000+number(d[:2]), number(d[2:4]), number(d[4:])); ok {
			return true
		}
	}
	return false
}

// idCard returns the number and the fields of an ID card's text; no number
// when it is none. Cards of different years order their fields differently, so
// they are told by shape: the number is the first field of exactly 12 digits.
func idCard(text []byte) (number []byte, fields [][]byte) {
	if n := bytes.Count(text, []byte("|")) + 1; n < 6 || n > 16 {
		return nil, nil
	}
	fields = bytes.Split(text, []byte("|"))
	for i, f := range fields {
		f = trim(f)
		if isHex(f) {
			return nil, nil // a health insurance card: its name is written so
		}
		if number == nil && len(f) == 12 && isDigits(f) {
			number = f
		}
		fields[i] = f
	}
	return number, fields
}

// from60 reports whether the holder of the card has had the 60th birthday. The
// birthday is the field ddmmyyyy whose year agrees with that in the number;
// where there is none it is taken for the last day of the number's year.
func from60(id []byte, fields [][]byte, today time.Time) bool {
	// Digit 4 is century and sex, 0 and 1 for the 1900s, 2 and 3 for the 2000s.
	year := 1900 + 100*(number(id[3:4])/2) + number(id[4:6])
	birth := time.Date(year, time.December, 31, 0, 0, 0, 0, time.UTC)
	for _, f := range fields {
		if len(f) != 8 || !isDigits(f) || number(f[4:]) != year {
			continue
		}
		if d, ok := date(year, number(f[2:4]), number(f[:2])); ok {
			birth = d
			break
		}
	}
	y, m, d := today.Date()
	return !time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Before(birth.AddDate(60, 0, 0))
}

// date returns midnight of a day, in UTC; !ok if the calendar has no such day.
func date(year, month, day int) (t time.Time, ok bool) {
	t = time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	return t, t.Month() == time.Month(month) && t.Day() == day
}

// number is the value of a few digits.
func number(digits []byte) int {
	n := 0
	for _, c := range digits {
		n = 10*n + int(c-'0')
	}
	return n
}

// trim cuts white space, control characters and a byte order mark off both ends.
func trim(b []byte) []byte {
	return bytes.TrimFunc(b, func(r rune) bool { return r <= ' ' || r == '\ufeff' })
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isDigits(b []byte) bool {
	for _, c := range b {
		if !isDigit(c) {
			return false
		}
	}
	return true
}

// isHex reports whether a field is a text written in hexadecimal: longer than
// any number on an ID card.
func isHex(b []byte) bool {
	if len(b) <= 12 || len(b)%2 != 0 {
		return false
	}
	for _, c := range b {
		if !isDigit(c) && bytes.IndexByte([]byte("abcdefABCDEF"), c) < 0 {
			return false
		}
	}
	return true
}
