package naive

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"motcua/queue"
)

// Roll is a pre-printed roll of numbers.
type Roll struct {
	Point    queue.PointID
	Category queue.CategoryID // "": all without one of their own
	Left     []string         // labels that are still on it
	Off      []string         // those given out, by hand or torn off
	Self     bool
	Open     bool
}

const (
	noRoll     = "not_found/roll"
	badNumber  = "invalid/roll_number"
	labelTaken = "conflict/label_taken"
)

// labels are all that a roll beginning with one has; none for what is no label.
func labels(first string) []string {
	parts := regexp.MustCompile(`^([ABCDEFGHKLMNPRTUVWXY]{0,2})([0-9]{2,4})$`).FindStringSubmatch(strings.ToUpper(strings.TrimSpace(first)))
	if parts == nil {
		return nil
	}
	var list []string
	for n, _ := strconv.Atoi(parts[2]); len(strconv.Itoa(n)) <= len(parts[2]); n++ {
		list = append(list, parts[1]+fmt.Sprintf("%0*d", len(parts[2]), n))
	}
	return list
}

// meant is the label somebody types, the letters and the zeros left out perhaps.
func meant(typed string, among []string) int {
	for i, l := range among {
		digits := strings.TrimLeft(l, "ABCDEFGHKLMNPRTUVWXY")
		bare := typed != "" && len(typed) <= len(digits) && strings.Repeat("0", len(digits)-len(typed))+typed == digits
		if strings.ToUpper(typed) == l || bare {
			return i
		}
	}
	return -1
}

func (m *Model) roll(at queue.PointID, c queue.CategoryID) *Roll {
	for _, r := range m.Rolls {
		if r.Point == at && r.Category == c {
			return r
		}
	}
	return nil
}

// rollFor is the roll a category's numbers come from; nil: none.
func (m *Model) rollFor(at queue.PointID, c queue.CategoryID) *Roll {
	if r := m.roll(at, c); r != nil && r.Open {
		return r
	}
	if r := m.roll(at, ""); r != nil && r.Open {
		return r
	}
	return nil
}

// onRoll reports whether a label is still to come on a roll of a point, or was taken back there.
func (m *Model) onRoll(at queue.PointID, label string) bool {
	return slices.ContainsFunc(m.Back, func(t *Ticket) bool { return t.Point == at && t.Label == label }) ||
		slices.ContainsFunc(m.Rolls, func(r *Roll) bool { return r.Open && r.Point == at && slices.Contains(r.Left, label) })
}

// atRoll is the point of a command that only staff give.
func (m *Model) atRoll(p queue.PointID) (queue.PointID, string) {
	at := cmp.Or(p, m.Config.Points[0].ID)
	switch {
	case !m.staff():
		return "", "denied/role"
	case !slices.ContainsFunc(m.Config.Points, func(p queue.Point) bool { return p.ID == at && !p.Draining }):
		return "", "not_found/point"
	}
	return at, ""
}

// at is the category that a roll command names.
func (m *Model) given(id queue.CategoryID, at queue.PointID) string {
	switch k := m.category(id); {
	case k == nil:
		return noCategory
	case k.Draining || !m.offered(k, at):
		return m.notOffered(k)
	}
	return ""
}

func (m *Model) startRoll(c queue.StartRoll) string {
	at, no := m.atRoll(c.Point)
	switch {
	case no != "":
		return no
	case !m.Open:
		return dayClosed
	}
	if c.Category != "" {
		if no := m.given(c.Category, at); no != "" {
			return no
		}
	}
	left := labels(c.First)
	if left == nil {
		return badField
	}
	old := m.roll(at, c.Category)
	if old != nil && old.Open {
		return wrongState
	}
	for _, t := range m.Tickets {
		if t.Point == at && slices.Contains(left, t.Label) {
			return labelTaken
		}
	}
	end := left[len(left)-1] // two rolls of one kind would meet at their ends
	for _, r := range m.Rolls {
		if all := slices.Concat(r.Off, r.Left); r.Open && r.Point == at && all[len(all)-1] == end {
			return labelTaken
		}
	}
	if old == nil {
		old = &Roll{}
		m.Rolls = append(m.Rolls, old)
	}
	*old = Roll{Point: at, Category: c.Category, Left: left, Self: c.Self, Open: true}
	return ""
}

func (m *Model) endRoll(c queue.EndRoll) string {
	at, no := m.atRoll(c.Point)
	if no != "" {
		return no
	}
	r := m.roll(at, c.Category)
	if r == nil || !r.Open {
		return noRoll
	}
	r.Open = false
	return ""
}

// fromRoll gives a ticket the next number of a roll.
func (m *Model) fromRoll(r *Roll, t Ticket) (*Ticket, string) {
	if len(r.Left) == 0 {
		return nil, "closed/roll_end"
	}
	t.Label, t.Entry, t.Series = r.Left[0], queue.EntryRoll, m.category(t.Category).Series
	t.Number, _ = strconv.Atoi(strings.TrimLeft(t.Label, "ABCDEFGHKLMNPRTUVWXY"))
	r.Off, r.Left = append(r.Off, t.Label), r.Left[1:]
	t.ID = m.ID
	if i := slices.IndexFunc(m.Back, func(b *Ticket) bool { return b.Point == t.Point && b.Label == t.Label }); i >= 0 {
		t.ID = m.Back[i].ID
		m.Back = slices.Delete(m.Back, i, i+1)
	} else {
		m.ID++
	}
	return m.enter(t), ""
}

func (m *Model) tearOff(c queue.TearOff) string {
	at, no := m.atRoll(c.Point)
	switch {
	case no != "":
		return no
	case !m.Open:
		return dayClosed
	}
	if no := m.given(c.Category, at); no != "" {
		return no
	}
	r := m.rollFor(at, c.Category)
	if r == nil {
		return noRoll
	}
	n := meant(c.UpTo, r.Left[:min(len(r.Left), queue.MaxTorn)])
	if n < 0 {
		return badNumber
	}
	for range n + 1 {
		if no := m.torn(r, at, c.Category); no != "" {
			return no
		}
	}
	return ""
}

// torn is the next number of a roll, in somebody's hand.
func (m *Model) torn(r *Roll, at queue.PointID, c queue.CategoryID) string {
	t, _ := m.order(c, at, "", 1)
	t.Session = m.present(m.category(c))
	_, no := m.fromRoll(r, t)
	return no
}

func (m *Model) takeBack(c queue.TakeBack) string {
	at, no := m.atRoll(c.Point)
	if no != "" {
		return no
	}
	r := m.roll(at, c.Category)
	if r == nil || !r.Open {
		return noRoll
	}
	from := 0
	if c.UpTo != "" {
		if from = meant(c.UpTo, r.Off) + 1; from == 0 && !before(c.UpTo, r) {
			return badNumber
		}
	}
	if from >= len(r.Off) {
		return badNumber
	}
	back := r.Off[from:]
	var gone []*Ticket
	for _, t := range m.Tickets {
		if t.TakenAt != at || !slices.Contains(back, t.Label) {
			continue
		}
		if t.State != queue.Waiting || t.Point != at || t.FirstCall != 0 || t.mark != 0 || len(t.Past) > 0 || t.Slip != "" {
			return "conflict/roll_called"
		}
		gone = append(gone, t)
	}
	for _, t := range gone {
		m.Tickets = slices.DeleteFunc(m.Tickets, func(o *Ticket) bool { return o == t })
		m.undos = slices.DeleteFunc(m.undos, func(u undo) bool { return u.before.ID == t.ID })
		for _, k := range m.Counters {
			if k.last == t.ID {
				k.last = 0
			}
		}
		m.Back = append(m.Back, t)
	}
	r.Left = slices.Concat(back, r.Left)
	r.Off = slices.Clone(r.Off[:from])
	return ""
}

// before reports whether what is typed is the number right before the first of a roll.
func before(typed string, r *Roll) bool {
	all := slices.Concat(r.Off, r.Left)
	prefix := strings.TrimRight(all[0], "0123456789")
	n, _ := strconv.Atoi(all[0][len(prefix):])
	return n > 0 && meant(typed, []string{fmt.Sprintf("%s%0*d", prefix, len(all[0])-len(prefix), n-1)}) == 0
}

// callTorn calls the next number of a roll people tear off themselves.
func (m *Model) callTorn(id queue.CounterID, finished *Ticket) bool {
	d := m.desk(id)
	for _, c := range d.Skills {
		r := m.rollFor(d.Point, c)
		if d.Draining || r == nil || !r.Self || m.given(c, d.Point) != "" || len(r.Left) == 0 {
			continue
		}
		label := r.Left[0]
		m.torn(r, d.Point, c)
		i := slices.IndexFunc(m.Tickets, func(t *Ticket) bool { return t.Point == d.Point && t.Label == label })
		t := m.Tickets[i]
		if finished != nil {
			m.rememberNext(id, finished, t)
		} else {
			m.remember(id, t)
		}
		m.call(id, t, queue.ByArrival)
		return true
	}
	return false
}
