package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"motcua/internal/sysd"
)

// What a disk must do for a hall (trust.md §1).
const (
	syncWarn    = 100 * time.Millisecond // of 99 in 100 writes
	syncBad     = time.Second
	syncLongest = 5 * time.Second // of any

	spaceWarn = 500 << 20 // bytes
	spaceBad  = 100 << 20
)

func (p *patient) disk(r *report) {
	dir := p.machine.Data
	if _, err := os.Stat(dir); err != nil {
		r.bad(err.Error(), "Start motcuad once, which makes the folder, or make it for its user.")
		return
	}
	if m, err := sysd.MountOf(dir); err != nil {
		r.warn(err.Error(), "")
	} else {
		judgeMount(r, m)
	}
	if free, total, err := sysd.FreeSpace(dir); err != nil {
		r.bad(err.Error(), "")
	} else {
		judgeSpace(r, free, total)
	}
	n := p.Writes
	alone := slices.Equal(p.Checks, []string{"disk"})
	switch {
	case n == 0 && alone:
		n = 2000
	case n == 0:
		n = 500
	}
	times, err := sysd.SyncTimes(p.ctx, dir, n)
	if err != nil {
		r.bad(err.Error(), "Run it as the daemon's user, sudo -u motcua motcua doctor; if it still fails, the disk can't be written.")
		return
	}
	judgeSync(r, times)
	if alone {
		r.below = histogram(times)
	}
}

func judgeMount(r *report, m sysd.Mount) {
	r.note("%s on %s", m.Type, m.Source)
	has := func(options ...string) bool {
		return slices.ContainsFunc(options, func(o string) bool { return slices.Contains(m.Options, o) })
	}
	if has("ro") {
		r.bad(m.Point+" is mounted read-only", "Look into the system's log: after an error the card may be dying. Replace it, restore the backup.")
	}
	switch m.Type {
	case "tmpfs", "ramfs":
		r.bad("it is in memory and gone at the next power cut", "Put the data on a partition of its own, ext4, and mount it there.")
	case "overlay":
		r.warn("it is an overlay: what is written may be in memory", "Mount a partition of its own, ext4, at "+m.Point+".")
	case "vfat", "exfat", "ntfs3", "fuseblk":
		r.bad("this file system does not survive power cuts", "Use ext4.")
	}
	if has("nobarrier", "barrier=0", "data=writeback") {
		r.bad("it is mounted so that a power cut loses what was written", "Take nobarrier, barrier=0 and data=writeback out of /etc/fstab.")
	}
}

func judgeSpace(r *report, free, total uint64) {
	what := fmt.Sprintf("%d of %d MB free", free>>20, total>>20)
	const remedy = "Make room: tickets stop when there is none."
	switch {
	case free < spaceBad:
		r.bad(what, remedy)
	case free < spaceWarn:
		r.warn(what, remedy)
	default:
		r.note("%s", what)
	}
}

func judgeSync(r *report, times []time.Duration) {
	sorted := slices.Sorted(slices.Values(times))
	at := func(percent int) time.Duration { return sorted[(len(sorted)-1)*percent/100] }
	p99, longest := at(99), sorted[len(sorted)-1]
	what := fmt.Sprintf("%d writes: p50 %s, p99 %s, max %s", len(sorted), short(at(50)), short(p99), short(longest))
	const remedy = "Use a better card, eMMC or SSD: every number waits for one such write."
	switch {
	case p99 > syncBad || longest > syncLongest:
		r.bad(what, remedy)
	case p99 > syncWarn:
		r.warn(what, remedy)
	default:
		r.note("%s", what)
	}
}

// short is a duration to three figures.
func short(d time.Duration) string {
	for unit := time.Microsecond; unit <= time.Second; unit *= 10 {
		if d < 100*unit {
			return d.Round(unit / 10).String()
		}
	}
	return d.Round(time.Second).String()
}

// histogram shows how many writes took how long, in steps of two.
func histogram(times []time.Duration) []string {
	counts := map[time.Duration]int{}
	most := 0
	for _, d := range times {
		limit := 125 * time.Microsecond
		for limit < d {
			limit *= 2
		}
		counts[limit]++
		most = max(most, counts[limit])
	}
	limits := make([]time.Duration, 0, len(counts))
	for l := range counts {
		limits = append(limits, l)
	}
	slices.Sort(limits)
	var lines []string
	for _, l := range limits {
		lines = append(lines, fmt.Sprintf("%18s %6d  %s", "≤ "+l.String(), counts[l], strings.Repeat("#", (counts[l]*40+most-1)/most)))
	}
	return lines
}
