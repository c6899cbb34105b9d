package config

import (
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"

	"motcua/internal/auth"
	"motcua/kiosk/scanner/reader"
	"motcua/printer/device"
	"motcua/printer/escpos"
	"motcua/queue"
)

// Machine is motcua.toml: what this machine is. What the centre is lies in
// its journal.
type Machine struct {
	Listen    string   // "host:port"; port 0 chooses a free one
	Data      string   // folder of the journal and the link key
	PublicURL string   // base of the links on slips, without a slash at the end; "" = none printed
	Hosts     []string // names this machine is asked by, besides its addresses and loopback
	Centre    string   // centre file applied when the journal is empty; "" = none
	LogLevel  slog.Level
	Limits    Limits
	Printer   Printer
	Second    Printer // prints what Printer cannot
	Panel     Panel
	Scanner   Scanner
	Access    []auth.Access
}

// Limits bound what one client may ask for: a token, or an address without one.
type Limits struct {
	PerSecond int // requests a second, lasting
	Burst     int // at once
}

// Printer is the ticket printer; an empty Device is none.
type Printer struct {
	Device  string // "usb:", "serial:///dev/ttyUSB0", "tcp://192.168.1.50:9100", "/dev/usb/lp0"
	Profile string // the printer's language: "epson", "generic", a file's path; AutoProfile asks the printer
	Buzzer  bool   // it sounds with each slip
	Roll    int    // metres of paper on a new roll; 0 = paper is not counted
}

// maxRoll is longer than any roll that fits a ticket printer.
const maxRoll = 300

// AutoProfile lets a USB printer say what it is; see escpos.ProfileFor.
const AutoProfile = "auto"

// Panel is the wiring of the button panel; no buttons is no panel.
type Panel struct {
	// WithoutPaper is what a press does while no printer would print its slip.
	WithoutPaper WithoutPaper
	Point        queue.PointID // service point it stands at; "" = the centre's first
	Buttons      []Button
}

// WithoutPaper is what a panel does while there is no paper.
type WithoutPaper string

const (
	StopWithoutPaper   WithoutPaper = "stop"   // it gives out no numbers; the lamps send people to the greeter
	ScreenWithoutPaper WithoutPaper = "screen" // the screen beside it shows them
)

// Scanner is the barcode scanner; an empty Device is none.
type Scanner struct {
	Device string        // "evdev:", "evdev:/dev/input/by-id/…-event-kbd", "serial:///dev/ttyACM0"
	Point  queue.PointID // service point it stands at; "" = the panel's
}

// Button is one button of the panel with its lamp.
type Button struct {
	Button string // what it stands for: a category ("A") or a language ("vi")
	Pin    string // "GPIO17", or chip and offset "pinctrl-bcm2711:17"
	Lamp   string // the same for its lamp; "" = none
}

// LocalToken is the file in the data folder by which programs of this machine
// learn from motcuad how its parts are: a token, another at each start.
const LocalToken = "local-token"

// Defaults is a machine without a file: it listens on loopback alone.
func Defaults() Machine {
	return Machine{Listen: "127.0.0.1:8480", Data: "/var/lib/motcua",
		Limits: Limits{PerSecond: 20, Burst: 100}, Printer: Printer{Profile: "epson"}, Second: Printer{Profile: "epson"},
		Panel: Panel{WithoutPaper: StopWithoutPaper}}
}

// maxPublicURL leaves a whole link at most 106 bytes, which a QR code of
// version 6 at level M holds: "/t/2006-01-02/" is 14 of them, the token 43.
const maxPublicURL = 106 - 14 - 43

//go:embed example.toml
var example []byte

// Example returns a motcua.toml that explains every key.
func Example() []byte { return slices.Clone(example) }

// LoadMachine reads motcua.toml. The error is an [*Error] with all problems,
// or says why the file can't be read.
func LoadMachine(path string) (Machine, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return Machine{}, fmt.Errorf("read configuration: %w", err)
	}
	m, err := ParseMachine(b)
	if e := (*Error)(nil); errors.As(err, &e) {
		e.File = path
	}
	return m, err
}

// ParseMachine reads the text of a motcua.toml on top of [Defaults]. The
// error is an [*Error].
func ParseMachine(text []byte) (Machine, error) {
	m := Defaults()
	in := map[string]any{}
	if _, err := toml.Decode(string(text), &in); err != nil {
		return Machine{}, &Error{Problems: []Problem{syntax(err)}}
	}
	var found []Problem
	t := table{in: in, at: lines(string(text)), to: &found}
	t.text("listen", &m.Listen, checkListen)
	t.text("data", &m.Data, checkFolder)
	t.text("public_url", &m.PublicURL, checkPublicURL)
	m.PublicURL = strings.TrimSuffix(m.PublicURL, "/")
	t.texts("hosts", &m.Hosts, checkHost)
	t.text("centre", &m.Centre, nil)
	t.sub("log", func(t table) { readLevel(t, &m.LogLevel) })
	t.sub("limits", func(t table) {
		t.number("requests_per_second", &m.Limits.PerSecond, 1, 1_000_000)
		t.number("burst", &m.Limits.Burst, 1, 1_000_000)
	})
	t.sub("printer", func(t table) {
		readPrinter(t, &m.Printer, checkDevice)
		t.number("roll_metres", &m.Printer.Roll, 0, maxRoll)
	})
	t.sub("second_printer", func(t table) {
		readPrinter(t, &m.Second, func(s string) flaw {
			switch {
			case s == "":
			case m.Printer.Device == "":
				return flaw{flawSecondAlone, "there is no first printer", "Name this one under [printer], or another there.", nil}
			case device.Same(s, m.Printer.Device):
				return flaw{flawSecondSame, "this is the first printer", "Name another one, or remove [second_printer].", nil}
			}
			return checkDevice(s)
		})
		t.number("roll_metres", &m.Second.Roll, 0, maxRoll)
	})
	t.sub("panel", func(t table) { readPanel(t, &m.Panel) })
	t.sub("scanner", func(t table) {
		var point string
		t.text("device", &m.Scanner.Device, checkScanner)
		t.text("point", &point, nil)
		m.Scanner.Point = queue.PointID(point)
	})
	readAccess(t, &m.Access)
	t.rest()
	if len(found) > 0 {
		slices.SortStableFunc(found, func(a, b Problem) int { return a.Line - b.Line })
		return Machine{}, &Error{Problems: found}
	}
	return m, nil
}

func readLevel(t table, into *slog.Level) {
	level := "info"
	t.text("level", &level, func(s string) flaw {
		if err := into.UnmarshalText([]byte(s)); err != nil {
			return flaw{flawLevel, "this is no level", "Use debug, info, warn or error.", nil}
		}
		return flaw{}
	})
}

func readPrinter(t table, p *Printer, checkDevice func(string) flaw) {
	t.text("device", &p.Device, checkDevice)
	if device.Names(device.Address(p.Device)) {
		p.Profile = AutoProfile
	}
	t.text("profile", &p.Profile, func(s string) flaw {
		switch {
		case s == AutoProfile:
			return flaw{}
		case !IsProfileFile(s):
		case !filepath.IsAbs(s) || !strings.HasSuffix(s, profileExt):
			return flaw{flawProfileFile, "this is no profile's file", `Write its path from the root, and end it in .toml: "/etc/motcua/my-printer.toml".`, nil}
		default:
			return flaw{}
		}
		if _, err := escpos.Named(s); err != nil {
			list := strings.Join(append([]string{AutoProfile}, escpos.Profiles()...), ", ")
			return flaw{flawProfile, "there is no such printer profile", "Name one of " + list + ".", args{"list": list}}
		}
		return flaw{}
	})
	t.flag("buzzer", &p.Buzzer)
}

func readPanel(t table, p *Panel) {
	var point string
	t.text("point", &point, nil)
	p.Point = queue.PointID(point)
	without := string(p.WithoutPaper)
	t.text("without_paper", &without, func(s string) flaw {
		if !slices.Contains([]WithoutPaper{StopWithoutPaper, ScreenWithoutPaper}, WithoutPaper(s)) {
			return flaw{flawChoice, "this is nothing a panel can do without paper", "Write one of stop, screen.", args{"list": "stop, screen"}}
		}
		return flaw{}
	})
	p.WithoutPaper = WithoutPaper(without)
	names := map[string]string{}
	once := func(field string) func(string) flaw {
		return func(s string) flaw {
			if other, ok := names[s]; ok {
				return flaw{flawUsed, "this button is already used by " + other, "Let every button stand for something of its own.", args{"other": other}}
			}
			names[s] = field
			return flaw{}
		}
	}
	t.list("buttons", func(i int, e table) {
		var b Button
		required := func(what, such string, then func(string) flaw) func(string) flaw {
			return func(s string) flaw {
				if s == "" {
					return flaw{flawMissing, "this is missing", "Name the " + what + ", such as " + such + ".", args{"example": such}}
				}
				return then(s)
			}
		}
		// Whether the machine has these lines, and each once, the panel says when
		// it runs: it costs one button, not the start.
		anyLine := func(string) flaw { return flaw{} }
		e.text("button", &b.Button, required("category it gives out", `button = "A"`, once(e.path+"button")))
		e.text("pin", &b.Pin, required("line", `pin = "GPIO17"`, anyLine))
		e.text("lamp", &b.Lamp, nil)
		p.Buttons = append(p.Buttons, b)
	})
}

func readAccess(t table, list *[]auth.Access) {
	names, hashes := map[string]bool{}, map[string]bool{}
	t.list("access", func(i int, e table) {
		var a auth.Access
		var role, counter, point string
		e.text("name", &a.Name, func(s string) flaw {
			switch {
			case !auth.ValidName(s):
				return flaw{flawName, "this is no id", "Use 1 to 40 letters, digits, '-', '_' or '.'; an id of a device or post, never a person's name.", nil}
			case names[s] || s == "demo":
				return flaw{flawNameTaken, "this id is taken", "Give every entry an id of its own; it is what the journal names.", nil}
			}
			names[s] = true
			return flaw{}
		})
		e.text("role", &role, func(s string) flaw {
			if !slices.Contains(auth.Roles(), queue.Role(s)) {
				return flaw{flawAccessRole, "this role is unknown", "Use board, kiosk, greeter, officer or supervisor.", nil}
			}
			return flaw{}
		})
		e.text("counter", &counter, func(s string) flaw {
			if s != "" && role != string(queue.Officer) {
				return flaw{flawCounterRole, "only an officer is bound to a counter", `Remove it, or set role = "officer".`, nil}
			}
			return flaw{}
		})
		e.text("point", &point, func(s string) flaw {
			if s != "" && !slices.Contains(auth.Placed(), queue.Role(role)) {
				return flaw{flawPointRole, "only a board, a kiosk or a greeter is bound to a service point", "Remove it; an officer's counter says where it is.", nil}
			}
			return flaw{}
		})
		e.text("token_sha256", &a.TokenSHA256, nil)
		if b, err := hex.DecodeString(a.TokenSHA256); err != nil || len(b) != 32 {
			// The value is not shown: somebody may have put the token itself here.
			e.problem("token_sha256", "", flaw{flawToken, "this is not 64 hexadecimal digits", "Run `motcua token` and copy the hash it prints.", nil})
		} else if key := strings.ToLower(a.TokenSHA256); hashes[key] {
			e.problem("token_sha256", "", flaw{flawTokenTwice, "another entry has the same token", "Run `motcua token` once for every entry.", nil})
		} else {
			hashes[key] = true
		}
		a.Role, a.Counter, a.Point = queue.Role(role), queue.CounterID(counter), queue.PointID(point)
		*list = append(*list, a)
	})
}

var goodHost = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$`)

func checkListen(s string) flaw {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		return flaw{flawListen, "this is no address to listen on", `Write host and port, such as "127.0.0.1:8480", or ":8480" for all addresses.`, nil}
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n > 65535 {
		return flaw{flawPort, "the port is not a number from 0 to 65535", `Write one, such as ":8480".`, nil}
	}
	if host != "" && net.ParseIP(host) == nil && !goodHost.MatchString(host) {
		return flaw{flawListenHost, "the host is neither an address nor a name", `Leave it empty to listen everywhere: ":8480".`, nil}
	}
	return flaw{}
}

func checkFolder(s string) flaw {
	if !filepath.IsAbs(s) {
		return flaw{flawFolder, "this is no absolute path", `Write it from the root, such as "/var/lib/motcua".`, nil}
	}
	return flaw{}
}

func checkPublicURL(s string) flaw {
	if s == "" {
		return flaw{}
	}
	u, err := url.Parse(s)
	switch {
	case err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "":
		return flaw{flawWeb, "this is no web address", `Write it with its scheme, such as "https://so.example.vn".`, nil}
	case u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "":
		return flaw{flawWebMore, "this has more than scheme, host and port", "Leave out user, path, query and fragment.", nil}
	case len(strings.TrimSuffix(s, "/")) > maxPublicURL:
		return flaw{flawWebLong, fmt.Sprintf("this is longer than %d bytes", maxPublicURL),
			"Use a shorter name, or the QR code on the slip gets too dense to read.", args{"high": maxPublicURL}}
	}
	return flaw{}
}

func checkHost(s string) flaw {
	if !goodHost.MatchString(s) {
		return flaw{flawHost, "this is no host name", "Write the bare name without scheme, port or slash.", nil}
	}
	return flaw{}
}

func checkDevice(s string) flaw {
	if s == "" {
		return flaw{}
	}
	var e *device.Error
	if !errors.As(device.Check(device.Address(s)), &e) {
		return flaw{}
	}
	return flaw{flawDevice, e.Msg, sentence(e.Hint), nil}
}

func checkScanner(s string) flaw {
	var e *reader.Error
	if s == "" || !errors.As(reader.Check(reader.Address(s)), &e) {
		return flaw{}
	}
	return flaw{flawScanner, e.Msg, sentence(e.Hint), nil}
}

// sentence makes one of a device's hint.
func sentence(hint string) string {
	if hint == "" {
		return ""
	}
	return strings.ToUpper(hint[:1]) + hint[1:] + "."
}

// Redacted is the configuration for a log or a support file: token hashes are
// left out.
func (m Machine) Redacted() Machine {
	m.Access = slices.Clone(m.Access)
	for i := range m.Access {
		m.Access[i].TokenSHA256 = "(hidden)"
	}
	return m
}

// HostNames are the names of Hosts together with the one in PublicURL, sorted.
func (m Machine) HostNames() []string {
	names := map[string]bool{}
	for _, h := range m.Hosts {
		names[strings.ToLower(h)] = true
	}
	if u, err := url.Parse(m.PublicURL); err == nil && u.Hostname() != "" {
		names[strings.ToLower(u.Hostname())] = true
	}
	return slices.Sorted(maps.Keys(names))
}
