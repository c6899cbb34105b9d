// Package spool keeps every slip until it is on paper: never lost, never
// printed twice without saying so on the slip.
//
// One [Spool] owns one printer. A job goes queued → sending → sent → printed
// or unknown; each step that matters after a crash is recorded through [Log]
// before it is acted upon: sending before the first byte leaves. Only the
// printer's process id proves paper. What cannot be decided by software is
// unknown: a young unknown prints again by itself, with the same number and
// the reprint mark; an old one waits for staff.
package spool
