// Command rules proves the queue's rules at length and ends with status 1 when
// a proof is short. It is run by make test-rules; make test runs shorter forms
// of the same.
//
// A line is
//
//	name cases violations figure goal verdict
//
// Cases are what the proof looked at: customers, tickets, commands. Violations
// are those that broke a rule; none may. The figure is what the proof measured
// and the goal the most it may be. For a waiting time that theory knows
// (routing by arrival, strict, accumulating priority, head start) the figure is
// the largest distance from it, in standard errors ("se") of the simulation.
package main
