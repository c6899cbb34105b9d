package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/renameio/v2"

	"motcua/internal/auth"
	"motcua/internal/config"
	"motcua/internal/parts"
	"motcua/internal/sysd"
	"motcua/internal/web"
	"motcua/kiosk"
	"motcua/kiosk/door"
	"motcua/kiosk/virtual"
	"motcua/printer"
	"motcua/printer/device"
	"motcua/printer/spool"
	"motcua/queue"
)

func example() []byte { return config.KioskExample() }

// kioskMain is the program with its parts.
type kioskMain struct {
	machine config.Kiosk
	log     *slog.Logger
	tried   *virtual.Panel // nil: the real one in kiosk.toml
}

func newMain(f flags, logs io.Writer) (*kioskMain, error) {
	m, err := config.LoadKiosk(f.Config)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: write one, `motcua-kiosk --example` prints one to begin with, or name it with --config", err)
	}
	if err != nil {
		return nil, err
	}
	k := &kioskMain{machine: m, log: logger(logs, m.LogLevel)}
	if f.Try {
		var names []kiosk.Button
		for _, b := range m.Panel.Buttons {
			names = append(names, kiosk.Button(b.Button))
		}
		k.tried = virtual.NewPanel(names...)
	}
	return k, nil
}

// tokenFile holds the secret this kiosk asks with.
func (m *kioskMain) tokenFile() string { return filepath.Join(m.machine.Data, "token") }

// token reads the kiosk's secret, and draws it at the first start.
func (m *kioskMain) token() (string, error) {
	b, err := os.ReadFile(m.tokenFile())
	if err == nil && len(strings.TrimSpace(string(b))) >= 43 { // 256 bits
		return strings.TrimSpace(string(b)), nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read secret: %w: make the folder belong to the kiosk's user, or name another as data in kiosk.toml", err)
	}
	token, _ := auth.NewToken()
	if err := os.MkdirAll(m.machine.Data, 0o700); err != nil {
		return "", fmt.Errorf("make data folder: %w: name one this user may write as data in kiosk.toml", err)
	}
	// Whole or not at all, and on the disk before the centre hears its hash.
	if err := renameio.WriteFile(m.tokenFile(), []byte(token+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("keep secret: %w: name a folder this user may write as data in kiosk.toml", err)
	}
	return token, nil
}

func (m *kioskMain) forget(out io.Writer) error {
	if err := os.Remove(m.tokenFile()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("forget secret: %w", err)
	}
	fmt.Fprintln(out, "The secret is gone. Revoke the device at the centre too, then start the kiosk and pair it again.")
	return nil
}

// printer makes the kiosk's printer; nil when none is named.
func (m *kioskMain) printer() (*parts.Printer, error) {
	if m.machine.Printer.Device == "" {
		return nil, nil
	}
	p, err := parts.NewPrinter(m.machine.Printer)
	if err != nil {
		return nil, err
	}
	return p, nil
}

// buttons makes the kiosk's panel.
func (m *kioskMain) buttons() (kiosk.Panel, error) {
	if m.tried != nil {
		return m.tried, nil
	}
	p, err := parts.Panel(m.machine.Panel)
	if err != nil {
		return nil, err
	}
	return p, nil
}

// client asks the centre with the kiosk's secret.
func (m *kioskMain) client(token string) *door.Client {
	return door.NewClient(door.ClientOptions{Base: m.machine.Centre, Token: token, Fingerprint: m.machine.Fingerprint})
}

// door makes the whole.
func (m *kioskMain) door() (*door.Door, error) {
	token, err := m.token()
	if err != nil {
		return nil, err
	}
	panel, err := m.buttons()
	if err != nil {
		return nil, err
	}
	made, err := m.printer()
	if err != nil {
		return nil, err
	}
	words, err := web.New(web.Options{})
	if err != nil {
		return nil, fmt.Errorf("load words: %w", err)
	}
	o := door.Options{
		Centre: m.client(token), Panel: panel,
		PairingSlip: func(code string, until time.Time) door.Paper {
			return door.Paper{Category: words.Text(m.machine.Language, "slip.pairing", nil), Number: code,
				Notice: words.Text(m.machine.Language, "slip.pairing.hint", map[string]any{"at": until.In(queue.Zone).Format("15:04")})}
		},
		Version: version, Logger: m.log,
	}
	if made != nil {
		logger := m.log.With("part", "printer")
		if made.Unusable != nil {
			logger.Error("printer profile not used", "err", made.Unusable)
		}
		made.Unknown = func(id printer.DeviceID, profile, note string) {
			logger.Warn("printer profile may not fit", "model", id.String(), "profile", profile, "note", note)
		}
		o.Printer = func(log spool.Log, health func(spool.Health)) *spool.Spool {
			return spool.New(spool.Options{Open: made.Open, Protocol: made.Protocol, Log: log, OnHealth: health,
				Logger: logger, IdleClose: device.IdleClose(made.URI)})
		}
	}
	return door.New(o), nil
}

// run works until ctx ends.
func (m *kioskMain) run(ctx context.Context, out io.Writer) error {
	d, err := m.door()
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	if m.machine.Status != "" {
		l, err := parts.Listen(m.machine.Status, "is another motcua-kiosk running? choose a free port as status in kiosk.toml")
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "motcua-kiosk %s for %s; how it is: http://%s/\n", version, m.machine.Centre, l.Addr())
		s := &http.Server{Handler: statusPage(d, m.tried), ReadHeaderTimeout: 5 * time.Second, WriteTimeout: 5 * time.Second}
		go func() { _ = s.Serve(l) }() // ends with Close
		defer s.Close()
	} else {
		fmt.Fprintf(out, "motcua-kiosk %s for %s\n", version, m.machine.Centre)
	}
	ended := make(chan error, 1)
	go func() {
		ended <- sysd.Watchdog(ctx, d.Alive)
	}()
	if err := sysd.Ready(summary(d.Status())); err != nil {
		m.log.Warn("service manager not told", "err", err)
	}
	err = d.Run(ctx)
	if err := sysd.Stopping(); err != nil {
		m.log.Warn("service manager not told", "err", err)
	}
	stop()
	if werr := <-ended; werr != nil {
		m.log.Error("watchdog ended", "err", werr)
	}
	return err
}

func summary(s door.Status) string {
	return fmt.Sprintf("link %s, printer %s", s.Link, s.Printer)
}

// statusPage says how the kiosk is, to this machine alone: /health for
// programs, / for people.
// tried is the panel to press there, or nil.
func statusPage(d *door.Door, tried *virtual.Panel) http.Handler {
	mux := http.NewServeMux()
	if tried != nil {
		mux.HandleFunc("POST /press/{button}", func(w http.ResponseWriter, r *http.Request) {
			if _, err := tried.Press(r.Context(), kiosk.Button(r.PathValue("button"))); err != nil {
				http.Error(w, err.Error(), http.StatusNotFound)
				return
			}
			http.Redirect(w, r, "/try", http.StatusSeeOther)
		})
		mux.HandleFunc("GET /try", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Header().Set("Cache-Control", "no-store")
			w.Header().Set("Refresh", "1")
			lamps, _ := tried.Lamps()
			fmt.Fprint(w, "<!doctype html><html lang=en><title>motcua-kiosk</title><h1>Panel</h1>")
			for _, b := range tried.Buttons() {
				fmt.Fprintf(w, "<form method=post action=\"/press/%s\"><button>%s</button> %s</form>", url.PathEscape(string(b)), html.EscapeString(string(b)), lamps[b])
			}
			fmt.Fprint(w, "<p><a href=/>How it is</a>")
		})
	}
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		_ = json.NewEncoder(w).Encode(d.Status()) // who has gone away needs no answer
	})
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Refresh", "2")
		s := d.Status()
		fmt.Fprintf(w, "motcua-kiosk %s\n\ncentre    %s since %s\n", version, linkWords[s.Link], s.Since.In(queue.Zone).Format("15:04:05"))
		if s.Detail != "" {
			fmt.Fprintf(w, "          %s\n", s.Detail)
		}
		if s.Code != "" {
			fmt.Fprintf(w, "\n          PAIRING CODE  %s %s\n          Type it at the centre: page /devices, or `motcua device pair %s --name door-2 --role kiosk`.\n\n", s.Code[:3], s.Code[3:], s.Code)
		}
		fmt.Fprintf(w, "printer   %s\n", s.Printer)
		if h := parts.PrinterHint(spool.Code(s.Printer)); h != "" {
			fmt.Fprintf(w, "          %s\n", strings.ReplaceAll(h, "motcua.toml", "kiosk.toml"))
		}
		for _, f := range s.Faults {
			fmt.Fprintf(w, "panel     %s: %s. %s\n", strings.TrimSpace(f.Code+" "+string(f.Button)), f.Msg, f.Hint)
		}
	})
	// A page of another site may ask, but by a name that is not this machine's,
	// and it presses no button.
	guarded := http.NewCrossOriginProtection().Handler(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host
		}
		if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			http.Error(w, "ask 127.0.0.1", http.StatusMisdirectedRequest)
			return
		}
		guarded.ServeHTTP(w, r)
	})
}

var linkWords = map[door.Link]string{
	door.LinkUp:       "linked",
	door.LinkDown:     "NO LINK",
	door.LinkUnpaired: "NOT PAIRED",
	door.LinkOther:    "ANOTHER KIOSK HAS THIS PLACE",
}
