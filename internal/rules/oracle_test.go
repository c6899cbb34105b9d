package main

import (
	"slices"
	"testing"
)

// TestOracles is the short form: the same comparisons for some of the halls,
// with fewer customers.
func TestOracles(t *testing.T) {
	quick := []string{"fcfs_c3_mu3", "fcfs_c5", "strict_c3", "apq_c3", "cobham_c2_3_classes", "headstart_c3_H1", "headstart_c3_Hinf", "headstart_c3_H2"}
	for _, o := range oracles {
		if !slices.Contains(quick, o.name) {
			continue
		}
		long := &Long{Short: true, Seed: 1, Log: t.Output()}
		if r := o.within(t.Context(), long, 40_000, o.known); r.Short() {
			t.Errorf("%s: %+v", o.name, r)
		}
	}
}

// TestOracleNotices: waits of another rule are not taken for the right ones.
func TestOracleNotices(t *testing.T) {
	for _, o := range oracles {
		if o.name != "headstart_c3_H1" {
			continue
		}
		o.heads = []int{0, 50}
		long := &Long{Short: true, Seed: 1, Log: t.Output()}
		if r := o.within(t.Context(), long, 40_000, o.known); !r.Short() || r.Failures == 0 {
			t.Errorf("five times the head start: %+v", r)
		}
	}
}
