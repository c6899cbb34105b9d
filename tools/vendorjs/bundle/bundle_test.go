package bundle_test

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"motcua/tools/vendorjs/bundle"
)

// vendor is where the pages take the files from.
const vendor = "../../../internal/web/static/vendor"

func TestWhatThePagesServeIsWhatTheSourcesMake(t *testing.T) {
	built, err := bundle.Build()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]byte{
		bundle.ScriptName:  built.Script,
		bundle.LicenceName: built.Licences,
	} {
		got, err := os.ReadFile(filepath.Join(vendor, name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s differs from what its sources make (%d bytes, %d made): run `go run ./vendorjs` in tools", name, len(got), len(want))
		}
	}
}

func TestBundleStaysSmallAndNeedsNoEval(t *testing.T) {
	built, err := bundle.Build()
	if err != nil {
		t.Fatal(err)
	}
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	if _, err := w.Write(built.Script); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes, %d gzipped", len(built.Script), z.Len())
	if z.Len() > 12<<10 {
		t.Errorf("the bundle has %d bytes gzipped; pages with a budget of 45 KB cannot spend more than 12 KB on it", z.Len())
	}
	for _, word := range []string{"eval(", "new Function", "Function("} {
		if strings.Contains(string(built.Script), word) {
			t.Errorf("the bundle contains %q, which the pages' content security policy forbids", word)
		}
	}
}

func TestEveryPackageHasItsLicence(t *testing.T) {
	built, err := bundle.Build()
	if err != nil {
		t.Fatal(err)
	}
	packages, err := bundle.Verify()
	if err != nil {
		t.Fatal(err)
	}
	if len(packages) != 4 {
		t.Errorf("packages in the bundle = %v, want 4", packages)
	}
	for _, p := range packages {
		if !bytes.Contains(built.Licences, []byte(p)) {
			t.Errorf("%s has no licence text", p)
		}
	}
}
