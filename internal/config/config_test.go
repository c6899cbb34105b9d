package config_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"motcua/internal/auth"
	"motcua/internal/config"
	"motcua/queue"
)

func ExampleParseMachine() {
	_, err := config.ParseMachine([]byte("listen = \"8480\"\nprot = 1\n"))
	fmt.Println(err)
	// Output:
	// configuration: 2 problems
	//   line 1: listen = "8480": this is no address to listen on. Write host and port, such as "127.0.0.1:8480", or ":8480" for all addresses.
	//   line 2: prot: this key is unknown. Check its spelling against the example, or remove it.
}

func TestExampleLoads(t *testing.T) {
	got, err := config.ParseMachine(config.Example())
	if err != nil {
		t.Fatal(err)
	}
	want := config.Machine{
		Listen: ":8480", Data: "/var/lib/motcua", PublicURL: "https://so.example.vn", Hosts: []string{"motcua.local"},
		Limits:  config.Limits{PerSecond: 20, Burst: 100},
		Printer: config.Printer{Device: "tcp://192.168.1.50:9100", Profile: "epson"},
		Second:  config.Printer{Device: "tcp://192.168.1.51:9100", Profile: "epson"},
		Panel:   config.Panel{WithoutPaper: config.StopWithoutPaper, Buttons: []config.Button{{"A", "GPIO17", "GPIO27"}, {"B", "GPIO22", ""}}},
		Scanner: config.Scanner{Device: "evdev:"},
		Access: []auth.Access{
			{Name: "tablet-1", Role: queue.Greeter, TokenSHA256: "5f1a3c0a1d9c3e0a7a0c4d6f7b8e9d0c1b2a3948576655443322110ffeeddccb"},
			{Name: "desk-3", Role: queue.Officer, Counter: "3", TokenSHA256: "7d2f9e8c5b4a39281706f5e4d3c2b1a0918273645546372819a0b1c2d3e4f506"},
		},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if _, err := auth.NewAuthenticator(got.Access, false); err != nil {
		t.Error(err)
	}
	if d := cmp.Diff([]string{"motcua.local", "so.example.vn"}, got.HostNames()); d != "" {
		t.Error(d)
	}
	if s := fmt.Sprintf("%+v", got.Redacted()); strings.Contains(s, "5f1a3c0a") || got.Access[0].TokenSHA256[:8] != "5f1a3c0a" {
		t.Errorf("redacted still shows a hash, or the original lost it: %s", s)
	}
}

// A USB printer says itself what it is; others speak Epson's language unless
// the file says otherwise.
func TestPrinterProfile(t *testing.T) {
	for text, want := range map[string]config.Printer{
		"":                               {Profile: "epson"},
		`device = "tcp://10.0.0.9:9100"`: {Device: "tcp://10.0.0.9:9100", Profile: "epson"},
		`device = "usb:"`:                {Device: "usb:", Profile: "auto"},
		`device = "/dev/usb/lp0"`:        {Device: "/dev/usb/lp0", Profile: "auto"},
		"device = \"usb:?mdl=TM-T20II\"\nprofile = \"generic\"": {Device: "usb:?mdl=TM-T20II", Profile: "generic"},
		"profile = \"auto\"\ndevice = \"serial:///dev/ttyAMA0?baud=19200&flow=none\"": {
			Device: "serial:///dev/ttyAMA0?baud=19200&flow=none", Profile: "auto"},
		"profile = \"/etc/motcua/my-printer.toml\"\nbuzzer = true": {Profile: "/etc/motcua/my-printer.toml", Buzzer: true},
		"roll_metres = 80": {Profile: "epson", Roll: 80},
	} {
		m, err := config.ParseMachine([]byte("[printer]\n" + text))
		if err != nil || m.Printer != want {
			t.Errorf("%s: %+v, %v; want %+v", text, m.Printer, err, want)
		}
		m, err = config.ParseMachine([]byte("[printer]\ndevice = \"tcp://10.0.0.1:9100\"\n[second_printer]\n" + text))
		if err != nil || m.Second != want {
			t.Errorf("second, %s: %+v, %v; want %+v", text, m.Second, err, want)
		}
	}
}

// Every commented default of the example is a key that exists.
func TestExampleDefaultsAreKeys(t *testing.T) {
	var all []string
	for _, line := range strings.Split(string(config.Example()), "\n") {
		if rest, ok := strings.CutPrefix(line, "# "); ok && strings.Contains(rest, ` = `) && !strings.Contains(strings.SplitN(rest, " =", 2)[0], " ") {
			line = rest
		}
		all = append(all, line)
	}
	m, err := config.ParseMachine([]byte(strings.Join(all, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	if m.Data != config.Defaults().Data || m.LogLevel != slog.LevelInfo || m.Centre == "" {
		t.Errorf("got %+v", m)
	}
}

func TestEmptyIsTheDefaults(t *testing.T) {
	got, err := config.ParseMachine(nil)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(config.Defaults(), got); d != "" {
		t.Error(d)
	}
}

func TestMachineProblems(t *testing.T) {
	hash := strings.Repeat("ab", 32)
	found := map[string]bool{}
	for _, c := range []struct{ name, text, want string }{
		{"listen", `listen = "x"`, `line 1: listen = "x": this is no address`},
		{"port", `listen = ":70000"`, `the port is not a number`},
		{"listen host", `listen = "a b:1"`, `neither an address nor a name`},
		{"kind", `listen = 80`, `line 1: listen = "80": this must be text`},
		{"data", `data = "motcua"`, `no absolute path`},
		{"scheme", `public_url = "so.example.vn"`, `no web address`},
		{"url path", `public_url = "https://a.vn/x"`, `more than scheme, host and port`},
		{"url long", `public_url = "https://` + strings.Repeat("a", 50) + `.vn"`, `longer than 49 bytes`},
		{"hosts kind", `hosts = "a"`, `must be a list`},
		{"hosts entry", `hosts = [1]`, `every entry must be text`},
		{"host", `hosts = ["http://a"]`, `no host name`},
		{"level", "[log]\nlevel = \"loud\"", `line 2: log.level = "loud": this is no level`},
		{"number", "[limits]\nburst = \"many\"", `line 2: limits.burst = "many": this is no whole number from 1 to 1000000`},
		{"number range", "[limits]\nrequests_per_second = 0", `no whole number`},
		{"table", `log = 3`, `must be a table`},
		{"device", "[printer]\ndevice = \"usb\"", `scheme missing`},
		{"second device", "[printer]\ndevice = \"usb:\"\n[second_printer]\ndevice = \"usb\"", `scheme missing`},
		{"second profile", "[printer]\ndevice = \"usb:\"\n[second_printer]\nprofile = \"x\"", `second_printer.profile = "x": there is no such printer profile`},
		{"second alone", "[second_printer]\ndevice = \"usb:\"", `there is no first printer`},
		{"second is the first", "[printer]\ndevice = \"usb:///dev/usb/lp0\"\n[second_printer]\ndevice = \"/dev/usb/lp0\"", `this is the first printer`},
		{"second is the first, let go when idle", "[printer]\ndevice = \"tcp://10.0.0.9:9100\"\n[second_printer]\ndevice = \"tcp://10.0.0.9:9100?idle=30s\"", `this is the first printer`},
		{"device settings", "[printer]\ndevice = \"serial:///dev/ttyUSB0?baud=1200\"", `Use 9600, 19200, 38400, 57600 or 115200`},
		{"device id", "[printer]\ndevice = \"usb:?model=x\"", `Write mfg, mdl or sn, as in usb:?mfg=EPSON&mdl=TM-T20II.`},
		{"device port", "[printer]\ndevice = \"tcp://10.0.0.1\"", `port missing`},
		{"profile", "[printer]\nprofile = \"a b\"", `no such printer profile`},
		{"profile file", "[printer]\nprofile = \"my-printer.toml\"", `line 2: printer.profile = "my-printer.toml": this is no profile's file. Write its path from the root`},
		{"profile file without its end", "[printer]\nprofile = \"/etc/motcua/my-printer\"", `no profile's file`},
		{"buzzer", "[printer]\nbuzzer = \"yes\"", `line 2: printer.buzzer = "yes": this must be true or false`},
		{"roll", "[printer]\nroll_metres = 80000", `line 2: printer.roll_metres = "80000": this is no whole number from 0 to 300`},
		{"second roll", "[printer]\ndevice = \"usb:?sn=1\"\n[second_printer]\nroll_metres = \"80 m\"", `second_printer.roll_metres`},
		{"pin", "[[panel.buttons]]\nbutton = \"A\"", `panel.buttons[0].pin: this is missing`},
		{"button twice", "[[panel.buttons]]\nbutton = \"A\"\npin = \"G1\"\n[[panel.buttons]]\nbutton = \"A\"\npin = \"G2\"", `line 5: panel.buttons[1].button = "A": this button is already used`},
		{"buttons kind", "[panel]\nbuttons = [1]", `list of tables`},
		{"access kind", "access = 1", `list of tables`},
		{"name", "[[access]]\nname = \"a b\"\nrole = \"kiosk\"\ntoken_sha256 = \"" + hash + "\"", `this is no id`},
		{"demo", "[[access]]\nname = \"demo\"\nrole = \"kiosk\"\ntoken_sha256 = \"" + hash + "\"", `this id is taken`},
		{"role", "[[access]]\nname = \"a\"\nrole = \"admin\"\ntoken_sha256 = \"" + hash + "\"", `line 3: access[0].role = "admin": this role is unknown`},
		{"counter", "[[access]]\nname = \"a\"\nrole = \"kiosk\"\ncounter = \"3\"\ntoken_sha256 = \"" + hash + "\"", `only an officer`},
		{"point", "[[access]]\nname = \"a\"\nrole = \"officer\"\npoint = \"annex\"\ntoken_sha256 = \"" + hash + "\"", `access[0].point = "annex": only a board, a kiosk or a greeter`},
		{"without paper", "[panel]\nwithout_paper = \"shout\"", `line 2: panel.without_paper = "shout": this is nothing a panel can do without paper. Write one of stop, screen.`},
		{"point kind", "[panel]\npoint = 2", `line 2: panel.point = "2": this must be text`},
		{"scanner", "[scanner]\ndevice = \"usb:\"", `line 2: scanner.device = "usb:": neither evdev: nor serial:. Write evdev:, `},
		{"scanner speed", "[scanner]\ndevice = \"serial:///dev/ttyACM0?baud=300\"", `Use 9600, 19200, 38400, 57600 or 115200`},
		{"scanner point kind", "[scanner]\npoint = 2", `line 2: scanner.point = "2": this must be text`},
		{"scanner key", "[scanner]\nprofile = \"x\"", `line 2: scanner.profile: this key is unknown`},
		{"hash", "[[access]]\nname = \"a\"\nrole = \"kiosk\"\ntoken_sha256 = \"secret-token\"", `not 64 hexadecimal digits`},
		{"same hash", "[[access]]\nname = \"a\"\nrole = \"kiosk\"\ntoken_sha256 = \"" + hash + "\"\n[[access]]\nname = \"b\"\nrole = \"kiosk\"\ntoken_sha256 = \"" + strings.ToUpper(hash) + "\"", `the same token`},
		{"unknown below", "[printer]\nuri = \"x\"", `line 2: printer.uri: this key is unknown`},
		{"syntax", "listen = \n", `line 1`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := config.ParseMachine([]byte(c.text))
			var e *config.Error
			if !errors.As(err, &e) || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v\nwant …%s…", err, c.want)
			}
			if strings.Contains(err.Error(), "secret-token") {
				t.Errorf("the error shows a token: %v", err)
			}
			for _, p := range e.Problems {
				if p.Field == "" || p.Msg == "" || p.Hint == "" || !slices.Contains(config.Flaws(), p.Code) {
					t.Errorf("problem without field, words, remedy or code: %+v", p)
				}
				found[p.Code] = true
			}
		})
	}
	// What only a centre file can have, or the two together, or a printer's profile.
	for _, code := range []string{"file_words", "file_number", "file_no_point", "file_no_button", "file_no_counter",
		"file_choice", "file_paper", "file_needs", "file_beside"} {
		found[code] = true
	}
	// What only a kiosk.toml can have: see TestKioskMistakes.
	for _, code := range []string{"file_fingerprint", "file_pinned", "file_plain", "file_loopback", "file_language", "file_paired"} {
		found[code] = true
	}
	for _, code := range config.Flaws() {
		if !found[code] {
			t.Errorf("no mistake here is %q", code)
		}
	}
}

func TestAllProblemsAtOnce(t *testing.T) {
	_, err := config.ParseMachine([]byte("listen = 1\ndata = \"x\"\nfoo = 1\n[printer]\ndevice = \"?\"\n[[access]]\nrole = \"x\"\n"))
	var e *config.Error
	if !errors.As(err, &e) {
		t.Fatal(err)
	}
	var fields []string
	for _, p := range e.Problems {
		fields = append(fields, p.Field)
	}
	want := []string{"listen", "data", "foo", "printer.device", "access[0].name", "access[0].token_sha256", "access[0].role"}
	if d := cmp.Diff(want, fields); d != "" {
		t.Error(d)
	}
}

func TestMissingFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none.toml")
	if _, err := config.LoadMachine(path); err == nil || !strings.Contains(err.Error(), "none.toml") {
		t.Errorf("machine: %v", err)
	}
	if _, err := config.LoadCentre(path); err == nil || !strings.Contains(err.Error(), "none.toml") {
		t.Errorf("centre: %v", err)
	}
}

func TestDemoIsAWholeCentre(t *testing.T) {
	c, err := config.Demo()
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Categories) != 14 || len(c.Counters) != 7 || len(c.Classes) != 3 || len(c.Sessions) != 0 || len(c.Points) != 1 {
		t.Fatalf("got %d categories, %d counters, %d classes, %d points", len(c.Categories), len(c.Counters), len(c.Classes), len(c.Points))
	}
	panel := ""
	for i := range c.Categories {
		k := &c.Categories[i]
		if k.Panel {
			panel += string(k.ID)
		}
		for _, l := range []string{"vi", "en", "de"} {
			if k.Name[l] == "" || k.Area[l] == "" {
				t.Errorf("category %s has no name or area in %s", k.ID, l)
			}
		}
	}
	if panel != "ABCDEFRT" {
		t.Errorf("panel has %s", panel)
	}
	overlap := 0
	for i := range c.Categories {
		n := 0
		for j := range c.Counters {
			if c.Counters[j].Serves(c.Categories[i].ID) {
				n++
			}
		}
		if n > 1 {
			overlap++
		}
	}
	if overlap < 8 {
		t.Errorf("only %d categories are served by more than one counter", overlap)
	}
	if k := c.Category("E"); len(k.Then) == 0 || !c.Category("R").Results || c.Class(queue.Appointed) == nil {
		t.Errorf("no visit goes on, no receipt leads to a result, or no appointment has a class: %+v", k)
	}
	if k := c.Class("priority"); k == nil || k.HeadStart != 60 || k.Name["vi"] != "Ưu tiên" {
		t.Errorf("priority is %+v", k)
	}
}

func TestCentreProblems(t *testing.T) {
	_, err := config.ParseCentre([]byte("languages = [\"vi\"]\ncolour = 1\n[centre]\nid = \"x y\"\nname = { vi = \"X\" }\n[[points]]\nid = \"main\"\nfoo = 2\n"))
	var e *config.Error
	if !errors.As(err, &e) {
		t.Fatal(err)
	}
	text := err.Error()
	for _, want := range []string{"line 2: colour: this key is unknown", "line 8: points[0].foo: this key is unknown", `line 4: centre.id = "x y"`, "categories"} {
		if !strings.Contains(text, want) {
			t.Errorf("misses %q in\n%s", want, text)
		}
	}
	// A value of the wrong kind is one of many, and what follows from it is not.
	_, err = config.ParseCentre([]byte("[[counters]]\nid = 1\nnumber = \"one\"\nskills = \"A\"\n[[classes]]\nmark = \"yes\"\nname = \"X\"\n[routing]\nwindow = 1.5\n[[points]]\nid = \"main\"\nname = { vi = 1 }\n"))
	if !errors.As(err, &e) {
		t.Fatal(err)
	}
	for _, want := range []string{
		`line 2: counters[0].id = "1": this must be text`, `line 3: counters[0].number = "one": this must be a whole number`,
		`line 4: counters[0].skills = "A": this must be a list`, `line 6: classes[0].mark = "yes": this must be true or false`,
		`line 7: classes[0].name = "X": these must be words by language`, `line 9: routing.window = "1.5": this must be a whole number`,
		`points[0].name.vi = "1": this must be text`, "categories",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("misses %q in\n%s", want, err)
		}
	}
	codes := map[string]string{}
	for _, p := range e.Problems {
		codes[p.Field] = p.Code
		if !slices.Contains(config.Flaws(), p.Code) && !slices.Contains(queue.FlawCodes(), p.Code) {
			t.Errorf("a problem without code: %+v", p)
		}
	}
	for field, want := range map[string]string{"counters[0].id": "file_text", "counters[0].number": "file_number", "counters[0].skills": "file_list",
		"classes[0].mark": "file_bool", "classes[0].name": "file_words", "languages": queue.FlawEmpty} {
		if codes[field] != want {
			t.Errorf("%s is %q, want %q", field, codes[field], want)
		}
	}
	for _, never := range []string{"skills: is empty", "number = \"0\"", "counters[0].id: is no id"} {
		if strings.Contains(err.Error(), never) {
			t.Errorf("%q follows from another mistake:\n%s", never, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(config.Example())
	f.Add([]byte("[[a]]\n[a.b]\nx=1"))
	f.Add([]byte("[panel]\nbuttons=[{button=1}]"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if m, err := config.ParseMachine(b); err != nil {
			var e *config.Error
			if !errors.As(err, &e) || len(e.Problems) == 0 || m.Listen != "" {
				t.Fatalf("refused without problems: %v", err)
			}
		}
		if _, err := config.ParseCentre(bytes.Clone(b)); err != nil {
			var e *config.Error
			if !errors.As(err, &e) || len(e.Problems) == 0 {
				t.Fatalf("refused without problems: %v", err)
			}
		}
	})
}
