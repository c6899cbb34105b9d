package main

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWriteTable(t *testing.T) {
	rows := []Result{
		{Name: "fcfs_c1", Cases: 500000, Figure: 1.234, Goal: 3, Unit: "se"},
		{Name: "bound", Cases: 100000, Failures: 2},
		{Name: "year", Cases: 100000, Figure: .5, Goal: 3, Unit: "s"},
	}
	var b strings.Builder
	short, err := table.Write(&b, rows)
	if err != nil || !short {
		t.Errorf("short %t, %v", short, err)
	}
	want := strings.Join([]string{
		"name     cases   violations  figure  goal  verdict",
		"fcfs_c1  500000  0           1.23se  ≤3se  ok",
		"bound    100000  2           -       0     SHORT",
		"year     100000  0           0.5s    ≤3s   ok",
		"",
	}, "\n")
	if d := cmp.Diff(want, b.String()); d != "" {
		t.Error(d)
	}
}

func TestShort(t *testing.T) {
	for _, c := range []struct {
		name   string
		result Result
		want   bool
	}{
		{"nothing wrong", Result{Cases: 1}, false},
		{"a violation", Result{Cases: 1, Failures: 1}, true},
		{"nothing looked at", Result{}, true},
		{"at the goal", Result{Cases: 1, Figure: 3, Goal: 3}, false},
		{"above it", Result{Cases: 1, Figure: 3.01, Goal: 3}, true},
		{"not measured", Result{Cases: 1, Figure: math.NaN(), Goal: 3}, true},
		{"no proof", Result{Cases: 1, Err: errors.New("interrupted")}, true},
	} {
		if got := c.result.Short(); got != c.want {
			t.Errorf("%s: short %t, want %t", c.name, got, c.want)
		}
	}
}

func TestChosen(t *testing.T) {
	all := []Proof{{name: "fcfs_c1"}, {name: "fcfs_c3"}, {name: "bound"}}
	for _, c := range []struct {
		only string
		want int
	}{{"", 3}, {"fcfs", 2}, {"bound,fcfs_c3", 2}, {"fcfs,fcfs_c1", 2}, {"none", 0}} {
		if got := len(chosen(all, c.only)); got != c.want {
			t.Errorf("-only %q: %d proofs, want %d", c.only, got, c.want)
		}
	}
}
