package queue

// The events that make up nearly all of a journal are read by a scanner of
// their own: at a start every record is read, and the reflection of
// encoding/json is half of that work. The scanner takes exactly the form Seal
// writes (no space, no escapes, ASCII, names as declared) and hands anything
// else to encoding/json, so it can be quicker but never mean something else; a
// fuzz test compares the two.

// quick returns the scanner of an event type; nil when there is none.
func quick(eventType string) func([]byte) (Event, bool) {
	switch eventType {
	case "ticket.issued.v1":
		return quickIssued
	case "ticket.called.v1":
		return quickCalled
	case "ticket.recalled.v1":
		return quickRecalled
	case "ticket.started.v1":
		return quickStarted
	case "ticket.finished.v1":
		return quickFinished
	case "slip.sending.v1":
		return quickSending
	case "slip.printed.v1":
		return quickPrinted
	}
	return nil
}

// scan reads one JSON object. Once bad it stays bad.
type scan struct {
	b   []byte
	i   int
	bad bool
}

// object reads {"name":value,…} and calls field for each name; field must
// read the value, or report that it does not know the name.
func (s *scan) object(field func(name string) bool) {
	s.take('{')
	if s.peek() == '}' {
		s.i++
		return
	}
	for !s.bad {
		name := s.raw()
		s.take(':')
		if s.bad || !field(string(name)) {
			s.bad = true
			return
		}
		if s.peek() == ',' {
			s.i++
			continue
		}
		s.take('}')
		return
	}
}

// end reports whether the whole input was one object in the expected form.
func (s *scan) end() bool { return !s.bad && s.i == len(s.b) }

func (s *scan) peek() byte {
	if s.bad || s.i >= len(s.b) {
		s.bad = true
		return 0
	}
	return s.b[s.i]
}

func (s *scan) take(c byte) {
	if s.peek() != c {
		s.bad = true
		return
	}
	s.i++
}

// raw reads a string of plain ASCII; its bytes belong to the input.
func (s *scan) raw() []byte {
	s.take('"')
	from := s.i
	for !s.bad {
		switch c := s.peek(); {
		case c == '"':
			s.i++
			return s.b[from : s.i-1]
		case c < ' ' || c >= 0x7f || c == '\\':
			s.bad = true
		default:
			s.i++
		}
	}
	return nil
}

func (s *scan) text() string { return string(s.raw()) }

// number reads a whole number of at most 18 digits.
func (s *scan) number() int64 {
	negative := s.peek() == '-'
	if negative {
		s.i++
	}
	from, n := s.i, int64(0)
	for s.i < len(s.b) && s.b[s.i] >= '0' && s.b[s.i] <= '9' {
		n = n*10 + int64(s.b[s.i]-'0')
		s.i++
	}
	if digits := s.i - from; digits == 0 || digits > 18 || digits > 1 && s.b[from] == '0' || negative && n == 0 {
		s.bad = true
	}
	if negative {
		return -n
	}
	return n
}

func (s *scan) unsigned() uint64 {
	n := s.number()
	if n < 0 {
		s.bad = true
	}
	return uint64(n)
}

func (s *scan) yes() bool {
	for _, c := range []byte("true") {
		s.take(c)
	}
	return true
}

func quickIssued(b []byte) (Event, bool) {
	var e TicketIssued
	s := scan{b: b}
	s.object(func(name string) bool {
		switch name {
		case "label":
			e.Label = s.text()
		case "number":
			e.Number = int(s.number())
		case "series":
			e.Series = SeriesID(s.text())
		case "day":
			e.Day = Day(s.text())
		case "point":
			e.Point = PointID(s.text())
		case "category":
			e.Category = CategoryID(s.text())
		case "class":
			e.Class = ClassID(s.text())
		case "dossiers":
			e.Dossiers = int(s.number())
		case "entry":
			e.Entry = Entry(s.text())
		case "ahead":
			e.Ahead = int(s.number())
		case "session":
			e.Session = SessionID(s.text())
		case "arrival":
			e.Arrival = Stamp(s.number())
		case "slot":
			e.Slot = Stamp(s.number())
		case "claim":
			e.Claim = ClassID(s.text())
		case "ref":
			if err := e.Ref.UnmarshalText(s.raw()); err != nil {
				return false
			}
		default:
			return false
		}
		return true
	})
	return e, s.end()
}

func quickCalled(b []byte) (Event, bool) {
	var e TicketCalled
	s := scan{b: b}
	s.object(func(name string) bool {
		switch name {
		case "ticket":
			e.Ticket = TicketID(s.unsigned())
		case "label":
			e.Label = s.text()
		case "category":
			e.Category = CategoryID(s.text())
		case "class":
			e.Class = ClassID(s.text())
		case "counter":
			e.Counter = CounterID(s.text())
		case "reason":
			if e.Reason != (Reason{}) {
				return false // a second one would be laid over the first
			}
			s.object(func(name string) bool { return s.reason(&e.Reason, name) })
		case "finished":
			e.Finished = TicketID(s.unsigned())
		default:
			return false
		}
		return true
	})
	return e, s.end()
}

func (s *scan) reason(r *Reason, name string) bool {
	switch name {
	case "code":
		r.Code = ReasonCode(s.text())
	case "cause":
		r.Cause = CallReason(s.text())
	case "arrival":
		r.Arrival = Stamp(s.number())
	case "effective":
		r.Effective = Stamp(s.number())
	case "head_start":
		r.HeadStart = int(s.number())
	case "other":
		r.Other = s.text()
	case "expected":
		r.Expected = int(s.number())
	case "other_expected":
		r.OtherMin = int(s.number())
	case "window":
		r.Window = int(s.number())
	case "guard":
		r.Guard = int(s.number())
	case "slot":
		r.Slot = Stamp(s.number())
	case "category":
		r.Category = CategoryID(s.text())
	default:
		return false
	}
	return true
}

func quickRecalled(b []byte) (Event, bool) {
	var e TicketRecalled
	s := scan{b: b}
	s.object(func(name string) bool {
		if name == "call" {
			e.Call = int(s.number())
			return true
		}
		return s.at(name, &e.Ticket, &e.Label, &e.Counter)
	})
	return e, s.end()
}

func quickStarted(b []byte) (Event, bool) {
	var e TicketStarted
	s := scan{b: b}
	s.object(func(name string) bool { return s.at(name, &e.Ticket, &e.Label, &e.Counter) })
	return e, s.end()
}

func quickFinished(b []byte) (Event, bool) {
	var e TicketFinished
	s := scan{b: b}
	s.object(func(name string) bool {
		if name == "outcome" {
			e.Outcome = Outcome(s.text())
			return true
		}
		return s.at(name, &e.Ticket, &e.Label, &e.Counter)
	})
	return e, s.end()
}

// at reads what all events of a ticket at a counter have.
func (s *scan) at(name string, id *TicketID, label *string, c *CounterID) bool {
	switch name {
	case "ticket":
		*id = TicketID(s.unsigned())
	case "label":
		*label = s.text()
	case "counter":
		*c = CounterID(s.text())
	default:
		return false
	}
	return true
}

func quickSending(b []byte) (Event, bool) {
	var e SlipSending
	s := scan{b: b}
	s.object(func(name string) bool {
		if name == "ticket" {
			e.Ticket = TicketID(s.unsigned())
			return true
		}
		return false
	})
	return e, s.end()
}

func quickPrinted(b []byte) (Event, bool) {
	var e SlipPrinted
	s := scan{b: b}
	s.object(func(name string) bool {
		switch name {
		case "ticket":
			e.Ticket = TicketID(s.unsigned())
		case "proof":
			e.Proof = s.yes()
		case "seen":
			e.Seen = s.yes()
		default:
			return false
		}
		return true
	})
	return e, s.end()
}
