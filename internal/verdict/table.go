// Package verdict prints what a programme of checks found: one line a check, with
// what was tried, what went wrong, and a figure beside its goal.
package verdict

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"text/tabwriter"
)

// Row is one line of the table.
type Row struct {
	Name     string
	Cases    int
	Failures int
	Figure   float64 // what was measured …
	Goal     float64 // … and the most it may be; 0: nothing is measured
	Unit     string  // of both
	Err      error   // why there is nothing to show
}

// Short reports whether a row fails: a failure, a figure above its goal, or
// nothing tried at all. What is not a number holds no goal.
func (r Row) Short() bool {
	return r.Err != nil || r.Cases == 0 || r.Failures > 0 || r.Goal != 0 && !(r.Figure <= r.Goal)
}

func (r Row) verdict() string {
	if r.Short() {
		return "SHORT"
	}
	return "ok"
}

// Table is the form of a programme's table.
type Table struct {
	Failures string // the column's name: what a check counts as wrong
	NoFigure string // the goal of a check that measures nothing
}

// Write prints the rows below a header, columns aligned, and reports whether any
// is short; a table without rows is.
func (f Table) Write(w io.Writer, rows []Row) (short bool, err error) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "name\tcases\t%s\tfigure\tgoal\tverdict\n", f.Failures)
	for _, r := range rows {
		figure, goal := "-", f.NoFigure
		if r.Goal != 0 {
			figure, goal = number(r.Figure)+r.Unit, "≤"+number(r.Goal)+r.Unit
		}
		fmt.Fprintln(t, strings.Join([]string{r.Name, strconv.Itoa(r.Cases), strconv.Itoa(r.Failures), figure, goal, r.verdict()}, "\t"))
		short = short || r.Short()
	}
	if err := t.Flush(); err != nil {
		return short, fmt.Errorf("write table: %w", err)
	}
	return short || len(rows) == 0, nil
}

// number writes at most two decimals.
func number(v float64) string {
	return strconv.FormatFloat(math.Round(v*100)/100, 'f', -1, 64)
}
