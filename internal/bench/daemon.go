package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"motcua/queue"
)

// daemon is a running motcuad with the demonstration office.
type daemon struct {
	cmd    *exec.Cmd
	base   string // http://127.0.0.1:port
	client *http.Client
	errs   *tail
	ended  chan struct{}
}

// tail keeps the end of what a process says.
type tail struct {
	mu sync.Mutex // protects b
	b  []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, p...)
	if over := len(t.b) - 4096; over > 0 {
		t.b = t.b[over:]
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.b)
}

var address = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

// startDaemon runs the binary on a new data folder below dir, with the printer
// at uri, and returns when it answers and the printer is ready.
func startDaemon(ctx context.Context, binary, dir, printer string) (_ *daemon, err error) {
	machine := filepath.Join(dir, "motcua.toml")
	if err := os.WriteFile(machine, fmt.Appendf(nil, "[printer]\ndevice = %q\n", printer), 0o600); err != nil {
		return nil, fmt.Errorf("write configuration: %w", err)
	}
	d := &daemon{errs: &tail{}, ended: make(chan struct{}), client: &http.Client{
		Timeout:   10 * time.Second,
		Transport: &http.Transport{MaxIdleConnsPerHost: 16},
	}}
	d.cmd = exec.Command(binary, "--demo", "--config", machine, "--listen", "127.0.0.1:0", "--data", filepath.Join(dir, "data"))
	// The bench's own bounds must not bind the daemon.
	d.cmd.Stderr = d.errs
	stdout, err := d.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start daemon: %w", err)
	}
	if err := d.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start daemon: %w", err)
	}
	defer func() {
		if err != nil {
			d.cmd.Process.Kill()
			<-d.ended
		}
	}()
	found := make(chan string, 1)
	go func() {
		defer close(d.ended)
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			if a := address.FindString(lines.Text()); a != "" {
				select {
				case found <- a:
				default:
				}
			}
		}
		_ = d.cmd.Wait() // how it ended is the log's to say
	}()
	select {
	case d.base = <-found:
	case <-d.ended:
		return nil, fmt.Errorf("start daemon: it ended at once:\n%s", d.errs)
	case <-ctx.Done():
		return nil, fmt.Errorf("start daemon: %w", ctx.Err())
	case <-time.After(20 * time.Second):
		return nil, fmt.Errorf("start daemon: it did not say in 20 s where it listens:\n%s", d.errs)
	}
	return d, d.untilPrinterReady(ctx)
}

// untilPrinterReady waits until a press would give paper.
func (d *daemon) untilPrinterReady(ctx context.Context) error {
	return poll(ctx, 10*time.Second, func() (bool, error) {
		var h struct {
			Parts []struct{ Name, Code string }
		}
		if err := d.get(ctx, "/api/v1/health", &h); err != nil {
			return false, err
		}
		for _, p := range h.Parts {
			if p.Name == "printer" {
				return p.Code == "ok", nil
			}
		}
		return false, errors.New("health has no printer")
	}, "the printer is ready")
}

// poll asks done every few milliseconds for as long as patience lasts.
func poll(ctx context.Context, patience time.Duration, done func() (bool, error), what string) error {
	end := time.Now().Add(patience)
	for {
		ok, err := done()
		if err != nil || ok {
			return err
		}
		if time.Now().After(end) {
			return fmt.Errorf("waited %s in vain until %s", patience, what)
		}
		if err := pause(ctx, 5*time.Millisecond); err != nil {
			return err
		}
	}
}

// pause waits, or returns why the run ends.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// stop asks the daemon to end, and kills it when it does not.
func (d *daemon) stop() error {
	if err := d.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop daemon: %w", err)
	}
	select {
	case <-d.ended:
	case <-time.After(10 * time.Second):
		d.cmd.Process.Kill()
		<-d.ended
		return fmt.Errorf("stop daemon: it did not end in 10 s:\n%s", d.errs)
	}
	if code := d.cmd.ProcessState.ExitCode(); code != 0 {
		return fmt.Errorf("stop daemon: status %d:\n%s", code, d.errs)
	}
	return nil
}

// done is the answer to a command.
type done struct {
	Seq    uint64
	Ticket struct {
		ID    queue.TicketID
		Label string
	}
}

// post sends a command of the API; what is no success is an error.
func (d *daemon) post(ctx context.Context, path, body string, into any) error {
	return d.do(ctx, http.MethodPost, "/api/v1"+path, strings.NewReader(body), into)
}

func (d *daemon) get(ctx context.Context, path string, into any) error {
	return d.do(ctx, http.MethodGet, path, nil, into)
}

// try is post for a command that may be refused: it returns the status, and
// decodes what is no refusal.
func (d *daemon) try(ctx context.Context, path, body string, into any) (status int, err error) {
	var no *refusal
	err = d.post(ctx, path, body, into)
	if errors.As(err, &no) {
		return no.status, nil
	}
	return http.StatusOK, err
}

// refusal is an answer that is no success.
type refusal struct {
	what   string
	status int
	body   []byte
}

func (r *refusal) Error() string { return fmt.Sprintf("%s: answer %d: %s", r.what, r.status, r.body) }

func (d *daemon) do(ctx context.Context, method, path string, body io.Reader, into any) error {
	r, err := http.NewRequestWithContext(ctx, method, d.base+path, body)
	if err != nil {
		return fmt.Errorf("make request: %w", err)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	resp, err := d.client.Do(r)
	if err != nil {
		return fmt.Errorf("ask daemon: %w", err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Errorf("read answer to %s %s: %w", method, path, err)
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return &refusal{method + " " + path, resp.StatusCode, b}
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(b, into); err != nil {
		return fmt.Errorf("decode answer to %s %s: %w", method, path, err)
	}
	return nil
}

// atCounter sends a command of a counter.
func (d *daemon) atCounter(ctx context.Context, c queue.CounterID, verb, body string) (done, error) {
	var v done
	err := d.post(ctx, "/counters/"+string(c)+"/"+verb, body, &v)
	return v, err
}

func onTicket(t queue.TicketID) string { return fmt.Sprintf(`{"ticket":%d}`, t) }

// issue takes a number.
func (d *daemon) issue(ctx context.Context, c queue.CategoryID) (queue.TicketID, error) {
	var v struct{ ID queue.TicketID }
	err := d.post(ctx, "/tickets", fmt.Sprintf(`{"category":%q}`, c), &v)
	return v.ID, err
}

// resident is the daemon's resident memory in bytes (VmRSS, proc(5)).
func (d *daemon) resident() (int64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", d.cmd.Process.Pid))
	if err != nil {
		return 0, fmt.Errorf("read memory of daemon: %w", err)
	}
	for line := range bytes.Lines(b) {
		if rest, ok := bytes.CutPrefix(line, []byte("VmRSS:")); ok {
			kib, err := strconv.ParseInt(strings.Fields(string(rest))[0], 10, 64)
			if err != nil {
				return 0, fmt.Errorf("read memory of daemon: %w", err)
			}
			return kib << 10, nil
		}
	}
	return 0, errors.New("read memory of daemon: /proc says no VmRSS")
}
