package escpos

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// builtin is a profile that comes with the program: another one, changed.
type builtin struct {
	name     string
	base     string // "" = nothing: then every key is set
	about    string // the machines it is for
	settings []setting
}

// setting is a value and its reason.
type setting struct {
	key   string
	value any
	why   string
}

// builtins come each after its base. Where a reason names no other source it is
// Epson's command reference, or the maker's command manual that about names;
// nobody of us has seen any of them on paper.
var builtins = []builtin{
	{"epson", "", "Epson's models of today for 80 mm paper: TM-T20, T81, T82, T83, m30, m50", []setting{
		{"width_dots", 576, "72 mm at 203 dpi, as escpos-printer-db has it for TM-T20II and m30III and as users measured it on TM-T20IV, T20X and m30III"},
		{"dpi", 203, "Epson's guides of these models"},
		{"raster", GSv0, "known to all; Epson calls it obsolete and still lists it"},
		{"left_trim", ESCDollar, "Epson documents it under GS v 0"},
		{"max_band", 64, "a slip that was cut off then awaits 4.6 kB at most, which zeros fill in a second at 38,400 baud; smaller ones stop the head oftener"},
		{"motion_units", true, "all these models list GS P"},
		{"feed", FeedHalf, "Epson's vertical unit before GS P: 1/406 inch at 203 dpi"},
		{"kanji_cancel", true, "the models for Asia start in it; the others pass over FS ."},
		{"realtime_off", true, "Epson advises it under DLE DC4, since a picture may hold those bytes"},
		{"scrub_realtime", false, "realtime_off turns the harmful ones away, and DLE EOT in a picture costs an answer too many at worst"},
		{"cutter", true, "all have one"},
		{"buzzer", ESCParenA, "Epson lists fn 48 for these models, with the option buzzer or one inside; without any it does nothing"},
		{"process_id", true, "the proof that a slip is on paper"},
		{"ack_after_cut", true, "then it also says that the paper is cut"},
		{"status", true, "all answer DLE EOT, out of paper too"},
		{"gs_r", false, "status says more"},
		{"asb", true, "an open cover is known at once and not at the next question"},
		{"near_end_sensor", true, "most have one; in one that has none the bits stay 0"},
		{"clear_fn8", true, "all list DLE DC4 fn 8"},
		{"native_qr", true, "all list GS ( k"},
		{"native_number", true, "GS ! is as old as the language"},
		{"code_table", 0, "PC437, which every printer has"},
		{"nv_logo", true, "all list GS ( L fn 64, 67 and 69"},
	}},
	{"epson-58", "epson", "Epson's models for 58 mm paper: TM-m10", []setting{
		{"width_dots", 420, "52.5 mm at 203 dpi (Epson's guide of the TM-m10)"},
		{"nv_logo", false, "small machines with a small memory, which is left to its owner"},
	}},
	{"epson-tm-t88", "epson", "Epson TM-T88IV and later, TM-T70", []setting{
		{"width_dots", 512, "72.2 mm at 180 dpi; as users measured it on a TM-T70"},
		{"dpi", 180, "Epson's guides of TM-T88 and T70; its driver offers 203 all the same, and prints wrong with it"},
		{"native_qr", false, "the IV lacks GS ( k, and the name of a model does not always tell which it is"},
		{"nv_logo", false, "as native_qr, for GS ( L"},
	}},
	{"epson-tm-t88iii", "epson-tm-t88", "Epson TM-T88 up to the III", []setting{
		{"realtime_off", false, "Epson lists GS ( D from the IV on"},
		{"scrub_realtime", true, "without GS ( D a drawer's pulse inside a picture is obeyed"},
		{"buzzer", NoBuzzer, "Epson lists ESC ( A from the IV on"},
		{"process_id", false, "Epson names the III among those without GS ( H (guide of the TM-L90, p. 425)"},
		{"ack_after_cut", false, "nothing to ask for"},
		{"clear_fn8", false, "Epson lists DLE DC4 fn 8 from the IV on"},
	}},
	{"epson-columns", "epson-tm-t88iii", "Epson TM-T88, T88P and T85, and other thermal printers older than GS v 0", []setting{
		{"raster", Column, "ESC * is in the TM-T88's manual (p. 1-29), at 180 dpi both ways, and GS v 0 came later"},
		{"native_qr", false, "none draws codes"},
	}},
	{"everything", "epson", "no machine: all capabilities at once, for `motcua printer bench`", []setting{
		{"gs_r", true, "so that all is known"},
		{"scrub_realtime", true, "so that nothing is left out that takes bytes"},
	}},
	{"generic", "epson", "80 mm printers nobody knows: only what all of them do. Xprinter, Rongta, Zjiang, HPRT, Netum, Sam4s, Star in ESC/POS mode", []setting{
		{"width_dots", 576, "72 mm at 203 dpi, as users measured it on Rongta RP326 and RP820, Netum NT-806, Sam4s Callisto and Xprinter XP-N160II"},
		{"raster", GSv0, "printed cleanly by all of those; Xprinter and some Netum print GS ( L as garbage, some Star too"},
		{"left_trim", NoLeftTrim, "many pass over ESC $ before a picture, and a slip printed too far left is cut at the wrong end"},
		{"motion_units", false, "some give GS P another meaning"},
		{"feed", FeedUnknown, "ESC J moves some by dots and others by half ones"},
		{"realtime_off", false, "printed as text where GS ( D is unknown"},
		{"scrub_realtime", true, "Xprinter's manual warns that such bytes are obeyed inside other data"},
		{"buzzer", NoBuzzer, "printed as text where it is unknown"},
		{"process_id", false, "some print GS ( H as text"},
		{"ack_after_cut", false, "nothing to ask for"},
		{"asb", false, "what status tells is enough"},
		{"near_end_sensor", false, "mostly missing, and its bits set by some all the same"},
		{"clear_fn8", false, "mostly unknown; zeros always work"},
		{"native_qr", false, "unknown to ZJ-5870 and others, which print the link as text"},
		{"nv_logo", false, "needs GS ( L"},
	}},
	{"generic-58", "generic", "58 mm printers nobody knows: POS-58, POS-5890, ZJ-5870, Xprinter XP-58, Rongta RP58, Netum NT-5890", []setting{
		{"width_dots", 384, "48 mm at 203 dpi: escpos-printer-db for ZJ-5870 and NT-5890K"},
		{"cutter", false, "they have a tear bar"},
	}},
	{"citizen", "generic", "Citizen CT-S, CT-E and CT-D for 80 mm paper (one command reference for all)", []setting{
		{"width_dots", 576, "the reference's setting for 80 mm paper; on 83 mm paper it is 640, see width_dots in a file of your own"},
		{"motion_units", true, "as at Epson"},
		{"feed", FeedHalf, "as at Epson"},
		{"asb", true, "as at Epson"},
	}},
	{"bixolon-180", "generic", "Bixolon and Samsung SRP-350, SRP-330 (command manual of the SRP-350)", []setting{
		{"width_dots", 512, "72.2 mm at 180 dpi"},
		{"dpi", 180, "the maker's names that end in 0"},
		{"asb", true, "GS a is in the manual, GS P and GS ( H are not"},
	}},
	{"bixolon-203", "bixolon-180", "Bixolon SRP-352, SRP-332", []setting{
		{"width_dots", 576, "72 mm at 203 dpi"},
		{"dpi", 203, "the maker's names that end in 2"},
	}},
}

// profile is a built-in profile and the reason of each value, by key.
func (b builtin) profile() (Profile, map[string]string) {
	var p Profile
	why := map[string]string{}
	if b.base != "" {
		i := slices.IndexFunc(builtins, func(o builtin) bool { return o.name == b.base })
		p, why = builtins[i].profile()
	}
	p.Name = b.name
	for _, s := range b.settings {
		p.field(s.key).Set(reflect.ValueOf(s.value).Convert(p.field(s.key).Type()))
		why[s.key] = s.why
	}
	return p, why
}

// Profiles lists the names [Named] knows, sorted.
func Profiles() []string {
	var names []string
	for _, b := range builtins {
		names = append(names, b.name)
	}
	slices.Sort(names)
	return names
}

// Named returns a profile by its name. The error lists the names there are.
func Named(name string) (Profile, error) {
	p, _, _, err := Explained(name)
	return p, err
}

// Explained is [Named] with the machines the profile is for, and the reason of
// each value by its key.
func Explained(name string) (p Profile, about string, why map[string]string, err error) {
	for _, b := range builtins {
		if b.name == name {
			p, why := b.profile()
			return p, b.about, why, nil
		}
	}
	return Profile{}, "", nil, fmt.Errorf("find printer profile %q: there is none; use one of %s", name, strings.Join(Profiles(), ", "))
}

// mustNamed is Named for names that stand in this package's own tables.
func mustNamed(name string) Profile {
	p, err := Named(name)
	if err != nil {
		panic(err)
	}
	return p
}
