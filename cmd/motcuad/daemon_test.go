package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestDaemonInProcess runs the whole centre inside the test, so that the race
// detector sees its parts together: starting, pressing, printing, calling,
// a printer that fails and heals, stopping; twice, the second time with a past.
func TestDaemonInProcess(t *testing.T) {
	data := t.TempDir()
	for round := range 2 {
		var out, logs bytes.Buffer
		ctx, cancel := context.WithCancel(t.Context())
		d, err := Open(ctx, flags{Demo: true, Listen: "127.0.0.1:0", Data: data}, &out, &logs)
		if err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- d.Run(ctx) }()
		base := "http://" + d.Addr()
		post := func(path, body string) {
			t.Helper()
			r, err := http.Post(base+"/api/v1"+path, "application/json", strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			defer r.Body.Close()
			if r.StatusCode >= 300 {
				t.Fatalf("POST %s %s: %s", path, body, r.Status)
			}
		}
		for _, fault := range []string{"paper_out", "none"} {
			post("/demo/printer", `{"fault":"`+fault+`"}`)
			post("/tickets", `{"category":"A"}`)
		}
		post("/demo/press", `{"button":"B"}`)
		if round == 0 {
			post("/counters/1/open", `{}`)
			post("/counters/1/next", `{}`)
		}
		post("/demo/morning", `{"speed":60}`)
		// All three slips come out, whatever the printer went through.
		wait, stop := context.WithTimeout(ctx, 30*time.Second)
		if _, err := d.stage.printer.Wait(wait, 3); err != nil {
			t.Errorf("round %d: three slips: %v", round, err)
		}
		stop()
		var health struct {
			Parts []struct{ Name, Status string }
		}
		r, err := http.Get(base + "/api/v1/health")
		if err != nil {
			t.Fatal(err)
		}
		if err := json.NewDecoder(r.Body).Decode(&health); err != nil || len(health.Parts) < 4 {
			t.Errorf("health: %+v, %v", health, err)
		}
		r.Body.Close()
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("round %d: %v", round, err)
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("round %d: it does not end", round)
		}
		if !strings.Contains(out.String(), base+"/demo") {
			t.Errorf("it does not say where to look:\n%s", &out)
		}
		if strings.Contains(logs.String(), "level=ERROR") {
			t.Errorf("round %d:\n%s", round, &logs)
		}
	}
}
