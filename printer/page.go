package printer

// Page is a slip laid out, with what a printer may know how to draw itself. On
// a lean page all parts stand below each other.
type Page struct {
	*Raster
	Number Number // Text "" = none
	Code   Code   // Link "" = none
	// Shared are rows that other slips may have too, such as the centre's name
	// and the category's; from the top.
	Shared []Part
}

// Part is the rows of a page from Top up to Bottom, without it.
type Part struct{ Top, Bottom int }

// Number is where the number stands, alone in its rows.
type Number struct {
	Part
	X, Width int // dots
	Text     string
}

// Code is where the QR code stands, without its quiet zone; on a lean page
// alone in its rows and in the middle of the paper. Its level is M.
type Code struct {
	Part
	X      int // left edge in dots
	Module int // dots per module
	Link   string
}
