// Package router decides which waiting ticket a counter takes next, and says
// why. It routes counters, not HTTP.
//
// HeadStart is the rule of routing.md §1 and the product's own. Live is what a
// centre uses: the rule its configuration names. The other policies, found by
// Named, are kept so that a simulation can compare them with it. Explain
// answers why a counter took one ticket and not another one, and NoPass tells
// a ticket's holder who can no longer be placed before it.
//
// Every policy reads nothing but the state and the instant it is given,
// computes in whole milliseconds, and allocates nothing to pick a ticket.
package router
