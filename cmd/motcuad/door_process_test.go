package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// kioskProcess is a running motcua-kiosk --try.
type kioskProcess struct {
	t    *testing.T
	conf string
	cmd  *exec.Cmd
	base string
	errs bytes.Buffer
}

func (k *kioskProcess) start() {
	k.t.Helper()
	path, err := binary()
	if err != nil {
		k.t.Fatal(err)
	}
	k.cmd = exec.Command(filepath.Join(filepath.Dir(path), "motcua-kiosk"), "--config", k.conf, "--try")
	k.cmd.Stderr = &k.errs
	out, err := k.cmd.StdoutPipe()
	if err != nil {
		k.t.Fatal(err)
	}
	if err := k.cmd.Start(); err != nil {
		k.t.Fatal(err)
	}
	line := make([]byte, 512)
	n, err := out.Read(line)
	_, after, _ := strings.Cut(string(line[:n]), "how it is: ")
	if k.base = address.FindString(after); k.base == "" {
		k.kill()
		k.t.Fatalf("motcua-kiosk says %q %v: %s", line[:n], err, k.errs.String())
	}
	go io.Copy(io.Discard, out)
}

func (k *kioskProcess) kill() {
	k.cmd.Process.Kill()
	k.cmd.Wait()
}

// until waits until the kiosk's health holds, and returns it.
func (k *kioskProcess) until(what string, ok func(h map[string]any) bool) map[string]any {
	k.t.Helper()
	var h map[string]any
	for limit := time.Now().Add(20 * time.Second); time.Now().Before(limit); time.Sleep(20 * time.Millisecond) {
		resp, err := http.Get(k.base + "/health")
		if err != nil {
			continue
		}
		h = nil
		err = json.NewDecoder(resp.Body).Decode(&h)
		resp.Body.Close()
		if err == nil && ok(h) {
			return h
		}
	}
	k.t.Fatalf("the kiosk is never %s: %v\n%s", what, h, k.errs.String())
	return nil
}

func linked(h map[string]any) bool { return h["link"] == "up" && h["printer"] == "silent" }

func (k *kioskProcess) press(b string) {
	k.t.Helper()
	resp, err := http.PostForm(k.base+"/press/"+b, url.Values{})
	if err != nil {
		k.t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 200 { // after the redirect
		k.t.Fatalf("press %s: %s", b, resp.Status)
	}
}

// The real programs: paired by the code in the kiosk's health, pressed, each
// killed at work, revoked.
func TestKioskProcess(t *testing.T) {
	data := t.TempDir()
	p := start(t, data)
	dir := t.TempDir()
	k := &kioskProcess{t: t, conf: filepath.Join(dir, "kiosk.toml")}
	write(t, k.conf, fmt.Sprintf(`centre = %q
plain_http = true
data = %q
status = "127.0.0.1:0"
[printer]
device = %q
[[panel.buttons]]
button = "A"
pin = "GPIO17"
[[panel.buttons]]
button = "B"
pin = "GPIO22"
`, p.base, filepath.Join(dir, "data"), "file://"+filepath.Join(dir, "paper.bin")))
	k.start()
	defer func() { k.kill() }()

	code, _ := k.until("showing a code", func(h map[string]any) bool { return h["pairing_code"] != nil })["pairing_code"].(string)
	if status, out := motcua(t, "device", "list", "--url", p.base); status != 0 || !strings.Contains(out, "waits to be paired: a kiosk at 127.0.0.1") || strings.Contains(out, code) {
		t.Errorf("list: %d %s", status, out)
	}
	if status, out := motcua(t, "device", "pair", "12345x", "--name", "door-2", "--url", p.base); status == 0 || !strings.Contains(out, "six digits") {
		t.Errorf("a code of five: %d %s", status, out)
	}
	if status, out := motcua(t, "device", "pair", code[:3]+" "+code[3:], "--name", "door-2", "--point", "main", "--url", p.base); status != 0 || out != "paired: door-2, a kiosk\n" {
		t.Fatalf("pair: %d %s", status, out)
	}
	k.until("linked", linked)
	label := func(n int) string { return fmt.Sprintf("A%03d", n) }
	printed := func(want string) {
		t.Helper()
		var last string
		for limit := time.Now().Add(20 * time.Second); time.Now().Before(limit); time.Sleep(20 * time.Millisecond) {
			var board struct {
				Tickets []struct{ Label, Slip string }
			}
			if err := p.read("/api/v1/state", &board); err != nil {
				last = err.Error()
				continue
			}
			last = fmt.Sprint(board.Tickets)
			for _, x := range board.Tickets {
				if x.Label == want && x.Slip == "printed" {
					return
				}
			}
		}
		t.Fatalf("%s is not printed: %s\n%s", want, last, k.errs.String())
	}
	k.press("A")
	printed(label(1))

	k.kill()
	k.start()
	k.until("linked again", linked)
	k.press("A")
	printed(label(2))

	at := strings.TrimPrefix(p.base, "http://")
	p.kill()
	k.until("without a link", func(h map[string]any) bool { return h["link"] == "no_link" })
	k.press("A")
	p = start(t, data, "--listen", at)
	k.until("linked to the new daemon", linked)
	time.Sleep(2 * time.Second) // a button counts once in 1.5 s
	k.press("A")
	printed(label(3))

	if status, out := motcua(t, "device", "list", "--url", p.base); status != 0 || !regexp.MustCompile(`(?m)^door-2 +kiosk +main +paired .* by demo +seen \d\d:\d\d`).MatchString(out) {
		t.Errorf("list: %d %s", status, out)
	}
	if status, out := motcua(t, "device", "revoke", "door-2", "--url", p.base); status != 0 || !strings.Contains(out, "revoked: door-2") {
		t.Errorf("revoke: %d %s", status, out)
	}
	k.until("out", func(h map[string]any) bool { return h["link"] == "not_paired" })
	if info, err := os.Stat(filepath.Join(dir, "paper.bin")); err != nil || info.Size() == 0 {
		t.Errorf("no paper: %v %v", info, err)
	}
	if info, err := os.Stat(filepath.Join(dir, "data", "token")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the secret: %v %v", info, err)
	}
}
