// Command motcuad is a centre's daemon: it gives out numbers, routes them to
// counters and shows every call. This package only wires the house together.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // a Pi may have no zone files

	"github.com/alecthomas/kong"
)

// flags are the command line; what they leave out comes from motcua.toml.
type flags struct {
	Demo    bool             `help:"Run the demonstration office: virtual panel, software printer, no sign-in on this machine."`
	Config  string           `help:"Machine configuration." placeholder:"motcua.toml" type:"existingfile"`
	Centre  string           `help:"Centre file to apply at start." placeholder:"centre.toml" type:"existingfile"`
	Listen  string           `help:"Address to listen on, such as 127.0.0.1:8480." placeholder:"HOST:PORT"`
	Data    string           `help:"Folder of the journal." placeholder:"DIR"`
	Version kong.VersionFlag `help:"Print the version."`
}

func main() {
	var f flags
	kong.Parse(&f, kong.Name("motcuad"), kong.Description("The daemon of a motcua centre."), kong.Vars{"version": version})
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	d, err := Open(ctx, f, os.Stdout, os.Stderr)
	if err == nil {
		err = d.Run(ctx)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "motcuad:", err)
		os.Exit(1)
	}
}
