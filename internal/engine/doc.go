// Package engine is the single-writer loop of a centre: requests come in, are
// decided against the state, made durable in the journal, and only then
// answered and published.
//
// One goroutine, the loop, owns the state. [Engine.Do] hands it a request,
// [Engine.Read] and [Engine.Turn] borrow it for a moment, and observers
// ([Engine.Observe]) are told of every batch once it is durable.
//
// DESIGN.md gives the reasons.
package engine
