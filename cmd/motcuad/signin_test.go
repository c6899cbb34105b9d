package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"motcua/internal/auth"
	"motcua/internal/browsertest"
)

// TestOfficerSignsIn is the first day of a centre that is no demonstration:
// its own file, a token for each post, nobody let in without one.
func TestOfficerSignsIn(t *testing.T) {
	dir := t.TempDir()
	text, err := os.ReadFile("../../internal/config/demo.toml")
	if err != nil {
		t.Fatal(err)
	}
	tokens := map[string]string{}
	machine := fmt.Sprintf("listen = \"127.0.0.1:0\"\ndata = %q\ncentre = %q\n[printer]\ndevice = %q\n",
		filepath.Join(dir, "data"), filepath.Join(dir, "centre.toml"), "file://"+filepath.Join(dir, "slips.bin"))
	for _, role := range []string{"officer", "kiosk", "supervisor"} {
		token, sum := auth.NewToken()
		tokens[role] = token
		machine += fmt.Sprintf("[[access]]\nname = \"post-%s\"\nrole = %q\ntoken_sha256 = %q\n", role, role, sum)
	}
	for name, content := range map[string][]byte{"centre.toml": text, "motcua.toml": []byte(machine)} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p := launch(t, "--config", filepath.Join(dir, "motcua.toml"))
	as := func(role, path, body string, want int) {
		t.Helper()
		r, err := http.NewRequest("POST", p.base+"/api/v1"+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		if role != "" {
			r.Header.Set("Authorization", "Bearer "+tokens[role])
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Fatalf("%s as %q: %d, want %d", path, role, resp.StatusCode, want)
		}
	}
	// The day may be open already, when the machine's clock is vouched for.
	r, err := http.NewRequest("POST", p.base+"/api/v1/day/open", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+tokens["supervisor"])
	if resp, err := http.DefaultClient.Do(r); err != nil {
		t.Fatal(err)
	} else {
		resp.Body.Close()
	}
	as("", "/tickets", `{"category":"A"}`, http.StatusUnauthorized)
	as("kiosk", "/tickets", `{"category":"A"}`, http.StatusCreated)

	tab := browsertest.Start(t).Tab(t, 1366, 768)
	enter := func(token string) {
		t.Helper()
		tab.Wait(`document.querySelector('input[name=password]')`)
		browsertest.Eval[bool](tab, `(() => { document.querySelector('input[name=password]').value = '`+token+`'; return true })()`)
	}
	// Sent by the form itself; the answer is a new page, which is opened anew
	// below because a wait ends with its page.
	send := func() {
		t.Helper()
		browsertest.Eval[bool](tab, `fetch(document.forms[0].action, { method: 'POST', body: new URLSearchParams(new FormData(document.forms[0])) }).then(() => true)`)
	}
	tab.Open(p.base + "/?lang=vi")
	tab.Wait(`!document.querySelector('a[href="/demo"]')`)
	tab.Open(p.base + "/console/3?lang=vi")
	tab.Wait(`location.pathname === '/sign-in' && document.querySelector('input[name=next]').value === '/console/3'`)
	enter("guess")
	send()
	tab.Problems() // 403
	tab.Open(p.base + "/console/3?lang=vi")
	tab.Wait(`location.pathname === '/sign-in'`)
	enter(tokens["officer"])
	send()
	tab.Open(p.base + "/console/3?lang=vi")
	tab.Wait(`location.pathname === '/console/3' && document.body.textContent.includes('Đang đăng nhập: post-officer') && document.querySelector('[data-link="live"]')`)
	tab.Keys("m")
	tab.Wait(`document.body.textContent.includes('Quầy mở từ')`)
	press(tab, "g", `(document.querySelector('#n') && document.querySelector('#n').textContent === 'A001')`)
	if *phones != "" {
		tab.Save(*phones, "console-signed-in.png")
	}
	browsertest.Eval[bool](tab, `fetch('/sign-out', { method: 'POST' }).then(() => true)`)
	tab.Open(p.base + "/console/3?lang=vi")
	tab.Wait(`location.pathname === '/sign-in'`)
	if info, err := os.Stat(filepath.Join(dir, "slips.bin")); err != nil || info.Size() == 0 {
		t.Errorf("no slip in the file: %v", err)
	}
	for _, problem := range tab.Problems() {
		t.Error(problem)
	}
}
