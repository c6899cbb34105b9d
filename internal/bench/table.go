package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// Goal is what a value must hold: at most, or with AtLeast at least, Times the
// baseline plus Plus in the value's unit. The zero Goal is none.
type Goal struct {
	AtLeast bool
	Times   float64
	Plus    float64
}

func (g Goal) none() bool { return g == Goal{} }

// met reports whether a value holds the goal beside its baseline.
func (g Goal) met(value, baseline float64) bool {
	bound := g.Times*baseline + g.Plus
	if g.AtLeast {
		return value >= bound
	}
	return value <= bound
}

// String is the goal as the table shows it, without spaces: "≤2×+10", "≥0.5×",
// "≤40"; "-" for none.
func (g Goal) String() string {
	if g.none() {
		return "-"
	}
	s := "≤"
	if g.AtLeast {
		s = "≥"
	}
	if g.Times != 0 {
		s += number(g.Times) + "×"
		if g.Plus != 0 {
			s += "+"
		}
	}
	if g.Plus != 0 || g.Times == 0 {
		s += number(g.Plus)
	}
	return s
}

// Row is one figure with its baseline in the same unit.
type Row struct {
	Name     string
	Value    float64
	Unit     string
	Baseline float64
	Goal     Goal
}

// Short reports whether the row has a goal and misses it. What is not a number
// holds no goal.
func (r Row) Short() bool {
	if r.Goal.none() {
		return false
	}
	return math.IsNaN(r.Value) || math.IsNaN(r.Baseline) || !r.Goal.met(r.Value, r.Baseline)
}

func (r Row) verdict() string {
	switch {
	case r.Goal.none():
		return "-"
	case r.Short():
		return "SHORT"
	}
	return "ok"
}

// header names the columns.
const header = "name\tvalue\tunit\tbaseline\tratio\tgoal\tverdict"

// WriteTable prints the rows below a header, columns aligned, and reports
// whether any is short.
func WriteTable(w io.Writer, rows []Row) (short bool, err error) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, header)
	for _, r := range rows {
		ratio := "-"
		if r.Baseline != 0 && !math.IsNaN(r.Baseline) {
			ratio = number(r.Value / r.Baseline)
		}
		fmt.Fprintln(t, strings.Join([]string{r.Name, number(r.Value), r.Unit, number(r.Baseline), ratio, r.Goal.String(), r.verdict()}, "\t"))
		short = short || r.Short()
	}
	if err := t.Flush(); err != nil {
		return short, fmt.Errorf("write table: %w", err)
	}
	return short, nil
}

// number writes three significant digits, and all digits before the point.
func number(v float64) string {
	if v == 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	decimals := 2 - int(math.Floor(math.Log10(math.Abs(v))))
	s := strconv.FormatFloat(v, 'f', max(0, decimals), 64)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}

// Percentile is the smallest sample that at least p percent of the samples do
// not exceed (nearest rank); 0 of no samples. It sorts the samples.
func Percentile(samples []time.Duration, p float64) time.Duration {
	if len(samples) == 0 {
		return 0
	}
	slices.Sort(samples)
	// The small term keeps 99 % of 200 from being rank 199 by rounding.
	rank := int(math.Ceil(p/100*float64(len(samples)) - 1e-9))
	return samples[min(max(rank, 1), len(samples))-1]
}

// Median is the middle sample, of an even number the mean of the two in the
// middle; 0 of no samples. It sorts the samples.
func Median(samples []time.Duration) time.Duration {
	n := len(samples)
	if n == 0 {
		return 0
	}
	slices.Sort(samples)
	return (samples[(n-1)/2] + samples[n/2]) / 2
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
