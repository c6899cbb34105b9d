package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"motcua/internal/verdict"
)

// Run is one run of the program, as producers see it.
type Run struct {
	Dir  string // what is built and kept between runs
	Tags string // build tags of the product
	Test string // the guest's tests, as go test's -run; its own default is all
	Log  io.Writer
}

func (r *Run) say(format string, args ...any) { fmt.Fprintf(r.Log, format+"\n", args...) }

// Producer makes rows of the table.
type Producer struct {
	Name string
	// Rows returns what was found. An error is why there is no more of it, and
	// becomes a short row of the producer's name.
	Rows func(context.Context, *Run) ([]verdict.Row, error)
}

// producers in the order of the table, in lanes that run side by side. The guest
// mostly waits, for people, for paper and for time to pass; the others compute:
// beside each other they take the ten minutes that CI has for them, not twice that.
var producers = [][]Producer{
	{{"guest", guest}},
	{{"processors", processors}, {"slips", slips}},
}

// table is the form of what is printed.
var table = verdict.Table{Failures: "failures", NoFigure: "-"}

func main() {
	run := &Run{Log: os.Stderr}
	flag.StringVar(&run.Dir, "dir", "build/vm", "folder of what is built and kept between runs")
	flag.StringVar(&run.Tags, "tags", "", "build tags of the product")
	flag.StringVar(&run.Test, "run", "^TestHardware", "tests to run in the guest, as go test's -run")
	only := flag.String("only", "", "producers to run, separated by commas (all)")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	found := make([][]verdict.Row, len(producers))
	var lanes sync.WaitGroup
	for i, lane := range producers {
		lanes.Go(func() {
			for _, p := range lane {
				if *only == "" || strings.Contains(","+*only+",", ","+p.Name+",") {
					found[i] = append(found[i], p.rows(ctx, run)...)
				}
			}
		})
	}
	lanes.Wait()
	short, err := table.Write(os.Stdout, slices.Concat(found...))
	if err != nil {
		fmt.Fprintln(os.Stderr, "hardwaretest:", err)
		os.Exit(2)
	}
	if short {
		os.Exit(1)
	}
}

// rows runs one producer and says what kept it from its rows.
func (p Producer) rows(ctx context.Context, run *Run) []verdict.Row {
	start := time.Now()
	rows, err := p.Rows(ctx, run)
	if err == nil && len(rows) == 0 {
		err = errors.New("it made no row of the table")
	}
	if err != nil {
		rows = append(rows, verdict.Row{Name: p.Name, Err: err})
	}
	for _, r := range rows {
		if r.Err != nil {
			run.say("%s: %v", r.Name, r.Err)
		}
	}
	run.say("%s took %s", p.Name, time.Since(start).Round(time.Second))
	return rows
}
