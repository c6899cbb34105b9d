// Package kiosktest has a scripted panel for the tests of what listens to one:
// it presses and breaks on command, says when the listener is done with it, and
// remembers what every lamp was told.
package kiosktest
