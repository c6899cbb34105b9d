// Command deb makes a Debian package of a description in nfpm's format:
//
//	deb packaging/nfpm.yaml build/deb
//
// It prints the package's path. What the description names in ${…} comes from
// the environment.
//
// nfpm is used as a library, since its own command also links the makers of
// other systems' packages, whose modules are not needed here.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/goreleaser/nfpm/v2"
	_ "github.com/goreleaser/nfpm/v2/deb"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: deb DESCRIPTION FOLDER")
		os.Exit(2)
	}
	path, err := pack(os.Args[1], os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, "deb:", err)
		os.Exit(1)
	}
	fmt.Println(path)
}

func pack(description, folder string) (_ string, err error) {
	config, err := nfpm.ParseFile(description)
	if err != nil {
		return "", fmt.Errorf("read %s: %w", description, err)
	}
	info, err := config.Get("deb")
	if err != nil {
		return "", fmt.Errorf("read %s: %w", description, err)
	}
	info = nfpm.WithDefaults(info)
	if err := nfpm.PrepareForPackager(info, "deb"); err != nil {
		return "", fmt.Errorf("prepare %s: %w", description, err)
	}
	maker, err := nfpm.Get("deb")
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", err
	}
	path := filepath.Join(folder, maker.ConventionalFileName(info))
	f, err := os.Create(path)
	if err != nil {
		return "", err
	}
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
		if err != nil {
			os.Remove(path)
		}
	}()
	return path, maker.Package(info, f)
}
