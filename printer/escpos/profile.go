package escpos

import (
	"fmt"
	"reflect"
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
	// Column is ESC * 33, lines of 24 dots: for printers older than GS v 0.
	Column Graphics = "column"
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

// Buzzer is the command that makes a printer sound.
type Buzzer string

const (
	NoBuzzer  Buzzer = "none"
	ESCParenA Buzzer = "esc_paren_a" // ESC ( A fn 48: Epson
	ESCB      Buzzer = "esc_b"       // ESC B: clones
)

// NoCodeTable as a Profile's CodeTable selects none.
const NoCodeTable = -1

// Profile is what a model of printer knows. The zero value is no printer. The
// tags are the keys of a profile's file; [Keys] explains them.
type Profile struct {
	Name          string   `toml:"-"` // of a profile that comes with the program, or of its file
	WidthDots     int      `toml:"width_dots"`
	DPI           int      `toml:"dpi"`
	Graphics      Graphics `toml:"raster"`
	LeftTrim      LeftTrim `toml:"left_trim"`
	MaxBand       int      `toml:"max_band"`
	MotionUnits   bool     `toml:"motion_units"`
	Feed          Feed     `toml:"feed"`
	KanjiCancel   bool     `toml:"kanji_cancel"`
	RealtimeOff   bool     `toml:"realtime_off"`
	ScrubRealtime bool     `toml:"scrub_realtime"`
	Cutter        bool     `toml:"cutter"`
	Buzzer        Buzzer   `toml:"buzzer"`
	ProcessID     bool     `toml:"process_id"`
	AckAfterCut   bool     `toml:"ack_after_cut"`
	Status        bool     `toml:"status"`
	GSR           bool     `toml:"gs_r"`
	ASB           bool     `toml:"asb"`
	NearEndSensor bool     `toml:"near_end_sensor"`
	ClearFn8      bool     `toml:"clear_fn8"`
	NativeCode    bool     `toml:"native_qr"`
	NativeNumber  bool     `toml:"native_number"`
	CodeTable     int      `toml:"code_table"`
	Memory        bool     `toml:"nv_logo"`
}

// Key is one key of a profile's file.
type Key struct {
	Name string
	Help string // what it says, in sentences
}

// Keys lists the keys in the order a file is written in.
func Keys() []Key {
	return []Key{
		{"width_dots", "Printable dots across, 256 to 832. A wrong width wraps the rows into a muddle: `motcua printer test` prints a ruler."},
		{"dpi", "Dots per inch, across and down: 203, or 180 at older Epson and Bixolon models. It is on the self-test slip."},
		{"raster", `How pictures are sent: "gsv0" (GS v 0), "gs_paren_l" (GS ( L) or "column" (ESC *, in lines of 24 dots, for printers older than GS v 0).`},
		{"left_trim", `How white at the left of a picture is saved on slow lines: "esc_dollar" (ESC $), "gs_l" (GS L) or "none".`},
		{"max_band", "Rows of one picture command, 1 to 1024. Small ones keep a slip that was cut off short; a head that waits between many prints stripes. Columns always have 24."},
		{"motion_units", "Whether GS P sets the units of feeds to dots. Some clones give it another meaning: slips come out too long or too short."},
		{"feed", `Without motion_units, how far ESC J moves the paper: "half_dots", "dots", or "unknown", which feeds by white pictures.`},
		{"kanji_cancel", "Whether FS . is known. Printers for China start in a character set of two bytes; every slip leaves it."},
		{"realtime_off", "Whether GS ( D is known: it keeps bytes of a picture from opening a drawer or switching the power off."},
		{"scrub_realtime", "Whether real-time commands are obeyed even inside pictures: their bytes are kept out then, at the price of a dot here and there."},
		{"cutter", "Whether it cuts the paper (GS V). Else paper is fed to the tear bar."},
		{"buzzer", `The command it sounds by: "esc_paren_a" (ESC ( A, Epson), "esc_b" (ESC B, clones) or "none". It sounds with each slip only where [printer] buzzer = true in motcua.toml.`},
		{"process_id", "Whether it says when a slip is on paper (GS ( H). Where that is unknown it is printed as text."},
		{"ack_after_cut", "With process_id, whether to ask after the cut, else before it."},
		{"status", "Whether DLE EOT is answered: paper, cover, cutter, heat."},
		{"gs_r", "Without status, whether GS r is answered: the paper alone, and only while the printer is online."},
		{"asb", "Whether GS a is known: the printer tells of changes by itself."},
		{"near_end_sensor", "Whether it sees that the roll is nearly used up. Without the sensor its bits mean nothing."},
		{"clear_fn8", "Whether DLE DC4 fn 8 clears the buffers, even in the middle of a picture that was cut off. Others get zeros until the picture is full."},
		{"native_qr", "Whether it draws QR codes itself (GS ( k): fewer bytes on slow lines."},
		{"native_number", "Whether it prints the number in its own letters (GS !): fewer bytes on slow lines."},
		{"code_table", "The character set of those letters (ESC t), 0 to 255. Digits and Latin letters are the same in every one but those of seven bits. -1 selects none."},
		{"nv_logo", "Whether it keeps pictures without power (GS ( L fn 64, 67 and 69): on slow lines the parts all slips share are sent once and not again."},
	}
}

// field is the part of a profile under a key; the zero Value is none.
func (p *Profile) field(key string) reflect.Value {
	v := reflect.ValueOf(p).Elem()
	for f, to := range v.Fields() {
		if f.Tag.Get("toml") == key {
			return to
		}
	}
	return reflect.Value{}
}

// Value is what stands under a key, nil where there is no such key.
func (p Profile) Value(key string) any {
	if f := p.field(key); f.IsValid() {
		return f.Interface()
	}
	return nil
}

// What may be wrong with a profile. The literals are stable.
const (
	BadRange  = "range"  // no whole number from {low} to {high}
	BadChoice = "choice" // none of {list}
	BadPaper  = "paper"  // at {dpi} dpi {mm} mm, as no roll is; on 80 mm paper it is {dots} dots
	BadNeeds  = "needs"  // true, and useless without {other}
	BadBeside = "beside" // cannot be beside {other}
)

// Problem is one thing wrong with a profile.
type Problem struct {
	Keys []string // what is wrong, and what it is wrong beside
	Code string
	Args map[string]any // what the words of Code name
	Msg  string         // what is wrong, in English
	Hint string         // how to put it right
}

// rolls are the widths that are printed on, in millimetres: of 58 mm paper 48
// (clones), 52.5 (Epson) or 54, of 80 mm 64 to 72.3, of 82.5 mm 80, of 112 mm
// 104.
var rolls = []struct{ from, to float64 }{{47, 54.5}, {63, 72.7}, {79, 80.6}, {103, 104.6}}

// onRoll reports whether any paper is printed so wide.
func onRoll(mm float64) bool {
	return slices.ContainsFunc(rolls, func(r struct{ from, to float64 }) bool { return mm >= r.from && mm <= r.to })
}

// dotsOf80 is what a head for 80 mm paper has, in whole bytes: 576 at 203 dpi,
// 512 at 180.
func dotsOf80(dpi int) int { return int(72.2*float64(dpi)/25.4/8+0.5) * 8 }

// Check lists all that is wrong with a profile.
func (p Profile) Check() []Problem {
	var out []Problem
	between := func(key string, v, low, high int, remedy string) bool {
		ok := v >= low && v <= high
		if !ok {
			out = append(out, Problem{[]string{key}, BadRange, map[string]any{"low": low, "high": high},
				fmt.Sprintf("%d is not from %d to %d", v, low, high), remedy})
		}
		return ok
	}
	oneOf := func(key, v string, list ...string) {
		if !slices.Contains(list, v) {
			words := strings.Join(list, ", ")
			out = append(out, Problem{[]string{key}, BadChoice, map[string]any{"list": words}, fmt.Sprintf("%q is none of its values", v), "Write one of " + words + "."})
		}
	}
	beside := func(bad bool, code, key, other, msg, hint string) {
		if bad {
			out = append(out, Problem{[]string{key, other}, code, map[string]any{"other": other}, msg, hint})
		}
	}
	wide := between("width_dots", p.WidthDots, 256, 832, "See the self-test slip: mostly 576, 512 or 384.")
	fine := between("dpi", p.DPI, 100, 255, "See the self-test slip: mostly 203 or 180.")
	if mm := float64(p.WidthDots) * 25.4 / float64(p.DPI); wide && fine && !onRoll(mm) {
		text, dots := fmt.Sprintf("%.1f", mm), dotsOf80(p.DPI)
		out = append(out, Problem{[]string{"width_dots", "dpi"}, BadPaper, map[string]any{"mm": text, "dpi": p.DPI, "dots": dots},
			fmt.Sprintf("at %d dpi that is %s mm, and no roll is printed so wide", p.DPI, text),
			fmt.Sprintf("See the self-test slip for both; on 80 mm paper %d dpi are %d dots.", p.DPI, dots)})
	}
	oneOf("raster", string(p.Graphics), string(GSv0), string(GSParenL), string(Column))
	oneOf("left_trim", string(p.LeftTrim), string(NoLeftTrim), string(ESCDollar), string(GSL))
	between("max_band", p.MaxBand, 1, 1024, "Best is 24 to 128.")
	oneOf("feed", string(p.Feed), string(FeedHalf), string(FeedDots), string(FeedUnknown))
	oneOf("buzzer", string(p.Buzzer), string(NoBuzzer), string(ESCParenA), string(ESCB))
	between("code_table", p.CodeTable, NoCodeTable, 255, "0 is the table every printer has; -1 selects none.")
	beside(p.AckAfterCut && !p.ProcessID, BadNeeds, "ack_after_cut", "process_id",
		"there is nothing to ask for without process_id", "Set process_id = true if the printer knows GS ( H, or remove this.")
	beside(p.NearEndSensor && !p.Status && !p.GSR && !p.ASB, BadNeeds, "near_end_sensor", "status",
		"nobody hears of the sensor without status, gs_r or asb", "Set the one the printer knows, or remove this.")
	if p.Graphics == Column {
		beside(p.Feed == FeedUnknown && !p.MotionUnits, BadBeside, "feed", "raster",
			"columns are 24 dots high, so white can't be fed by them", `Print a slip with feed = "half_dots" and one with "dots", and keep what gives the right length.`)
		beside(p.Memory, BadBeside, "nv_logo", "raster",
			"a printer that keeps pictures knows GS ( L", `Set raster = "gs_paren_l" or "gsv0", or nv_logo = false.`)
	}
	return out
}
