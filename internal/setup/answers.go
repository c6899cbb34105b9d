package setup

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"motcua/internal/config"
	"motcua/queue"
)

// Flaw is something wrong with an answer: a sentence, and the field it is
// about.
type Flaw struct {
	For  string // id of the field on the page
	Step string // of another page, when it has to be put right there
	Text string
}

// papers are what somebody may say of the trial slip.
var papers = []string{"yes", "no", "skip"}

// weekdays in the order of a week.
var weekdays = []queue.Weekday{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

// tidy is what somebody typed as it is kept: one line, composed letters (a Mac
// sends them in parts), no spaces at the ends, nothing that can't be seen.
func tidy(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == utf8.RuneError {
			return -1
		}
		return r
	}, s)
	return norm.NFC.String(strings.Join(strings.Fields(s), " "))
}

// words makes a flaw's sentence.
type words func(key string, args map[string]any) string

// answer writes what a form says into the draft, right or wrong, and lists what
// is wrong; only an answer without flaws is kept.
func (w *Wizard) answer(d *Draft, step string, f url.Values, file []byte, say words) []Flaw {
	var flaws []Flaw
	add := func(field, key string, args map[string]any) {
		flaws = append(flaws, Flaw{For: field, Text: say(key, args)})
	}
	name := func(field string) string {
		s := tidy(f.Get(field))
		if utf8.RuneCountInString(s) > maxWords {
			add(field, "setup.flaw.long", map[string]any{"n": maxWords})
		}
		return s
	}
	switch step {
	case stepHall:
		d.hallLanguages(f, w.o.Web.Languages(), add)
	case stepCentre:
		d.Unit, d.Name = queue.Text{}, queue.Text{}
		for _, l := range d.Languages {
			setWords(d.Unit, l, name("unit."+l))
			setWords(d.Name, l, name("name."+l))
		}
	case stepTemplate:
		flaws = append(flaws, w.chooseTemplate(d, f.Get("template"), file, say)...)
	case stepCategories:
		d.chooseCategories(f, name, add)
	case stepCounters:
		d.chooseCounters(f, name, add)
	case stepSkills:
		d.chooseSkills(f)
	case stepHours:
		d.chooseHours(f, add)
	case stepPrinter:
		if d.Paper = f.Get("paper"); !slices.Contains(papers, d.Paper) {
			add("paper", "setup.flaw.choose", nil)
		}
	}
	if len(flaws) > 0 {
		return flaws
	}
	return w.check(d, step, say)
}

func setWords(t queue.Text, lang, s string) {
	if s != "" {
		t[lang] = s
	}
}

func (d *Draft) hallLanguages(f url.Values, known []string, add func(string, string, map[string]any)) {
	first := f.Get("first")
	d.Languages = nil
	for _, l := range known {
		if slices.Contains(f["lang"], l) || l == first {
			d.Languages = append(d.Languages, l)
		}
	}
	i := slices.Index(d.Languages, first)
	if i < 0 {
		add("first.vi", "setup.flaw.choose", nil)
		return
	}
	d.Languages = append([]string{first}, slices.Delete(d.Languages, i, i+1)...)
}

// chooseTemplate begins from a template; the same one again changes nothing.
func (w *Wizard) chooseTemplate(d *Draft, chosen string, file []byte, say words) []Flaw {
	switch {
	case chosen == fromFile && len(file) > 0:
		c, err := config.ParseCentre(file)
		if err != nil {
			return fileFlaws(err, say)
		}
		if err := d.begin(fromFile, c); err != nil {
			return []Flaw{{For: "file", Text: err.Error()}}
		}
	case chosen == fromFile && d.Template == fromFile:
	case chosen == fromFile:
		return []Flaw{{For: "file", Text: say("setup.flaw.file", nil)}}
	case chosen == d.Template && chosen != "":
	case chosen == fromHall || chosen == fromWard:
		c, err := template(chosen)
		if err == nil {
			err = d.begin(chosen, c)
		}
		if err != nil {
			return []Flaw{{For: "template." + fromHall, Text: err.Error()}}
		}
	default:
		return []Flaw{{For: "template." + fromHall, Text: say("setup.flaw.choose", nil)}}
	}
	d.serveAll()
	return nil
}

// mostFlaws of a file are listed; more are no help.
const mostFlaws = 20

func fileFlaws(err error, say words) []Flaw {
	var e *config.Error
	if !errors.As(err, &e) {
		return []Flaw{{For: "file", Text: err.Error()}}
	}
	var flaws []Flaw
	for _, p := range e.Problems[:min(len(e.Problems), mostFlaws)] {
		text := problemWords(p.Code, p.Values(), p.Msg+". "+p.Hint, say)
		flaws = append(flaws, Flaw{For: "file", Text: say("setup.flaw.line", map[string]any{"line": p.Line, "field": p.Field, "text": text})})
	}
	return flaws
}

// problemWords is what is wrong and the remedy, in the reader's language.
func problemWords(code string, args map[string]any, english string, say words) string {
	key := "problem." + code
	what, hint := say(key, args), say(key+".hint", args)
	if what == key || hint == key+".hint" {
		return english
	}
	return what + " " + hint
}

// letter is what may stand on a button and before a number.
var letter = regexp.MustCompile(`^[ABCDEFGHKLMNPRTUVWXY]{1,2}$`)

func (d *Draft) chooseCategories(f url.Values, name func(string) string, add func(string, string, map[string]any)) {
	d.Categories = slices.Clone(d.Categories)
	some := false
	for i := range d.Categories {
		c := &d.Categories[i]
		c.On = f.Get("on."+string(c.ID)) != ""
		some = some || c.On
		c.Name = cloneText(c.Name)
		for _, l := range d.Languages {
			field := fmt.Sprintf("name.%s.%s", c.ID, l)
			if !f.Has(field) {
				continue
			}
			delete(c.Name, l)
			setWords(c.Name, l, name(field))
		}
	}
	id, words := strings.ToUpper(tidy(f.Get("new.id"))), name("new.name")
	switch {
	case id == "" && words == "":
	case words == "":
		add("new.name", "setup.flaw.name", nil)
	case !letter.MatchString(id):
		add("new.id", "setup.flaw.letter", nil)
	case slices.ContainsFunc(d.Categories, func(c Category) bool { return string(c.ID) == id }) || d.prefixTaken(id):
		add("new.id", "setup.flaw.letter.taken", map[string]any{"letter": id})
	default:
		d.Categories = append(d.Categories, Category{ID: queue.CategoryID(id), On: true, Name: queue.Text{d.Languages[0]: words}, Minutes: 10})
		some = true
	}
	if !some && len(d.Categories) > 0 {
		add("on."+string(d.Categories[0].ID), "setup.flaw.categories", nil)
	}
	d.serveAll()
}

func (d *Draft) prefixTaken(prefix string) bool {
	return slices.ContainsFunc(d.Base.Series, func(s queue.Series) bool { return s.Prefix == prefix || string(s.ID) == prefix })
}

func cloneText(t queue.Text) queue.Text {
	c := queue.Text{}
	for _, l := range []string{"vi", "en", "de"} {
		setWords(c, l, t[l])
	}
	return c
}

// mostCounters is the domain's bound.
const mostCounters = 200

func (d *Draft) chooseCounters(f url.Values, name func(string) string, add func(string, string, map[string]any)) {
	total := 0
	d.Points = slices.Clone(d.Points)
	for i := range d.Points {
		p := &d.Points[i]
		for _, l := range d.Languages {
			if field := fmt.Sprintf("point.%s.%s", p.ID, l); f.Has(field) {
				p.Name = cloneText(p.Name)
				delete(p.Name, l)
				setWords(p.Name, l, name(field))
				if l == d.Languages[0] && p.Name[l] == "" {
					add(field, "setup.flaw.name", nil)
				}
			}
		}
		field := "n." + string(p.ID)
		n, err := strconv.Atoi(tidy(f.Get(field)))
		if err != nil || n < 0 || n > mostCounters {
			add(field, "setup.flaw.counters", map[string]any{"n": mostCounters})
			continue
		}
		d.stand(p.ID, n)
		total += n
	}
	if total == 0 && len(d.Points) > 0 {
		add("n."+string(d.Points[0].ID), "setup.flaw.counters", map[string]any{"n": mostCounters})
	}
	d.serveAll()
}

func (d *Draft) chooseSkills(f url.Values) {
	d.Counters = slices.Clone(d.Counters)
	for i := range d.Counters {
		k := &d.Counters[i]
		// What is switched off is not asked for; it comes back with its category.
		skills := slices.DeleteFunc(slices.Clone(k.Skills), d.on)
		for _, c := range d.Categories {
			if c.On && slices.Contains(f["skill"], string(k.ID)+"/"+string(c.ID)) {
				skills = append(skills, c.ID)
			}
		}
		k.Skills = skills
	}
}

func (d *Draft) chooseHours(f url.Values, add func(string, string, map[string]any)) {
	hours := f.Get("hours")
	if hours != "fixed" && hours != "open" {
		add("hours.fixed", "setup.flaw.choose", nil)
		return
	}
	d.Fixed, d.Holidays = hours == "fixed", f.Get("holidays") != ""
	if !d.Fixed {
		return
	}
	old := d.Sessions
	d.Sessions = nil
	for i := range len(old) + 1 {
		n := strconv.Itoa(i)
		from, to := tidy(f.Get("from."+n)), tidy(f.Get("to."+n))
		if from == "" && to == "" {
			continue // taken out, or never filled in
		}
		s := queue.Session{}
		if i < len(old) {
			s = old[i]
		} else {
			s.SetDefaults()
			s.ID = freeSession(old)
		}
		s.From, s.To, s.Days = timeOf(from), timeOf(to), nil
		if i == len(old) {
			s.Name = queue.Text{}
			for _, l := range d.Languages {
				s.Name[l] = string(s.From) + "–" + string(s.To)
			}
		}
		for _, w := range weekdays {
			if slices.Contains(f["day."+n], string(w)) {
				s.Days = append(s.Days, w)
			}
		}
		d.Sessions = append(d.Sessions, s)
		if len(s.Days) == 0 {
			add(fmt.Sprintf("day.%d.mon", len(d.Sessions)-1), "setup.flaw.days", nil)
		}
	}
	if len(d.Sessions) == 0 {
		d.Sessions = old
		add("from.0", "setup.flaw.sessions", nil)
	}
}

func freeSession(have []queue.Session) queue.SessionID {
	for n := len(have) + 1; ; n++ {
		id := queue.SessionID(fmt.Sprintf("session-%d", n))
		if !slices.ContainsFunc(have, func(s queue.Session) bool { return s.ID == id }) {
			return id
		}
	}
}

// hourish are the ways people write a time: 7:30, 07.30, 7h30, 7h.
var hourish = regexp.MustCompile(`^([0-9]{1,2})(?:[:.hHgG]([0-9]{2})?)?$`)

// timeOf is a time of day as the file has it, or what was typed.
func timeOf(s string) queue.TimeOfDay {
	m := hourish.FindStringSubmatch(s)
	if m == nil {
		return queue.TimeOfDay(s)
	}
	hour, _ := strconv.Atoi(m[1]) // two digits at most
	minute, _ := strconv.Atoi(m[2])
	return queue.TimeOfDay(fmt.Sprintf("%02d:%02d", hour, minute))
}

// sections are the tables of a centre's file that a step answers for.
var sections = map[string][]string{
	stepHall:       {"languages"},
	stepCentre:     {"centre"},
	stepCategories: {"categories", "series", "agents", "classes"},
	stepCounters:   {"points"},
	stepSkills:     {"counters"},
	stepHours:      {"sessions", "holidays", "extra_days", "quotas", "breaks"},
}

var placeInList = regexp.MustCompile(`^([a-z_]+)(?:\[([0-9]+)\])?(?:\.([a-z_]+))?(?:\.([a-z-]+))?`)

// check holds what has been answered to the rules of a centre, as far as the
// step has to do with them; the last step, to all.
func (w *Wizard) check(d *Draft, step string, say words) []Flaw {
	if len(d.Points) == 0 && step != stepReview { // no template yet
		return d.checkNames(step, say)
	}
	c, err := d.Config(w.o.Buttons)
	if err != nil {
		return []Flaw{{Text: err.Error()}}
	}
	var flaws []Flaw
	for _, p := range append(c.Check(), config.Unprintable(&c)...) {
		at, field := placeOf(&c, d, p)
		if at != step && step != stepReview {
			continue
		}
		f := Flaw{For: field, Text: problemWords(p.Code, p.Values(), p.Msg+". "+p.Hint, say)}
		// Of many rows the sentence says which.
		if of, _, ok := strings.Cut(strings.TrimPrefix(field, "name."), "."); ok && at == stepCategories {
			f.Text = of + ": " + f.Text
		} else if id, ok := strings.CutPrefix(field, "counter."); ok {
			if k := c.Desk(queue.CounterID(id)); k != nil {
				f.Text = say("common.counter.n", map[string]any{"n": k.Number}) + ": " + f.Text
			}
		}
		if step == stepReview {
			f.Step = at
		}
		flaws = append(flaws, f)
	}
	return flaws
}

// checkNames is check before there is a template: names need to be there and to
// be printable.
func (d *Draft) checkNames(step string, say words) []Flaw {
	if step != stepCentre {
		return nil
	}
	var flaws []Flaw
	c := queue.Config{Languages: d.Languages, Centre: queue.Centre{Unit: d.Unit, Name: d.Name}}
	first := d.Languages[0]
	if d.Name[first] == "" {
		flaws = append(flaws, Flaw{For: "name." + first, Text: say("setup.flaw.name", nil)})
	}
	for _, p := range config.Unprintable(&c) {
		flaws = append(flaws, Flaw{For: strings.TrimPrefix(p.Field, "centre."), Text: problemWords(p.Code, p.Values(), p.Msg+". "+p.Hint, say)})
	}
	return flaws
}

// placeOf is the step and the field where a mistake can be put right.
func placeOf(c *queue.Config, d *Draft, p queue.Problem) (step, field string) {
	m := placeInList.FindStringSubmatch(p.Field)
	if m == nil {
		return stepReview, ""
	}
	section, key, lang := m[1], m[3], m[4]
	i, _ := strconv.Atoi(m[2]) // digits, or none
	if lang == "" {
		lang = d.Languages[0]
	}
	for s, names := range sections {
		if slices.Contains(names, section) {
			step = s
		}
	}
	switch {
	case section == "centre":
		field = key + "." + lang
	case p.Code == queue.FlawUnserved || p.Code == queue.FlawUnservedAt:
		step, field = stepSkills, "category."+string(c.Categories[i].ID)
	case section == "categories" && key != "" && i < len(c.Categories):
		field = fmt.Sprintf("name.%s.%s", c.Categories[i].ID, lang)
	case section == "counters" && key == "" || section == "points":
		step = stepCounters
		if len(d.Points) > 0 {
			field = "n." + string(d.Points[0].ID)
		}
		if key == "name" && i < len(c.Points) {
			field = fmt.Sprintf("point.%s.%s", c.Points[i].ID, lang)
		}
	case section == "counters" && i < len(c.Counters):
		field = "counter." + string(c.Counters[i].ID)
	case section == "sessions":
		if key != "to" && key != "from" {
			key = "from"
		}
		field = fmt.Sprintf("%s.%d", key, i)
	}
	if step == "" {
		step = stepReview
	}
	return step, field
}
