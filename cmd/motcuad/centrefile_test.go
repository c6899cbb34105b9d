package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"motcua/internal/auth"
)

// A centre's file goes round: out of a running daemon, changed by hand, and in
// again while the hall is full, without losing anybody.
func TestCentreFileInAFullHall(t *testing.T) {
	c := startStaffed(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "centre.toml")
	tokens := map[string]string{}
	for _, role := range []string{"supervisor", "officer"} {
		tokens[role] = filepath.Join(dir, role)
		write(t, tokens[role], c.tokens[role]+"\n")
	}
	bring := func(role string) (int, string) {
		return motcua(t, "centre", "import", file, "--url", c.base, "--token-file", tokens[role])
	}

	status, out := motcua(t, "centre", "export", "--data", c.data, "-o", file)
	if status != 0 {
		t.Fatalf("export: %d %s", status, out)
	}
	if status, out := bring("officer"); status != 0 || !strings.HasPrefix(out, "nothing to change") {
		t.Errorf("import of what is there: %d %s", status, out)
	}

	// Somebody waits for G; counter 2, one of two that serve it, serves another one of it.
	c.must("/counters/2/open", `{}`)
	c.must("/tickets", `{"category":"G"}`)
	c.must("/tickets", `{"category":"G"}`)
	c.must("/counters/2/next", ``)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(string(text), "\n\n")
	for i, b := range blocks {
		switch {
		case strings.Contains(b, "[[series]]\nid = \"G\"\n"), strings.Contains(b, "[[categories]]\nid = \"G\"\n"), strings.Contains(b, "[[counters]]\nid = \"2\"\n"):
			blocks[i] = ""
		case strings.Contains(b, "[[counters]]\nid = \"6\"\n"):
			blocks[i] = strings.Replace(b, `"G", `, "", 1)
		}
	}
	write(t, file, strings.Replace(strings.Join(blocks, "\n\n"), "window = 5\n", "window = 0\n", 1))

	if status, out := bring("officer"); status != 3 || !strings.Contains(out, "motcuad refused it: ") || !strings.Contains(out, "- G: ") {
		t.Errorf("import by an officer: %d %s", status, out)
	}
	status, out = bring("supervisor")
	if status != 0 {
		t.Fatalf("import: %d %s", status, out)
	}
	says(t, out, "categories\n  - G: name = \"Người có công\"", "counters\n  - 2: number = 2", "  ~ 6: skills: − G", "routing\n  ~ window: 5 → 0",
		"applied: centre demo; points: 1, counters: 6, categories: 13,",
		"still in use, and gone at the next opening: series G, category G, counter 2\n",
		"the order of calls changes at the next opening\n")
	if status, out := motcua(t, "centre", "diff", file, "--data", c.data); status != 0 || out != "" {
		t.Errorf("after it the journal differs: %d %s", status, out)
	}
	// Nobody is lost, and nobody new is let in.
	if resp, b := c.send(ask{path: "/api/v1/tickets", body: `{"category":"G"}`}, "en"); resp.StatusCode != 409 {
		t.Errorf("a number for G: %d %s", resp.StatusCode, b)
	}
	// A start with the same file changes nothing, although some of the old is still used.
	applied := func() string {
		t.Helper()
		status, out := motcua(t, "journal", "show", "--data", c.data, "--type", "config.applied.v1", "-n", "0")
		if status != 0 {
			t.Fatal(out)
		}
		return out
	}
	before := applied()
	c.stop()
	c.process = launch(t, "--config", filepath.Join(filepath.Dir(c.data), "motcua.toml"), "--centre", file)
	if after := applied(); strings.Count(before, "\n") != 2 || after != before {
		t.Errorf("applied before and after a start with the same file:\n%s\n%s", before, after)
	}

	// What the daemon refuses is told field by field.
	write(t, file, strings.Replace(string(text), "minutes = 6\n", "minutes = 0\n", 1))
	if status, out := bring("supervisor"); status != 1 || !strings.Contains(out, `categories[0].minutes = "0": is out of range.`) {
		t.Errorf("a wrong file: %d %s", status, out)
	}
}

// The example with every feature is applied as it stands, at a first start and
// by hand, and the daemon says what of its own file does not fit.
func TestWardCentre(t *testing.T) {
	dir := t.TempDir()
	file, data, conf := filepath.Join(dir, "ward.toml"), filepath.Join(dir, "data"), filepath.Join(dir, "motcua.toml")
	status, ward := motcua(t, "centre", "example")
	if status != 0 {
		t.Fatal(status)
	}
	write(t, file, ward)
	token, hash := auth.NewToken()
	write(t, conf, "listen = \"127.0.0.1:0\"\ndata = \""+data+"\"\n[[access]]\nname = \"lead\"\nrole = \"supervisor\"\ntoken_sha256 = \""+hash+"\"\n"+
		"[[access]]\nname = \"desk-12\"\nrole = \"officer\"\ncounter = \"12\"\ntoken_sha256 = \""+strings.Repeat("ab", 32)+"\"\n")
	write(t, filepath.Join(dir, "token"), token)

	// First by hand, into an empty journal.
	p := launch(t, "--config", conf)
	status, out := motcua(t, "centre", "import", file, "--url", p.base, "--token-file", filepath.Join(dir, "token"))
	if status != 0 || !strings.HasPrefix(out, "applied: centre ward; ") {
		t.Fatalf("import: %d %s", status, out)
	}
	// What a file may leave out the daemon does without.
	lean := filepath.Join(dir, "lean.toml")
	var kept []string
	for _, l := range strings.Split(ward, "\n") {
		if !strings.HasPrefix(l, "unit = ") && !strings.Contains(l, "Main hall") && !strings.Contains(l, "Annex (building B)") {
			kept = append(kept, l)
		}
	}
	write(t, lean, strings.Join(kept, "\n"))
	for _, f := range []string{lean, file} {
		if status, out := motcua(t, "centre", "import", f, "--url", p.base, "--token-file", filepath.Join(dir, "token")); status != 0 || !strings.Contains(out, "centre\n  ~ unit.de: ") || !strings.Contains(out, "  ~ annex: name.de: ") {
			t.Errorf("import %s: %d %s", f, status, out)
		}
	}
	p.stop()
	if status, out := motcua(t, "centre", "diff", file, "--data", data); status != 0 {
		t.Errorf("the journal has another centre: %d %s", status, out)
	}

	p = launch(t, "--config", conf, "--centre", file)
	p.stop()
	p.mu.Lock()
	defer p.mu.Unlock()
	says(t, p.out.String(), `motcua.toml does not fit the centre: access[1].counter = "12": the centre has no such counter. Name a counter`)
}
