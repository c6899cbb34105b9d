package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// Row is what a check found: how many cases it looked at, which of them were
// wrong, and how long it took beside how long it may.
type Row struct {
	Name   string
	Cases  int
	Wrong  []string // one line for each failure
	Figure time.Duration
	Goal   time.Duration
}

// Short reports whether the check fails: something is wrong, it took too long,
// or nothing was looked at.
func (r Row) Short() bool { return len(r.Wrong) > 0 || r.Cases == 0 || r.Figure > r.Goal }

func (r Row) verdict() string {
	if r.Short() {
		return "SHORT"
	}
	return "ok"
}

// wrong notes a failure.
func (r *Row) wrong(format string, args ...any) {
	r.Wrong = append(r.Wrong, fmt.Sprintf(format, args...))
}

// header names the columns.
const header = "name\tcases\tfailures\tfigure\tgoal\tverdict"

// WriteTable prints the rows below a header, columns aligned, and reports
// whether any is short.
func WriteTable(w io.Writer, rows []Row) (short bool, err error) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, header)
	for _, r := range rows {
		fmt.Fprintln(t, strings.Join([]string{r.Name, fmt.Sprint(r.Cases), fmt.Sprint(len(r.Wrong)),
			fmt.Sprintf("%.1fs", r.Figure.Seconds()), fmt.Sprintf("≤%gs", r.Goal.Seconds()), r.verdict()}, "\t"))
		short = short || r.Short()
	}
	if err := t.Flush(); err != nil {
		return short, fmt.Errorf("write table: %w", err)
	}
	return short, nil
}
