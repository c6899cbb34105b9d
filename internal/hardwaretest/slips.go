package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"time"

	"motcua/internal/verdict"
)

// How much is done to slips: days of scripted faults in virtual time, and kills
// of the real daemon at random bytes of what it prints.
const (
	slipDays  = 1000
	slipKills = 40
	slipTime  = 10 * time.Minute
)

// slips lets faults happen to printers in software while the real engine,
// journal and spool print, and holds the paper against the numbers that were
// given out. One day of them again, by its seed:
//
//	go test ./cmd/motcuad -run TestSlipFaults -args -slips 1 -slips.seed 17
func slips(ctx context.Context, run *Run) ([]verdict.Row, error) {
	ctx, cancel := context.WithTimeout(ctx, slipTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", "test", "-tags", run.Tags, "-count=1", "-v", "-timeout", slipTime.String(),
		"-run", "^(TestSlipFaults|TestSlipKills)$", "./cmd/motcuad",
		"-args", "-slips", strconv.Itoa(slipDays), "-slips.kills", strconv.Itoa(slipKills))
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("test slips: %w", err)
	}
	cmd.Stderr = run.Log
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("test slips: %w", err)
	}
	rows := readChecks(out, run.Log)
	if err := cmd.Wait(); err != nil && ctx.Err() != nil {
		return rows, fmt.Errorf("test slips: not within %s", slipTime)
	} else if err != nil {
		return rows, fmt.Errorf("test slips: %w", err)
	}
	return rows, nil
}

// readChecks collects the CHECK lines of what a program prints, and hands every
// line on.
func readChecks(r io.Reader, log io.Writer) (rows []verdict.Row) {
	for lines := bufio.NewScanner(r); lines.Scan(); {
		fmt.Fprintln(log, lines.Text())
		if row, found := checked(lines.Text()); found {
			rows = append(rows, row)
		}
	}
	return rows
}
