package reader_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"motcua/internal/hardwaretest/rig"
	"motcua/kiosk/scanner/reader"
)

func join(parts ...[]byte) []byte { return slices.Concat(parts...) }

func TestKeys(t *testing.T) {
	for _, c := range []struct {
		name   string
		events []byte
		want   string
		lost   bool
	}{
		{"nothing", nil, "", false},
		{"code and Enter", rig.Strokes("H57.999-260130-0042\r"), "H57.999-260130-0042\r", false},
		{"card", rig.Strokes("046058001234||HO VA TEN|15081958|Nam|DIA CHI|10052021\t"), "046058001234||HO VA TEN|15081958|Nam|DIA CHI|10052021\t", false},
		{"right Shift", join(rig.Down(54), rig.Tap(30), rig.Up(54), rig.Tap(30)), "Aa", false},
		{"Caps Lock turns letters alone", join(rig.Tap(rig.KeyCaps), rig.Strokes("aB1|"), rig.Tap(rig.KeyCaps), rig.Strokes("aB")), "Ab1|aB", false},
		{"a key held down", join(rig.Down(30), rig.Event(1, 30, 2), rig.Event(1, 30, 2), rig.Up(30)), "a", false},
		{"keypad", join(rig.Tap(79), rig.Tap(80), rig.Tap(81), rig.Tap(82), rig.Tap(83), rig.Tap(98), rig.Tap(74), rig.Tap(78), rig.Tap(55), rig.Tap(117), rig.Tap(96)), "1230./-+*=\r", false},
		{"a letter by its number", join(rig.Strokes("H"), rig.Down(rig.KeyAlt), rig.Tap(82), rig.Tap(79), rig.Tap(80), rig.Up(rig.KeyAlt), rig.Strokes("1")), "H?1", false},
		{"Alt alone", join(rig.Down(rig.KeyAlt), rig.Up(rig.KeyAlt), rig.Strokes("1")), "1", false},
		{"Ctrl writes nothing", join(rig.Down(29), rig.Tap(36), rig.Up(29), rig.Strokes("1")), "1", false},
		{"system key writes nothing", join(rig.Down(125), rig.Tap(30), rig.Up(125), rig.Strokes("1")), "1", false},
		{"a gap frees what was held", join(rig.Down(rig.KeyShift), rig.Event(0, 3, 0), rig.Tap(30)), "a", true},
		{"keys it does not know", join(rig.Tap(1), rig.Tap(14), rig.Tap(103), rig.Tap(240), rig.Tap(0x2ff), rig.Strokes("1")), "1", false},
		{"102nd key", join(rig.Tap(86), rig.Down(rig.KeyShift), rig.Tap(86), rig.Up(rig.KeyShift)), "<>", false},
		{"half an event", rig.Down(30)[:10], "", false},
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
		events := rig.Strokes(text)
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
	f.Add(rig.Strokes("H57.999-260130-0042\r"))
	f.Add(join(rig.Down(rig.KeyAlt), rig.Tap(80), rig.Event(0, 3, 0), rig.Up(rig.KeyAlt)))
	size := len(rig.Event(0, 0, 0))
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
