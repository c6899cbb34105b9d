// Package routertest holds the calls of a centre to what the router promises,
// whatever made them: it is written from routing.md §1 and shares no code with
// the router.
package routertest
