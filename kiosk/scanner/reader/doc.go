// Package reader takes codes from barcode scanners.
//
// A scanner is a serial line, or a keyboard that types what it reads. A
// keyboard is taken from the system whole (EVIOCGRAB): what is scanned reaches
// this program and no console, browser or input method. A [Reader] opens the
// scanner, opens it again when it was pulled out, cuts what it says into codes
// and hands each to a function; nothing of a code is left when that returns.
//
// What a code is, package kiosk/scanner tells.
package reader
