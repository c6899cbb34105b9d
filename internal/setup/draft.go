package setup

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"motcua/internal/config"
	"motcua/queue"
)

// Draft is what has been answered so far. [Draft.Config] makes a centre of it.
type Draft struct {
	// Rev counts the changes: a page sent from an older one is asked again.
	Rev      int      `json:"rev"`
	Answered []string `json:"answered,omitempty"` // steps

	Languages  []string        `json:"languages,omitempty"` // the hall's, first one first
	Unit       queue.Text      `json:"unit,omitempty"`
	Name       queue.Text      `json:"name,omitempty"`
	Template   string          `json:"template,omitempty"`
	Base       queue.Config    `json:"base"` // what the template brought
	Categories []Category      `json:"categories,omitempty"`
	Points     []queue.Point   `json:"points,omitempty"` // halls under their names
	Counters   []queue.Desk    `json:"counters,omitempty"`
	Fixed      bool            `json:"fixed,omitempty"` // hours; else numbers are given out while the day is open
	Sessions   []queue.Session `json:"sessions,omitempty"`
	Holidays   bool            `json:"holidays,omitempty"`

	Pressed []string `json:"pressed,omitempty"` // buttons of the panel that were heard
	Paper   string   `json:"paper,omitempty"`   // what came out of the printer: see papers
}

// Category is one of the template's, or a new one: whether the centre has it,
// and under what name.
type Category struct {
	ID      queue.CategoryID `json:"id"`
	On      bool             `json:"on"`
	Name    queue.Text       `json:"name"`
	Minutes int              `json:"minutes"`
}

// maxWords is how long a name may be, in characters: what a slip and a wall
// show of more is small.
const maxWords = 60

// begin takes what a template brings; later answers begin anew.
func (d *Draft) begin(name string, base queue.Config) error {
	d.Template, d.Base = name, base
	d.Categories = nil
	for _, c := range base.Categories {
		d.Categories = append(d.Categories, Category{ID: c.ID, On: true, Name: c.Name, Minutes: c.Minutes})
	}
	d.Counters, d.Points = base.Counters, base.Points
	d.Fixed, d.Sessions, d.Holidays = len(base.Sessions) > 0 || name != fromFile, base.Sessions, true
	if len(d.Sessions) == 0 {
		sessions, _, err := usual()
		if err != nil {
			return err
		}
		d.Sessions = sessions
	}
	d.Answered = slices.DeleteFunc(d.Answered, func(s string) bool {
		return slices.Index(steps, s) > slices.Index(steps, stepTemplate)
	})
	return nil
}

// Config is the centre as answered so far. Once all steps up to the hours are
// answered it is free of mistakes; wiring is the machine's, whose buttons the
// categories stand on.
func (d *Draft) Config(wired []config.Button) (queue.Config, error) {
	// What was read from a file belongs to the draft; the centre is a copy.
	var c queue.Config
	b, err := json.Marshal(d.Base)
	if err == nil {
		err = json.Unmarshal(b, &c)
	}
	if err != nil {
		return c, fmt.Errorf("copy template: %w", err)
	}
	c.Languages = d.Languages
	if d.Template != fromFile || c.Centre.ID == "" {
		c.Centre.ID = idOf(d.Name.In(d.Languages...))
	}
	c.Centre.Unit, c.Centre.Name = d.Unit, d.Name
	d.hall(&c)
	d.categories(&c, wired)
	c.Sessions, c.Holidays = nil, nil
	if d.Fixed {
		c.Sessions = d.Sessions
		if d.Holidays {
			if c.Holidays = d.Base.Holidays; len(c.Holidays) == 0 {
				if _, c.Holidays, err = usual(); err != nil {
					return c, err
				}
			}
		}
	}
	d.prune(&c)
	return c, nil
}

// on reports whether the centre has the category.
func (d *Draft) on(id queue.CategoryID) bool {
	return slices.ContainsFunc(d.Categories, func(c Category) bool { return c.ID == id && c.On })
}

// hall sets counters and the halls they stand in.
func (d *Draft) hall(c *queue.Config) {
	c.Counters = nil
	for _, k := range d.Counters {
		k.Skills = slices.DeleteFunc(slices.Clone(k.Skills), func(id queue.CategoryID) bool { return !d.on(id) })
		c.Counters = append(c.Counters, k)
	}
	c.Points = slices.DeleteFunc(slices.Clone(d.Points), func(p queue.Point) bool {
		return !slices.ContainsFunc(c.Counters, func(k queue.Desk) bool { return k.Point == p.ID })
	})
	if len(c.Points) == 0 { // no counter yet
		c.Points = d.Points
	}
}

func (d *Draft) categories(c *queue.Config, wired []config.Button) {
	base := c.Categories
	c.Categories = nil
	for _, x := range d.Categories {
		if !x.On {
			continue
		}
		k := queue.Category{ID: x.ID, Series: queue.SeriesID(x.ID), Panel: true}
		if i := slices.IndexFunc(base, func(b queue.Category) bool { return b.ID == x.ID }); i >= 0 {
			k = base[i]
		} else if !slices.ContainsFunc(c.Series, func(s queue.Series) bool { return string(s.ID) == string(x.ID) }) {
			c.Series = append(c.Series, queue.Series{ID: queue.SeriesID(x.ID), Prefix: string(x.ID), From: 1, To: 999})
		}
		k.Name, k.Minutes = x.Name, x.Minutes
		if len(wired) > 0 {
			k.Panel = slices.ContainsFunc(wired, func(b config.Button) bool { return b.Button == string(x.ID) })
		}
		k.Then = slices.DeleteFunc(k.Then, func(id queue.CategoryID) bool { return !d.on(id) })
		k.Then = slices.CompactFunc(k.Then, func(a, b queue.CategoryID) bool { return a == b })
		if len(k.Then) > 0 && k.Then[0] == k.ID {
			k.Then = k.Then[1:]
		}
		// Where it is offered is what the counters say, once somebody has said
		// who serves what.
		if !reflect.DeepEqual(d.Counters, d.Base.Counters) {
			k.Points = nil
		}
		c.Categories = append(c.Categories, k)
	}
	c.Series = slices.DeleteFunc(c.Series, func(s queue.Series) bool {
		return !slices.ContainsFunc(c.Categories, func(k queue.Category) bool { return k.Series == s.ID })
	})
	d.legs(c)
	d.receipts(c)
}

// legs lets a number go with its visit into another hall, where what it goes on
// to is served: only a series that counts across the halls may.
func (d *Draft) legs(c *queue.Config) {
	for i := range c.Categories {
		k := &c.Categories[i]
		for _, leg := range k.Then {
			for _, p := range c.Points {
				if !c.Offered(k.ID, p.ID) || c.Offered(leg, p.ID) {
					continue
				}
				for j := range c.Series {
					if c.Series[j].ID == k.Series {
						c.Series[j].AcrossPoints = true
					}
				}
			}
		}
	}
}

// receipts leaves one category of each hall for scanned receipts, the first.
func (d *Draft) receipts(c *queue.Config) {
	taken := map[queue.PointID]bool{}
	for i := range c.Categories {
		k := &c.Categories[i]
		for _, p := range c.Points {
			if k.Results && c.Offered(k.ID, p.ID) {
				k.Results = !taken[p.ID]
			}
		}
		for _, p := range c.Points {
			if k.Results && c.Offered(k.ID, p.ID) {
				taken[p.ID] = true
			}
		}
	}
}

// prune takes out of the rules what names something the centre has not.
func (d *Draft) prune(c *queue.Config) {
	session := func(id queue.SessionID) bool { return c.Session(id) != nil }
	for i := range c.Categories {
		c.Categories[i].Sessions = slices.DeleteFunc(c.Categories[i].Sessions, func(id queue.SessionID) bool { return !session(id) })
	}
	c.Quotas = slices.DeleteFunc(c.Quotas, func(q queue.Quota) bool {
		return !d.on(q.Category) || !session(q.Session) || q.Point != "" && !c.Offered(q.Category, q.Point)
	})
	c.Breaks = slices.DeleteFunc(c.Breaks, func(b queue.Break) bool { return c.Desk(b.Counter) == nil })
	if !d.on(c.Agents.Category) {
		c.Agents = queue.Agents{}
	}
	if len(c.Sessions) == 0 {
		c.ExtraDays = nil
	}
}

// serveAll gives each category that nobody serves to the counter with the
// fewest, so that no page asks for what can be guessed.
func (d *Draft) serveAll() {
	d.Counters = slices.Clone(d.Counters)
	serves := func(k *queue.Desk) (n int) {
		for _, id := range k.Skills {
			if d.on(id) {
				n++
			}
		}
		return n
	}
	for _, x := range d.Categories {
		if !x.On || slices.ContainsFunc(d.Counters, func(k queue.Desk) bool { return slices.Contains(k.Skills, x.ID) }) {
			continue
		}
		least := 0
		for i := range d.Counters {
			if serves(&d.Counters[i]) < serves(&d.Counters[least]) {
				least = i
			}
		}
		if len(d.Counters) > 0 {
			d.Counters[least].Skills = append(slices.Clone(d.Counters[least].Skills), x.ID)
		}
	}
	for i := range d.Counters {
		if serves(&d.Counters[i]) > 0 {
			continue
		}
		for _, x := range d.Categories { // a counter without work would not open
			if x.On {
				d.Counters[i].Skills = append(slices.Clone(d.Counters[i].Skills), x.ID)
				break
			}
		}
	}
}

// stand puts n counters into a hall: those that stand there keep their work,
// new ones get that of the first ones once more.
func (d *Draft) stand(point queue.PointID, n int) {
	var here []queue.Desk
	for _, k := range d.Counters {
		if k.Point == point {
			here = append(here, k)
		}
	}
	had := len(here)
	here = here[:min(n, had)]
	for i := had; i < n; i++ {
		k := queue.Desk{Point: point, Number: d.freeNumber(here)}
		k.ID = d.freeID(k.Number, here)
		if had > 0 {
			k.Skills = here[i%had].Skills
		}
		here = append(here, k)
	}
	first := slices.IndexFunc(d.Counters, func(k queue.Desk) bool { return k.Point == point })
	rest := slices.DeleteFunc(slices.Clone(d.Counters), func(k queue.Desk) bool { return k.Point == point })
	if first < 0 || first > len(rest) {
		first = len(rest)
	}
	d.Counters = slices.Insert(rest, first, here...)
}

// freeNumber is the smallest that no counter has: people hear "counter 3" and
// should not have to ask which of them.
func (d *Draft) freeNumber(more []queue.Desk) int {
	for n := 1; ; n++ {
		if !slices.ContainsFunc(slices.Concat(d.Counters, more), func(k queue.Desk) bool { return k.Number == n }) {
			return n
		}
	}
}

func (d *Draft) freeID(n int, more []queue.Desk) queue.CounterID {
	for id := strconv.Itoa(n); ; id += "a" {
		if !slices.ContainsFunc(slices.Concat(d.Counters, more), func(k queue.Desk) bool { return string(k.ID) == id }) {
			return queue.CounterID(id)
		}
	}
}

// idOf makes an id of a name: "Phường Phú Xuân" is "phuong-phu-xuan".
func idOf(name string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(name)) {
		switch {
		case r == 'đ':
			b.WriteByte('d')
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case unicode.Is(unicode.Mn, r):
		default:
			if s := b.String(); s != "" && !strings.HasSuffix(s, "-") {
				b.WriteByte('-')
			}
		}
		if b.Len() >= 32 {
			break
		}
	}
	if id := strings.Trim(b.String(), "-"); id != "" {
		return id
	}
	return "centre"
}
