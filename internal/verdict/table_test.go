package verdict

import (
	"errors"
	"io"
	"strings"
	"testing"
)

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestWrite(t *testing.T) {
	table := Table{Failures: "failures", NoFigure: "-"}
	for _, c := range []struct {
		name  string
		row   Row
		want  string // its cells
		short bool
	}{
		{"passes", Row{Name: "n", Cases: 3}, "n 3 0 - - ok", false},
		{"held", Row{Name: "n", Cases: 3, Figure: 40, Goal: 40, Unit: "ms"}, "n 3 0 40ms ≤40ms ok", false},
		{"not held", Row{Name: "n", Cases: 3, Figure: 40.125, Goal: 40, Unit: "ms"}, "n 3 0 40.13ms ≤40ms SHORT", true},
		{"nothing tried", Row{Name: "n"}, "n 0 0 - - SHORT", true},
		{"a failure", Row{Name: "n", Cases: 3, Failures: 1}, "n 3 1 - - SHORT", true},
		{"no guest", Row{Name: "n", Cases: 3, Err: errors.New("no guest")}, "n 3 0 - - SHORT", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b strings.Builder
			short, err := table.Write(&b, []Row{c.row})
			if err != nil || short != c.short {
				t.Errorf("short %v, %v; want %v", short, err, c.short)
			}
			lines := strings.Split(strings.TrimSpace(b.String()), "\n")
			if got := strings.Join(strings.Fields(lines[len(lines)-1]), " "); len(lines) != 2 || got != c.want {
				t.Errorf("%d lines, the last %q; want 2 and %q", len(lines), got, c.want)
			}
		})
	}
	if short, err := table.Write(io.Discard, nil); !short || err != nil {
		t.Errorf("a table without rows: short %v, %v; want short", short, err)
	}
	if _, err := table.Write(failing{io.ErrShortWrite}, []Row{{Name: "n", Cases: 3}}); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("error %v of a writer that takes nothing", err)
	}
}
