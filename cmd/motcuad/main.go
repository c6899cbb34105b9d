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

	"motcua/internal/journal"
	"motcua/internal/sysd"
	"motcua/kiosk"
	"motcua/printer/spool"
)

// flags are the command line; what they leave out comes from motcua.toml.
type flags struct {
	Demo    bool             `help:"Run the demonstration office: a panel and a printer on the screen, no sign-in on this machine. Its data is kept in motcua-demo unless --data names another folder."`
	Config  string           `help:"What this machine is: address, printer, panel, who may sign in. Without it: loopback only, no printer, no panel, nobody." placeholder:"motcua.toml" type:"existingfile"`
	Centre  string           `help:"What the centre is: categories, counters, rules. Applied at this start; the journal keeps it." placeholder:"centre.toml" type:"existingfile"`
	Listen  string           `help:"Address to listen on instead of the one in the file, such as 127.0.0.1:8480, or :8480 for the whole network." placeholder:"HOST:PORT"`
	Data    string           `help:"Folder of the journal instead of the one in the file; by default /var/lib/motcua." placeholder:"DIR"`
	Version kong.VersionFlag `help:"Print the version."`

	// For tests: another clock than the machine's, printers reached in another
	// way, and a journal that fails.
	clock  sysd.ClockOptions
	reach  func(name string, o *spool.Options)
	broken func(append int) journal.Fault
	panel  kiosk.Panel // another panel than the one that is wired, for tests
}

const description = `The daemon of a motcua centre: it gives out numbers, routes them to counters and shows every call.

To look at it: motcuad --demo. For a centre: motcuad --config motcua.toml --centre centre.toml, with an access token for each post from 'motcua token'. Flags win over the file.`

func main() {
	var f flags
	kong.Parse(&f, kong.Name("motcuad"), kong.Description(description), kong.Vars{"version": version})
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
