// Package scanner tells what a scanned code is, and forgets the rest.
//
// People hold all kinds of codes under a reader: the receipt of a dossier, an
// appointment, an ID card, a health insurance card, the screen of a phone. Of
// these [Read] keeps a kind, an appointment's code, and of an ID card whether
// its holder is 60 or older; nothing else leaves this package, and the text it
// was given is overwritten.
//
// The package knows no device and no queue. It reads no clock, writes no log
// and returns no errors: what it can't read is [Unknown].
package scanner
