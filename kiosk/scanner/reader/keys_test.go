package reader_test

import (
	"encoding/binary"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"motcua/kiosk/scanner/reader"
)

// Where the keys are on a US keyboard, row by row; what they write alone and
// with Shift. Written down from a keyboard, not from the program.
var rows = []struct {
	first        int
	plain, shift string
}{
	{2, "1234567890-=", "!@#$%^&*()_+"},
	{16, "qwertyuiop[]", "QWERTYUIOP{}"},
	{30, "asdfghjkl;'`", `ASDFGHJKL:"~`},
	{43, `\zxcvbnm,./`, "|ZXCVBNM<>?"},
	{57, " ", " "},
}

const (
	shiftKey = 42
	altKey   = 56
	capsKey  = 58
	enterKey = 28
	tabKey   = 15
)

// keyOf finds the key that writes c and whether Shift is down with it.
func keyOf(c byte) (key int, shift bool) {
	switch c {
	case '\r':
		return enterKey, false
	case '\t':
		return tabKey, false
	}
	for _, r := range rows {
		if i := strings.IndexByte(r.plain, c); i >= 0 {
			return r.first + i, false
		}
		if i := strings.IndexByte(r.shift, c); i >= 0 {
			return r.first + i, true
		}
	}
	panic("no key writes " + strconv.Quote(string(c)))
}

// event is a struct input_event of this machine.
func event(typ, code uint16, value int32) []byte {
	b := make([]byte, 2*strconv.IntSize/8) // the time, which nobody reads
	b = binary.NativeEndian.AppendUint16(b, typ)
	b = binary.NativeEndian.AppendUint16(b, code)
	return binary.NativeEndian.AppendUint32(b, uint32(value))
}

func down(key int) []byte { return append(event(1, uint16(key), 1), event(0, 0, 0)...) }
func up(key int) []byte   { return append(event(1, uint16(key), 0), event(0, 0, 0)...) }
func tap(key int) []byte  { return append(down(key), up(key)...) }

// typed are the events of a scanner that writes a text.
func typed(text string) []byte {
	var b []byte
	for i := range len(text) {
		key, shift := keyOf(text[i])
		if shift {
			b = append(b, down(shiftKey)...)
		}
		b = append(b, tap(key)...)
		if shift {
			b = append(b, up(shiftKey)...)
		}
	}
	return b
}

func join(parts ...[]byte) []byte {
	var b []byte
	for _, p := range parts {
		b = append(b, p...)
	}
	return b
}

func TestKeys(t *testing.T) {
	for _, c := range []struct {
		name   string
		events []byte
		want   string
		lost   bool
	}{
		{"nothing", nil, "", false},
		{"code and Enter", typed("H57.999-260130-0042\r"), "H57.999-260130-0042\r", false},
		{"card", typed("046058001234||HO VA TEN|15081958|Nam|DIA CHI|10052021\t"), "046058001234||HO VA TEN|15081958|Nam|DIA CHI|10052021\t", false},
		{"right Shift", join(down(54), tap(30), up(54), tap(30)), "Aa", false},
		{"Caps Lock turns letters alone", join(tap(capsKey), typed("aB1|"), tap(capsKey), typed("aB")), "Ab1|aB", false},
		{"a key held down", join(down(30), event(1, 30, 2), event(1, 30, 2), up(30)), "a", false},
		{"keypad", join(tap(79), tap(80), tap(81), tap(82), tap(83), tap(98), tap(74), tap(78), tap(55), tap(117), tap(96)), "1230./-+*=\r", false},
		{"a letter by its number", join(typed("H"), down(altKey), tap(82), tap(79), tap(80), up(altKey), typed("1")), "H?1", false},
		{"Alt alone", join(down(altKey), up(altKey), typed("1")), "1", false},
		{"Ctrl writes nothing", join(down(29), tap(36), up(29), typed("1")), "1", false},
		{"system key writes nothing", join(down(125), tap(30), up(125), typed("1")), "1", false},
		{"a gap frees what was held", join(down(shiftKey), event(0, 3, 0), tap(30)), "a", true},
		{"keys it does not know", join(tap(1), tap(14), tap(103), tap(240), tap(0x2ff), typed("1")), "1", false},
		{"102nd key", join(tap(86), down(shiftKey), tap(86), up(shiftKey)), "<>", false},
		{"half an event", down(30)[:10], "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var k reader.Keys
			text := make([]byte, len(c.events))
			n, lost := k.Read(c.events, text)
			if got := string(text[:n]); got != c.want || lost != c.lost {
				t.Errorf("got %q, lost %t; want %q, %t", got, lost, c.want, c.lost)
			}
		})
	}
}

// Whatever a scanner types under Caps Lock, on or off, arrives as a person at
// that keyboard would see it.
func TestKeysTypeAnyText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[ -~]{0,60}`).Draw(t, "text")
		caps := rapid.Bool().Draw(t, "caps")
		k := reader.Keys{Caps: caps}
		events := typed(text)
		b := make([]byte, len(events))
		n, lost := k.Read(events, b)
		want := text
		if caps {
			want = strings.Map(func(r rune) rune {
				switch {
				case r >= 'a' && r <= 'z':
					return r - 'a' + 'A'
				case r >= 'A' && r <= 'Z':
					return r - 'A' + 'a'
				}
				return r
			}, text)
		}
		if got := string(b[:n]); got != want || lost {
			t.Fatalf("got %q, want %q", got, want)
		}
	})
}

func FuzzKeys(f *testing.F) {
	f.Add(typed("H57.999-260130-0042\r"))
	f.Add(join(down(altKey), tap(80), event(0, 3, 0), up(altKey)))
	size := len(event(0, 0, 0))
	f.Fuzz(func(t *testing.T, events []byte) {
		var k reader.Keys
		text := make([]byte, len(events)/size)
		n, _ := k.Read(events, text)
		for _, c := range text[:n] {
			if c != '\r' && c != '\t' && (c < ' ' || c > '~') {
				t.Fatalf("a key wrote %#x", c)
			}
		}
	})
}
