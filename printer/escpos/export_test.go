package escpos

import "motcua/printer"

// Picture lets tests encode rasters no slip would make.
func (p *Protocol) Picture(r *printer.Raster) []byte {
	b, _ := p.picture(nil, r, 0, r.Height, 0)
	return b
}

// Job is a whole job with a picture no slip would make.
func (p *Protocol) Job(r *printer.Raster) []byte {
	b, _ := p.picture(p.prologue(nil), r, 0, r.Height, 0)
	return p.finish(b, 42).Bytes
}
