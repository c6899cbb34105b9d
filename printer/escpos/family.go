package escpos

import (
	"fmt"
	"slices"
	"strings"

	"motcua/printer"
)

// profiles are all that come with the program: the languages of [named] and
// the families that differ from them. What nobody has seen on a printer of the
// family is left as at the language, or out.
func profiles() []Profile {
	list := named()
	base := func(name string) Profile {
		return list[slices.IndexFunc(list, func(p Profile) bool { return p.Name == name })]
	}

	// TM-T88 up to the III: no GS ( H, so no proof of paper (Epson lists it
	// from the IV on), no GS ( D and no DLE DC4 fn 8, so zeros end a picture.
	t88iii := base("epson-tm-t88")
	t88iii.Name = "epson-tm-t88iii"
	t88iii.ProcessID, t88iii.AckAfterCut, t88iii.RealtimeOff, t88iii.ClearFn8 = false, false, false, false
	// Without GS ( D a pulse inside a picture is obeyed: keep it out.
	t88iii.ScrubRealtime = true

	// Citizen CT-S of 80 mm (its command reference, one for all models): GS P
	// and automatic status are as at Epson; GS ( H is not there. 576 dots are
	// its setting for 80 mm paper, whatever the head could do.
	citizen := base("generic")
	citizen.Name, citizen.MotionUnits, citizen.Feed, citizen.ASB = "citizen", true, FeedHalf, true

	// Bixolon SRP-350 and SRP-330 (command manual of the SRP-350): 180 dpi,
	// hence 512 dots; DLE EOT and GS a are there, GS P and GS ( H are not, so
	// white is sent as a picture.
	bixolon180 := base("generic")
	bixolon180.Name, bixolon180.WidthDots, bixolon180.DPI, bixolon180.ASB = "bixolon-180", 512, 180, true
	// The same at 203 dpi: the maker's names end in 2.
	bixolon203 := bixolon180
	bixolon203.Name, bixolon203.WidthDots, bixolon203.DPI = "bixolon-203", 576, 203

	return append(list, t88iii, citizen, bixolon180, bixolon203)
}

// family says which models speak which profile. Names are compared as plain
// writes them; a model begins with one of models.
type family struct {
	maker   string // "" is any: clones put anything there
	models  []string
	profile string
}

// families are asked in order: what is special comes first.
var families = []family{
	{"EPSON", []string{"TMT88III", "TMT88II", "TMT88P", "TMT88."}, "epson-tm-t88iii"}, // the dot: the bare name
	{"EPSON", []string{"TMT88", "TMT70"}, "epson-tm-t88"},                             // 180 dpi, both
	{"EPSON", []string{"TMM10"}, "epson-58"},                                          // 420 dots on 58 mm
	{"EPSON", []string{"TMT20", "TMT81", "TMT82", "TMT83", "TMM30", "TMM50"}, "epson"},
	{"CITIZEN", []string{"CTS300", "CTS310", "CTS601", "CTS651", "CTS801", "CTS851", "CTS2000", "CTD150", "CTD151", "CTE351", "CTE651"}, "citizen"},
	{"BIXOLON", []string{"SRP350", "SRP330"}, "bixolon-180"},
	{"BIXOLON", []string{"SRP352", "SRP332"}, "bixolon-203"},
	{"SAMSUNG", []string{"SRP350"}, "bixolon-180"}, // the same machine under its earlier maker
	{"", []string{"POS58", "XP58", "ZJ58", "NT58", "RP58"}, "generic-58"},
	{"", []string{"POS80", "XP80", "XPN160", "XPN200", "XPQ200", "XPQ260", "XPQ800", "ZJ80", "NT80", "RP80", "RP326", "RP332"}, "generic"},
}

// others are languages that are not ours, as device ids name them.
var others = []string{"STAR", "ZPL", "EPL", "TSPL", "TSC", "DPL", "PCL", "PJL", "POSTSCRIPT", "ESC/P2", "ESCPL2"}

// plain is a name without case, blanks and hyphens, since makers vary them.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '_' {
			return -1
		}
		return r
	}, strings.ToUpper(s))
}

// ProfileFor chooses the profile of a printer by what it says of itself. When
// it says too little, or is of no family known here, the profile is "generic",
// which every printer of 80 mm understands, and note says so with the remedy,
// in English; else note is empty.
func ProfileFor(id printer.DeviceID) (p Profile, note string) {
	named := func(name string) Profile {
		all := profiles()
		return all[slices.IndexFunc(all, func(p Profile) bool { return p.Name == name })]
	}
	const remedy = `if slips are cut off at the right or come out too narrow, name a profile under [printer] profile in motcua.toml`
	if id.Model == "" {
		return named("generic"), "the printer does not say what model it is: profile generic is used; " + remedy
	}
	maker, model := plain(id.Manufacturer), plain(id.Model)
	if rest := strings.TrimPrefix(model, maker); maker != "" && rest != "" {
		model = rest // some repeat the maker in the model
	}
	model += "."
	ours := len(id.Commands) == 0
	for _, c := range id.Commands {
		ours = ours || !slices.Contains(others, strings.ToUpper(c))
	}
	if !ours {
		return named("generic"), fmt.Sprintf("%s says it speaks %s, not ESC/POS: switch it to ESC/POS by its own settings; profile generic is used", id, strings.Join(id.Commands, ", "))
	}
	for _, f := range families {
		if f.maker != "" && !strings.Contains(maker, f.maker) {
			continue
		}
		for _, m := range f.models {
			if strings.HasPrefix(model, m) {
				return named(f.profile), ""
			}
		}
	}
	return named("generic"), fmt.Sprintf("%s is of no family known: profile generic is used; %s", id, remedy)
}
