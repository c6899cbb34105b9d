package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"
	"testing"

	"motcua/internal/browsertest"
)

// TestPagesStayHome opens every page of the real daemon and looks at what the
// browser loads for it: nothing from another host; without fonts and the tab's
// icon at most 15 files beside the page, and no more than the face's budget in
// KB, gzipped, the page included.
func TestPagesStayHome(t *testing.T) {
	p := start(t, t.TempDir())
	ticket := must[takenTicket](p, "/tickets", `{"category":"A"}`)
	b := browsertest.Start(t)
	for _, page := range []struct {
		path   string
		budget int // KB
	}{
		{"/demo", 60}, {"/display", 45}, {"/display/basic", 12}, {"/console", 60}, {"/console/3", 60},
		{"/sign-in", 25}, {"/nothing", 25}, {strings.TrimPrefix(ticket.Link, p.base), 25},
	} {
		tab := b.Tab(t, 1366, 768)
		tab.Open(p.base + page.path)
		loaded := browsertest.Eval[[]string](tab, `[location.href, ...performance.getEntriesByType('resource').filter(e => e.initiatorType !== 'iframe').map(e => e.name)]`)
		total, files := 0, -1 // the page itself is no file beside it
		for _, url := range loaded {
			if !strings.HasPrefix(url, p.base+"/") {
				t.Errorf("%s loads %s", page.path, url)
				continue
			}
			if path.Ext(url) == ".woff2" || path.Base(url) == "favicon.svg" || strings.HasSuffix(path.Dir(url), "/demo/paper") {
				continue
			}
			total += weigh(t, url)
			files++
		}
		if files > 15 {
			t.Errorf("%s loads %d files, want at most 15: %s", page.path, files, strings.Join(loaded, " "))
		}
		t.Logf("%-16.16s %5.1f KB, %d files", page.path, float64(total)/1000, files)
		if total > page.budget*1000 {
			t.Errorf("%s weighs %.1f KB, want at most %d", page.path, float64(total)/1000, page.budget)
		}
		tab.Problems() // "/nothing" is a 404
	}
}

// weigh is the size of what an address answers, gzipped, in bytes.
func weigh(t *testing.T, url string) int {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	if _, err := io.Copy(w, resp.Body); err != nil {
		t.Fatal(fmt.Errorf("read %s: %w", url, err))
	}
	w.Close() // memory takes everything
	return z.Len()
}
