package web

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"os"
	"path"
	"strings"
)

// Options of a Web; the zero value serves the embedded files.
type Options struct {
	// Dev is a folder holding templates, static and i18n to serve instead of
	// the embedded ones. It is read again for every page.
	Dev string
}

// Web draws pages and serves their files. It is safe for concurrent use.
type Web struct {
	dev   string
	built *tree // nil with Dev
}

// tree is one state of the folder, read and checked.
type tree struct {
	fs, static fs.FS
	hash       string
	etags      map[string]string // by path below static
	faces      map[string]*template.Template
	modules    map[string][]string
	catalogue
}

// New reads and checks the files. A broken template or message is an error
// that names its file.
func New(o Options) (*Web, error) {
	w := &Web{dev: o.Dev}
	t, err := w.tree()
	if err != nil {
		return nil, err
	}
	if o.Dev == "" {
		w.built = t
	}
	return w, nil
}

// tree returns the files as they are now.
func (w *Web) tree() (*tree, error) {
	switch {
	case w.built != nil:
		return w.built, nil
	case w.dev != "":
		return readTree(os.DirFS(w.dev))
	default:
		return readTree(embedded)
	}
}

func readTree(root fs.FS) (*tree, error) {
	static, err := fs.Sub(root, "static")
	if err != nil {
		return nil, fmt.Errorf("open static files: %w", err)
	}
	t := &tree{fs: root, static: static, etags: map[string]string{}}
	if err := t.sum(); err != nil {
		return nil, err
	}
	words, err := fs.Sub(root, "i18n")
	if err != nil {
		return nil, fmt.Errorf("open texts: %w", err)
	}
	if t.catalogue, err = readCatalogue(words); err != nil {
		return nil, err
	}
	if err := t.findModules(); err != nil {
		return nil, err
	}
	if err := t.parseFaces(); err != nil {
		return nil, err
	}
	return t, nil
}

// sum hashes every static file and, over names and contents, the whole tree.
func (t *tree) sum() error {
	all := sha256.New()
	err := fs.WalkDir(t.static, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(path.Base(name), ".") {
			return err
		}
		b, err := fs.ReadFile(t.static, name)
		if err != nil {
			return err
		}
		one := sha256.Sum256(b)
		t.etags[name] = `"` + hex.EncodeToString(one[:12]) + `"`
		fmt.Fprintf(all, "%s\x00%x\n", name, one)
		return nil
	})
	if err != nil {
		return fmt.Errorf("hash static files: %w", err)
	}
	t.hash = hex.EncodeToString(all.Sum(nil)[:8])
	return nil
}

func (t *tree) has(name string) bool { return t.etags[name] != "" }

// Hash identifies the static files; it is part of their addresses.
func (w *Web) Hash() string {
	t, err := w.tree()
	if err != nil {
		return "" // a folder being edited; Render says what is wrong
	}
	return t.hash
}

// Text returns a message in a language, in Vietnamese when that language has
// none, or the key itself when nobody has one, so that a gap is seen.
func (w *Web) Text(lang, key string, args map[string]any) string {
	t, err := w.tree()
	if err != nil {
		return key
	}
	return t.text(lang, key, args)
}

// Languages returns the languages that have texts, Vietnamese first.
func (w *Web) Languages() []string {
	t, err := w.tree()
	if err != nil {
		return nil
	}
	return append([]string(nil), t.languages...)
}
