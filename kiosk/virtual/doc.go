// Package virtual is the button panel of a machine without pins: the presses
// are calls of a method, which is how a browser page that draws the panel
// presses through the daemon, and the lamps can be read and watched.
//
// It is a panel like any other and hides nothing: the same presses, counts and
// keys, and the same lamps, so that what is seen on a demonstration desk is
// what a hall gets.
package virtual
