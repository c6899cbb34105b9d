package main

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestWriteTable(t *testing.T) {
	rows := []Row{
		{Name: "press_p99", Value: 14.234, Unit: "ms", Baseline: 2.5, Goal: Goal{Times: 2, Plus: 10}},
		{Name: "rate", Value: 34324.4, Unit: "1/s", Baseline: 135303, Goal: Goal{AtLeast: true, Times: 0.5}},
		{Name: "replay", Value: 0.2, Unit: "s", Baseline: 0, Goal: Goal{Plus: 0.2}},
		{Name: "explains", Value: 1, Unit: "ms", Baseline: 3},
	}
	var b strings.Builder
	short, err := WriteTable(&b, rows)
	if err != nil || !short {
		t.Errorf("short %t, %v", short, err)
	}
	want := strings.Join([]string{
		"name       value  unit  baseline  ratio  goal    verdict",
		"press_p99  14.2   ms    2.5       5.69   ≤2×+10  ok",
		"rate       34324  1/s   135303    0.254  ≥0.5×   SHORT",
		"replay     0.2    s     0         -      ≤0.2    ok",
		"explains   1      ms    3         0.333  -       -",
		"",
	}, "\n")
	if d := cmp.Diff(want, b.String()); d != "" {
		t.Error(d)
	}
	for line := range strings.Lines(b.String()) {
		if n := len(strings.Fields(line)); n != 7 {
			t.Errorf("%d fields, want 7: %q", n, line)
		}
	}
}

func TestShort(t *testing.T) {
	for _, c := range []struct {
		name string
		row  Row
		want bool
	}{
		{"at the bound", Row{Value: 40, Goal: Goal{Plus: 40}}, false},
		{"above it", Row{Value: 40.001, Goal: Goal{Plus: 40}}, true},
		{"twice the baseline", Row{Value: 6, Baseline: 3, Goal: Goal{Times: 2}}, false},
		{"more than twice", Row{Value: 6.1, Baseline: 3, Goal: Goal{Times: 2}}, true},
		{"half the rate", Row{Value: 50, Baseline: 100, Goal: Goal{AtLeast: true, Times: 0.5}}, false},
		{"less than half", Row{Value: 49, Baseline: 100, Goal: Goal{AtLeast: true, Times: 0.5}}, true},
		{"no goal", Row{Value: math.Inf(1)}, false},
		{"not measured", Row{Value: math.NaN(), Goal: Goal{Plus: 40}}, true},
		{"baseline not measured", Row{Value: 1, Baseline: math.NaN(), Goal: Goal{Times: 2}}, true},
	} {
		if got := c.row.Short(); got != c.want {
			t.Errorf("%s: short %t, want %t", c.name, got, c.want)
		}
	}
}

func TestPercentile(t *testing.T) {
	var hundred []time.Duration
	for i := range 200 {
		hundred = append(hundred, time.Duration((i*77)%200+1)) // 1 … 200 in disorder
	}
	for _, c := range []struct {
		p    float64
		want time.Duration
	}{{0, 1}, {0.5, 1}, {50, 100}, {99, 198}, {99.1, 199}, {100, 200}} {
		if got := Percentile(hundred, c.p); got != c.want {
			t.Errorf("percentile %v of 1…200 is %d, want %d", c.p, got, c.want)
		}
	}
	if got := Percentile(nil, 99); got != 0 {
		t.Errorf("of no samples: %d", got)
	}
	if got := Percentile([]time.Duration{7}, 99); got != 7 {
		t.Errorf("of one sample: %d", got)
	}
}

func TestPercentileIsNearestRank(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		samples := rapid.SliceOfN(rapid.Map(rapid.IntRange(0, 50), func(n int) time.Duration { return time.Duration(n) }), 1, 300).Draw(t, "samples")
		p := rapid.IntRange(1, 100).Draw(t, "p")
		got := Percentile(samples, float64(p))
		below, upTo := 0, 0
		for _, s := range samples {
			if s < got {
				below++
			}
			if s <= got {
				upTo++
			}
		}
		if upTo*100 < p*len(samples) || below*100 >= p*len(samples) {
			t.Fatalf("percentile %d is %d: %d below and %d up to it of %d", p, got, below, upTo, len(samples))
		}
	})
}

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		samples []time.Duration
		want    time.Duration
	}{{nil, 0}, {[]time.Duration{3}, 3}, {[]time.Duration{9, 1, 5}, 5}, {[]time.Duration{9, 1, 5, 7}, 6}} {
		if got := Median(c.samples); got != c.want {
			t.Errorf("median of %v is %d, want %d", c.samples, got, c.want)
		}
	}
}

func TestBoardSeq(t *testing.T) {
	for _, c := range []struct {
		frame string
		seq   uint64
		ok    bool
	}{
		{`{"type":"snap","topic":"board","epoch":"e","seq":42,"state":{"seq":7}}`, 42, true},
		{string(bareFrame("17", 4000)), 17, true},
		{`{"type":"hb","seq":42,"now":"2026-11-23T00:00:00.000Z"}`, 0, false},
		{`{"type":"hello","proto":1,"epoch":"e","seq":42}`, 0, false},
		{`{"type":"snap","seq":42`, 0, false},
		{``, 0, false},
	} {
		if seq, ok := boardSeq([]byte(c.frame)); seq != c.seq || ok != c.ok {
			t.Errorf("%.40s: %d %t, want %d %t", c.frame, seq, ok, c.seq, c.ok)
		}
	}
	if n := len(bareFrame("17", 4000)); n != 4000 {
		t.Errorf("bare frame of %d bytes, want 4000", n)
	}
}

func TestMissingBinaryNamesTheRemedy(t *testing.T) {
	err := mustExist(t.TempDir() + "/motcuad")
	if err == nil || !strings.Contains(err.Error(), "make build") {
		t.Error(err)
	}
}
