package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// binary builds the real daemon once for all tests of the package, and motcua
// beside it.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "motcuad")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "motcuad")
	out, err := exec.Command("go", "build", "-o", dir, ".", "../motcua", "../motcua-kiosk").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build the commands: %w\n%s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	if dir := os.Getenv(asBrowser); dir != "" {
		browse(dir, os.Args[len(os.Args)-1])
	}
	code := m.Run()
	if path, err := binary(); err == nil {
		os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// process is a running motcuad.
type process struct {
	t    *testing.T
	cmd  *exec.Cmd
	base string // http://127.0.0.1:port
	out  bytes.Buffer
	errs bytes.Buffer
	mu   sync.Mutex // protects out
	done chan struct{}
}

var address = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

// start runs motcuad --demo on a data folder and waits until it says where to look.
func start(t *testing.T, data string, args ...string) *process {
	t.Helper()
	return launch(t, append([]string{"--demo", "--listen", "127.0.0.1:0", "--data", data}, args...)...)
}

// launch runs motcuad with these flags alone.
func launch(t *testing.T, args ...string) *process {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, done: make(chan struct{})}
	p.cmd = exec.Command(path, args...)
	p.cmd.Stderr = &p.errs
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	found := make(chan string, 1)
	go func() {
		defer close(p.done)
		lines := bufio.NewScanner(stdout)
		for lines.Scan() {
			p.mu.Lock()
			p.out.WriteString(lines.Text() + "\n")
			p.mu.Unlock()
			if a := address.FindString(lines.Text()); a != "" {
				select {
				case found <- a:
				default:
				}
			}
		}
		p.cmd.Wait()
	}()
	t.Cleanup(p.kill)
	select {
	case p.base = <-found:
	case <-p.done:
		t.Fatalf("motcuad ended at start:\n%s", p.errs.String())
	case <-time.After(30 * time.Second):
		t.Fatal("motcuad did not say where it listens")
	}
	return p
}

// refused runs motcuad, which must end by itself and not well, and returns what
// it says on the way out.
func refused(t *testing.T, args ...string) string {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var errs bytes.Buffer
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Stderr = &errs
	if err := cmd.Run(); err == nil || ctx.Err() != nil || cmd.ProcessState.ExitCode() != 1 {
		t.Fatalf("motcuad %s: %v (%v), want exit status 1:\n%s", strings.Join(args, " "), err, ctx.Err(), errs.String())
	}
	return errs.String()
}

// says fails the test for each of the words that a message lacks.
func says(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("lacks %q:\n%s", w, text)
		}
	}
}

// kill is kill -9, and waits for the end.
func (p *process) kill() {
	p.cmd.Process.Kill()
	<-p.done
}

// stop asks it to end and expects that it does so well.
func (p *process) stop() {
	p.t.Helper()
	p.cmd.Process.Signal(os.Interrupt)
	select {
	case <-p.done:
	case <-time.After(15 * time.Second):
		p.t.Fatal("motcuad did not end after an interrupt")
	}
	if code := p.cmd.ProcessState.ExitCode(); code != 0 {
		p.t.Errorf("exit %d after an interrupt:\n%s", code, p.errs.String())
	}
}

// post sends a command and decodes the answer; an error is one of transport.
func (p *process) post(path, key, body string, into any) (int, error) {
	r, err := http.NewRequest("POST", p.base+"/api/v1"+path, strings.NewReader(body))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Content-Type", "application/json")
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err
	}
	if into != nil {
		if err := json.Unmarshal(b, into); err != nil {
			return resp.StatusCode, fmt.Errorf("answer %q: %w", b, err)
		}
	}
	return resp.StatusCode, nil
}

// get reads JSON that must be there.
func (p *process) get(path string, into any) {
	p.t.Helper()
	if err := p.read(path, into); err != nil {
		p.t.Fatal(err)
	}
}

// read reads JSON of a daemon that may be dead.
func (p *process) read(path string, into any) error {
	resp, err := http.Get(p.base + path)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != 200 {
		return fmt.Errorf("GET %s: %d %s %v", path, resp.StatusCode, b, err)
	}
	if err := json.Unmarshal(b, into); err != nil {
		return fmt.Errorf("GET %s: %w in %s", path, err, b)
	}
	return nil
}
