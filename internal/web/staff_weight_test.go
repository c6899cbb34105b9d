package web_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"path"
	"regexp"
	"testing"
)

// TestStaffFacesWeigh holds the staff faces to their budget: 60 KB gzipped
// without fonts, the page itself with its texts and snapshot included.
func TestStaffFacesWeigh(t *testing.T) {
	link := regexp.MustCompile(`(?:href|src)="(/a/[^"#]+)"`)
	for face, open := range map[string]*fakeCentre{
		"console": newFakeCentre(t, busyDesk(), consolePage),
		"demo":    newFakeCentre(t, demoState(), demoPage(t)),
	} {
		total, requests := 0, 0
		weigh := func(url string) []byte {
			resp, err := http.Get(open.URL + url)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			b, err := io.ReadAll(resp.Body)
			if err != nil || resp.StatusCode != http.StatusOK {
				t.Fatalf("%s: %d %v", url, resp.StatusCode, err)
			}
			var z bytes.Buffer
			w := gzip.NewWriter(&z)
			_, _ = w.Write(b) // memory takes everything
			_ = w.Close()
			total += z.Len()
			requests++
			return b
		}
		for _, m := range link.FindAllStringSubmatch(string(weigh("/"+face)), -1) {
			if path.Ext(m[1]) != ".woff2" {
				weigh(m[1])
			}
		}
		t.Logf("%s: %.1f KB in %d requests without fonts", face, float64(total)/1000, requests)
		if total > 60_000 {
			t.Errorf("%s weighs %.1f KB, want at most 60", face, float64(total)/1000)
		}
	}
}
