package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// longest bounds the whole run.
const longest = 5 * time.Minute

// How long each check may take, on two cores shared with others.
const (
	selftestGoal = 60 * time.Second
	dayGoal      = 120 * time.Second
	restartGoal  = 30 * time.Second // until the killed daemon answers again
)

// processor is one that this machine can play.
type processor struct {
	deb  string // Debian's name of the architecture
	goes string // Go's
	play string // the program that plays it
}

var processors = []processor{
	{"arm64", "arm64", "qemu-aarch64-static"},
	{"armhf", "arm", "qemu-arm-static"},
}

// programs are motcuad and motcua as they are started: with what plays them
// before them.
type programs struct {
	play string // "": this machine's own
	bin  string // their folder
}

func (p programs) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	path := filepath.Join(p.bin, name)
	if p.play == "" {
		return exec.CommandContext(ctx, path, args...)
	}
	return exec.CommandContext(ctx, p.play, append([]string{path}, args...)...)
}

func main() {
	packages := flag.String("packages", filepath.Join("build", "deb"), "folder of the packages that `make deb ARCHES=…` built")
	dir := flag.String("dir", "build", "where the temporary data go")
	seed := flag.Uint64("seed", 1, "of the moments at which the daemon is killed")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	rows, err := run(ctx, *packages, *dir, *seed)
	for _, r := range rows {
		for _, w := range r.Wrong {
			fmt.Fprintf(os.Stderr, "%s: %s\n", r.Name, w)
		}
	}
	short, e := WriteTable(os.Stdout, rows)
	if err = errors.Join(err, e); err != nil {
		fmt.Fprintln(os.Stderr, "emulated:", err)
		os.Exit(2)
	}
	if short {
		os.Exit(1)
	}
}

// run unpacks the packages and checks them one after the other.
func run(ctx context.Context, packages, dir string, seed uint64) (rows []Row, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make folder: %w", err)
	}
	if dir, err = os.MkdirTemp(dir, "emulated-"); err != nil {
		return nil, fmt.Errorf("make folder: %w", err)
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	own, err := unpack(ctx, packages, runtime.GOARCH, filepath.Join(dir, "own"))
	if err != nil {
		return nil, err
	}
	for _, p := range processors {
		if p.deb == runtime.GOARCH {
			continue // its programs are this machine's own
		}
		there := filepath.Join(dir, p.deb)
		foreign, err := unpack(ctx, packages, p.deb, there)
		if err != nil {
			return rows, err
		}
		if foreign.play, err = exec.LookPath(p.play); err != nil {
			return rows, fmt.Errorf("%s is missing: install qemu-user-static", p.play)
		}
		rows = append(rows, selftest(ctx, p, own, foreign, there))
		day, restart := live(ctx, p.deb, own, foreign, there, seed)
		rows = append(rows, day, restart)
	}
	return rows, ctx.Err()
}

// unpack unfolds the newest package of an architecture into dir.
func unpack(ctx context.Context, packages, arch, dir string) (programs, error) {
	found, err := filepath.Glob(filepath.Join(packages, "motcua_*_"+arch+".deb"))
	if err != nil {
		return programs{}, err
	}
	newest := ""
	var at time.Time
	for _, path := range found {
		if fi, err := os.Stat(path); err == nil && fi.ModTime().After(at) {
			newest, at = path, fi.ModTime()
		}
	}
	if newest == "" {
		return programs{}, fmt.Errorf("no package for %s in %s: make deb ARCHES=\"amd64 arm64 armhf\" builds them", arch, packages)
	}
	if out, err := exec.CommandContext(ctx, "dpkg-deb", "-x", newest, dir).CombinedOutput(); err != nil {
		return programs{}, fmt.Errorf("unpack %s: %w: %s", newest, err, out)
	}
	return programs{bin: filepath.Join(dir, "usr", "bin")}, nil
}

// selftest lets both programs try themselves and compares the tickets they draw.
func selftest(ctx context.Context, other processor, own, foreign programs, dir string) Row {
	row := Row{Name: other.deb + "_selftest", Goal: selftestGoal}
	began := time.Now()
	machine := filepath.Join(dir, "doctor.toml")
	if err := os.WriteFile(machine, fmt.Appendf(nil, "data = %q\n", filepath.Join(dir, "none")), 0o600); err != nil {
		row.wrong("write configuration: %v", err)
		return row
	}
	ticket := func(p programs, arch string) string {
		row.Cases++
		out, err := p.command(ctx, "motcua", "doctor", "--config", machine, "program").CombinedOutput()
		said := strings.TrimSpace(string(out))
		_, hash, ok := strings.Cut(said, "; ticket ")
		if err != nil || !ok || !strings.HasPrefix(said, "ok ") || !strings.Contains(said, "linux/"+arch+",") || !strings.Contains(said, "commits and reads back (WAL, FULL)") {
			row.wrong("%s says %q (%v)", p.bin, said, err)
		}
		return hash
	}
	want, got := ticket(own, runtime.GOARCH), ticket(foreign, other.goes)
	row.Cases++
	if want == "" || got != want {
		row.wrong("its ticket is %q, and %q on this machine", got, want)
	}
	row.Figure = time.Since(began)
	return row
}
