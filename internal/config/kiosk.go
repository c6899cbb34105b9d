package config

import (
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// Kiosk is kiosk.toml: a panel and a printer at another door.
type Kiosk struct {
	Centre      string // base of the centre's daemon, without a slash at the end
	Fingerprint []byte // SHA-256 of its certificate; nil: the system's judgement
	PlainHTTP   bool   // Centre may be http
	Data        string // folder of the secret
	Status      string // "host:port" on loopback; "" = no status page
	Language    string // of the paper with the pairing code
	LogLevel    slog.Level
	Printer     Printer
	Panel       Panel
}

//go:embed kiosk.toml
var kioskExample []byte

// KioskExample returns a kiosk.toml that explains every key.
func KioskExample() []byte { return slices.Clone(kioskExample) }

// LoadKiosk reads kiosk.toml. The error is an [*Error] with all problems, or
// says why the file can't be read.
func LoadKiosk(path string) (Kiosk, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return Kiosk{}, fmt.Errorf("read configuration: %w", err)
	}
	k, err := ParseKiosk(b)
	if e := (*Error)(nil); errors.As(err, &e) {
		e.File = path
	}
	return k, err
}

// ParseKiosk reads the text of a kiosk.toml. The error is an [*Error].
func ParseKiosk(text []byte) (Kiosk, error) {
	k := Kiosk{Data: "/var/lib/motcua-kiosk", Status: "127.0.0.1:8481", Language: "vi", Printer: Defaults().Printer, Panel: Defaults().Panel}
	in := map[string]any{}
	if _, err := toml.Decode(string(text), &in); err != nil {
		return Kiosk{}, &Error{Problems: []Problem{syntax(err)}}
	}
	var found []Problem
	t := table{in: in, at: lines(string(text)), to: &found}
	t.flag("plain_http", &k.PlainHTTP)
	var fingerprint string
	t.text("fingerprint", &fingerprint, func(s string) flaw {
		b, err := hex.DecodeString(strings.ReplaceAll(s, ":", ""))
		if s != "" && (err != nil || len(b) != 32) {
			return flaw{flawFingerprint, "this is no SHA-256 of a certificate", "Run `motcua-kiosk --check` and compare what it prints with the centre's own.", nil}
		}
		if s != "" {
			k.Fingerprint = b
		}
		return flaw{}
	})
	t.text("centre", &k.Centre, func(s string) flaw { return checkCentre(s, k.PlainHTTP, k.Fingerprint != nil) })
	k.Centre = strings.TrimSuffix(k.Centre, "/")
	t.text("data", &k.Data, checkFolder)
	t.text("status", &k.Status, func(s string) flaw {
		if s == "" {
			return flaw{}
		}
		if f := checkListen(s); f.code != "" {
			return f
		}
		host, _, _ := net.SplitHostPort(s)
		if a, err := netip.ParseAddr(host); host != "localhost" && (err != nil || !a.IsLoopback()) {
			return flaw{flawLoopback, "this is not this machine alone", `Write "127.0.0.1" before the port: the page shows the pairing code.`, nil}
		}
		return flaw{}
	})
	t.text("language", &k.Language, func(s string) flaw {
		if !slices.Contains([]string{"vi", "en", "de"}, s) {
			return flaw{flawLanguage, "this is no language of the software", "Use vi, en or de.", nil}
		}
		return flaw{}
	})
	t.sub("log", func(t table) { readLevel(t, &k.LogLevel) })
	t.sub("printer", func(t table) { readPrinter(t, &k.Printer, checkDevice) })
	t.sub("panel", func(t table) {
		if _, ok := t.in["point"]; ok {
			delete(t.in, "point")
			t.problem("point", "", flaw{flawPaired, "where a kiosk stands is said when it is paired", "Remove it; choose the service point on the page /devices.", nil})
		}
		if _, ok := t.in["without_paper"]; ok { // a kiosk has no screen to show numbers on
			delete(t.in, "without_paper")
			t.problem("without_paper", "", flaw{flawUnknownKey, "this key is unknown", "Check its spelling against the example, or remove it.", args{"n": 0, "list": ""}})
		}
		readPanel(t, &k.Panel)
	})
	t.rest()
	if len(found) > 0 {
		slices.SortStableFunc(found, func(a, b Problem) int { return a.Line - b.Line })
		return Kiosk{}, &Error{Problems: found}
	}
	return k, nil
}

func checkCentre(s string, plain, pinned bool) flaw {
	if s == "" {
		return flaw{flawMissing, "this is missing", `Name the centre's daemon, such as centre = "https://motcua.local:8443".`, args{"example": `centre = "https://motcua.local:8443"`}}
	}
	u, err := url.Parse(s)
	switch {
	case err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "":
		return flaw{flawWeb, "this is no web address", `Write it with its scheme, such as "https://motcua.local:8443".`, nil}
	case u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "":
		return flaw{flawWebMore, "this has more than scheme, host and port", "Leave out user, path, query and fragment.", nil}
	case u.Scheme == "http" && pinned:
		return flaw{flawPinned, "plain HTTP has no certificate that could have a fingerprint", "Begin it with https://, or remove fingerprint.", nil}
	case u.Scheme == "http" && !plain:
		return flaw{flawPlain, "this is plain HTTP: anybody on the network can read the kiosk's secret", "Begin it with https:// and name the certificate's fingerprint; on a network of the centre's own write plain_http = true.", nil}
	}
	return flaw{}
}
