// Package parts makes the parts of a machine out of its motcua.toml: its
// printer, its panel, the address it listens on. The daemon and the commands
// that try a part out make it in the same way, so what a command finds the
// daemon would find too.
package parts
