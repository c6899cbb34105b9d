package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"

	"motcua/internal/hardwaretest/emulated"
	"motcua/internal/verdict"
)

// processors builds the packages of all architectures and plays those of other
// processors than this machine's.
func processors(ctx context.Context, run *Run) ([]verdict.Row, error) {
	build := exec.CommandContext(ctx, "make", "--no-print-directory", "cross", "deb", "ARCHES=amd64 arm64 armhf")
	build.Stdout, build.Stderr = run.Log, run.Log
	if err := build.Run(); err != nil {
		return nil, fmt.Errorf("build the packages: %w", err)
	}
	found, err := emulated.Check(ctx, emulated.Options{Packages: "build/deb", Dir: "build", Seed: 1})
	var rows []verdict.Row
	for _, f := range found {
		r := verdict.Row{Name: f.Name, Cases: f.Cases, Failures: len(f.Wrong), Figure: f.Figure.Seconds(), Goal: f.Goal.Seconds(), Unit: "s"}
		for _, w := range f.Wrong {
			r.Err = errors.Join(r.Err, errors.New(w))
		}
		rows = append(rows, r)
	}
	return rows, err
}
