//go:build hardware

package inside_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"motcua/internal/auth"
	"motcua/internal/hardwaretest/rig"
	"motcua/printer"
	"motcua/printer/printertest"
)

// button is one button of the panel: where its contact and its lamp are, and
// how motcua.toml names these lines.
type button struct {
	name      string
	pin, lamp string
	contact   rig.Line
	light     rig.Line
}

// centre is a whole centre: a running motcuad, its panel and its printer.
type centre struct {
	t       *testing.T
	dir     string
	token   string
	buttons []button
	printer *rig.Printer // nil: none is plugged in

	cmd  *exec.Cmd
	base string // http://127.0.0.1:port
	done chan struct{}
	mu   sync.Mutex // protects log
	log  bytes.Buffer
}

// panelOf is a panel of the kind that is wired straight to the Pi: buttons on
// named lines from offset 0 on, lamps behind them.
func panelOf(t *testing.T, names ...string) []button {
	t.Helper()
	var lines []string
	for _, n := range names {
		lines = append(lines, "BTN_"+n)
	}
	for _, n := range names {
		lines = append(lines, "LAMP_"+n)
	}
	chip := rig.NewChip(t, "panel", len(lines), lines...)
	var all []button
	for i, n := range names {
		all = append(all, button{n, lines[i], lines[len(names)+i], chip.Line(i), chip.Line(len(names) + i)})
	}
	return all
}

// publicURL is the base of the links on slips.
const publicURL = "http://so.example.vn"

// openCentre starts a centre that gives numbers of one category for each button.
// The text is added to its motcua.toml; the printer may be nil.
func openCentre(t *testing.T, p *rig.Printer, buttons []button, text string) *centre {
	t.Helper()
	c := &centre{t: t, dir: t.TempDir(), buttons: buttons, printer: p}
	var conf, hall strings.Builder
	token, sum := auth.NewToken()
	c.token = token
	fmt.Fprintf(&conf, "listen = \"127.0.0.1:0\"\ndata = %q\ncentre = %q\npublic_url = %q\n", filepath.Join(c.dir, "data"), filepath.Join(c.dir, "centre.toml"), publicURL)
	fmt.Fprintf(&conf, "[limits]\nrequests_per_second = 10000\nburst = 10000\n%s\n", text)
	if p != nil {
		fmt.Fprintf(&conf, "[printer]\ndevice = \"usb://%s\"\n", p.Node)
	}
	for _, b := range buttons {
		fmt.Fprintf(&conf, "[[panel.buttons]]\nbutton = %q\npin = %q\n", b.name, b.pin)
		if b.lamp != "" {
			fmt.Fprintf(&conf, "lamp = %q\n", b.lamp)
		}
	}
	fmt.Fprintf(&conf, "[[access]]\nname = \"post\"\nrole = \"supervisor\"\ntoken_sha256 = %q\n", sum)
	fmt.Fprintf(&hall, `languages = ["vi", "en"]
[centre]
id = "guest"
name = { vi = "Phường Mẫu", en = "Model Ward" }
[[points]]
id = "main"
name = { vi = "Sảnh chính", en = "Main hall" }
[[classes]]
id = "normal"
name = { vi = "Thường", en = "Normal" }
[[series]]
id = "A"
prefix = "A"
from = 1
to = 999
`)
	var skills []string
	for _, b := range buttons {
		fmt.Fprintf(&hall, "[[categories]]\nid = %q\nname = { vi = \"Lĩnh vực %s\", en = \"Category %s\" }\nseries = \"A\"\nminutes = 5\npanel = true\n", b.name, b.name, b.name)
		skills = append(skills, fmt.Sprintf("%q", b.name))
	}
	fmt.Fprintf(&hall, "[[counters]]\nid = \"1\"\nnumber = 1\npoint = \"main\"\nskills = [%s]\n", strings.Join(skills, ", "))
	for name, text := range map[string]string{"motcua.toml": conf.String(), "centre.toml": hall.String()} {
		if err := os.WriteFile(filepath.Join(c.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		c.kill()
		if t.Failed() {
			t.Logf("motcuad said:\n%s", c.said())
		}
	})
	c.start()
	c.post("/clock/confirm", map[string]any{"at": time.Now()}, nil)
	rig.Until(t, "open the day", func() error {
		var s state
		c.get("/state", &s)
		if !s.Day.Open {
			c.do("POST", "/day/open", nil, nil) // it may have opened meanwhile
			return errors.New("it is closed")
		}
		return nil
	})
	if p != nil {
		c.ready()
	}
	return c
}

// ready waits until the printer would print and every lamp is lit.
func (c *centre) ready() {
	c.t.Helper()
	c.part("printer", "ok")
	for _, b := range c.buttons {
		if b.lamp != "" {
			rig.Until(c.t, "light the lamp of "+b.name, func() error {
				if !b.light.Lit() {
					return fmt.Errorf("it is dark: %+v", c.health())
				}
				return nil
			})
		}
	}
	// A button counts once it has been seen open, which nothing tells; by then
	// the panel has looked at every level.
	time.Sleep(time.Second)
}

var address = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

// start runs motcuad until it says where it listens.
func (c *centre) start() {
	c.t.Helper()
	c.cmd = exec.Command(rig.Env(c.t, "MOTCUAD"), "--config", filepath.Join(c.dir, "motcua.toml"))
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		c.t.Fatal(err)
	}
	c.cmd.Stderr = c
	if err := c.cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	c.done = make(chan struct{})
	found := make(chan string, 1)
	go func(cmd *exec.Cmd, done chan struct{}) {
		defer close(done)
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			fmt.Fprintln(c, lines.Text())
			if a := address.FindString(lines.Text()); a != "" {
				select {
				case found <- a:
				default:
				}
			}
		}
		_ = cmd.Wait() // how it ended is in its state
	}(c.cmd, c.done)
	select {
	case c.base = <-found:
	case <-c.done:
		c.t.Fatal("motcuad ended at its start")
	case <-time.After(rig.Patience):
		c.t.Fatal("motcuad did not say where it listens")
	}
}

// Write takes what motcuad says.
func (c *centre) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.log.Write(b)
}

func (c *centre) said() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.log.String()
}

// kill is kill -9, and waits for the end.
func (c *centre) kill() {
	_ = c.cmd.Process.Kill() // it may have ended
	<-c.done
}

// stop asks it to end and expects that it does so well.
func (c *centre) stop() {
	c.t.Helper()
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		c.t.Fatal(err)
	}
	select {
	case <-c.done:
	case <-time.After(rig.Patience):
		c.t.Fatal("motcuad does not end")
	}
	if code := c.cmd.ProcessState.ExitCode(); code != 0 {
		c.t.Errorf("motcuad ended with status %d", code)
	}
}

// do asks the API; what is not 2xx is an error.
func (c *centre) do(method, path string, body, into any) error {
	var text io.Reader = http.NoBody
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return err
		}
		text = bytes.NewReader(b)
	}
	r, err := http.NewRequest(method, c.base+"/api/v1"+path, text)
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+c.token)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %d %s", method, path, resp.StatusCode, b)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(b, into)
}

func (c *centre) get(path string, into any) {
	c.t.Helper()
	if err := c.do("GET", path, nil, into); err != nil {
		c.t.Fatal(err)
	}
}

func (c *centre) post(path string, body, into any) {
	c.t.Helper()
	if err := c.do("POST", path, body, into); err != nil {
		c.t.Fatal(err)
	}
}

type ticket struct {
	ID       uint64 `json:"id"`
	Label    string `json:"label"`
	Category string `json:"category"`
	Slip     string `json:"slip"`
	Issued   int64  `json:"issued"`
	Entry    string `json:"entry"`
}

type state struct {
	Day     struct{ Open bool } `json:"day"`
	Tickets []ticket            `json:"tickets"`
}

// tickets are all that were given out, in their order.
func (c *centre) tickets() []ticket {
	c.t.Helper()
	var s state
	c.get("/state", &s)
	slices.SortFunc(s.Tickets, func(a, b ticket) int { return int(a.ID) - int(b.ID) })
	return s.Tickets
}

type healthPart struct {
	Name, Status, Code, Message, Hint string
}

func (c *centre) health() []healthPart {
	c.t.Helper()
	var h struct{ Parts []healthPart }
	c.get("/health", &h)
	return h.Parts
}

// part waits until a part's health has this code and returns it.
func (c *centre) part(name, code string) (found healthPart) {
	c.t.Helper()
	rig.Until(c.t, name+" to be "+code, func() error {
		for _, found = range c.health() {
			if found.Name == name {
				if found.Code == code {
					return nil
				}
				return fmt.Errorf("it is %+v", found)
			}
		}
		return errors.New("there is no such part")
	})
	return found
}

// panel is the health of the panel now.
func (c *centre) panel() healthPart {
	c.t.Helper()
	for _, p := range c.health() {
		if p.Name == "panel" {
			return p
		}
	}
	return healthPart{}
}

// shows waits until a board and a console say that these devices are broken, as
// kind/code, and no others.
func (c *centre) shows(devices ...string) {
	c.t.Helper()
	slices.Sort(devices)
	rig.Until(c.t, fmt.Sprintf("show %v", devices), func() error {
		var board struct{ Board shown }
		c.get("/board", &board)
		var desk struct{ Desk shown }
		c.get("/counters/1/desk", &desk)
		for where, got := range map[string][]string{"board": board.Board.list(), "console": desk.Desk.list()} {
			if !slices.Equal(got, devices) {
				return fmt.Errorf("the %s shows %v", where, got)
			}
		}
		return nil
	})
}

type shown struct {
	Devices []struct{ Kind, Code string }
}

func (s shown) list() []string {
	var all []string
	for _, d := range s.Devices {
		all = append(all, d.Kind+"/"+d.Code)
	}
	slices.Sort(all)
	return all
}

// lit waits until these buttons are steadily lit.
func (c *centre) lit(buttons ...button) {
	c.t.Helper()
	c.lamps(true, buttons...)
}

// dark waits until these buttons are steadily dark.
func (c *centre) dark(buttons ...button) {
	c.t.Helper()
	c.lamps(false, buttons...)
}

func (c *centre) lamps(want bool, buttons ...button) {
	c.t.Helper()
	const steady = 600 * time.Millisecond // longer than any pattern stays
	for _, b := range buttons {
		rig.Until(c.t, fmt.Sprintf("see lamp %s lit: %v", b.name, want), func() error {
			for end := time.Now().Add(steady); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
				if b.light.Lit() != want {
					return fmt.Errorf("it is not; %+v", c.health())
				}
			}
			return nil
		})
	}
}

// page reads one of the pages that phones see.
func (c *centre) page(path string) (string, error) {
	resp, err := http.Get(c.base + path)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", path, resp.Status)
	}
	return string(b), err
}

// issued waits until so many tickets were given out in all and returns the last.
func (c *centre) issued(n int) ticket {
	c.t.Helper()
	var all []ticket
	rig.Until(c.t, fmt.Sprintf("give out ticket %d", n), func() error {
		if all = c.tickets(); len(all) < n {
			return fmt.Errorf("there are %d: %+v", len(all), c.health())
		}
		return nil
	})
	if len(all) != n {
		c.t.Fatalf("%d tickets, want %d: %+v", len(all), n, all)
	}
	return all[n-1]
}

// cut waits for the n-th slip of the printer.
func (c *centre) cut(n int) printertest.Ticket {
	c.t.Helper()
	var got printertest.Ticket
	rig.Until(c.t, fmt.Sprintf("print slip %d", n), func() error {
		for _, got = range c.printer.Tickets() {
			if got.Seq == n {
				return nil
			}
		}
		return fmt.Errorf("the printer is %+v", c.printer.Stats())
	})
	return got
}

// shows reports whether a label stands on the paper as large and as sharp as
// the product draws it.
func shows(paper *printertest.Picture, label string) (bool, error) {
	page, err := printer.Compose(printer.Slip{Number: label}, paper.Bounds().Dx(), false)
	if err != nil {
		return false, err
	}
	rows := page.Number.Part // without the white above and below, into which others may hang
	for rows.Top < rows.Bottom && !inked(page.Raster, rows.Top) {
		rows.Top++
	}
	for rows.Bottom > rows.Top && !inked(page.Raster, rows.Bottom-1) {
		rows.Bottom--
	}
	for at := 0; at+rows.Bottom-rows.Top <= paper.Bounds().Dy(); at++ {
		if sameRows(paper, at, page.Raster, rows) {
			return true, nil
		}
	}
	return false, nil
}

func inked(r *printer.Raster, y int) bool {
	for x := range r.Width {
		if r.Black(x, y) {
			return true
		}
	}
	return false
}

func sameRows(paper *printertest.Picture, at int, want *printer.Raster, rows printer.Part) bool {
	for y := rows.Top; y < rows.Bottom; y++ {
		for x := range want.Width {
			if paper.Black(x, at+y-rows.Top) != want.Black(x, y) {
				return false
			}
		}
	}
	return true
}
