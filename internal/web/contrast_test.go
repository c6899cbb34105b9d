package web_test

import (
	"io/fs"
	"math"
	"regexp"
	"strconv"
	"testing"

	"motcua/internal/web"
)

var token = regexp.MustCompile(`(?m)^\s*(--[a-z-]+):\s*(#[0-9a-f]{6});`)

// luminance is that of WCAG 2.1 for an sRGB colour.
func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	n, err := strconv.ParseUint(hex[1:], 16, 32)
	if err != nil {
		t.Fatal(err)
	}
	part := func(shift int) float64 {
		c := float64(n>>shift&0xff) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*part(16) + 0.7152*part(8) + 0.0722*part(0)
}

func TestContrast(t *testing.T) {
	css, err := fs.ReadFile(web.Files(), "static/css/tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	colour := map[string]string{}
	for _, m := range token.FindAllSubmatch(css, -1) {
		colour[string(m[1])] = string(m[2])
	}
	check := func(fore, ground string, least float64) {
		t.Helper()
		if colour[fore] == "" || colour[ground] == "" {
			t.Errorf("no colour %s or %s in tokens.css", fore, ground)
			return
		}
		a, b := luminance(t, colour[fore]), luminance(t, colour[ground])
		if ratio := (max(a, b) + 0.05) / (min(a, b) + 0.05); ratio < least {
			t.Errorf("%s on %s: %.2f, want at least %.1f", fore, ground, ratio, least)
		}
	}
	for _, fore := range []string{"text", "muted", "called", "bad", "ok", "warn", "info"} {
		for _, ground := range []string{"--board", "--board-deep"} {
			check("--board-"+fore, ground, 7)
		}
	}
	check("--board", "--board-bad", 7) // the strip that says: not connected
	for _, fore := range []string{"text", "muted", "number", "bad", "ok", "warn", "info"} {
		for _, ground := range []string{"--page", "--page-card"} {
			check("--page-"+fore, ground, 7)
		}
	}
	check("--page-number", "--page-called", 7)
	check("--page-on-act", "--page-act", 7)
	check("--brand-on-primary", "--brand-primary", 7)
	check("--page-edge", "--page", 3)
	check("--page-edge", "--page-card", 3)
	if len(colour) < 20 {
		t.Errorf("only %d colours found in tokens.css", len(colour))
	}
}
