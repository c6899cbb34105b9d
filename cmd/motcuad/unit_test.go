package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"motcua/display/feed"
	"motcua/internal/config"
	"motcua/internal/engine"
)

// unitValues are the values of a key in the packaged unit, in order.
func unitValues(t *testing.T, key string) []string {
	t.Helper()
	b, err := os.ReadFile("../../packaging/motcuad.service")
	if err != nil {
		t.Fatal(err)
	}
	var values []string
	for _, line := range strings.Split(string(b), "\n") {
		if v, ok := strings.CutPrefix(line, key+"="); ok {
			values = append(values, v)
		}
	}
	return values
}

// TestUnit starts the unit's own command as a service manager would, with a
// notify socket of the test's, and expects what Type=notify and WatchdogSec ask
// for. What the unit names in the system is put into a folder of the test's.
func TestUnit(t *testing.T) {
	if got := unitValues(t, "Type"); !slices.Equal(got, []string{"notify"}) {
		t.Fatalf("Type=%v", got)
	}
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	conf, err := os.ReadFile("../../packaging/motcua.toml")
	if err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(dir, "data")
	mine := fmt.Sprintf("data = %q\n", data) + strings.Replace(string(conf), `listen = ":8480"`, `listen = "127.0.0.1:0"`, 1)
	write(t, filepath.Join(dir, "motcua.toml"), mine)
	start := unitValues(t, "ExecStart")
	if len(start) != 1 {
		t.Fatalf("ExecStart=%v", start)
	}
	command := strings.Fields(strings.NewReplacer("/usr/bin/motcuad", path, "/etc/motcua", dir).Replace(start[0]))

	socket := filepath.Join(dir, "notify")
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var out, errs bytes.Buffer
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	cmd.Env = append(os.Environ(), "NOTIFY_SOCKET="+socket, "WATCHDOG_USEC=200000")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	defer cmd.Process.Kill()
	said := func() string {
		t.Helper()
		_ = c.SetReadDeadline(time.Now().Add(30 * time.Second))
		b := make([]byte, 4096)
		n, err := c.Read(b)
		if err != nil {
			t.Fatalf("nothing more was said: %v\n%s%s", err, &out, &errs)
		}
		return string(b[:n])
	}
	pings, ready := 0, false
	for pings < 5 || !ready {
		switch s := said(); {
		case s == "WATCHDOG=1":
			pings++
		case strings.HasPrefix(s, "READY=1\n"):
			ready = true
			if !strings.Contains(s, "STATUS=degraded: centre not_configured, printer absent, panel absent") {
				t.Errorf("said %q", s)
			}
		default:
			t.Fatalf("said %q", s)
		}
	}
	if _, err := os.Stat(filepath.Join(data, "centre.db")); err != nil {
		t.Errorf("ready without a journal: %v", err)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for said() != "STOPPING=1" {
	}
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("ended with %v\n%s", err, &errs)
		}
	case <-time.After(15 * time.Second):
		t.Fatal("did not end")
	}
}

// The unit leaves the process what it needs.
func TestUnitLeavesWhatIsNeeded(t *testing.T) {
	for key, want := range map[string][]string{
		"WatchdogSec":    {"20"},
		"Restart":        {"always"},
		"StateDirectory": {"motcua"},
		"User":           {"motcua"},
		"PrivateDevices": nil, // hides printer and pins
		"ProtectClock":   nil, // forbids to ask whether the clock is right
		"ProcSubset":     nil, // hides the boot id
		// The last one gives back what @privileged takes: adjtimex, for reading.
		"SystemCallFilter":      {"@system-service", "~@privileged @resources", "adjtimex"},
		"SystemCallErrorNumber": {"EPERM"},
	} {
		if got := unitValues(t, key); !slices.Equal(got, want) {
			t.Errorf("%s=%q, want %q", key, got, want)
		}
	}
	allowed := unitValues(t, "DeviceAllow")
	for _, want := range []string{"char-gpiochip rw", "char-usb rw", "char-ttyUSB rw", "char-input rw"} {
		if !slices.Contains(allowed, want) {
			t.Errorf("DeviceAllow lacks %q", want)
		}
	}
}

// The packaged motcua.toml listens to the network, as the first run needs;
// otherwise it changes nothing, and it explains every key there is.
func TestPackagedConfiguration(t *testing.T) {
	b, err := os.ReadFile("../../packaging/motcua.toml")
	if err != nil {
		t.Fatal(err)
	}
	m, err := config.ParseMachine(b)
	if err != nil {
		t.Fatal(err)
	}
	want := config.Defaults()
	want.Listen = ":8480"
	if got, want := fmt.Sprintf("%+v", m), fmt.Sprintf("%+v", want); got != want {
		t.Errorf("it says\n%s, want the defaults\n%s", got, want)
	}
	keys := func(text string) map[string]bool {
		found := map[string]bool{}
		for _, line := range strings.Split(text, "\n") {
			line = strings.TrimLeft(line, "# ")
			if key, _, ok := strings.Cut(line, " = "); ok && !strings.Contains(key, " ") {
				found[key] = true
			} else if strings.HasPrefix(line, "[") {
				found[line] = true
			}
		}
		return found
	}
	have := keys(string(b))
	for key := range keys(string(config.Example())) {
		if !have[key] {
			t.Errorf("%s is not explained", key)
		}
	}
}

func TestTurning(t *testing.T) {
	const now = 1_000_000
	for name, c := range map[string]struct {
		s    engine.Stats
		want bool
	}{
		"just turned":                {engine.Stats{LastTurn: now - 900}, true},
		"a loop that hangs":          {engine.Stats{LastTurn: now - 10_000}, false},
		"a card that stalls":         {engine.Stats{LastTurn: now - 30_000, Committing: now - 30_000}, true},
		"a write that never returns": {engine.Stats{LastTurn: now - 500, Committing: now - 60_000}, false},
	} {
		if got := turning(c.s, now); got != c.want {
			t.Errorf("%s: alive %t", name, got)
		}
	}
}

// Health counts the walls that look, for those who may know its parts.
func TestHealthCountsDisplays(t *testing.T) {
	p := start(t, t.TempDir())
	connected := func() string {
		t.Helper()
		var h struct {
			Parts []struct{ Name, Status, Message string }
		}
		p.get("/api/v1/health", &h)
		for _, part := range h.Parts {
			if part.Name == displays {
				return part.Status + ": " + part.Message
			}
		}
		return ""
	}
	if got := connected(); got != "ok: 0 displays connected" {
		t.Errorf("at the start: %q", got)
	}
	p.follow("board", nil).next()
	if got := connected(); got != "ok: 1 display connected" {
		t.Errorf("with a wall: %q", got)
	}
}

// A page on a named screen that draws nothing any more is a fault; a wall that
// never said where it is, is none.
func TestHealthFindsAFrozenDisplay(t *testing.T) {
	now := time.Now()
	on := func(screen string, ago time.Duration) feed.Client {
		return feed.Client{Status: feed.Status{Screen: screen}, StatusAt: now.Add(-ago)}
	}
	for name, c := range map[string]struct {
		walls []feed.Client
		code  string
		msg   string
	}{
		"none":      {nil, "", "0 displays connected"},
		"all draw":  {[]feed.Client{on("hall", 5*time.Second), on("annex", 29*time.Second)}, "", "2 displays connected"},
		"unnamed":   {[]feed.Client{on("", time.Hour)}, "", "1 display connected"},
		"one froze": {[]feed.Client{on("hall", 31*time.Second), on("annex", 0)}, "frozen", "2 displays connected; nothing is drawn on hall"},
	} {
		p := displaysPart(c.walls, now)
		if p.Code != c.code || p.Msg != c.msg || (p.Hint == "") != (c.code == "") {
			t.Errorf("%s: %+v", name, p)
		}
	}
}
