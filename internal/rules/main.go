package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Long says how long the forms of the proofs are.
type Long struct {
	Short bool          // a first look: a tenth of everything
	Seed  uint64        // of all chance
	Fuzz  time.Duration // for each fuzzer
	Tags  string        // build tags of the tests that are run
	Log   io.Writer
}

// Of is the number of cases a proof looks at, of those of its long form.
func (l *Long) Of(cases int) int {
	if l.Short {
		return max(cases/10, 1)
	}
	return cases
}

func (l *Long) say(format string, args ...any) { fmt.Fprintf(l.Log, format+"\n", args...) }

// Proof is one line of the table.
type Proof struct {
	name  string
	run   func(context.Context, *Long) Result
	alone bool // measures time, or starts programs of its own: nothing runs beside it
}

// proofs in the order of the table.
func proofs() []Proof {
	var all []Proof
	for _, o := range oracles {
		all = append(all, Proof{name: o.name, run: o.prove})
	}
	for _, policy := range conserving {
		all = append(all, conservation(policy))
	}
	all = append(all,
		Proof{name: "bound", run: func(ctx context.Context, long *Long) Result { return bound(ctx, long, long.Of(tickets)) }},
		Proof{name: "totals", run: func(ctx context.Context, long *Long) Result { return totals(ctx, long, long.Of(tickets)) }},
		Proof{name: "second_model", run: secondModel},
		Proof{name: "kills", run: kills, alone: true},
	)
	for _, f := range fuzzers {
		all = append(all, Proof{name: f.name, run: fuzz(f.pkg, f.target), alone: true})
	}
	return append(all, Proof{name: "year_400_tickets_a_day", run: cost, alone: true})
}

const defaultSeed = 1

func main() {
	long := &Long{Log: os.Stderr}
	flag.BoolVar(&long.Short, "short", false, "a tenth of the cases: a first look, no proof")
	flag.Uint64Var(&long.Seed, "seed", defaultSeed, "of all chance")
	flag.DurationVar(&long.Fuzz, "fuzz", 20*time.Second, "how long each fuzzer looks for a bad input")
	flag.StringVar(&long.Tags, "tags", "", "build tags of the tests that are run")
	only := flag.String("only", "", "proofs to run, separated by commas, each a name or its beginning (all)")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	short, err := table.Write(os.Stdout, run(ctx, long, chosen(proofs(), *only)))
	if err != nil {
		fmt.Fprintln(os.Stderr, "rules:", err)
		os.Exit(2)
	}
	if short {
		os.Exit(1)
	}
}

// chosen are the proofs whose name begins with one of those given.
func chosen(all []Proof, only string) []Proof {
	if only == "" {
		return all
	}
	var some []Proof
	for _, p := range all {
		for begin := range strings.SplitSeq(only, ",") {
			if strings.HasPrefix(p.name, begin) {
				some = append(some, p)
				break
			}
		}
	}
	return some
}

// run runs the proofs, as many at a time as there are processors, those that
// must be alone at the end. What was interrupted is short.
func run(ctx context.Context, long *Long, proofs []Proof) []Result {
	rows := make([]Result, len(proofs))
	one := func(i int) {
		p, began := proofs[i], time.Now()
		rows[i] = p.run(ctx, long)
		rows[i].Name = p.name
		if err := rows[i].Err; err != nil {
			long.say("%s: %v", p.name, err)
		}
		long.say("%s took %s", p.name, time.Since(began).Round(time.Millisecond))
	}
	var together sync.WaitGroup
	places := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i, p := range proofs {
		if !p.alone {
			together.Go(func() {
				places <- struct{}{}
				defer func() { <-places }()
				one(i)
			})
		}
	}
	together.Wait()
	for i, p := range proofs {
		if p.alone {
			one(i)
		}
	}
	return rows
}
