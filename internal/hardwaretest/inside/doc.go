// Package inside is what make test-hardware runs in the guest: the real motcuad
// with its buttons and lamps on the kernel's gpio-sim and its paper on the
// kernel's USB printer driver. Everything it is told comes through these two
// and through its HTTP API, and so does everything that is asked of it.
//
// Its tests carry the build tag hardware.
package inside
