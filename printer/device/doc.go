// Package device carries bytes to a printer and back: over USB, a serial line
// or TCP port 9100, or into a plain file that collects them. Every device has
// deadlines, so its user never blocks for ever. A printer that went away makes
// reads and writes fail; its user closes the device and opens it again.
package device
