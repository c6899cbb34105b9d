package escpos

import "motcua/printer"

// Picture lets tests encode rasters no slip would make.
func (p *Protocol) Picture(r *printer.Raster) []byte {
	b, _ := p.picture(nil, r, 0, r.Height, 0)
	return b
}
