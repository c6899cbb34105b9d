// Package emulated runs the packages of other processors on this machine: each
// architecture's real programs, out of its Debian package, under qemu-user.
//
// For each architecture there are three rows:
//
//   - selftest: `motcua doctor program` commits and reads back, and its ticket
//     has the hash of this machine's own
//   - day: numbers taken, printed, called, served and accounted for through the
//     API, on a printer over TCP; this machine's own `motcua journal verify`
//     reads the journal afterwards
//   - restart: the daemon is killed while numbers are being taken and again at
//     rest; whoever asks again learns the number it has, and nothing is lost,
//     doubled or in another order
//
// It plays officers and citizens as clients of the API, and the printer is
// printertest's: what is tested is what was built, not how it is written.
package emulated
