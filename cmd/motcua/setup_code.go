package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"

	"motcua/internal/config"
	"motcua/internal/parts"
	"motcua/internal/setup"
)

type setupCodeCmd struct {
	machineFile `embed:""`
	spokenIn    `embed:""`
	Where       bool `help:"Print only where to go, not the code: for what is written to a log."`
}

// Run shows the code of the first run, to root and the daemon's user alone:
// nobody else may read the file it lies in.
func (c *setupCodeCmd) Run(io *console) error {
	v, err := c.voice()
	if err != nil {
		return err
	}
	m, err := config.LoadMachine(c.Config)
	if err != nil {
		return v.tell(asRoot(err))
	}
	if c.Where {
		c.where(io, v, m)
		return nil
	}
	code, err := setup.ReadCode(m.Data)
	switch {
	case errors.Is(err, setup.ErrNone):
		return v.tell(&worded{"cli.setup.none", map[string]any{"path": m.Data},
			fmt.Errorf("%w in %s: the centre is set up already, or motcuad has not been started there; a new token for motcua.toml is drawn by `motcua token`", err, m.Data)})
	case err != nil:
		return v.tell(asRoot(err))
	}
	io.say("%s\n", v.say("cli.setup.code", map[string]any{"code": setup.Spaced(code)}))
	c.where(io, v, m)
	return nil
}

// asRoot names the remedy for files that others may not read.
func asRoot(err error) error {
	if !errors.Is(err, fs.ErrPermission) {
		return err
	}
	return &worded{"cli.setup.root", nil, fmt.Errorf("%w: run it as root, `sudo motcua setup-code`", err)}
}

// where says what to open in a browser.
func (c *setupCodeCmd) where(io *console, v *voice, m config.Machine) {
	io.say("%s", v.say("cli.setup.open", nil))
	host, port, err := net.SplitHostPort(m.Listen)
	if err != nil { // checked when the file was read
		return
	}
	hosts := []string{host}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		hosts = append(parts.Addresses(), "127.0.0.1")
	}
	for _, h := range hosts {
		io.say("  http://%s/setup", net.JoinHostPort(h, port))
	}
}
