package main

import (
	"context"
	"errors"
	"testing"
)

// TestGoTestIsRead: what go test prints becomes cases and violations, and its
// failing is never taken for a proof.
func TestGoTestIsRead(t *testing.T) {
	const fuzzed = "fuzz: elapsed: 3s, execs: 1200 (400/sec), new interesting: 2 (total: 9)\nfuzz: elapsed: 6s, execs: 2500 (433/sec), new interesting: 2 (total: 9)\nPASS\n"
	if r := tried(fuzzed); r.Cases != 2500 || r.Short() {
		t.Errorf("fuzzed: %+v", r)
	}
	if r := answered("=== RUN\nkills=10 operations=1792 violations=0 undecided=0 repeated=41 lost=7 seed=1\nPASS\n"); r.Cases != 1792 || r.Short() {
		t.Errorf("killed: %+v", r)
	}
	if r := answered("kills=10 operations=1792 violations=1 undecided=2 repeated=41 lost=7 seed=1\n"); r.Failures != 3 || !r.Short() {
		t.Errorf("with violations: %+v", r)
	}
	if r := failed(t.Context(), tried(fuzzed), fuzzed, errors.New("exit status 1")); r.Failures != 1 || !r.Short() {
		t.Errorf("a failing input: %+v", r)
	}
	if r := failed(t.Context(), tried("ok  	pkg	0.1s [no tests to run]\n"), "", nil); !r.Short() {
		t.Errorf("nothing looked at: %+v", r)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if r := failed(over, tried(fuzzed), fuzzed, errors.New("signal: interrupt")); !r.Short() || r.Failures != 0 {
		t.Errorf("interrupted: %+v", r)
	}
}
