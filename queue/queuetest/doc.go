// Package queuetest helps other packages' tests with the domain: a small
// centre, a journal in memory, the invariants that must hold in every state,
// and commands drawn at random.
package queuetest
