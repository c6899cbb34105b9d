package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The operator's command line is built and looked through, as for a package.
func TestCollect(t *testing.T) {
	t.Chdir("../..")
	dir := t.TempDir()
	libc := filepath.Join(dir, "copyright")
	if err := os.WriteFile(libc, []byte("the C library's words"), 0o600); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "motcua")
	if out, err := exec.Command("go", "build", "-o", program, "./cmd/motcua").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	texts, err := collect([]string{program}, libc)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := write(&b, texts); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"==== github.com/mattn/go-sqlite3 v", "==== github.com/alecthomas/kong v", "Redistributions in binary form must reproduce",
		"==== Go and its standard library: LICENSE",
		"internal/fonts: OFL.txt", "be-vietnam-pro-OFL.txt", "SIL OPEN FONT LICENSE",
		"static/vendor: preact.LICENSES.txt", "the C library's words",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("lacks %q", want)
		}
	}
}

// Nothing is handed out without its author's words.
func TestWithoutALicence(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "face.woff2"), []byte("glyphs"), 0o600); err != nil {
		t.Fatal(err)
	}
	refused := func(what string) {
		t.Helper()
		if _, err := embedded(dir); err == nil || !strings.Contains(err.Error(), "no licence text") {
			t.Errorf("%s: %v", what, err)
		}
	}
	refused("a typeface alone")
	if err := os.WriteFile(filepath.Join(dir, "OFL.txt"), []byte("\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	refused("an empty licence")
	if err := os.WriteFile(filepath.Join(dir, "OFL.txt"), []byte("words\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	texts, err := embedded(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := []text{{of: "what is embedded from " + dir, file: "OFL.txt", body: []byte("words\n")}}
	if diff := cmp.Diff(want, texts, cmp.AllowUnexported(text{})); diff != "" {
		t.Errorf("with its licence (-want +got):\n%s", diff)
	}
}
