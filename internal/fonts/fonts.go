// Package fonts holds the typefaces of the ticket: Noto Sans Regular and Bold,
// whole, because a subset loses the marks of the minority languages. The
// licence (SIL OFL 1.1) is OFL.txt beside them. Nothing is parsed here.
package fonts

import _ "embed"

//go:embed NotoSans-Regular.ttf
var regular []byte

//go:embed NotoSans-Bold.ttf
var bold []byte

// Regular is the TrueType file of Noto Sans Regular. Callers must not write to it.
func Regular() []byte { return regular }

// Bold is the TrueType file of Noto Sans Bold. Callers must not write to it.
func Bold() []byte { return bold }
