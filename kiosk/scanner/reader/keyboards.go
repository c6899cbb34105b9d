package reader

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Keyboard is a device that can type a code, plugged in now.
type Keyboard struct {
	Node    string // "/dev/input/event3"
	Link    string // its stable name under /dev/input/by-id; "" = none
	Name    string // what it says it is
	Scanner bool   // and that is a scanner
}

func (k Keyboard) path() string {
	if k.Link != "" {
		return k.Link
	}
	return k.Node
}

func (k Keyboard) String() string { return fmt.Sprintf("%q at %s", k.Name, k.path()) }

// scannerWords are what scanners call themselves, in small letters. A person's
// keyboard has none of them in its name.
var scannerWords = []string{"barcode", "bar code", "bar-code", "scan", "hid kbw", "qr code", "2d reader"}

// scannerMakers are the USB vendor numbers of those who make scanners and no
// keyboards (usb.ids): Symbol and Zebra, Datalogic, Metrologic and Honeywell,
// Newland, Opticon.
var scannerMakers = []string{"05e0", "05f9", "0c2e", "1eab", "065a"}

// Keyboards lists the keyboards of this machine by their nodes' names, without
// opening one: what the kernel says of them under sys.
func (o Opener) Keyboards() []Keyboard {
	o = o.withDefaults()
	inputs, _ := filepath.Glob(filepath.Join(o.Sys, "class/input/event*")) // the pattern is right
	links := map[string]string{}
	named, _ := filepath.Glob(filepath.Join(o.Dev, "input/by-id/*"))
	for _, l := range named {
		if to, err := filepath.EvalSymlinks(l); err == nil && links[to] == "" {
			links[to] = l
		}
	}
	var list []Keyboard
	for _, in := range inputs {
		read := func(name string) string {
			b, _ := os.ReadFile(filepath.Join(in, "device", name)) // gone meanwhile: ""
			return strings.TrimSpace(string(b))
		}
		if !types(read("capabilities/key")) {
			continue
		}
		k := Keyboard{Node: filepath.Join(o.Dev, "input", filepath.Base(in)), Name: read("name")}
		if to, err := filepath.EvalSymlinks(k.Node); err == nil {
			k.Link = links[to]
		}
		low := strings.ToLower(k.Name)
		k.Scanner = slices.Contains(scannerMakers, read("id/vendor")) ||
			slices.ContainsFunc(scannerWords, func(w string) bool { return strings.Contains(low, w) })
		list = append(list, k)
	}
	slices.SortFunc(list, func(a, b Keyboard) int {
		if d := len(a.Node) - len(b.Node); d != 0 {
			return d // event10 after event9
		}
		return strings.Compare(a.Node, b.Node)
	})
	return list
}

// types reports whether a device's keys, as the kernel prints the set, can
// write a code: digits, a letter and Enter. A set is printed as words of the
// reading program's own size, the highest first.
func types(set string) bool {
	words := strings.Fields(set)
	slices.Reverse(words)
	has := func(key int) bool {
		if i := key / strconv.IntSize; i < len(words) {
			w, err := strconv.ParseUint(words[i], 16, strconv.IntSize)
			return err == nil && w>>(key%strconv.IntSize)&1 == 1
		}
		return false
	}
	for _, key := range needed {
		if !has(key) {
			return false
		}
	}
	return true
}

// needed are the keys a code can't do without: the digits, A and Enter.
var needed = []int{2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 30, keyEnter}

// POSRemedy is what to do about a scanner in the mode of points of sale.
const POSRemedy = "scan the code \"USB keyboard\" (or \"USB serial\") in the scanner's manual"

// POSMode lists the scanners that are set to the mode of points of sale, in
// which they are no keyboard (HID usage page 8C): their nodes, such as hidraw0.
func (o Opener) POSMode() []string {
	o = o.withDefaults()
	descriptors, _ := filepath.Glob(filepath.Join(o.Sys, "class/hidraw/hidraw*/device/report_descriptor"))
	var list []string
	for _, path := range descriptors {
		// Usage Page (Bar Code Scanner), Usage (Bar Code Scanner): HID Point of
		// Sale Usage Tables 1.02, §1.
		if b, err := os.ReadFile(path); err == nil && len(b) >= 2 && b[0] == 0x05 && b[1] == 0x8C {
			list = append(list, filepath.Base(filepath.Dir(filepath.Dir(path))))
		}
	}
	return list
}

// find chooses the keyboard an address without a path means. It never guesses:
// the one taken is typed on by nobody any more.
func (o Opener) find(uri, name string) (Keyboard, error) {
	all := o.Keyboards()
	var fit []Keyboard
	for _, k := range all {
		if name == "" && k.Scanner || name != "" && strings.EqualFold(k.Name, name) {
			fit = append(fit, k)
		}
	}
	list := func(of []Keyboard) string {
		var s []string
		for _, k := range of {
			s = append(s, k.String())
		}
		return strings.Join(s, ", ")
	}
	switch {
	case len(fit) == 1:
		return fit[0], nil
	case len(fit) > 1:
		return Keyboard{}, &Error{URI: uri, Code: Ambiguous, Msg: "several fit: " + list(fit),
			Hint: "name one by its path, such as evdev:" + fit[0].path()}
	}
	e := &Error{URI: uri, Code: Absent, Msg: "no scanner is plugged in", Hint: "check its cable"}
	if name != "" {
		e.Msg = "no keyboard calls itself " + strconv.Quote(name)
	}
	switch pos := o.POSMode(); {
	case len(pos) > 0:
		e.Msg += ", but one is in point-of-sale mode at " + strings.Join(pos, ", ")
		e.Hint = POSRemedy
	case len(all) > 0:
		e.Msg += "; there is " + list(all)
		e.Hint = "check its cable; if one of these is the scanner, name it: evdev:?name=" + all[0].Name
	}
	return Keyboard{}, e
}
