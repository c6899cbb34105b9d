package main

import (
	"context"
	"fmt"

	"motcua/internal/engine"
	"motcua/printer"
	"motcua/queue"
)

// office is the engine as the API sees it: a configuration must fit the paper as
// well, which the domain knows nothing of.
type office struct{ *engine.Engine }

// Do refuses a configuration whose words can't be printed, and lists them
// together with all its other mistakes.
func (o office) Do(ctx context.Context, r queue.Request) (queue.Result, error) {
	if a, ok := r.Command.(queue.ApplyConfig); ok {
		if bad := unprintable(&a.Config); len(bad) > 0 {
			bad = append(a.Config.Check(), bad...)
			return queue.Result{}, &queue.Error{Code: queue.Invalid, Reason: queue.WhyBadConfig, Msg: bad.Error(),
				Hint: "Correct each and apply the configuration again; nothing was changed.", Err: bad}
		}
	}
	return o.Engine.Do(ctx, r)
}

// unprintable lists the words that the slip's typeface can't set.
func unprintable(c *queue.Config) queue.Problems {
	var problems queue.Problems
	check := func(field string, t queue.Text) {
		for _, l := range c.Languages {
			if err := printer.CheckText(t[l]); err != nil {
				problems = append(problems, queue.Problem{Field: field + "." + l, Value: t[l], Msg: err.Error(),
					Hint: "Take the character out, or write it otherwise."})
			}
		}
	}
	check("centre.unit", c.Centre.Unit)
	check("centre.name", c.Centre.Name)
	check("centre.slip", c.Centre.Slip)
	for i := range c.Categories {
		check(fmt.Sprintf("categories[%d].name", i), c.Categories[i].Name)
		check(fmt.Sprintf("categories[%d].area", i), c.Categories[i].Area)
	}
	for i := range c.Classes {
		check(fmt.Sprintf("classes[%d].name", i), c.Classes[i].Name)
	}
	return problems
}
