package main

import (
	"errors"
	"fmt"
	"io"

	"motcua/internal/config"
	"motcua/queue"
)

type centreCmds struct {
	Example exampleCentreCmd `cmd:"" help:"Print a centre file that explains every key, to begin with."`
	Check   checkCentreCmd   `cmd:"" help:"List every mistake of a centre file with its line."`
	Export  exportCentreCmd  `cmd:"" help:"Write the centre's configuration as one commented file."`
	Diff    diffCentreCmd    `cmd:"" help:"Say what a centre file would change. Exit status 1 when it would change something."`
	Import  importCentreCmd  `cmd:"" help:"Apply a centre file at a running motcuad, also while the hall is full."`
}

type exampleCentreCmd struct{}

func (c *exampleCentreCmd) Run(io *console) error {
	if _, err := io.out.Write(config.Ward()); err != nil {
		return fmt.Errorf("write example: %w", err)
	}
	return nil
}

// standardInput names what is read in place of a file "-".
const standardInput = "standard input"

// readCentre reads a centre file, or standard input where it is "-".
func readCentre(con *console, path string) (queue.Config, error) {
	if path != "-" {
		return config.LoadCentre(path)
	}
	b, err := io.ReadAll(io.LimitReader(con.in, longestCentre+1))
	if err != nil {
		return queue.Config{}, fmt.Errorf("read centre: %w", err)
	}
	if len(b) > longestCentre {
		return queue.Config{}, &worded{"cli.too_long", map[string]any{"path": "-", "n": longestCentre >> 20},
			fmt.Errorf("read centre: standard input is longer than %d MiB", longestCentre>>20)}
	}
	c, err := config.ParseCentre(b)
	if e := (*config.Error)(nil); errors.As(err, &e) {
		e.File = standardInput
	}
	return c, err
}

// longestCentre is the longest centre file that is read from standard input,
// in bytes; motcuad takes no more either.
const longestCentre = 1 << 20

type checkCentreCmd struct {
	spokenIn `embed:""`
	File     string `arg:"" help:"Centre file; - = standard input." placeholder:"centre.toml"`
	Config   string `help:"Hold the panel's buttons and the officers' counters of this file to the centre as well." type:"path" placeholder:"motcua.toml"`
}

func (c *checkCentreCmd) Run(io *console) error {
	v, err := c.voice()
	if err != nil {
		return err
	}
	return v.tell(c.check(io))
}

func (c *checkCentreCmd) check(io *console) error {
	cfg, err := readCentre(io, c.File)
	if err != nil {
		return err
	}
	if c.Config != "" {
		m, err := config.LoadMachine(c.Config)
		if err != nil {
			return err
		}
		if p := m.Against(&cfg); len(p) > 0 {
			return &config.Error{File: c.Config, Problems: p}
		}
	}
	fmt.Fprintf(io.out, "%s is sound: %s\n", c.File, extent(&cfg))
	return nil
}

// extent tells in a line how much a centre is.
func extent(c *queue.Config) string {
	return fmt.Sprintf("centre %s; points: %d, counters: %d, categories: %d, sessions: %d, holidays: %d", c.Centre.ID, len(c.Points),
		len(c.Counters), len(c.Categories), len(c.Sessions), len(c.Holidays))
}

type exportCentreCmd struct {
	data   `embed:""`
	Output string `short:"o" help:"File to write, complete or not at all; - = standard output." default:"-" placeholder:"FILE"`
}

func (c *exportCentreCmd) Run(con *console) error {
	cfg, err := c.centre(con)
	if err != nil {
		return err
	}
	if c.Output == "-" {
		return config.WriteCentre(con.out, cfg)
	}
	// Nothing in it is secret, and motcuad may run as somebody else.
	if err := replaceFile(con, c.Output, 0o644, func(w io.Writer) error { return config.WriteCentre(w, cfg) }); err != nil {
		return err
	}
	fmt.Fprintf(con.out, "%s in %s\n", extent(cfg), c.Output)
	return nil
}

// centre is the configuration at the head of the journal, as it stands in a file.
func (d data) centre(con *console) (*queue.Config, error) {
	j, err := d.open(con.ctx)
	if err != nil {
		return nil, err
	}
	defer j.Close()
	s, _, err := j.Load(con.ctx)
	if err != nil {
		return nil, broken(d.Data, err)
	}
	if s.Config == nil {
		return nil, &worded{"cli.no_centre", map[string]any{"path": d.Data},
			fmt.Errorf("the centre in %s has no configuration yet: start motcuad with --centre, or import a file", d.Data)}
	}
	return s.Config.Plain(), nil
}

type diffCentreCmd struct {
	data     `embed:""`
	spokenIn `embed:""`
	File     string `arg:"" help:"Centre file; - = standard input." placeholder:"centre.toml"`
	Other    string `arg:"" optional:"" help:"Say what this file would change after the first one. Without it, what the first would change at the centre in the data folder." placeholder:"other.toml"`
}

// Validate is called by kong before Run.
func (c *diffCentreCmd) Validate() error {
	if c.File == "-" && c.Other == "-" {
		return errors.New("only one of the two can be standard input")
	}
	return nil
}

func (c *diffCentreCmd) Run(io *console) error {
	v, err := c.voice()
	if err != nil {
		return err
	}
	return v.tell(c.compare(io))
}

// compare prints what differs; the result says whether anything does.
func (c *diffCentreCmd) compare(io *console) error {
	next, err := readCentre(io, c.File)
	if err != nil {
		return err
	}
	var have *queue.Config
	if c.Other != "" {
		first := next
		if next, err = readCentre(io, c.Other); err != nil {
			return err
		}
		have = &first
	} else if have, err = c.centre(io); err != nil {
		return err
	}
	changes := config.Diff(have, &next)
	if len(changes) == 0 {
		return nil
	}
	printChanges(io.out, changes)
	return result(exitBroken)
}

// marks begin the lines of what was added, removed or changed.
var marks = map[config.ChangeKind]string{config.Added: "+", config.Removed: "-", config.Changed: "~"}

// printChanges prints each section with its changes, a change on a line or,
// where it has several keys, on one for each.
func printChanges(w io.Writer, changes []config.Change) {
	section := ""
	for _, c := range changes {
		if c.Section != section {
			section = c.Section
			fmt.Fprintln(w, section)
		}
		head := "  " + marks[c.Kind] + " "
		if c.Entry != "" {
			head += c.Entry + ": "
		}
		for i, s := range c.Words {
			if i > 0 {
				head = "      "
			}
			fmt.Fprintln(w, head+s)
		}
		if c.Note != "" {
			fmt.Fprintln(w, "      ("+c.Note+")")
		}
	}
}
