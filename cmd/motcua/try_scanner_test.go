package main

import (
	"strings"
	"testing"

	"motcua/internal/tty/ttytest"
)

func scannerLine(t *testing.T) string {
	t.Helper()
	_, path := ttytest.Pair(t)
	return path
}

// The test of a scanner names the kind of every code and nothing it says.
func TestScannerTest(t *testing.T) {
	gun, path := ttytest.Pair(t)
	codes := []string{
		"046058777123||CANARY|15081958|Nam|CANARY|10052021", "H57.777-260130-7123", "CANARY-17", "motcua:appointment:CANARY-18",
		"https://so.example.vn/t/2026-11-23/CANARYQFBgcICQoLDA0OD_-6t9Xg4uTm6Ors7vDy9Pa", "canary", strings.Repeat("CANARY", 500),
	}
	var out strings.Builder
	m := &Main{Stdin: strings.NewReader(""), Stdout: lineWriter(func(s string) {
		out.WriteString(s)
		switch {
		case strings.HasPrefix(s, "ready"):
			for _, c := range codes {
				if _, err := gun.WriteString(c + "\r"); err != nil {
					t.Error(err)
				}
			}
		case strings.Contains(s, "too long"):
			gun.Close()
		}
	}), Stderr: &out}
	status := m.Run(t.Context(), []string{"scanner", "test", "--device", "serial://" + path, "--config", "/nowhere.toml", "--seconds", "3"})
	if status != exitBroken { // it was pulled out at the end
		t.Errorf("status %d", status)
	}
	has(t, out.String(), "id_card     an ID card", "receipt     a dossier's receipt", "plain       an appointment, if", "appointment an appointment: ",
		"ticket      a slip", "unknown     none of these: its holder is asked to choose a button (6 bytes)", "unknown     too long", "absent      ", "7 codes were read")
	for _, secret := range []string{"CANARY", "canary", "0460", "H57", "1508"} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("it shows %q of what was scanned:\n%s", secret, &out)
		}
	}
}
