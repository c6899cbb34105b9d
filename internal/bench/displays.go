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
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"motcua/display"
	"motcua/queue"
)

const (
	walls       = 100
	calls       = 250
	callsWarmUp = 20
	hallWaits   = 20 // people in the hall: what the board has to say
)

// displays measures the time from an officer's call to the moment the last of
// a hundred displays has received the board that shows it.
func (b *bench) displays(ctx context.Context) (_ []Row, err error) {
	dir, err := b.folder()
	if err != nil {
		return nil, err
	}
	printer, err := newPrinter(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, printer.close()) }()
	d, err := startDaemon(ctx, b.binary, dir, printer.uri())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.stop()) }()
	size, err := issuedSize()
	if err != nil {
		return nil, err
	}
	bare, err := startBroadcaster(dir, size)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, bare.stop()) }()

	shown, err := hang(ctx, d.base, walls)
	if err != nil {
		return nil, err
	}
	defer shown.close()
	bareShown, err := hang(ctx, bare.base, walls)
	if err != nil {
		return nil, err
	}
	defer bareShown.close()

	desk := &desk{d: d, walls: shown, counter: "1", category: "A"}
	if err := desk.fill(ctx, hallWaits); err != nil {
		return nil, err
	}
	var product, broadcast, stored []time.Duration
	for i := range callsWarmUp + calls {
		if err := desk.prepare(ctx); err != nil {
			return nil, fmt.Errorf("prepare call %d: %w", i+1, err)
		}
		p, err := desk.call(ctx)
		if err != nil {
			return nil, fmt.Errorf("call %d: %w", i+1, err)
		}
		if err := pause(ctx, 2*time.Millisecond); err != nil {
			return nil, err
		}
		q, err := bare.send(ctx, bareShown, "/broadcast", shown.frameSize())
		if err != nil {
			return nil, fmt.Errorf("bare broadcast %d: %w", i+1, err)
		}
		if err := pause(ctx, 2*time.Millisecond); err != nil {
			return nil, err
		}
		s, err := bare.send(ctx, bareShown, "/store-and-broadcast", shown.frameSize())
		if err != nil {
			return nil, fmt.Errorf("bare stored broadcast %d: %w", i+1, err)
		}
		if i >= callsWarmUp {
			product, broadcast, stored = append(product, p), append(broadcast, q), append(stored, s)
		}
	}
	row := func(name string, p float64, base []time.Duration, g Goal) Row {
		return Row{Name: name, Value: milliseconds(Percentile(product, p)), Unit: "ms", Baseline: milliseconds(Percentile(base, p)), Goal: g}
	}
	return []Row{
		row("call_to_100_displays_p99", 99, broadcast, Goal{Times: 2}),
		row("call_to_100_displays_p50", 50, broadcast, Goal{}),
		// The same call beside a broadcast that is made durable first, as a
		// call must be: what is left of the ratio is not the disk's.
		row("call_vs_stored_broadcast_p99", 99, stored, Goal{}),
		row("call_vs_stored_broadcast_p50", 50, stored, Goal{}),
	}, nil
}

// desk is an officer at a counter who calls one ticket after the other.
type desk struct {
	d        *daemon
	walls    *displays
	counter  queue.CounterID
	category queue.CategoryID
	at       queue.TicketID // called last; 0 = nobody
}

// fill opens the counter and lets people wait for it.
func (k *desk) fill(ctx context.Context, n int) error {
	if _, err := k.d.atCounter(ctx, k.counter, "open", "{}"); err != nil {
		return err
	}
	for range n {
		if _, err := k.d.issue(ctx, k.category); err != nil {
			return err
		}
	}
	return nil
}

// prepare ends the service before, lets one more citizen in, and returns when
// the slip is out and all displays show it: the hall is at rest.
func (k *desk) prepare(ctx context.Context) error {
	if k.at != 0 {
		if _, err := k.d.atCounter(ctx, k.counter, "start", onTicket(k.at)); err != nil {
			return err
		}
		if _, err := k.d.atCounter(ctx, k.counter, "finish", onTicket(k.at)); err != nil {
			return err
		}
		k.at = 0
	}
	t, err := k.d.issue(ctx, k.category)
	if err != nil {
		return err
	}
	var v struct {
		Seq  uint64
		Slip queue.SlipState
	}
	err = poll(ctx, 10*time.Second, func() (bool, error) {
		err := k.d.get(ctx, fmt.Sprintf("/api/v1/tickets/%d", t), &v)
		return v.Slip == queue.SlipIsPrinted, err
	}, "the slip is printed")
	if err != nil {
		return err
	}
	if _, err := k.walls.await(ctx, v.Seq); err != nil {
		return err
	}
	return pause(ctx, 2*time.Millisecond)
}

// call is what is measured.
func (k *desk) call(ctx context.Context) (time.Duration, error) {
	began := time.Now()
	v, err := k.d.atCounter(ctx, k.counter, "next", "{}")
	if err != nil {
		return 0, err
	}
	last, err := k.walls.await(ctx, v.Seq)
	if err != nil {
		return 0, err
	}
	k.at = v.Ticket.ID
	return last.Sub(began), k.walls.show(v.Ticket.Label)
}

// displays are sockets that follow the board.
type displays struct {
	conns   []*websocket.Conn
	arrived chan arrival
	newest  []uint64 // seq of each display's last frame that await has seen
	wg      sync.WaitGroup

	mu    sync.Mutex // protects frame
	frame []byte     // the first display's last one
}

// arrival is a board at one display.
type arrival struct {
	display int
	seq     uint64
	at      time.Time
	err     error
}

// hang connects n displays to a server.
func hang(ctx context.Context, base string, n int) (*displays, error) {
	w := &displays{arrived: make(chan arrival, 64*n), newest: make([]uint64, n)}
	dialer := websocket.Dialer{ReadBufferSize: 8192, WriteBufferSize: 512, HandshakeTimeout: 5 * time.Second}
	for i := range n {
		c, _, err := dialer.DialContext(ctx, "ws"+strings.TrimPrefix(base, "http")+"/feed?topic=board", http.Header{"Origin": {base}})
		if err != nil {
			w.close()
			return nil, fmt.Errorf("connect display %d: %w", i+1, err)
		}
		w.conns = append(w.conns, c)
		w.wg.Go(func() { w.read(i, c) })
	}
	return w, nil
}

// read stamps each board that is wholly there.
func (w *displays) read(i int, c *websocket.Conn) {
	buf := make([]byte, 64<<10)
	for {
		_, r, err := c.NextReader()
		n := 0
		for err == nil && n < len(buf) {
			var k int
			k, err = r.Read(buf[n:])
			n += k
		}
		at := time.Now()
		if err != io.EOF {
			w.arrived <- arrival{display: i, err: err}
			return
		}
		seq, ok := boardSeq(buf[:n])
		if !ok {
			continue
		}
		if i == 0 {
			w.mu.Lock()
			w.frame = append(w.frame[:0], buf[:n]...)
			w.mu.Unlock()
		}
		w.arrived <- arrival{display: i, seq: seq, at: at}
	}
}

// boardSeq reads the position of a board's frame without decoding it.
func boardSeq(frame []byte) (uint64, bool) {
	if !bytes.HasPrefix(frame, []byte(`{"type":"snap"`)) {
		return 0, false
	}
	_, rest, ok := bytes.Cut(frame[:min(len(frame), 256)], []byte(`"seq":`))
	digits, _, end := bytes.Cut(rest, []byte{','})
	if !ok || !end {
		return 0, false
	}
	seq, err := strconv.ParseUint(string(digits), 10, 64)
	return seq, err == nil
}

// await returns when all displays have a board of seq or later, with the time
// the last of them got its first such board; the zero time when all had it
// before.
func (w *displays) await(ctx context.Context, seq uint64) (last time.Time, err error) {
	patience := time.NewTimer(5 * time.Second)
	defer patience.Stop()
	missing := 0
	for _, s := range w.newest {
		if s < seq {
			missing++
		}
	}
	for missing > 0 {
		select {
		case a := <-w.arrived:
			if a.err != nil {
				return last, fmt.Errorf("display %d lost its link: %w", a.display+1, a.err)
			}
			if w.newest[a.display] < seq && a.seq >= seq {
				missing--
				if a.at.After(last) {
					last = a.at
				}
			}
			w.newest[a.display] = a.seq
		case <-patience.C:
			return last, fmt.Errorf("%d displays did not get the board of record %d in 5 s", missing, seq)
		case <-ctx.Done():
			return last, ctx.Err()
		}
	}
	return last, nil
}

// watch takes in what arrives until stop is closed: displays that nobody
// listens to would hold up their sockets. It must not run beside await.
func (w *displays) watch(stop <-chan struct{}) error {
	for {
		select {
		case a := <-w.arrived:
			if a.err != nil {
				return fmt.Errorf("display %d lost its link: %w", a.display+1, a.err)
			}
			w.newest[a.display] = a.seq
		case <-stop:
			return nil
		}
	}
}

// show checks that the last board says the label is called.
func (w *displays) show(label string) error {
	var f struct{ State display.Board }
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := json.Unmarshal(w.frame, &f); err != nil {
		return fmt.Errorf("decode board: %w", err)
	}
	if len(f.State.Calls) == 0 || f.State.Calls[0].Label != label || !f.State.Calls[0].Active {
		return fmt.Errorf("the board does not show the call of %s", label)
	}
	return nil
}

func (w *displays) frameSize() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.frame)
}

func (w *displays) close() {
	for _, c := range w.conns {
		c.Close()
	}
	ended := make(chan struct{})
	go func() {
		w.wg.Wait()
		close(ended)
	}()
	for {
		select {
		case <-w.arrived: // nobody reads them any more
		case <-ended:
			return
		}
	}
}

// broadcaster is the bare server in a process of its own.
type broadcaster struct {
	cmd    *exec.Cmd
	stdin  io.Closer
	base   string
	client *http.Client
	seq    uint64
}

func startBroadcaster(dir string, rowSize int) (_ *broadcaster, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("start bare broadcaster: %w", err)
	}
	b := &broadcaster{client: &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{}}}
	b.cmd = exec.Command(self, "-serve-bare", dir, "-row-size", strconv.Itoa(rowSize))
	b.cmd.Stderr = os.Stderr
	if b.stdin, err = b.cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("start bare broadcaster: %w", err)
	}
	stdout, err := b.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start bare broadcaster: %w", err)
	}
	if err := b.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start bare broadcaster: %w", err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start bare broadcaster: %w", err), b.stop())
	}
	b.base = strings.TrimSpace(line)
	return b, nil
}

// send broadcasts a frame of size bytes and waits until all displays have it.
func (b *broadcaster) send(ctx context.Context, w *displays, path string, size int) (time.Duration, error) {
	b.seq++
	began := time.Now()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, fmt.Sprintf("%s%s?seq=%d&size=%d", b.base, path, b.seq, size), strings.NewReader("{}"))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := b.client.Do(r)
	if err != nil {
		return 0, err
	}
	text, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil || resp.StatusCode != http.StatusNoContent {
		return 0, fmt.Errorf("answer %d: %s %w", resp.StatusCode, text, err)
	}
	last, err := w.await(ctx, b.seq)
	return last.Sub(began), err
}

func (b *broadcaster) stop() error {
	b.client.CloseIdleConnections()
	b.stdin.Close()
	if err := b.cmd.Wait(); err != nil {
		return fmt.Errorf("stop bare broadcaster: %w", err)
	}
	return nil
}
