package httpapi_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"motcua/internal/web"
	"motcua/queue"
)

// TestEveryReasonHasWords finds each code and reason that the sources name
// together, whether in a queue.Error, a call of the domain's refuse or the
// table of HTTP's own refusals, and wants its words and its hint in every
// language. A refusal somebody adds can thus not reach a person unspoken.
func TestEveryReasonHasWords(t *testing.T) {
	pages, err := web.New(web.Options{})
	if err != nil {
		t.Fatal(err)
	}
	found := reasonsInSources(t, "../..")
	// One of each way of writing, so that a change of style does not empty the list.
	for _, must := range []string{"closed.day_closed", "invalid.config", "unavailable.outcome_unknown", "denied.role", "not_found.link", "invalid.method"} {
		if !slices.Contains(found, must) {
			t.Errorf("%s is not found in the sources; got %v", must, found)
		}
	}
	for _, reason := range found {
		// The domain's own mistakes go to the log; a person is told "internal" alone.
		if strings.HasPrefix(reason, "internal.") && reason != "internal.internal" {
			continue
		}
		for _, lang := range pages.Languages() {
			for _, key := range []string{"error." + reason, "error." + reason + ".hint"} {
				// Text falls back to the source language: the same words in
				// two languages are a gap too.
				text := pages.Text(lang, key, map[string]any{"wait": 5})
				if text == key || lang != "vi" && text == pages.Text("vi", key, map[string]any{"wait": 5}) {
					t.Errorf("i18n/%s/errors.json has no %s", lang, key)
				}
			}
		}
	}
	t.Logf("%d refusals", len(found))
}

// reasonsInSources returns every "code.reason" in the Go files below root but
// those of tests.
func reasonsInSources(t *testing.T, root string) []string {
	t.Helper()
	var files []*ast.File
	set := token.NewFileSet()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && d.Name() != ".." || d.Name() == "testdata" || d.Name() == "tools") && path != root {
			return fs.SkipDir
		}
		if d.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(set, path, src, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		files = append(files, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}

	// What the names of codes and reasons stand for. An alias of another
	// constant is followed by name: the names are the same in every package.
	consts := map[string]ast.Expr{}
	for _, f := range files {
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.CONST {
				continue
			}
			for _, s := range g.Specs {
				v := s.(*ast.ValueSpec)
				for i, name := range v.Names {
					if i < len(v.Values) && (strings.HasPrefix(strings.ToLower(name.Name), "why") || isCode(v.Type)) {
						consts[name.Name] = v.Values[i]
					}
				}
			}
		}
	}
	var value func(e ast.Expr) (string, bool)
	value = func(e ast.Expr) (string, bool) {
		switch x := e.(type) {
		case *ast.BasicLit:
			s, err := strconv.Unquote(x.Value)
			return s, err == nil && s != ""
		case *ast.Ident:
			if c, ok := consts[x.Name]; ok {
				return value(c)
			}
		case *ast.SelectorExpr:
			return value(x.Sel)
		}
		return "", false
	}
	codes := []queue.Code{queue.Conflict, queue.Invalid, queue.NotFound, queue.Denied, queue.Closed, queue.Unavailable, queue.Internal}
	var all []string
	pair := func(code, reason ast.Expr) {
		c, ok := value(code)
		r, ok2 := value(reason)
		if ok && ok2 && slices.Contains(codes, queue.Code(c)) { // else a table of something else
			all = append(all, c+"."+r)
		}
	}
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			switch x := n.(type) {
			case *ast.CallExpr:
				if name, ok := x.Fun.(*ast.Ident); ok && name.Name == "refuse" && len(x.Args) > 1 {
					pair(x.Args[0], x.Args[1])
				}
			case *ast.CompositeLit:
				var code, reason ast.Expr
				for _, e := range x.Elts {
					kv, ok := e.(*ast.KeyValueExpr)
					if !ok {
						continue
					}
					if key, ok := kv.Key.(*ast.Ident); ok && key.Name == "Code" {
						code = kv.Value
					} else if ok && key.Name == "Reason" {
						reason = kv.Value
					}
					// A row of the table: a reason, then {code, status, …}.
					if row, ok := kv.Value.(*ast.CompositeLit); ok && len(row.Elts) > 2 {
						pair(row.Elts[0], kv.Key)
					}
				}
				if code != nil && reason != nil {
					pair(code, reason)
				}
			}
			return true
		})
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func isCode(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == "Code"
}
