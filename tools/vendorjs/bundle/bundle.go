package bundle

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

//go:embed src
var sources embed.FS

// Names of the two files Build makes, both in internal/web/static/vendor.
const (
	ScriptName  = "preact.js"
	LicenceName = "preact.LICENSES.txt"
)

// modules says which committed file answers each import.
var modules = map[string]string{
	"preact":               "preact/preact.module.js",
	"preact/hooks":         "preact/hooks.module.js",
	"@preact/signals":      "signals/signals.module.js",
	"@preact/signals-core": "signals-core/signals-core.module.js",
	"htm":                  "htm/htm.module.js",
}

// Built is what the pages serve.
type Built struct {
	Script   []byte // an ES module for Chrome 87 and Safari 14
	Licences []byte // the texts of every package in it
}

// Build checks the sources against their lock and bundles them. The same
// sources give the same bytes.
func Build() (Built, error) {
	packages, err := Verify()
	if err != nil {
		return Built{}, err
	}
	entry, err := sources.ReadFile("src/entry.js")
	if err != nil {
		return Built{}, fmt.Errorf("read entry: %w", err)
	}
	result := api.Build(api.BuildOptions{
		Stdin:             &api.StdinOptions{Contents: string(entry), Sourcefile: "entry.js"},
		Bundle:            true,
		Format:            api.FormatESModule,
		Engines:           []api.Engine{{Name: api.EngineChrome, Version: "87"}, {Name: api.EngineSafari, Version: "14"}},
		MinifySyntax:      true,
		MinifyWhitespace:  true,
		MinifyIdentifiers: true,
		LegalComments:     api.LegalCommentsNone, // the texts stand in LicenceName
		Charset:           api.CharsetUTF8,
		Banner:            map[string]string{"js": "// " + strings.Join(packages, ", ") + "; licences in " + LicenceName},
		Plugins:           []api.Plugin{fromSources()},
		LogLevel:          api.LogLevelSilent,
	})
	if len(result.Errors) > 0 {
		var all error
		for _, m := range result.Errors {
			all = errors.Join(all, errors.New(m.Text))
		}
		return Built{}, fmt.Errorf("bundle sources: %w", all)
	}
	if n := len(result.OutputFiles); n != 1 {
		return Built{}, fmt.Errorf("bundle sources: %d files instead of one", n)
	}
	texts, err := licences(packages)
	if err != nil {
		return Built{}, err
	}
	return Built{Script: result.OutputFiles[0].Contents, Licences: texts}, nil
}

// Verify compares every committed source with the lock and returns the
// packages, name@version, in its order. The error names each file that differs.
func Verify() ([]string, error) {
	lock, err := sources.ReadFile("src/LOCK")
	if err != nil {
		return nil, fmt.Errorf("read lock: %w", err)
	}
	var packages []string
	var wrong error
	for n, line := range strings.Split(string(lock), "\n") {
		f := strings.Fields(line)
		switch {
		case len(f) == 0 || strings.HasPrefix(line, "#"):
		case len(f) == 3 && f[0] == "package":
			packages = append(packages, f[1])
		case len(f) == 3 && len(f[0]) == 2*sha256.Size:
			b, err := sources.ReadFile("src/" + f[1])
			if err != nil {
				wrong = errors.Join(wrong, fmt.Errorf("lock line %d: %w", n+1, err))
				continue
			}
			sum := sha256.Sum256(b)
			if got := hex.EncodeToString(sum[:]); got != f[0] {
				wrong = errors.Join(wrong, fmt.Errorf("%s has hash %s, the lock says %s: take it from the published archive again", f[1], got, f[0]))
			}
		default:
			wrong = errors.Join(wrong, fmt.Errorf("lock line %d is neither a package nor a file", n+1))
		}
	}
	if wrong != nil {
		return nil, fmt.Errorf("verify sources: %w", wrong)
	}
	return packages, nil
}

// fromSources answers imports from the committed files alone: nothing is
// looked up on the disk of whoever builds.
func fromSources() api.Plugin {
	return api.Plugin{Name: "sources", Setup: func(b api.PluginBuild) {
		b.OnResolve(api.OnResolveOptions{Filter: `.*`}, func(a api.OnResolveArgs) (api.OnResolveResult, error) {
			path, ok := modules[a.Path]
			if !ok {
				return api.OnResolveResult{}, fmt.Errorf("no committed source answers the import %q", a.Path)
			}
			return api.OnResolveResult{Path: path, Namespace: "sources"}, nil
		})
		b.OnLoad(api.OnLoadOptions{Filter: `.*`, Namespace: "sources"}, func(a api.OnLoadArgs) (api.OnLoadResult, error) {
			text, err := sources.ReadFile("src/" + a.Path)
			if err != nil {
				return api.OnLoadResult{}, fmt.Errorf("load source: %w", err)
			}
			s := string(text)
			return api.OnLoadResult{Contents: &s, Loader: api.LoaderJS}, nil
		})
	}}
}

// licences joins the packages' texts, each under its packages' names; equal
// texts stand once.
func licences(packages []string) ([]byte, error) {
	var out bytes.Buffer
	byText := map[string][]string{}
	var order []string
	for _, p := range packages {
		name := p[:strings.LastIndexByte(p, '@')]
		text, err := sources.ReadFile("src/" + strings.TrimPrefix(name, "@preact/") + "/LICENSE")
		if err != nil {
			return nil, fmt.Errorf("read licence of %s: %w", p, err)
		}
		s := string(text)
		if byText[s] == nil {
			order = append(order, s)
		}
		byText[s] = append(byText[s], p)
	}
	for i, text := range order {
		if i > 0 {
			out.WriteString("\n\n")
		}
		fmt.Fprintf(&out, "==== %s ====\n\n%s\n", strings.Join(byText[text], ", "), strings.TrimSpace(text))
	}
	return out.Bytes(), nil
}
