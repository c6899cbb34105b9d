// Package printer describes the ticket on paper and the machine that prints it.
//
// A [Slip] is plain text and numbers: the package knows nothing of the queue.
// [Layout] sets it in one bit per dot with shaped text, so Vietnamese and the
// minority languages' marks print right on any printer. The sub-packages turn
// the picture into bytes (escpos), carry the bytes (device), keep every job
// until it is on paper (spool) and stand in for the machine (printertest).
package printer
