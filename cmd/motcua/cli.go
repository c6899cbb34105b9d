package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/alecthomas/kong"

	"motcua/internal/appointments"
	"motcua/internal/config"
	"motcua/internal/journal"
)

// Exit statuses, as --help explains them.
const (
	exitDone   = 0
	exitBroken = 1
	exitUsage  = 2
	exitCannot = 3
)

const about = `The operator's command line of motcua. It reads a centre's journal, also while motcuad runs, and never changes it; what is to be changed it asks of the running motcuad.

Exit status: 0 done; 1 the journal is not what was written, or does not replay, a file has mistakes, a comparison found differences, or the machine has something bad; 2 wrong command line; 3 it could not be done (no journal there, a newer release's journal, a disk error, a refusal by motcuad or no answer).`

// Main is the program; tests start it like main does.
type Main struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer

	panel func(config.Panel) (testedPanel, error) // nil: the machine's own
}

type commands struct {
	Journal struct {
		Verify  verifyCmd  `cmd:"" help:"Check the hash chain, gaps, every event, labels and SQLite's own structure."`
		Show    showCmd    `cmd:"" help:"Print records, one a line, in words."`
		Explain explainCmd `cmd:"" help:"Tell a ticket's whole story in plain words, or why another one was called before it."`
		Replay  replayCmd  `cmd:"" help:"Rebuild the state from the first record; check its invariants and the snapshot."`
		Export  exportCmd  `cmd:"" help:"Write records as JSON Lines."`
	} `cmd:"" help:"Read a centre's journal."`
	Centre       centreCmds      `cmd:"" help:"The centre's file: everything a centre is."`
	Appointments appointmentsCmd `cmd:"" help:"Appointments from a CSV file."`
	Doctor       doctorCmd       `cmd:"" help:"Look at this machine: program, configuration, journal, disk, clock, network, printer, panel, scanner, displays. One line a check: ok, warning or bad, and what to do."`
	Panel        struct {
		Test panelTestCmd `cmd:"" help:"Light the lamps one by one, then show every contact and every press as it happens."`
	} `cmd:"" help:"The button panel of this machine."`
	Printer struct {
		Bench   printerBenchCmd   `cmd:"" help:"Print how many bytes a ticket takes, and how long on a serial line, for each encoding the printer's profile allows."`
		Profile printerProfileCmd `cmd:"" help:"Print a built-in profile as a file that explains itself, or say what is wrong with a file."`
		Test    printerTestCmd    `cmd:"" help:"Print a slip and a ruler, and say how the printer is and whether it confirmed them."`
	} `cmd:"" help:"The ticket printer."`
	Scanner struct {
		Test scannerTestCmd `cmd:"" help:"Say of everything that is scanned what kind of code it is, and nothing of what it says."`
	} `cmd:"" help:"The barcode scanner."`
	Device    deviceCmd    `cmd:"" help:"Machines paired by a code: kiosks at other doors, displays, consoles. Asked of a running motcuad, as a supervisor."`
	Token     tokenCmd     `cmd:"" help:"Draw an access token and print its entry for motcua.toml."`
	SetupCode setupCodeCmd `cmd:"" help:"Show the code that a new centre is set up with, and where; to root only."`
}

// spoken is the language of the shell, where the catalogue has it, or else English.
func spoken(env func(string) string) string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := env(name); v != "" {
			switch lang, _, _ := strings.Cut(v, "_"); lang {
			case "vi", "de":
				return lang
			}
			break
		}
	}
	return "en"
}

// data is the folder every journal command reads.
type data struct {
	Data string `help:"Data folder of the centre." default:"/var/lib/motcua" type:"path" placeholder:"DIR"`
}

func (d data) open(ctx context.Context) (*journal.Journal, error) {
	j, err := journal.Open(ctx, d.Data, journal.Options{ReadOnly: true})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &worded{"cli.no_journal", map[string]any{"path": d.Data},
			fmt.Errorf("there is no journal in %s: name the data folder with --data, as motcuad has it", d.Data)}
	}
	if errors.Is(err, fs.ErrPermission) {
		return nil, fmt.Errorf("%w: run it as the daemon's user, `sudo -u motcua motcua …`", err)
	}
	return j, err
}

// console is where a command reads and prints.
type console struct {
	ctx context.Context
	in  io.Reader
	out io.Writer
	err io.Writer

	openPanel func(config.Panel) (testedPanel, error)
}

// exited carries kong's wish to exit through its parser.
type exited int

// Run carries out one command line and returns the exit status.
func (m *Main) Run(ctx context.Context, args []string) (status int) {
	defer func() {
		if v := recover(); v != nil {
			code, ok := v.(exited)
			if !ok {
				panic(v)
			}
			status = int(code)
		}
	}()
	var cli commands
	p, err := kong.New(&cli, kong.Name("motcua"), kong.Description(about), kong.UsageOnError(),
		kong.Vars{"language": spoken(os.Getenv)},
		kong.Writers(m.Stdout, m.Stderr), kong.Exit(func(code int) { panic(exited(code)) }))
	if err != nil {
		return m.fail(err, exitUsage)
	}
	k, err := p.Parse(args)
	if err != nil {
		return m.fail(fmt.Errorf("%w; `motcua --help` lists the commands, `motcua journal show --help` the flags of one", err), exitUsage)
	}
	out := bufio.NewWriterSize(m.Stdout, 64<<10)
	open := m.panel
	if open == nil {
		open = realPanel
	}
	err = k.Run(&console{ctx: ctx, in: m.Stdin, out: out, err: m.Stderr, openPanel: open})
	if e := out.Flush(); err == nil && e != nil {
		err = fmt.Errorf("write output: %w", e)
	}
	if err == nil {
		return exitDone
	}
	if status := result(0); errors.As(err, &status) {
		return int(status)
	}
	return m.fail(err, statusOf(err))
}

// result is the exit status of a command that has said everything already.
type result int

func (r result) Error() string { return fmt.Sprintf("exit status %d", int(r)) }

func (m *Main) fail(err error, status int) int {
	fmt.Fprintf(m.Stderr, "motcua: %s\n", strings.TrimSpace(err.Error()))
	return status
}

// finding is a journal or an export that is not what was written, or a file
// that can't be taken as it is.
type finding struct {
	what   string
	remedy string
}

func (f *finding) Error() string { return f.what + "\n" + "what to do: " + f.remedy }

func statusOf(err error) int {
	var found *finding
	var chain *journal.ChainError
	var corrupt *journal.CorruptError
	var list *appointments.Error
	var file *config.Error
	if errors.As(err, &found) || errors.As(err, &chain) || errors.As(err, &corrupt) || errors.As(err, &list) || errors.As(err, &file) {
		return exitBroken
	}
	return exitCannot
}
