//go:build hardware

package inside_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"motcua/internal/hardwaretest/rig"
	"motcua/printer/printertest"
)

// fortyButtons are on expanders of 16 lines without names, lamps on others.
func fortyButtons(t *testing.T) []button {
	t.Helper()
	const many, wide = 40, 16
	var contacts, lights []*rig.Chip
	for i := 0; i*wide < many; i++ {
		contacts = append(contacts, rig.NewChip(t, fmt.Sprintf("mcp23017-2%d", i), wide))
		lights = append(lights, rig.NewChip(t, fmt.Sprintf("mcp23017-3%d", i), wide))
	}
	var all []button
	for i := range many {
		chip, offset := i/wide, i%wide
		all = append(all, button{
			name: fmt.Sprintf("K%02d", i+1),
			pin:  fmt.Sprintf("mcp23017-2%d:%d", chip, offset), lamp: fmt.Sprintf("mcp23017-3%d:%d", chip, offset),
			contact: contacts[chip].Line(offset), light: lights[chip].Line(offset),
		})
	}
	return all
}

// Forty buttons are forty categories, each with its lamp, and while nobody
// presses one the daemon does next to nothing.
func TestHardwareFortyButtons(t *testing.T) {
	p := rig.NewPrinter(t, printertest.Options{Keep: 100})
	buttons := fortyButtons(t)
	bare := rig.NewChip(t, "bare", len(buttons))
	c := openCentre(t, p, buttons, "")

	// The floor beside it: a program that waits half a second for an edge on
	// each of so many lines and then asks for its level, and nothing else.
	const during = 10 * time.Second
	own, theirs := cpu(t, os.Getpid()), cpu(t, c.cmd.Process.Pid)
	var bound sync.WaitGroup
	end := time.Now().Add(during)
	for i := range buttons {
		line := rig.Take(t, bare.Line(i), rig.Input|rig.FallingEdge)
		bound.Go(func() {
			for time.Now().Before(end) {
				if err := line.Idle(500 * time.Millisecond); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	bound.Wait()
	own, theirs = cpu(t, os.Getpid())-own, cpu(t, c.cmd.Process.Pid)-theirs
	rig.Percent("idle_cpu_40_buttons", 1, failures(t), percent(theirs, during), 1+2*percent(own, during))
	t.Logf("idle for %s: motcuad %s, so many bare lines %s", during, theirs, own)

	wrong := 0
	for n, b := range buttons {
		b.contact.Press()
		got := c.issued(n + 1)
		b.contact.Release()
		if got.Category != b.name {
			wrong++
			t.Errorf("button %s gave %+v", b.name, got)
		}
	}
	for n := range buttons {
		c.cut(n + 1)
	}
	rig.Check("forty_buttons", len(buttons), wrong)
	c.stop()
}

// cpu is what a process has used so far, as the kernel counts it.
func cpu(t *testing.T, pid int) time.Duration {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(b), ") ") // the name may have spaces
	f := strings.Fields(rest)
	const user, system, tick = 11, 12, 10 * time.Millisecond // proc(5), USER_HZ 100
	var sum time.Duration
	for _, i := range []int{user, system} {
		n, err := strconv.ParseInt(f[i], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		sum += time.Duration(n) * tick
	}
	return sum
}

func percent(used, during time.Duration) float64 {
	return 100 * used.Seconds() / during.Seconds()
}
