// Package gpiopanel is the button panel on real pins: buttons wired from a
// line to ground with the line's own pull-up, and lamps on lines of their own.
//
// [Open] turns a [Config] into a [Panel]; [New] makes one of lines that are open
// already. A machine without pins gives a panel too, one that reports itself
// absent while it runs, and a line that can't be had is a fault of its button,
// because a centre without its panel still calls tickets.
//
// The pins are reached through periph, which lives in this package alone.
// periph reports errors of a line to the standard log package and nowhere
// else, so the program that opens a panel routes that to its own logger, for
// example with
//
//	log.SetFlags(0)
//	log.SetOutput(slog.NewLogLogger(handler, slog.LevelWarn).Writer())
//
// Lines stay open for the life of the process, so a Panel has no Close. Open
// looks for chips, by periph, which on some machines closes what is not its own
// (see DESIGN.md): call it before anything else opens files.
package gpiopanel
