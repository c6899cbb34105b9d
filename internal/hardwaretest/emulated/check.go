package emulated

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// longest bounds a whole check.
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

// Options of Check.
type Options struct {
	Packages string // folder of the packages that `make deb ARCHES=…` built
	Dir      string // where the temporary data go
	Seed     uint64 // of the moments at which daemons are killed
}

// Row is what a check found: how many cases it looked at, which of them were
// wrong, and how long it took beside how long it may.
type Row struct {
	Name   string
	Cases  int
	Wrong  []string // one line for each failure
	Figure time.Duration
	Goal   time.Duration
}

// wrong notes a failure.
func (r *Row) wrong(format string, args ...any) {
	r.Wrong = append(r.Wrong, fmt.Sprintf(format, args...))
}

// Check unpacks the packages and plays them one after the other, three rows for
// each. An error is why there are no more.
func Check(ctx context.Context, o Options) (rows []Row, err error) {
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	dir := o.Dir
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
	own, err := unpack(ctx, o.Packages, runtime.GOARCH, filepath.Join(dir, "own"))
	if err != nil {
		return nil, err
	}
	for _, p := range processors {
		if p.deb == runtime.GOARCH {
			continue // its programs are this machine's own
		}
		there := filepath.Join(dir, p.deb)
		foreign, err := unpack(ctx, o.Packages, p.deb, there)
		if err != nil {
			return rows, err
		}
		if foreign.play, err = exec.LookPath(p.play); err != nil {
			return rows, fmt.Errorf("%s is missing: install qemu-user-static", p.play)
		}
		rows = append(rows, selftest(ctx, p, own, foreign, there))
		day, restart := live(ctx, p.deb, own, foreign, there, o.Seed)
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
