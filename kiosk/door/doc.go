// Package door is a kiosk at another door: a panel and a printer that belong
// to a centre's daemon on another machine.
//
// A [Door] asks its centre what to show and what to print, sends it presses,
// and tells it what became of every slip. It keeps nothing: the centre's journal
// is the only truth, and after a restart on either side the centre says again
// what there is to do. When the centre does not answer, all lamps say so and no
// press is taken; it resumes by itself.
package door
