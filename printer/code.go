package printer

import (
	"fmt"
	"strings"
)

// LinkCode is a link's QR code to be drawn on a screen: an SVG path in units of
// one module, on Size × Size of them, without the quiet zone of four.
type LinkCode struct {
	Size int
	Path string
}

// NewLinkCode encodes a link as slips carry it. An empty link gives the zero
// LinkCode; the error is that of a link that is too long.
func NewLinkCode(link string) (LinkCode, error) {
	if link == "" {
		return LinkCode{}, nil
	}
	q := encodeLink(link)
	if q.err != nil {
		return LinkCode{}, q.err
	}
	c := LinkCode{Size: q.barcode.Bounds().Dx()}
	var path strings.Builder
	for y := range c.Size {
		for x := 0; x < c.Size; x++ {
			from := x
			for x < c.Size && dark(q, x, y) {
				x++
			}
			if x > from {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", from, y, x-from, x-from)
			}
		}
	}
	c.Path = path.String()
	return c, nil
}

func dark(q qrCode, x, y int) bool {
	r, _, _, _ := q.barcode.At(x, y).RGBA()
	return r == 0
}
