// Package rig puts the guest's hardware into a test's hands: gpio chips whose
// lines it pulls, and a USB printer of which it holds the other end and the
// cable. What it needs of the machine is in the environment; see init.sh. A
// test that runs elsewhere is skipped, which is short in the table of
// hardwaretest.
package rig

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// Patience is how long something may take that is not measured, on an emulated
// machine many times slower than a real one.
const Patience = 20 * time.Second

// Until tries again until there is no error, and ends the test after Patience.
func Until(t testing.TB, what string, try func() error) {
	t.Helper()
	end := time.Now().Add(Patience)
	for {
		err := try()
		if err == nil {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%s: %v", what, err)
		}
		<-time.After(5 * time.Millisecond)
	}
}

// Check prints a row of the table.
func Check(name string, cases, failures int) {
	fmt.Printf("\nCHECK %s %d %d - -\n", name, cases, failures)
}

// Measure prints a row of the table that has a figure. Both are shown in
// milliseconds.
func Measure(name string, cases, failures int, figure, goal time.Duration) {
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	fmt.Printf("\nCHECK %s %d %d %.2fms %.2fms\n", name, cases, failures, ms(figure), ms(goal))
}

// Percent prints a row of the table whose figure is a share of one processor.
func Percent(name string, cases, failures int, figure, goal float64) {
	fmt.Printf("\nCHECK %s %d %d %.2f%% %.2f%%\n", name, cases, failures, figure, goal)
}

// Env is a variable the guest sets; the test is skipped where it does not.
func Env(t testing.TB, name string) string {
	t.Helper()
	v := os.Getenv(name)
	if v == "" {
		t.Skip(name + " is not set: this is not the guest of make test-hardware")
	}
	return v
}

// put writes into a file of the kernel's.
func put(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text+"\n"), 0); err != nil {
		t.Fatal(err)
	}
}

// get reads a file of the kernel's.
func get(t testing.TB, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(b))
}
