// Package fonts embeds the typeface of tickets: Noto Sans, complete for
// Vietnamese and for the minority languages' letters and marks (hardware.md
// §3.6). The licence stands beside the files.
package fonts

import _ "embed" // the files below

//go:embed NotoSans-Regular.ttf
var regular string

//go:embed NotoSans-Bold.ttf
var bold string

// Regular is Noto Sans Regular as a TrueType file.
func Regular() string { return regular }

// Bold is Noto Sans Bold as a TrueType file.
func Bold() string { return bold }
