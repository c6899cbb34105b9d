// Package device carries bytes to a printer and back: over TCP port 9100, or
// through a file, which may be a printer's device node or a plain file that
// collects the bytes. Every device has deadlines, so its user never blocks
// for ever.
package device
