package printer

// rulerHeight is how high a ruler's longest marks are, in millimetres.
const rulerHeight = 8

// Ruler draws a ruler across paper of the given width in dots, 256 to 832, at
// dpi dots per inch: a mark each millimetre, longer ones each 5 and 10, and a
// bar of two dots at either edge. A width that is too large for a printer loses
// the right bar or wraps the marks into a muddle; one that is too small leaves
// the bar away from the paper's edge.
func Ruler(width, dpi int) *Raster {
	mm := func(n int) int { return n * dpi * 10 / 254 } // n millimetres in dots
	high := mm(rulerHeight)
	r := NewRaster(width, high)
	for n := 0; mm(n) < width; n++ {
		length := high / 4
		switch {
		case n%10 == 0:
			length = high
		case n%5 == 0:
			length = high / 2
		}
		r.fill(mm(n), 0, mm(n)+1, length)
	}
	r.fill(0, 0, 2, high)
	r.fill(width-2, 0, width, high)
	r.fill(0, 0, width, 2)
	return r
}
