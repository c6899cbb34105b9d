// Package config reads what a machine is (motcua.toml) and what a centre is
// (a centre file), strictly: an unknown key is an error, and all errors are
// listed at once, each with its field, value, line where known and remedy. It
// writes a centre file that explains itself, and tells two centres apart.
package config
