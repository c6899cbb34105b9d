package config_test

import (
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"motcua/internal/config"
)

func TestKioskExampleLoads(t *testing.T) {
	got, err := config.ParseKiosk(config.KioskExample())
	if err != nil {
		t.Fatal(err)
	}
	sum, err := hex.DecodeString("5f1a3c0a1d9c3e0a7a0c4d6f7b8e9d0c1b2a3948576655443322110ffeeddccb")
	if err != nil {
		t.Fatal(err)
	}
	want := config.Kiosk{
		Centre: "https://motcua.local:8443", Fingerprint: sum, Data: "/var/lib/motcua-kiosk", Status: "127.0.0.1:8481", Language: "vi",
		Printer: config.Printer{Device: "usb:", Profile: "auto"},
		Panel:   config.Panel{WithoutPaper: config.Defaults().Panel.WithoutPaper, Buttons: []config.Button{{"A", "GPIO17", "GPIO27"}, {"B", "GPIO22", ""}}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestKioskExampleDefaultsAreKeys(t *testing.T) {
	var all []string
	for _, line := range strings.Split(string(config.KioskExample()), "\n") {
		if rest, ok := strings.CutPrefix(line, "# "); ok && strings.Contains(rest, " = ") && !strings.Contains(strings.SplitN(rest, " = ", 2)[0], " ") {
			line = rest
		}
		all = append(all, line)
	}
	text := strings.Replace(strings.Join(all, "\n"), `profile = "auto"`, `profile = "generic"`, 1)
	if k, err := config.ParseKiosk([]byte(text)); err != nil || k.Printer.Profile != "generic" {
		t.Errorf("%+v %v", k.Printer, err)
	}
}

func TestKioskMistakes(t *testing.T) {
	for text, want := range map[string]string{
		``:                                "centre: this is missing",
		`centre = "motcua.local"`:         "no web address",
		`centre = "http://10.0.0.1:8480"`: "plain_http = true",
		"centre = \"http://10.0.0.1\"\nplain_http = true\nfingerprint = \"" + strings.Repeat("ab", 32) + "\"": "plain HTTP has no certificate",
		"centre = \"https://m\"\nfingerprint = \"ab:cd\"":                                                     "no SHA-256",
		"centre = \"https://m\"\nplain_http = \"yes\"":                                                        "true or false",
		"centre = \"https://m/path\"":                                                                         "more than scheme",
		"centre = \"https://m\"\nstatus = \":8481\"":                                                          "not this machine alone",
		"centre = \"https://m\"\nstatus = \"10.0.0.1:1\"":                                                     "not this machine alone",
		"centre = \"https://m\"\nlanguage = \"fr\"":                                                           "no language",
		"centre = \"https://m\"\ndata = \"here\"":                                                             "no absolute path",
		"centre = \"https://m\"\n[panel]\nwithout_paper = \"screen\"":                                         "this key is unknown",
		"centre = \"https://m\"\n[panel]\npoint = \"main\"":                                                   "said when it is paired",
		"centre = \"https://m\"\nlisten = \":1\"":                                                             "this key is unknown",
		"centre = \"https://m\"\n[printer]\ndevice = \"x\"":                                                   "printer.device",
		"centre = ": "line 1",
	} {
		_, err := config.ParseKiosk([]byte(text))
		var e *config.Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n\tgot %v, want %q", text, err, want)
		}
	}
	if k, err := config.ParseKiosk([]byte("centre = \"http://10.0.0.1:8480/\"\nplain_http = true\nstatus = \"\"")); err != nil || k.Centre != "http://10.0.0.1:8480" || k.Status != "" {
		t.Errorf("%+v %v", k, err)
	}
}

// The packaged file lacks its centre and nothing else: nobody knows it before
// the kiosk stands somewhere.
func TestPackagedKiosk(t *testing.T) {
	k, err := config.LoadKiosk("../../packaging/kiosk/kiosk.toml")
	var e *config.Error
	if !errors.As(err, &e) || len(e.Problems) != 1 || e.Problems[0].Field != "centre" {
		t.Fatalf("%+v %v", k, err)
	}
}
