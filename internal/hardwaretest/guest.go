package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"time"

	"motcua/internal/verdict"
)

// guestTests are the packages whose tests named TestHardware… are run in the
// guest, in this order, built with the tag hardware and without cgo.
var guestTests = []string{
	"./kiosk/gpiopanel",
	"./printer/device",
	"./kiosk/scanner/reader",
	"./internal/hardwaretest/inside",
}

// guestPrograms are the commands the guest has in /opt, static and with cgo.
var guestPrograms = []string{
	"./cmd/motcuad",
	"./cmd/motcua",
}

// The guest is emulated and shares its processors. On two idle ones it takes a
// third of what it may.
const (
	guestTime = 12 * time.Minute
	testTime  = 6 * time.Minute // one package's tests
)

// source is where this package's scripts are, seen from the module.
const source = "internal/hardwaretest"

// guest builds the guest and what it runs, lets it run, and reads its console.
func guest(ctx context.Context, run *Run) ([]verdict.Row, error) {
	start := time.Now()
	kernel, err := buildGuest(ctx, run)
	if err != nil {
		return nil, err
	}
	run.say("the guest was ready after %s", time.Since(start).Round(time.Second))
	start = time.Now()
	root, err := fill(ctx, run)
	if err != nil {
		return nil, err
	}
	run.say("its programs were built after %s", time.Since(start).Round(time.Second))
	return boot(ctx, run, kernel, root)
}

// buildGuest fetches and builds the kernel with its modules, once, and returns
// their folder: vmlinuz and modules.cpio.gz.
func buildGuest(ctx context.Context, run *Run) (string, error) {
	cmd := command(ctx, filepath.Join(source, "guest.sh"), run.Dir)
	cmd.Stderr = run.Log
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("build the guest: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}

// fill lays down what the guest starts with besides the kernel's modules.
func fill(ctx context.Context, run *Run) (string, error) {
	root := filepath.Join(run.Dir, "root")
	if err := os.RemoveAll(root); err != nil {
		return "", err
	}
	for _, dir := range []string{"tests", "opt"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			return "", err
		}
	}
	init, err := os.ReadFile(filepath.Join(source, "init.sh"))
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(root, "init"), init, 0o755); err != nil {
		return "", err
	}
	args := []string{"-test.v", "-test.timeout=" + testTime.String(), "-test.run=" + run.Test}
	if err := os.WriteFile(filepath.Join(root, "tests", "args"), []byte(strings.Join(args, "\n")), 0o644); err != nil {
		return "", err
	}
	for i, pkg := range guestTests {
		// Numbered, for the guest runs them by name.
		name := fmt.Sprintf("%02d-%s.test", i, path.Base(pkg))
		build := goTool(ctx, run, "0", "test", "-c", "-tags=hardware "+run.Tags, "-o", filepath.Join(root, "tests", name), pkg)
		if err := build.Run(); err != nil {
			return "", fmt.Errorf("build the tests of %s: %w", pkg, err)
		}
	}
	args = append([]string{"build", "-trimpath", "-tags=" + run.Tags, "-ldflags=-s -w -linkmode external -extldflags -static", "-o", filepath.Join(root, "opt") + "/"}, guestPrograms...)
	if err := goTool(ctx, run, "1", args...).Run(); err != nil {
		return "", fmt.Errorf("build the commands: %w", err)
	}
	return root, nil
}

// goTool is a go command that says what is wrong on the log.
func goTool(ctx context.Context, run *Run, cgo string, args ...string) *exec.Cmd {
	cmd := command(ctx, "go", args...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED="+cgo)
	cmd.Stdout, cmd.Stderr = run.Log, run.Log
	return cmd
}

// command is one that is asked to end before it is made to.
func command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	return cmd
}

// boot runs the guest. Its console is kept in guest.log, the kernel's messages
// in kernel.log.
func boot(ctx context.Context, run *Run, kernel, root string) ([]verdict.Row, error) {
	initrd := filepath.Join(run.Dir, "initrd.gz")
	pack := command(ctx, filepath.Join(source, "pack.sh"), root, filepath.Join(kernel, "modules.cpio.gz"), initrd)
	pack.Stderr = run.Log
	if err := pack.Run(); err != nil {
		return nil, fmt.Errorf("pack the guest: %w", err)
	}
	log, err := os.Create(filepath.Join(run.Dir, "guest.log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	messages := filepath.Join(run.Dir, "kernel.log")

	limit, cancel := context.WithTimeout(ctx, guestTime)
	defer cancel()
	// Never kvm: a /dev/kvm that is there may hang, and CI has none.
	cmd := command(limit, "qemu-system-x86_64",
		"-machine", "q35", "-cpu", "max", "-m", "1024", "-smp", "2", "-accel", "tcg,thread=multi",
		"-display", "none", "-monitor", "none", "-net", "none", "-no-reboot",
		"-rtc", "base="+workday(time.Now()).Format("2006-01-02T15:04:05"),
		"-serial", "file:"+messages, "-serial", "stdio",
		"-kernel", filepath.Join(kernel, "vmlinuz"), "-initrd", initrd, "-append", "console=ttyS0 quiet panic=-1")
	cmd.Stderr = run.Log
	console, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the guest: %w", err)
	}
	rows := ReadConsole(console, func(line string) {
		fmt.Fprintln(log, line)
		fmt.Fprintln(run.Log, "  "+line)
	})
	err = cmd.Wait()
	switch {
	case ctx.Err() != nil:
		return rows, ctx.Err()
	case limit.Err() != nil:
		return rows, fmt.Errorf("the guest was ended after %s", guestTime)
	case err != nil:
		return rows, fmt.Errorf("run the guest: %w", err)
	case short(rows, errGuest):
		return rows, fmt.Errorf("its kernel's last words: %s", tail(messages))
	}
	return rows, nil
}

// short reports whether a row is there for want of this.
func short(rows []verdict.Row, why error) bool {
	for _, r := range rows {
		if errors.Is(r.Err, why) {
			return true
		}
	}
	return false
}

// workday is ten in the morning in Vietnam, which has no summer time, of the
// next Wednesday: whenever the tests run, the centre in the guest is open.
func workday(now time.Time) time.Time {
	now = now.UTC()
	days := (int(time.Wednesday) - int(now.Weekday()) + 7) % 7
	return time.Date(now.Year(), now.Month(), now.Day()+days+7, 3, 0, 0, 0, time.UTC)
}

// tail is the end of a file.
func tail(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return err.Error()
	}
	defer f.Close()
	const most = 2000
	if info, err := f.Stat(); err == nil && info.Size() > most {
		if _, err := f.Seek(-most, io.SeekEnd); err != nil {
			return err.Error()
		}
	}
	b, err := io.ReadAll(f)
	if err != nil {
		return err.Error()
	}
	return string(b)
}
