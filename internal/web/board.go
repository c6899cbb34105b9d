package web

import (
	"encoding/json"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The wall's template has this many places; the script fills the same ones.
const (
	recentRows = 4
	laneRows   = 5
	soonPlaces = 3

	turnSeconds = 8 // how long a page of lanes stays
)

// said is a text in several languages.
type said map[string]string

// in returns the words in a language, or in the first that has any.
func (s said) in(lang string) string {
	for _, l := range []string{lang, source} {
		if s[l] != "" {
			return s[l]
		}
	}
	for _, l := range slices.Sorted(maps.Keys(s)) {
		if s[l] != "" {
			return s[l]
		}
	}
	return ""
}

// board is what the wall reads of its snapshot (display.Board).
type board struct {
	Centre struct{ Unit, Name, Notice said }
	Day    struct {
		ID   string
		Open bool
	}
	Calls []struct {
		Seq        uint64
		Label      string
		Counter    int
		At         int64
		Nth        int
		OutOfOrder bool `json:"out_of_order"`
		Mark       bool
		Active     bool
	}
	Lanes []struct {
		Category        string
		Name            said
		Now, Next       string
		Waiting         int
		Open            bool
		Counters        []int
		CountersInWords string
	}
	Soon    []string
	Devices []struct{ Kind, Code string }
	// Timeless: nobody vouches for the clock.
	Timeless bool
}

// wall is the board as it is drawn before (or without) the script: the newest
// call large, and the first page of the lanes. js/wall/main.js draws the same.
type wall struct {
	board
	Languages []string
	Clock     string
	State     string // "call", "first", "closed", "over"
	Hero      int    // index in Calls, −1 for none
	Recent    []int  // indexes in Calls, −1 for an empty place
	Shown     []int  // indexes in Lanes, −1 for an empty place
	ShownNow  []int  // the page of lanes whose turn it is by the clock, for those without a script
	Pages     int
	SoonShown []string
	Strip     string // "printer", "panel", "notice", "rule"
}

// newWall draws a wall's model from its snapshot.
func newWall(snapshot json.RawMessage, langs []string, now time.Time) (wall, error) {
	w := wall{Languages: langs, Clock: now.In(zone).Format("15:04"), Hero: -1, State: "call"}
	if err := json.Unmarshal(snapshot, &w.board); err != nil {
		return w, fmt.Errorf("decode board: %w", err)
	}
	if w.Timeless {
		w.Clock = ""
	}
	// The newest call still waited for; when all have sat down, the newest.
	for i, c := range w.Calls {
		if c.Active {
			w.Hero = i
			break
		}
	}
	if w.Hero < 0 && len(w.Calls) > 0 && w.Day.Open {
		w.Hero = 0
	}
	switch {
	case w.Hero >= 0:
	case w.Day.Open:
		w.State = "first"
	case len(w.Calls) > 0:
		w.State = "over"
	default:
		w.State = "closed"
	}
	for i := range w.Calls {
		if i != w.Hero && len(w.Recent) < recentRows {
			w.Recent = append(w.Recent, i)
		}
	}
	for len(w.Recent) < recentRows {
		w.Recent = append(w.Recent, -1)
	}
	// Lanes nobody serves and nobody waits in leave their room to the others.
	for i := range w.Lanes {
		l := &w.Lanes[i]
		l.CountersInWords = ranges(l.Counters)
		if l.Open || l.Waiting > 0 || l.Now != "" {
			w.Shown = append(w.Shown, i)
		}
	}
	if len(w.Shown) == 0 {
		for i := range w.Lanes {
			w.Shown = append(w.Shown, i)
		}
	}
	w.Pages = max(1, (len(w.Shown)+laneRows-1)/laneRows)
	per := (len(w.Shown) + w.Pages - 1) / w.Pages
	if page := int(now.Unix()/turnSeconds) % w.Pages; page*per < len(w.Shown) {
		w.ShownNow = w.Shown[page*per : min(len(w.Shown), (page+1)*per)]
	}
	w.Shown = slices.Clone(w.Shown[:min(per, len(w.Shown))])
	for len(w.Shown) < laneRows {
		w.Shown = append(w.Shown, -1)
	}
	w.SoonShown = slices.Clone(w.Soon[:min(len(w.Soon), soonPlaces)])
	for len(w.SoonShown) < soonPlaces {
		w.SoonShown = append(w.SoonShown, "")
	}
	w.Strip = "rule"
	if len(w.Centre.Notice) > 0 {
		w.Strip = "notice"
	}
	for _, d := range w.Devices {
		if d.Kind == "printer" || d.Kind == "panel" {
			w.Strip = d.Kind
			break
		}
	}
	return w, nil
}

// zone is the centres' time: UTC+7 all year.
var zone = time.FixedZone("+07", 7*3600)

// ranges writes counter numbers short: 1 2 3 5 is "1–3, 5".
func ranges(numbers []int) string {
	n := slices.Sorted(slices.Values(numbers))
	n = slices.Compact(n)
	var out []string
	for i := 0; i < len(n); {
		j := i
		for j+1 < len(n) && n[j+1] == n[j]+1 {
			j++
		}
		switch {
		case j-i >= 2:
			out = append(out, strconv.Itoa(n[i])+"–"+strconv.Itoa(n[j]))
		case j > i:
			out = append(out, strconv.Itoa(n[i]), strconv.Itoa(n[j]))
		default:
			out = append(out, strconv.Itoa(n[i]))
		}
		i = j + 1
	}
	return strings.Join(out, ", ")
}

// turns writes a text in all languages of a hall into one place, one above the
// other: the script shows them in turn and nothing moves.
func turns(langs []string, in func(lang string) string) template.HTML {
	var b strings.Builder
	b.WriteString(`<span class="turns">`)
	for _, l := range langs {
		fmt.Fprintf(&b, `<span lang="%s">%s</span>`, template.HTMLEscapeString(l), template.HTMLEscapeString(in(l)))
	}
	b.WriteString(`</span>`)
	return template.HTML(b.String())
}
