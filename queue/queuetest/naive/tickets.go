package naive

import (
	"slices"

	"motcua/queue"
)

func (m *Model) setClass(c queue.SetClass) string {
	t, no := m.in(c.Ticket, queue.Waiting, queue.Parked, queue.Missed)
	if no != "" {
		return no
	}
	class, claim, no := m.granted(c.Class)
	switch {
	case no != "":
		return no
	case claim != "" || !m.staff():
		return byStaff
	case class == t.Class && t.Claim == "":
		return wrongState
	}
	m.remember("", t)
	t.Class, t.Claim = class, ""
	if t.Slot != 0 && t.Cause == queue.Arrived {
		switch class {
		case queue.Normal:
		case queue.Appointed:
			t.Arrival = max(t.Slot, t.Issued)
		default: // priority counts from the check-in
			t.Arrival = t.Issued
		}
	}
	return ""
}

// granted is the class somebody gets who asks for one, and the one only claimed.
func (m *Model) granted(id queue.ClassID) (class, claim queue.ClassID, no string) {
	id = orNormal(id)
	k := m.class(id)
	switch {
	case id == queue.Normal:
		return id, "", ""
	case k == nil || k.Draining:
		return "", "", "not_found/class"
	case m.mayGrant(k):
		return id, "", ""
	case k.Button && !m.staff():
		return queue.Normal, id, ""
	}
	return "", "", byStaff
}

// mayGrant reports whether who asks may grant the class.
func (m *Model) mayGrant(k *queue.Class) bool {
	if len(k.Grant) > 0 {
		return slices.Contains(k.Grant, m.role)
	}
	return m.staff()
}

func (m *Model) setDossiers(c queue.SetDossiers) string {
	t, no := m.in(c.Ticket, queue.Waiting, queue.Called, queue.Serving, queue.Parked, queue.Missed)
	if no != "" {
		return no
	}
	switch {
	case c.Dossiers < 1 || c.Dossiers > 99:
		return badField
	case !m.staff():
		return byStaff
	case c.Dossiers == t.Dossiers:
		return wrongState
	}
	m.remember("", t)
	t.Dossiers = c.Dossiers
	return ""
}

func (m *Model) planLegs(c queue.PlanLegs) string {
	t, no := m.in(c.Ticket, queue.Waiting, queue.Called, queue.Serving, queue.Parked, queue.Missed)
	if no != "" {
		return no
	}
	if !m.staff() {
		return byStaff
	}
	if no := m.wrongLegs(c.Legs, t.Point, t.Series); no != "" {
		return no
	}
	if slices.Equal(c.Legs, t.Next) {
		return wrongState
	}
	m.remember("", t)
	t.Next = slices.Clone(c.Legs)
	return ""
}

func (m *Model) wrongLegs(legs []queue.CategoryID, at queue.PointID, series queue.SeriesID) string {
	if len(legs) > queue.MaxLegs {
		return badField
	}
	for _, l := range legs {
		k := m.category(l)
		if k == nil {
			return noCategory
		}
		if k.Draining || m.where(k, at, series) == "" {
			return notHere
		}
	}
	return ""
}
