package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"syscall"
	"time"
)

// longest bounds the whole run.
const longest = 4 * time.Minute

// bench is what all measurements have in common.
type bench struct {
	binary string // the daemon
	dir    string // a folder that is removed at the end
	log    io.Writer
	n      int
}

// folder makes a new folder for one measurement.
func (b *bench) folder() (string, error) {
	b.n++
	dir := filepath.Join(b.dir, fmt.Sprint(b.n))
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", fmt.Errorf("make folder: %w", err)
	}
	return dir, nil
}

func (b *bench) say(format string, args ...any) { fmt.Fprintf(b.log, format+"\n", args...) }

// measurements in the order of the table.
var measurements = []struct {
	name string
	take func(*bench, context.Context) ([]Row, error)
}{
	{"press", (*bench).press},
	{"displays", (*bench).displays},
	{"durable", (*bench).durable},
	{"replay", (*bench).replay},
	{"memory", (*bench).memory},
}

func main() {
	binary := flag.String("motcuad", filepath.Join("bin", "motcuad"), "the daemon to measure")
	dir := flag.String("dir", "build", "where the temporary data go: on the disk whose speed counts, not in memory")
	only := flag.String("only", "", "the measurements to take, separated by commas: press, displays, durable, replay, memory (all)")
	bare := flag.String("serve-bare", "", "be the bare broadcaster, with its table in this folder (used by the bench itself)")
	profile := flag.String("cpuprofile", "", "write a profile of the bench's own process here; the engine and the journal run in it")
	size := flag.Int("row-size", 0, "bytes of a row of the bare broadcaster")
	flag.Parse()
	if *bare != "" {
		if err := serveBare(os.Stdin, os.Stdout, *bare, *size); err != nil {
			fmt.Fprintln(os.Stderr, "bench: bare broadcaster:", err)
			os.Exit(2)
		}
		return
	}
	short, err := profiled(*profile, func() (bool, error) { return run(*binary, *dir, *only) })
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(2)
	}
	if short {
		os.Exit(1)
	}
}

// profiled runs f under a processor profile, if a file for one is named.
func profiled(path string, f func() (bool, error)) (short bool, err error) {
	if path == "" {
		return f()
	}
	out, err := os.Create(path)
	if err != nil {
		return false, fmt.Errorf("write profile: %w", err)
	}
	if err := pprof.StartCPUProfile(out); err != nil {
		return false, errors.Join(fmt.Errorf("write profile: %w", err), out.Close())
	}
	short, err = f()
	pprof.StopCPUProfile()
	return short, errors.Join(err, out.Close())
}

// run takes the measurements and prints what it has, even when one failed.
func run(binary, dir, only string) (short bool, err error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	if err := mustExist(binary); err != nil {
		return false, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return false, fmt.Errorf("make folder: %w", err)
	}
	b := &bench{binary: binary, log: os.Stderr}
	if b.dir, err = os.MkdirTemp(dir, "bench-"); err != nil {
		return false, fmt.Errorf("make folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.dir)) }()
	if inMemory(b.dir) {
		b.say("note: %s is in memory, so fsync costs nothing there: choose a folder on a disk with -dir", dir)
	}

	var rows []Row
	var errs []error
	for _, m := range measurements {
		if only != "" && !strings.Contains(","+only+",", ","+m.name+",") {
			continue
		}
		began := time.Now()
		b.say("measuring %s …", m.name)
		got, err := m.take(b, ctx)
		rows = append(rows, got...)
		if err != nil {
			errs = append(errs, fmt.Errorf("measure %s: %w", m.name, err))
			continue
		}
		b.say("measuring %s took %s", m.name, time.Since(began).Round(time.Millisecond))
	}
	short, err = WriteTable(os.Stdout, rows)
	return short, errors.Join(append(errs, err)...)
}

// inMemory reports whether a folder is on tmpfs (statfs(2): TMPFS_MAGIC).
func inMemory(dir string) bool {
	const tmpfs = 0x01021994
	var s syscall.Statfs_t
	return syscall.Statfs(dir, &s) == nil && s.Type == tmpfs
}
