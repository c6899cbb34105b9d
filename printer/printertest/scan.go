package printertest

// Control codes that begin a command.
const (
	nul = 0x00
	eot = 0x04
	enq = 0x05
	ack = 0x06
	lf  = 0x0A
	ff  = 0x0C
	dle = 0x10
	dc4 = 0x14
	esc = 0x1B
	fs  = 0x1C
	gs  = 0x1D
)

// what a scanner says of the byte it was given.
type tokenKind string

const (
	tokText    tokenKind = "text"    // one byte outside any command
	tokCommand tokenKind = "command" // a command's head is complete; payload bytes may follow
	tokPayload tokenKind = "payload" // one byte of the payload
	tokUnknown tokenKind = "unknown" // two bytes that begin no command this printer knows
)

type token struct {
	kind    tokenKind
	b       byte   // text, payload
	head    []byte // command, unknown; valid until the next byte is scanned
	payload int64  // command: how many payload bytes follow
	last    bool   // payload: none follows
}

// scanner splits a byte stream into commands. A printer runs it twice: once
// at the socket, to catch real-time commands, and once at the head.
type scanner struct {
	o *Options // which commands are unknown

	head    []byte
	left    int64 // payload bytes still to come
	zeroEnd bool  // the payload ends with a NUL instead
}

func (s *scanner) reset() { s.head, s.left, s.zeroEnd = s.head[:0], 0, false }

// busy reports whether a command is incomplete.
func (s *scanner) busy() bool { return len(s.head) > 0 || s.inPayload() }

func (s *scanner) inPayload() bool { return s.left > 0 || s.zeroEnd }

// scan takes one byte and hands out at most a few tokens.
func (s *scanner) scan(b byte, emit func(token)) {
	switch {
	case s.zeroEnd:
		s.zeroEnd = b != nul
		emit(token{kind: tokPayload, b: b, last: b == nul})
		return
	case s.left > 0:
		s.left--
		emit(token{kind: tokPayload, b: b, last: s.left == 0})
		return
	}
	if len(s.head) == 0 && b != dle && b != esc && b != fs && b != gs {
		emit(token{kind: tokText, b: b})
		return
	}
	s.head = append(s.head, b)
	if len(s.head) == 1 {
		return
	}
	need, known := s.headLen()
	if !known {
		// A printer swallows the two bytes it took for a command and prints
		// what it thinks is text after them. A DLE is dropped alone.
		n := 2
		if s.head[0] == dle {
			n = 1
		}
		rest := append([]byte(nil), s.head[n:]...)
		emit(token{kind: tokUnknown, head: s.head[:n]})
		s.head = s.head[:0]
		for _, r := range rest {
			s.scan(r, emit)
		}
		return
	}
	if len(s.head) < need {
		return
	}
	s.left, s.zeroEnd = s.payloadLen()
	// The head is reset before emit so that a command may reset the scanner.
	head := s.head
	s.head = s.head[:0]
	emit(token{kind: tokCommand, head: head, payload: s.left})
}

// headLen returns how long the command's head is as far as its first bytes
// tell, and false when they begin no known command.
func (s *scanner) headLen() (int, bool) {
	h := s.head
	switch h[0] {
	case dle:
		switch h[1] {
		case eot:
			if len(h) > 2 && (h[2] == 7 || h[2] == 8) {
				return 4, true
			}
			return 3, true
		case enq:
			return 3, true
		case dc4:
			if len(h) < 3 {
				return 3, true
			}
			switch h[2] {
			case 1, 2:
				return 5, true
			case 8:
				return 10, true
			}
			return 0, false
		}
	case esc:
		switch h[1] {
		case '@', '2', 'i', 'm', 'S', 'L', ff:
			return 2, true
		case 'a', 't', '!', 'J', 'd', '3', '-', 'E', 'G', 'M', 'R', 'V', '{', ' ', '=', 'r', 'T', 'K', 'e', '%':
			return 3, true
		case '$', '\\', 'c':
			return 4, true
		case 'B':
			return 4, !s.o.NoBuzzer
		case '*', 'p':
			return 5, true
		case '(':
			return 5, len(h) < 3 || h[2] != 'A' || !s.o.NoBuzzer
		case 'W':
			return 10, true
		case 'D':
			return 2, true
		}
	case fs:
		switch h[1] {
		case '.', '&':
			return 2, !s.o.NoKanji
		case '!', '-', 'C', 'W':
			return 3, true
		case 'S', 'p':
			return 4, true
		case '(':
			return 5, true
		}
	case gs:
		switch h[1] {
		case 'P':
			return 4, !s.o.NoMotionUnits
		case '!', 'a', 'r', 'B', 'H', 'f', 'h', 'w', 'b', 'I', '/', 'T', 'E':
			return 3, true
		case ':':
			return 2, true
		case 'L', 'W', '$', '\\', '*':
			return 4, true
		case '^':
			return 5, true
		case 'V':
			if len(h) > 2 {
				switch h[2] {
				case 65, 66, 97, 98, 103, 104:
					return 4, true
				case 0, 1, '0', '1':
					return 3, true
				}
				return 0, false
			}
			return 3, true
		case 'k':
			if len(h) > 2 && h[2] >= 65 {
				return 4, true
			}
			return 3, true
		case 'v':
			if s.o.NoRaster || len(h) > 2 && h[2] != '0' {
				return 0, false
			}
			return 8, true
		case '(':
			if len(h) > 2 {
				switch {
				case h[2] == 'H' && s.o.NoProcessID, h[2] == 'D' && s.o.NoRealTimeOff, h[2] == 'L' && s.o.NoGraphics, h[2] == 'k' && s.o.NoCode:
					return 0, false
				}
			}
			return 5, true
		case '8':
			if len(h) > 2 && (h[2] != 'L' || s.o.NoGraphics) {
				return 0, false
			}
			return 7, true
		}
	}
	return 0, false
}

// payloadLen returns how many bytes follow the complete head, or true when a
// NUL ends them.
func (s *scanner) payloadLen() (int64, bool) {
	h := s.head
	word := func(i int) int64 { return int64(h[i]) | int64(h[i+1])<<8 }
	switch {
	case h[0] == gs && h[1] == 'v':
		return word(4) * word(6), false
	case h[1] == '(' && h[0] != dle:
		return word(3), false
	case h[0] == gs && h[1] == '8':
		return word(3) | word(5)<<16, false
	case h[0] == gs && h[1] == 'k':
		if h[2] >= 65 {
			return int64(h[3]), false
		}
		return 0, true
	case h[0] == gs && h[1] == '*':
		return int64(h[2]) * int64(h[3]) * 8, false
	case h[0] == esc && h[1] == '*':
		n := word(3)
		if h[2] == 32 || h[2] == 33 {
			n *= 3
		}
		return n, false
	case h[0] == esc && h[1] == 'D':
		return 0, true
	}
	return 0, false
}
