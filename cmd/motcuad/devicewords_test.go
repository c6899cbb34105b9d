package main

import (
	"testing"

	"motcua/internal/web"
	"motcua/kiosk"
	"motcua/printer/spool"
)

// Whatever of a device staff are told has words in each of their languages.
func TestDevicesHaveWords(t *testing.T) {
	w, err := web.New(web.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, c := range []string{kiosk.FaultStuck, kiosk.FaultCable, kiosk.FaultIO, kiosk.FaultLamp, kiosk.FaultAbsent} {
		keys = append(keys, "common.device.panel."+c)
	}
	for _, c := range []spool.Code{spool.HealthUnreachable, spool.HealthPaperOut, spool.HealthPaperLow, spool.HealthCover,
		spool.HealthCutter, spool.HealthHot, spool.HealthOffline, spool.HealthError, spool.HealthGarbled, spool.HealthSilent, spool.HealthNoProof} {
		keys = append(keys, "common.device.printer."+string(c))
	}
	for _, lang := range []string{"vi", "en", "de"} {
		for _, key := range keys {
			if text := w.Text(lang, key, nil); text == key || text == "" {
				t.Errorf("%s in %s: %q", key, lang, text)
			}
		}
	}
}
