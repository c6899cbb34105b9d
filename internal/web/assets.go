package web

import (
	"bytes"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

// types are set by hand: the system's table may be empty or wrong, and with
// nosniff a module of the wrong type does not run.
var types = map[string]string{
	".css":   "text/css; charset=utf-8",
	".js":    "text/javascript; charset=utf-8",
	".json":  "application/json",
	".html":  "text/html; charset=utf-8",
	".svg":   "image/svg+xml",
	".png":   "image/png",
	".woff2": "font/woff2",
	".txt":   "text/plain; charset=utf-8",
	".wav":   "audio/wav",
}

// Assets serves the static files at /a/<hash>/<name>. The hash is in the path
// and not behind a "?" because relative imports and url() drop the query. With
// the present hash a file may be kept for ever; with any other the present
// file is answered, but not kept, so that a page from before an update works.
func (w *Web) Assets() http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			rw.Header().Set("Allow", "GET, HEAD")
			http.Error(rw, "only GET", http.StatusMethodNotAllowed)
			return
		}
		t, err := w.tree()
		if err != nil {
			http.Error(rw, "the page's files are being changed; try again", http.StatusInternalServerError)
			return
		}
		hash, name, ok := strings.Cut(strings.TrimPrefix(r.URL.Path, "/a/"), "/")
		if !ok || !t.has(name) {
			http.NotFound(rw, r)
			return
		}
		b, err := fs.ReadFile(t.static, name)
		if err != nil {
			http.NotFound(rw, r)
			return
		}
		if ext := path.Ext(name); ext == ".js" || ext == ".css" {
			b = withoutComments(b)
		}
		h := rw.Header()
		if ct := types[path.Ext(name)]; ct != "" {
			h.Set("Content-Type", ct)
		}
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("ETag", t.etags[name])
		if hash == t.hash && w.dev == "" {
			h.Set("Cache-Control", "public, max-age=31536000, immutable")
		} else {
			h.Set("Cache-Control", "no-store")
		}
		http.ServeContent(rw, r, name, time.Time{}, bytes.NewReader(b))
	})
}
