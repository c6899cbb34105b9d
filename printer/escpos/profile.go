package escpos

import (
	"fmt"
	"slices"
	"strings"
)

// Graphics is the command that carries pictures.
type Graphics string

const (
	// GSv0 is GS v 0: known to nearly every printer. Epson calls it obsolete.
	GSv0 Graphics = "gsv0"
	// GSParenL is GS ( L: store, then print. Some clones print it as garbage.
	GSParenL Graphics = "gs_paren_l"
)

// LeftTrim is the command that moves a picture right, so that white at its
// left edge need not be sent.
type LeftTrim string

const (
	NoLeftTrim LeftTrim = "none"
	ESCDollar  LeftTrim = "esc_dollar" // ESC $: absolute position
	GSL        LeftTrim = "gs_l"       // GS L: left margin
)

// Feed says how far ESC J n moves the paper while GS P was not sent.
type Feed string

const (
	// FeedHalf is Epson's default: a unit is half a dot, so ESC J 2 is one dot.
	FeedHalf Feed = "half_dots"
	// FeedDots is that of many clones: a unit is one dot.
	FeedDots Feed = "dots"
	// FeedUnknown sends blank rows as a picture one byte wide, which every
	// printer moves by the same way.
	FeedUnknown Feed = "unknown"
)

// Profile is what a model of printer knows. The zero value is no printer.
type Profile struct {
	Name          string
	WidthDots     int      // printable dots across, 256 to 832: 576 on 80 mm at 203 dpi, 512 at 180 dpi, 384 or 420 on 58 mm
	DPI           int      // dots per inch, both ways: 180 or 203
	Graphics      Graphics // how pictures are sent
	LeftTrim      LeftTrim // how white at the left is saved
	MaxBand       int      // rows per picture command, 1 to 1024; small ones keep a cut-off job short
	MotionUnits   bool     // GS P sets units to dots; some clones give it another meaning
	Feed          Feed     // how ESC J counts when MotionUnits is false
	KanjiCancel   bool     // FS . is known; printers for China start in a character set of two bytes
	RealtimeOff   bool     // GS ( D can turn the real-time drawer pulse and power-off away
	ScrubRealtime bool     // real-time commands are obeyed even inside pictures: keep their bytes out
	Cutter        bool     // it cuts by itself; else paper is fed to the tear bar
	ProcessID     bool     // GS ( H fn 48 is known: the proof that paper was printed
	AckAfterCut   bool     // ask for that proof after the cut; else before it
	Status        bool     // DLE EOT is answered
	GSR           bool     // without Status: GS r is answered while the printer is online
	ASB           bool     // GS a is known: the printer tells of changes by itself
	NearEndSensor bool     // its near-end bits mean something
	ClearFn8      bool     // DLE DC4 fn 8 clears the buffers
	NativeCode    bool     // GS ( k draws QR codes
	NativeNumber  bool     // GS ! enlarges letters up to eight times
	Memory        bool     // GS ( L fn 64, 67 and 69: pictures kept without power
}

// named are the profiles that come with the program. The dots are those of
// hardware.md §3.5; what a model knows is Epson's reference. The reasons:
//
//   - Bands of 64 rows: what is cut off leaves at most 4.6 kB awaited, which
//     zeros fill in a second at 38,400 baud; smaller ones stop the head oftener.
//   - GS v 0 everywhere: clones print GS ( L as garbage oftener than the other
//     way round.
//   - ESC $ before a picture at Epson, who documents it under GS v 0. Many
//     clones ignore it there, and a ticket printed too far left is cut at the
//     wrong end: none for them.
//   - Native digits for all: GS ! is as old as the language itself.
func named() []Profile {
	// What Epson's models of today know: TM-T20, T82, T88V and later, m30.
	epson := Profile{
		Name: "epson", WidthDots: 576, DPI: 203, Graphics: GSv0, LeftTrim: ESCDollar, MaxBand: 64,
		MotionUnits: true, Feed: FeedHalf, KanjiCancel: true, RealtimeOff: true, Cutter: true,
		ProcessID: true, AckAfterCut: true, Status: true, ASB: true, NearEndSensor: true, ClearFn8: true,
		NativeCode: true, NativeNumber: true, Memory: true,
	}
	// 512 dots at 180 dpi: up to the TM-T88III they know neither GS ( L nor
	// GS ( k, and the name does not tell which one it is.
	t88 := epson
	t88.Name, t88.WidthDots, t88.DPI, t88.NativeCode, t88.Memory = "epson-tm-t88", 512, 180, false, false
	// 58 mm models are small ones: their memory holds little and is left alone.
	small := epson
	small.Name, small.WidthDots, small.Memory = "epson-58", 420, false
	// Every capability at once, and real-time codes kept out of pictures: what
	// can be saved at best, for `motcua printer bench`.
	everything := epson
	everything.Name, everything.GSR, everything.ScrubRealtime = "everything", true, true
	// A clone nobody knows: only what all of them do. White rows as pictures,
	// since ESC J moves some by dots and others by half ones; real-time codes
	// kept out of pictures; no proof, since some print GS ( H as text.
	generic := Profile{
		Name: "generic", WidthDots: 576, DPI: 203, Graphics: GSv0, LeftTrim: NoLeftTrim, MaxBand: 64,
		Feed: FeedUnknown, KanjiCancel: true, ScrubRealtime: true, Cutter: true, Status: true,
		NativeNumber: true,
	}
	// 58 mm clones are hand-held printers with a tear bar.
	generic58 := generic
	generic58.Name, generic58.WidthDots, generic58.Cutter = "generic-58", 384, false
	return []Profile{epson, small, t88, everything, generic, generic58}
}

// Profiles lists the names [Named] knows, sorted.
func Profiles() []string {
	var names []string
	for _, p := range profiles() {
		names = append(names, p.Name)
	}
	slices.Sort(names)
	return names
}

// Named returns a profile by its name. The error lists the names there are.
func Named(name string) (Profile, error) {
	for _, p := range profiles() {
		if p.Name == name {
			return p, nil
		}
	}
	return Profile{}, fmt.Errorf("find printer profile %q: there is none; use one of %s", name, strings.Join(Profiles(), ", "))
}

// Check lists what is wrong with a profile, each with its remedy.
func (p Profile) Check() []string {
	var out []string
	say := func(bad bool, format string, args ...any) {
		if bad {
			out = append(out, fmt.Sprintf(format, args...))
		}
	}
	say(p.WidthDots < 256 || p.WidthDots > 832, "width of %d dots: give 256 to 832", p.WidthDots)
	say(p.DPI < 100 || p.DPI > 255, "%d dots per inch: give 100 to 255, mostly 203 or 180", p.DPI)
	say(p.Graphics != GSv0 && p.Graphics != GSParenL, "graphics %q: give gsv0 or gs_paren_l", p.Graphics)
	say(p.LeftTrim != NoLeftTrim && p.LeftTrim != ESCDollar && p.LeftTrim != GSL, "left trim %q: give none, esc_dollar or gs_l", p.LeftTrim)
	say(p.MaxBand < 1 || p.MaxBand > 1024, "bands of %d rows: give 1 to 1024, best 24 to 128", p.MaxBand)
	say(!p.MotionUnits && p.Feed != FeedHalf && p.Feed != FeedDots && p.Feed != FeedUnknown, "feed %q: give half_dots, dots or unknown", p.Feed)
	return out
}
