package main

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"text/tabwriter"
)

// Result is what a proof found.
type Result struct {
	Cases      int
	Violations int
	Figure     float64 // what was measured …
	Most       float64 // … and the most it may be; 0: nothing is measured
	Unit       string  // of both
	Err        error   // why there is no proof
}

// Row is a proof's result under its name.
type Row struct {
	Name string
	Result
}

// Short reports whether the proof fails: a violation, a figure above its goal,
// or nothing proved at all. What is not a number holds no goal.
func (r Result) Short() bool {
	return r.Err != nil || r.Cases == 0 || r.Violations > 0 || r.Most != 0 && !(r.Figure <= r.Most)
}

func (r Result) verdict() string {
	if r.Short() {
		return "SHORT"
	}
	return "ok"
}

// header names the columns.
const header = "name\tcases\tviolations\tfigure\tgoal\tverdict"

// WriteTable prints the rows below a header, columns aligned, and reports
// whether any is short.
func WriteTable(w io.Writer, rows []Row) (short bool, err error) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, header)
	for _, r := range rows {
		figure, goal := "-", "0"
		if r.Most != 0 {
			figure, goal = number(r.Figure)+r.Unit, "≤"+number(r.Most)+r.Unit
		}
		fmt.Fprintln(t, strings.Join([]string{r.Name, strconv.Itoa(r.Cases), strconv.Itoa(r.Violations), figure, goal, r.verdict()}, "\t"))
		short = short || r.Short()
	}
	if err := t.Flush(); err != nil {
		return short, fmt.Errorf("write table: %w", err)
	}
	return short, nil
}

// number writes at most two decimals.
func number(v float64) string {
	return strconv.FormatFloat(math.Round(v*100)/100, 'f', -1, 64)
}
