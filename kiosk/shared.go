package kiosk

import (
	"motcua/printer"
	"motcua/queue"
)

// SharedSlips are slips that say what those of a centre share and nothing of
// one ticket: for each language what stands on all of them, each category with
// where to wait, and each mark. A printer may keep their pictures. The hall's
// first language comes first, as memory may not hold all. link is any link, or
// "" where slips have none.
func SharedSlips(s *queue.State, link string, w Words) []printer.Slip {
	cfg := s.Config
	if cfg == nil {
		return nil
	}
	var slips []printer.Slip
	for _, in := range cfg.Languages {
		languages := preferred(cfg, in)
		base := printer.Slip{
			Unit: cfg.Centre.Unit.In(languages...), Centre: cfg.Centre.Name.In(languages...),
			Rows:   []printer.Row{{Label: w.Text(in, "slip.ahead", nil)}},
			Notice: cfg.Centre.Slip.In(languages...),
			Link:   link,
		}
		if link != "" {
			base.LinkHint = w.Text(in, "slip.link", nil)
		}
		slips = append(slips, base)
		for i := range cfg.Points {
			p := &cfg.Points[i]
			for j := range cfg.Categories {
				c := &cfg.Categories[j]
				if !cfg.Offered(c.ID, p.ID) {
					continue
				}
				slip := printer.Slip{Category: c.Name.In(languages...)}
				if len(cfg.Points) > 1 {
					slip.Rows = append(slip.Rows, printer.Row{Label: w.Text(in, "slip.point", nil), Value: p.Name.In(languages...)})
				}
				if there := where(s, c.ID, p.ID, languages, w); there != "" {
					slip.Rows = append(slip.Rows, printer.Row{Label: w.Text(in, "slip.where", nil), Value: there})
				}
				slips = append(slips, slip)
			}
		}
		for i := range cfg.Classes {
			if k := &cfg.Classes[i]; k.Mark {
				slips = append(slips, printer.Slip{Mark: k.Name.In(languages...)})
			}
		}
	}
	return slips
}
