package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"syscall"
	"time"

	"motcua/internal/config"
	"motcua/internal/parts"
	"motcua/kiosk"
)

// machineFile is what this machine is, as its motcuad reads it.
type machineFile struct {
	Config string `help:"What this machine is." default:"/etc/motcua/motcua.toml" type:"path" placeholder:"motcua.toml"`
}

// testedPanel is a panel whose contacts can be looked at.
type testedPanel interface {
	kiosk.Panel
	Closed() []kiosk.Button
}

func realPanel(c config.Panel) (testedPanel, error) {
	p, err := parts.Panel(c)
	if err != nil {
		return nil, err
	}
	return p, nil
}

// say prints a line at once: somebody stands at the machine and waits for it.
func (c *console) say(format string, args ...any) {
	fmt.Fprintf(c.out, format+"\n", args...)
	if f, ok := c.out.(interface{ Flush() error }); ok {
		_ = f.Flush() // an output that is gone is found when all is said
	}
}

// centreHealth is what a running motcuad says of itself. Parts are for those
// with a token.
type centreHealth struct {
	Status  string    `json:"status"`
	Version string    `json:"version"`
	Since   time.Time `json:"since"`
	Parts   []struct {
		Name    string `json:"name"`
		Status  string `json:"status"`
		Code    string `json:"code"`
		Message string `json:"message"`
		Hint    string `json:"hint"`
	} `json:"parts"`
}

// soon bounds the wait for a motcuad on this very machine.
const soon = 5 * time.Second

// askHealth asks the motcuad of this machine how it is. It is nil when nobody
// listens there; the error says that somebody does who is no motcuad.
func askHealth(ctx context.Context, m config.Machine, token string) (*centreHealth, error) {
	host, port, err := net.SplitHostPort(m.Listen)
	if err != nil || port == "0" { // a port nobody can know
		return nil, nil
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	ctx, cancel := context.WithTimeout(ctx, soon)
	defer cancel()
	c := caller{base: "http://" + net.JoinHostPort(host, port), token: token, language: "en"}
	got, refused, err := c.call(ctx, http.MethodGet, "/api/v1/health", "", nil)
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return nil, nil
	case err != nil:
		return nil, err
	case refused != nil:
		return nil, refused
	}
	h := &centreHealth{}
	if err := json.Unmarshal(got, h); err != nil || h.Status == "" {
		return nil, fmt.Errorf("%s answers, and not as a motcuad does", m.Listen)
	}
	return h, nil
}

// notBeside is the error of a command that needs a part for itself, while the
// daemon has it.
func notBeside(ctx context.Context, m config.Machine, part string) error {
	if h, err := askHealth(ctx, m, ""); h == nil || err != nil {
		return nil // whoever it is has not got the part
	}
	return fmt.Errorf("motcuad runs and has the %s: stop it first with `sudo systemctl stop motcuad`, and start it again afterwards", part)
}
