package printer

import (
	"slices"
	"strings"
)

// DeviceID is what a printer says of itself over USB (IEEE 1284.4, device id).
// Makers fill it in as they like; any field may be empty.
type DeviceID struct {
	Manufacturer string   // MFG: "EPSON", "CITIZEN"
	Model        string   // MDL: "TM-T20II"
	Commands     []string // CMD: "ESC/POS"
	Serial       string   // SN; identical printers often share one
}

// maxDeviceID bounds what is read of an id: its length field has 16 bits, but
// usblp keeps 1,024 bytes.
const maxDeviceID = 1024

// ParseDeviceID reads the text of a device id, "MFG:EPSON;MDL:TM-T20II;…",
// without its two bytes of length. It takes both the short and the long names
// of the fields, never fails, and keeps printable characters only.
func ParseDeviceID(s string) DeviceID {
	if len(s) > maxDeviceID {
		s = s[:maxDeviceID]
	}
	var id DeviceID
	set := func(to *string, value string) {
		if *to == "" { // the first one counts
			*to = value
		}
	}
	for field := range strings.SplitSeq(s, ";") {
		key, value, ok := strings.Cut(field, ":")
		if !ok {
			continue
		}
		value = printable(value)
		switch strings.ToUpper(printable(key)) {
		case "MFG", "MANUFACTURER":
			set(&id.Manufacturer, value)
		case "MDL", "MODEL":
			set(&id.Model, value)
		case "SN", "SERN", "SERIALNUMBER":
			set(&id.Serial, value)
		case "CMD", "COMMAND SET":
			for c := range strings.SplitSeq(value, ",") {
				if c = strings.TrimSpace(c); c != "" && !slices.Contains(id.Commands, c) {
					id.Commands = append(id.Commands, c)
				}
			}
		}
	}
	return id
}

// printable is s without what no maker's name has, trimmed.
func printable(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, s))
}

// String names the printer for people, "EPSON TM-T20II", or is empty when it
// does not name itself.
func (id DeviceID) String() string {
	if id.Manufacturer != "" && strings.HasPrefix(strings.ToUpper(id.Model), strings.ToUpper(id.Manufacturer)) {
		return id.Model
	}
	return strings.TrimSpace(id.Manufacturer + " " + id.Model)
}
