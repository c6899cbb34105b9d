// Command hardwaretest holds the product to the kernel's own interfaces and
// ends with status 1 when a check is short. It is run by make test-hardware.
//
// It boots Debian's kernel in qemu, by software emulation, with gpio chips
// whose lines the tests pull and with USB printers of which they hold the other
// end, and runs in it what [guestTests] lists, the real motcuad among it.
//
// Then it builds the Debian packages of all architectures and plays those of
// other processors under qemu-user; see the package emulated.
//
// A line of its table is
//
//	name cases failures figure goal verdict
//
// Cases are what was tried: presses, slips, tests. No failure is allowed. The
// figure is what was measured and the goal the most it may be. A row is SHORT
// when something failed, when nothing was tried, or when the figure is above
// its goal; so is one whose guest could not be had.
//
// # Adding rows
//
// A package whose tests need the guest is one line in [guestTests]. Its tests
// carry the build tag hardware and are named TestHardware…; each is a row whose
// cases are its subtests, or prints rows of its own, on lines of their own:
//
//	CHECK name cases failures figure goal
//
// separated by single spaces, where figure and goal are numbers with the same
// unit ("31.5ms"), or "-" and "-" where nothing is measured.
//
// What needs no guest is a [Producer] in [producers].
package main
