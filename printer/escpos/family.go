package escpos

import (
	"fmt"
	"slices"
	"strings"

	"motcua/printer"
)

// family says which models speak which profile. Names are compared as plain
// writes them; a model begins with one of models.
type family struct {
	maker   string // "" is any: clones put anything there
	models  []string
	profile string
}

// families are asked in order: what is special comes first.
var families = []family{
	{"EPSON", []string{"TMT88III", "TMT88II"}, "epson-tm-t88iii"},
	{"EPSON", []string{"TMT88P", "TMT88.", "TMT85"}, "epson-columns"}, // the dot: the bare name
	{"EPSON", []string{"TMT88", "TMT70"}, "epson-tm-t88"},             // 180 dpi, both
	{"EPSON", []string{"TMM10"}, "epson-58"},                          // 420 dots on 58 mm
	{"EPSON", []string{"TMT20", "TMT81", "TMT82", "TMT83", "TMM30", "TMM50"}, "epson"},
	{"CITIZEN", []string{"CTS300", "CTS310", "CTS601", "CTS651", "CTS801", "CTS851", "CTS2000", "CTD150", "CTD151", "CTE351", "CTE651"}, "citizen"},
	{"BIXOLON", []string{"SRP350", "SRP330"}, "bixolon-180"},
	{"BIXOLON", []string{"SRP352", "SRP332"}, "bixolon-203"},
	{"SAMSUNG", []string{"SRP350"}, "bixolon-180"},                    // the same machine under its earlier maker
	{"STAR", []string{"TSP6", "TSP7", "MCP3", "MCPRINT3"}, "generic"}, // those that have an ESC/POS mode
	{"", []string{"POS58", "XP58", "ZJ58", "NT58", "RP58"}, "generic-58"},
	{"", []string{"POS80", "XP80", "XPN160", "XPN200", "XPQ200", "XPQ260", "XPQ800", "ZJ80", "NT80", "RP80",
		"RP326", "RP332", "RP820", "TP80", "CALLISTO", "RPT00"}, "generic"},
}

// others are languages that are not ours, as device ids name them.
var others = []string{"STAR", "STARLINE", "STARPRNT", "STARGRAPHIC", "ZPL", "EPL", "TSPL", "TSC", "DPL", "PCL", "PJL", "POSTSCRIPT", "ESC/P2", "ESCPL2"}

// plain is a name without case, blanks and hyphens, since makers vary them.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '_' {
			return -1
		}
		return r
	}, strings.ToUpper(s))
}

// Misfit says why a profile can't be that of a printer that says what it is: its
// head has fewer dots, so every row runs on into the next. It is in English, and
// empty when nothing is known against the profile.
func Misfit(p Profile, id printer.DeviceID) string {
	is, unknown := ProfileFor(id)
	if unknown != "" || is.WidthDots >= p.WidthDots {
		return ""
	}
	return fmt.Sprintf("profile %s is %d dots wide and %s has %d (profile %s): its slips are a muddle", p.Name, p.WidthDots, id, is.WidthDots, is.Name)
}

// ProfileFor chooses the profile of a printer by what it says of itself. When
// it says too little, or is of no family known here, the profile is "generic",
// which every printer of 80 mm understands, and note says so with the remedy,
// in English; else note is empty.
func ProfileFor(id printer.DeviceID) (p Profile, note string) {
	const remedy = `if slips are cut off at the right or come out too narrow, name a profile under [printer] profile in motcua.toml`
	if id.Model == "" {
		return mustNamed("generic"), "the printer does not say what model it is: profile generic is used; " + remedy
	}
	maker, model := plain(id.Manufacturer), plain(id.Model)
	if rest := strings.TrimPrefix(model, maker); maker != "" && rest != "" {
		model = rest // some repeat the maker in the model
	}
	model += "."
	ours := len(id.Commands) == 0
	for _, c := range id.Commands {
		ours = ours || !slices.Contains(others, plain(c))
	}
	if !ours {
		return mustNamed("generic"), fmt.Sprintf("%s says it speaks %s, not ESC/POS: switch it to ESC/POS by its own settings; profile generic is used", id, strings.Join(id.Commands, ", "))
	}
	for _, f := range families {
		if f.maker != "" && !strings.Contains(maker, f.maker) {
			continue
		}
		for _, m := range f.models {
			if strings.HasPrefix(model, m) {
				return mustNamed(f.profile), ""
			}
		}
	}
	return mustNamed("generic"), fmt.Sprintf("%s is of no family known: profile generic is used; %s", id, remedy)
}
