// Command vendorjs writes the view library of the live pages,
// internal/web/static/vendor/preact.js, and its licences. Run it in the tools
// folder: go run ./vendorjs
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"motcua/tools/vendorjs/bundle"
)

func main() {
	to := flag.String("to", filepath.Join("..", "internal", "web", "static", "vendor"), "folder to write to")
	flag.Parse()
	if err := write(*to); err != nil {
		fmt.Fprintln(os.Stderr, "vendorjs:", err)
		os.Exit(1)
	}
}

func write(to string) error {
	built, err := bundle.Build()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(to, 0o755); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	for name, b := range map[string][]byte{bundle.ScriptName: built.Script, bundle.LicenceName: built.Licences} {
		if err := os.WriteFile(filepath.Join(to, name), b, 0o644); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	return nil
}
