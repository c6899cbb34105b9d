package main

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

// TestListenEverywhere: who listens on all addresses is told one to go to, and
// no slip's code leads to [::].
func TestListenEverywhere(t *testing.T) {
	var out bytes.Buffer
	d, err := Open(t.Context(), flags{Demo: true, Data: t.TempDir(), Listen: ":0"}, &out, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := d.close(); err != nil {
			t.Error(err)
		}
	}()
	d.greet()
	if got := out.String(); strings.Contains(got, "[::]") || !strings.Contains(got, "http://127.0.0.1:") {
		t.Errorf("the start says\n%s", got)
	}
	if strings.Contains(d.links.Base, "[::]") || strings.Contains(d.links.Base, "0.0.0.0") {
		t.Errorf("slips lead to %s", d.links.Base)
	}
}
