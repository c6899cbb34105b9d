package web

import (
	"embed"
	"io/fs"
)

// embedded is the folder as it was when the binary was built: what is
// committed is what is served.
//
//go:embed templates static i18n
var embedded embed.FS

// Files returns the embedded tree of templates, static files and words.
func Files() fs.FS { return embedded }
