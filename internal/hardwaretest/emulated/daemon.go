package emulated

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"

	"motcua/queue"
)

// patience is how long one request to an emulated daemon may take.
const patience = 20 * time.Second

// daemon is a running motcuad of another processor.
type daemon struct {
	cmd   *exec.Cmd
	base  string // http://127.0.0.1:port
	token string
	errs  bytes.Buffer // read once ended is closed
	ended chan struct{}
}

var address = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

// start runs motcuad on the machine file and returns once it answers.
func start(ctx context.Context, p programs, machine, token string) (*daemon, error) {
	d := &daemon{token: token, ended: make(chan struct{})}
	d.cmd = p.command(ctx, "motcuad", "--config", machine)
	d.cmd.Stderr = &d.errs
	stdout, err := d.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start motcuad: %w", err)
	}
	if err := d.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start motcuad: %w", err)
	}
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
		_ = d.cmd.Wait() // how it ended is for whoever ended it to judge
	}()
	select {
	case d.base = <-found:
	case <-d.ended:
		return nil, fmt.Errorf("start motcuad: it ended at once: %s", &d.errs)
	case <-time.After(restartGoal):
		d.kill()
		return nil, fmt.Errorf("start motcuad: it did not say in %s where it listens: %s", restartGoal, &d.errs)
	}
	err = until(ctx, func() (bool, error) {
		err := d.get(ctx, "/health", nil)
		return err == nil, nil
	})
	if err != nil {
		d.kill()
		return nil, fmt.Errorf("start motcuad: it does not answer: %w: %s", err, &d.errs)
	}
	return d, nil
}

// kill is kill -9, and waits for the end.
func (d *daemon) kill() {
	_ = d.cmd.Process.Kill() // it may have ended by itself
	<-d.ended
}

// stop asks it to end, which it must do well.
func (d *daemon) stop() error {
	if err := d.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("stop motcuad: %w", err)
	}
	select {
	case <-d.ended:
	case <-time.After(restartGoal):
		d.kill()
		return fmt.Errorf("stop motcuad: it did not end in %s: %s", restartGoal, &d.errs)
	}
	if code := d.cmd.ProcessState.ExitCode(); code != 0 {
		return fmt.Errorf("stop motcuad: status %d: %s", code, &d.errs)
	}
	return nil
}

// refusal is an answer that is no success.
type refusal struct {
	status int
	body   string
}

func (r *refusal) Error() string { return fmt.Sprintf("answer %d: %s", r.status, r.body) }

// refused reports whether the error is an answer of this status.
func refused(err error, status int) bool {
	var r *refusal
	return errors.As(err, &r) && r.status == status
}

func (d *daemon) get(ctx context.Context, path string, into any) error {
	return d.do(ctx, http.MethodGet, path, "", "", into)
}

func (d *daemon) post(ctx context.Context, path, key, body string, into any) error {
	return d.do(ctx, http.MethodPost, path, key, body, into)
}

func (d *daemon) do(ctx context.Context, method, path, key, body string, into any) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, d.base+"/api/v1"+path, strings.NewReader(body))
	if err != nil {
		return fmt.Errorf("make request: %w", err)
	}
	r.Header.Set("Authorization", "Bearer "+d.token)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return fmt.Errorf("ask motcuad: %w", err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Errorf("read answer to %s: %w", path, err)
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return fmt.Errorf("%s %s: %w", method, path, &refusal{resp.StatusCode, string(b)})
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(b, into); err != nil {
		return fmt.Errorf("decode answer to %s: %w", path, err)
	}
	return nil
}

// number is a ticket as the API shows it.
type number struct {
	ID    queue.TicketID    `json:"id"`
	Label string            `json:"label"`
	State queue.TicketState `json:"state"`
	Ahead *int              `json:"ahead"`
	Slip  queue.SlipState   `json:"slip"`
}

// numbers are all of the day, in the order of issue.
func (d *daemon) numbers(ctx context.Context) ([]number, error) {
	var v struct {
		Tickets []number `json:"tickets"`
	}
	err := d.get(ctx, "/state", &v)
	return v.Tickets, err
}

// until asks done a few times a second, for as long as a request may take.
func until(ctx context.Context, done func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		if ok, err := done(); ok || err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("waited %s in vain: %w", patience, ctx.Err())
		}
	}
}

// issue takes a number; the same key always gets the same one.
func (d *daemon) issue(ctx context.Context, category, key string) (number, error) {
	var n number
	err := d.post(ctx, "/tickets", key, fmt.Sprintf(`{"category":%q}`, category), &n)
	return n, err
}

// crowd are citizens who take numbers, and remember whether they heard back.
type crowd struct {
	mu     sync.Mutex // protects both
	heard  map[string]number
	asking map[string]string // key → category, of those who had no answer
}

func newCrowd() *crowd { return &crowd{heard: map[string]number{}, asking: map[string]string{}} }

// take lets n citizens at a time take numbers until each of them has had its
// share, or the daemon is gone. Every answer calls after with how many there are.
func (c *crowd) take(ctx context.Context, d *daemon, round string, n, share int, after func(int)) error {
	var wg sync.WaitGroup
	errs := make(chan error, n)
	for i := range n {
		wg.Go(func() {
			for k := range share {
				key := fmt.Sprintf("%s-%d-%d", round, i, k)
				if err := c.ask(ctx, d, key, categories[(i+k)%len(categories)], after); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	return <-errs // nil when there is none
}

func (c *crowd) ask(ctx context.Context, d *daemon, key, category string, after func(int)) error {
	c.mu.Lock()
	c.asking[key] = category
	c.mu.Unlock()
	got, err := d.issue(ctx, category, key)
	if err != nil {
		return err
	}
	c.mu.Lock()
	delete(c.asking, key)
	c.heard[key] = got
	many := len(c.heard)
	c.mu.Unlock()
	after(many)
	return nil
}

// repeat lets those who never heard back ask again under their keys.
func (c *crowd) repeat(ctx context.Context, d *daemon) (int, error) {
	n := 0
	for key, category := range c.asking {
		got, err := d.issue(ctx, category, key)
		if err != nil {
			return n, err
		}
		c.heard[key] = got
		n++
	}
	clear(c.asking)
	return n, nil
}
