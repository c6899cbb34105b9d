package escpos

import "motcua/printer"

// EncodeRuler encodes a ruler as wide as the profile says the paper is, as one
// complete job like a slip's.
func (p *Protocol) EncodeRuler(id printer.JobID) printer.Job {
	r := printer.Ruler(p.profile.WidthDots, p.profile.DPI)
	b, _ := p.picture(p.prologue(nil), r, 0, r.Height, 0)
	return p.finish(b, id)
}
