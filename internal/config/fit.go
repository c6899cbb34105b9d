package config

import (
	"fmt"
	"slices"

	"motcua/printer"
	"motcua/queue"
)

// Unprintable lists the words that the slip's typeface can't set.
func Unprintable(c *queue.Config) queue.Problems {
	var found queue.Problems
	check := func(field string, t queue.Text) {
		for _, l := range c.Languages {
			if err := printer.CheckText(t[l]); err != nil {
				found = append(found, queue.Problem{Field: field + "." + l, Code: queue.FlawUnprintable, Value: t[l], Msg: err.Error(),
					Hint: "Take the character out, or write it otherwise."})
			}
		}
	}
	check("centre.unit", c.Centre.Unit)
	check("centre.name", c.Centre.Name)
	check("centre.slip", c.Centre.Slip)
	for i := range c.Points {
		check(fmt.Sprintf("points[%d].name", i), c.Points[i].Name)
	}
	for i := range c.Categories {
		check(fmt.Sprintf("categories[%d].name", i), c.Categories[i].Name)
		check(fmt.Sprintf("categories[%d].area", i), c.Categories[i].Area)
	}
	for i := range c.Classes {
		check(fmt.Sprintf("classes[%d].name", i), c.Classes[i].Name)
	}
	for i := range c.Sessions {
		check(fmt.Sprintf("sessions[%d].name", i), c.Sessions[i].Name)
	}
	return found
}

// Against lists what of the machine does not fit the centre: buttons that
// stand for nothing there, officers bound to a counter and devices bound to a
// service point that it lacks. It is wrong only as long as both are as they
// are, and no reason not to start.
func (m Machine) Against(c *queue.Config) []Problem {
	var found []Problem
	point := func(field string, id queue.PointID) {
		if id != "" && c.Point(id) == nil {
			found = append(found, Problem{Field: field, Code: flawNoPoint, Value: string(id),
				Msg: "the centre has no such service point", Hint: "Name a service point of the centre, or add it there."})
		}
	}
	point("panel.point", m.Panel.Point)
	point("scanner.point", m.Scanner.Point)
	for i, b := range m.Panel.Buttons {
		if c.Category(queue.CategoryID(b.Button)) == nil && !slices.Contains(c.Languages, b.Button) {
			found = append(found, Problem{Field: fmt.Sprintf("panel.buttons[%d].button", i), Code: flawNoButton, Value: b.Button,
				Msg: "the centre has no such category or language", Hint: "Name a category or a language of the centre, or add it there."})
		}
	}
	for i, a := range m.Access {
		if a.Counter != "" && c.Desk(a.Counter) == nil {
			found = append(found, Problem{Field: fmt.Sprintf("access[%d].counter", i), Code: flawNoCounter, Value: string(a.Counter),
				Msg: "the centre has no such counter", Hint: "Name a counter of the centre, or add it there."})
		}
		point(fmt.Sprintf("access[%d].point", i), a.Point)
	}
	return found
}
