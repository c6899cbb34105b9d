package reader

import (
	"encoding/binary"
	"strconv"
)

// Linux's codes of events and keys (input-event-codes.h).
const (
	evSyn      = 0x00
	evKey      = 0x01
	synDropped = 3

	keyEnter      = 28
	keyLeftCtrl   = 29
	keyLeftShift  = 42
	keyRightShift = 54
	keyLeftAlt    = 56
	keyCapsLock   = 58
	keyKP7        = 71
	keyKPDot      = 83
	key102nd      = 86
	keyKPEnter    = 96
	keyRightCtrl  = 97
	keyKPSlash    = 98
	keyRightAlt   = 100
	keyLinefeed   = 101
	keyKPEqual    = 117
	keyLeftMeta   = 125
	keyRightMeta  = 126
)

// What the keys from 0 on write on the US layout, and with Shift; 0 is nothing.
const (
	plain   = "\x00\x001234567890-=\x00\tqwertyuiop[]\r\x00asdfghjkl;'`\x00\\zxcvbnm,./\x00*\x00 "
	shifted = "\x00\x00!@#$%^&*()_+\x00\tQWERTYUIOP{}\r\x00ASDFGHJKL:\"~\x00|ZXCVBNM<>?\x00*\x00 "
	keypad  = "789-456+1230." // from keyKP7 to keyKPDot
)

// eventSize is that of struct input_event: two longs of time, type, code and
// value. A program of 32 bits gets it with longs of 32 bits from every kernel.
const eventSize = 2*strconv.IntSize/8 + 8

// Keys tells what a keyboard's events write on the US layout, which scanners
// leave the factory with. The zero value has no key down and Caps Lock off.
type Keys struct {
	Caps bool // Caps Lock is on

	down [keyRightMeta + 1]bool
	alt  bool // digits were typed under Alt: a letter by its number
}

// Read decodes whole events (struct input_event of this machine) and writes at
// most one byte each into text. Enter writes CR and Tab writes HT. A letter
// typed as Alt and a number is no ASCII; it becomes '?'. Keys under Ctrl or a
// system key write nothing. lost says that the kernel dropped events: what was
// typed last has a gap.
func (k *Keys) Read(events, text []byte) (n int, lost bool) {
	for ; len(events) >= eventSize; events = events[eventSize:] {
		e := events[eventSize-8:]
		typ, code := binary.NativeEndian.Uint16(e), binary.NativeEndian.Uint16(e[2:])
		value := int32(binary.NativeEndian.Uint32(e[4:]))
		switch {
		case typ == evSyn && code == synDropped:
			lost = true
			k.down, k.alt = [keyRightMeta + 1]bool{}, false
		case typ == evKey:
			if c := k.key(code, value); c != 0 {
				text[n] = c
				n++
			}
		}
	}
	return n, lost
}

// key takes one key going down (1), up (0) or repeating (2); a scanner holds no
// key for a person's sake, so repeats write nothing.
func (k *Keys) key(code uint16, value int32) byte {
	if value == 2 || int(code) >= len(k.down) {
		return 0
	}
	k.down[code] = value == 1
	if value != 1 {
		if (code == keyLeftAlt || code == keyRightAlt) && k.alt {
			k.alt = false
			return '?'
		}
		return 0
	}
	switch {
	case code == keyCapsLock:
		k.Caps = !k.Caps
		return 0
	case k.down[keyLeftAlt] || k.down[keyRightAlt]:
		k.alt = k.alt || code >= keyKP7 && code <= keyKPDot
		return 0
	case k.down[keyLeftCtrl], k.down[keyRightCtrl], k.down[keyLeftMeta], k.down[keyRightMeta]:
		return 0
	}
	shift := k.down[keyLeftShift] || k.down[keyRightShift]
	switch {
	case int(code) < len(plain):
		c := plain[code]
		if letter := c >= 'a' && c <= 'z'; shift != (letter && k.Caps) {
			c = shifted[code]
		}
		return c
	case code >= keyKP7 && code <= keyKPDot:
		return keypad[code-keyKP7]
	case code == keyKPEnter, code == keyLinefeed:
		return '\r'
	case code == keyKPSlash:
		return '/'
	case code == keyKPEqual:
		return '='
	case code == key102nd && shift:
		return '>'
	case code == key102nd:
		return '<'
	}
	return 0
}
