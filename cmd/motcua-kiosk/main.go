// Command motcua-kiosk is a panel and a printer at another door, paired with a
// centre's daemon. This package only wires the house together.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // a Pi may have no zone files

	"github.com/alecthomas/kong"

	"motcua/internal/config"
)

// version is this release's; the centre shows it.
const version = "0.3.0"

// flags are the command line.
type flags struct {
	Config  string           `help:"What this kiosk is: its centre, printer and panel." placeholder:"kiosk.toml" default:"/etc/motcua/kiosk.toml" type:"path"`
	Check   bool             `help:"Look at configuration, panel, printer and centre, say what to do, and end. Exit status 1 when something is bad."`
	Example bool             `help:"Print a kiosk.toml that explains every key, and end."`
	Try     bool             `help:"Press the buttons on the status page instead of real ones: to look at a kiosk on a desk, without pins."`
	Forget  bool             `help:"Throw the secret of this kiosk away, so that it must be paired again, and end."`
	Version kong.VersionFlag `help:"Print the version."`
}

const description = `A panel and a printer at another door: it gives out the numbers of a centre whose motcuad runs on another machine.

At its first start it shows a code of six digits, on its printer, in its log and on its status page. A supervisor types it on the centre's page /devices, or with 'motcua device pair'.`

func main() {
	var f flags
	kong.Parse(&f, kong.Name("motcua-kiosk"), kong.Description(description), kong.Vars{"version": version})
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, f, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "motcua-kiosk:", err)
		os.Exit(statusOf(err))
	}
}

// exitConfig is EX_CONFIG of sysexits.h: trying again helps nobody before a
// person has been at kiosk.toml, and the unit does not.
const exitConfig = 78

func statusOf(err error) int {
	if wrong := (*config.Error)(nil); errors.As(err, &wrong) || errors.Is(err, fs.ErrNotExist) {
		return exitConfig
	}
	return 1
}

// run carries out what the flags ask for.
func run(ctx context.Context, f flags, out, logs io.Writer) error {
	if f.Example {
		_, err := out.Write(example())
		return err
	}
	m, err := newMain(f, logs)
	if err != nil {
		return err
	}
	switch {
	case f.Forget:
		return m.forget(out)
	case f.Check:
		return m.check(ctx, out)
	}
	return m.run(ctx, out)
}

// logger writes to logs and takes what periph says to the standard logger.
func logger(logs io.Writer, level slog.Level) *slog.Logger {
	h := slog.NewTextHandler(logs, &slog.HandlerOptions{Level: level})
	log.SetFlags(0)
	log.SetOutput(slog.NewLogLogger(h, slog.LevelWarn).Writer())
	return slog.New(h)
}
