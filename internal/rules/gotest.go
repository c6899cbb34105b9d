package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"time"
)

// fuzzers are the decoders that read what others have written: the journal's
// events, a centre's file, a list of appointments.
var fuzzers = []struct{ name, pkg, target string }{
	{"fuzz_event", "./queue", "FuzzDecodeEvent"},
	{"fuzz_event_quickly", "./queue", "FuzzQuickDecoding"},
	{"fuzz_centre_file", "./internal/config", "FuzzParse"},
	{"fuzz_centre_lines", "./internal/config", "FuzzLines"},
	{"fuzz_appointments", "./internal/appointments", "FuzzCSV"},
}

// inputs is go test's count of what a fuzzer has tried so far.
var inputs = regexp.MustCompile(`execs: (\d+)`)

// fuzz lets go test look for an input that breaks a decoder. One that it finds
// it writes into the package's testdata, to be kept as a case.
func fuzz(pkg, target string) func(context.Context, *Long) Result {
	return func(ctx context.Context, long *Long) Result {
		during := long.Fuzz
		if long.Short {
			during = max(during/10, time.Second)
		}
		out, err := goTest(ctx, long, "-run=^$", "-fuzz=^"+target+"$", "-fuzztime="+during.String(), pkg)
		return failed(ctx, tried(out), out, err)
	}
}

// tried reads what a fuzzer prints: the last count is the whole.
func tried(out string) (r Result) {
	for _, m := range inputs.FindAllStringSubmatch(out, -1) {
		r.Cases, _ = strconv.Atoi(m[1]) // digits by the expression
	}
	return r
}

// killed is how often the daemon is killed under its clients.
const killed = 100

// answers is what the test below prints at its end.
var answers = regexp.MustCompile(`operations=(\d+) violations=(\d+) undecided=(\d+)`)

// kills lets 32 clients work while the daemon is killed again and again, and
// checks that all they were told could have come from one clerk who does one
// thing after the other.
func kills(ctx context.Context, long *Long) Result {
	out, err := goTest(ctx, long, "-v", "-timeout=20m", "-run=^TestLinearizableThroughKills$", "./cmd/motcuad",
		"-args", "-kills="+strconv.Itoa(long.Of(killed)), "-seed="+strconv.FormatUint(long.Seed, 10))
	return failed(ctx, answered(out), out, err)
}

// answered reads what the test of the kills prints. What its checker could not
// decide was not shown to be right.
func answered(out string) (r Result) {
	if m := answers.FindStringSubmatch(out); m != nil {
		var undecided int
		for i, to := range []*int{&r.Cases, &r.Failures, &undecided} {
			*to, _ = strconv.Atoi(m[i+1]) // digits by the expression
		}
		r.Failures += undecided
	}
	return r
}

// goTest runs go test and returns what it printed; the error is its exit.
func goTest(ctx context.Context, long *Long, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", append([]string{"test", "-tags=" + long.Tags, "-count=1"}, args...)...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// failed turns a failing go test into a violation, or into no proof at all
// when it was interrupted.
func failed(ctx context.Context, r Result, out string, err error) Result {
	switch {
	case ctx.Err() != nil:
		r.Err = ctx.Err()
	case err != nil:
		r.Err = fmt.Errorf("run go test: %w\n%s", err, out)
		r.Failures = max(r.Failures, 1)
	case r.Cases == 0:
		r.Err = fmt.Errorf("go test looked at nothing:\n%s", out)
	}
	return r
}
