package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"motcua/internal/verdict"
)

// The lines of the guest's console that are read. A test's output may stand on
// the same line before go test's own words.
var (
	began   = regexp.MustCompile(`^=== (\S+)\.test begins$`)
	ended   = regexp.MustCompile(`^=== (\S+)\.test ends (\d+)$`)
	outcome = regexp.MustCompile(`--- (PASS|FAIL|SKIP): (\S+) \((\d+\.\d+)s\)`)
	running = regexp.MustCompile(`=== RUN +(Test\S*)$`)
	figure  = regexp.MustCompile(`^(-?\d+(?:\.\d+)?)(\D*)$`)
)

// over is the guest's last word.
const over = "=== guest ends"

// errGuest is why rows are missing when the guest ended too early.
var errGuest = errors.New("the guest ended before its tests did")

// outcomes collects what the tests of one binary did.
type outcomes struct {
	pkg  string
	top  []string          // names of top-level tests, in order
	last map[string]string // test, subtests with their path → PASS, FAIL, SKIP; "" while it runs
	told map[string]bool   // top-level tests that printed rows of their own
}

// ReadConsole turns what the guest prints into rows: one for each CHECK line,
// and one for each top-level test that printed none or is short. What it reads it
// also hands to each, line by line. A test that never ended, a binary that
// failed outside its tests and a guest that did not end by itself are short.
func ReadConsole(r io.Reader, each func(line string)) []verdict.Row {
	var rows []verdict.Row
	var now *outcomes
	whole := false
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := strings.TrimRight(lines.Text(), "\r")
		each(line)
		if m := began.FindStringSubmatch(line); m != nil {
			now = &outcomes{pkg: m[1], last: map[string]string{}, told: map[string]bool{}}
			continue
		}
		if line == over {
			whole = true
		}
		if now == nil {
			continue
		}
		switch m := ended.FindStringSubmatch(line); {
		case m != nil:
			code, _ := strconv.Atoi(m[2]) // digits by the expression
			rows = append(rows, now.rows(code)...)
			now = nil
		default:
			if row, found := checked(line); found {
				row.Name = now.pkg + "." + row.Name
				rows = append(rows, row)
				if len(now.top) > 0 { // no test of the guest's runs beside another
					now.told[now.top[len(now.top)-1]] = true
				}
			}
			now.read(line)
		}
	}
	if now != nil {
		rows = append(rows, now.rows(-1)...)
	}
	if err := lines.Err(); err != nil {
		rows = append(rows, verdict.Row{Name: "guest", Err: fmt.Errorf("read the guest's console: %w", err)})
	} else if !whole {
		rows = append(rows, verdict.Row{Name: "guest", Err: errGuest})
	}
	return rows
}

// read takes go test's own words.
func (o *outcomes) read(line string) {
	name, how := "", ""
	if m := outcome.FindStringSubmatch(line); m != nil {
		how, name = m[1], m[2]
	} else if m := running.FindStringSubmatch(line); m != nil {
		name = m[1]
	} else {
		return
	}
	if _, known := o.last[name]; !known && !strings.Contains(name, "/") {
		o.top = append(o.top, name)
	}
	o.last[name] = how
}

// rows are the top-level tests of a binary that ended with this status, -1 when
// it did not end. A test without subtests is a case of its own.
func (o *outcomes) rows(code int) []verdict.Row {
	var rows []verdict.Row
	failed := false
	for _, top := range o.top {
		row := verdict.Row{Name: o.pkg + "." + strings.TrimPrefix(top, "TestHardware")}
		for name, how := range o.last {
			switch {
			case name != top && !strings.HasPrefix(name, top+"/"):
			case o.parent(name) || how == "SKIP":
				// its subtests count, or nothing was tried
			case how == "PASS":
				row.Cases++
			default:
				row.Cases++
				row.Failures++
			}
		}
		if how := o.last[top]; how != "PASS" && how != "SKIP" {
			row.Failures = max(row.Failures, 1)
		}
		failed = failed || row.Short()
		if row.Short() || !o.told[top] {
			rows = append(rows, row)
		}
	}
	if code != 0 && !failed || len(o.top) == 0 {
		rows = append(rows, verdict.Row{Name: o.pkg, Err: fmt.Errorf("its tests ended with status %d", code)})
	}
	return rows
}

// parent reports whether a test has subtests.
func (o *outcomes) parent(name string) bool {
	for other := range o.last {
		if strings.HasPrefix(other, name+"/") {
			return true
		}
	}
	return false
}

// checked reads a CHECK line; see the package's comment. One that is not
// understood is a row that is short.
func checked(line string) (row verdict.Row, found bool) {
	_, rest, found := strings.Cut(line, "CHECK ")
	if !found {
		return row, false
	}
	f := strings.Split(rest, " ")
	row.Name = f[0]
	wrong := fmt.Errorf("%q is not CHECK name cases failures figure goal", line)
	if len(f) != 5 {
		row.Err = wrong
		return row, true
	}
	var errs [2]error
	row.Cases, errs[0] = strconv.Atoi(f[1])
	row.Failures, errs[1] = strconv.Atoi(f[2])
	if errs[0] != nil || errs[1] != nil {
		row.Err = wrong
		return row, true
	}
	if f[3] == "-" && f[4] == "-" {
		return row, true
	}
	measured, goal := figure.FindStringSubmatch(f[3]), figure.FindStringSubmatch(f[4])
	if measured == nil || goal == nil || measured[2] != goal[2] {
		row.Err = wrong
		return row, true
	}
	row.Figure, _ = strconv.ParseFloat(measured[1], 64) // digits by the expression
	row.Goal, _ = strconv.ParseFloat(goal[1], 64)
	row.Unit = measured[2]
	if row.Goal == 0 {
		row.Err = wrong
	}
	return row, true
}
