// Package sim plays a centre on a virtual clock: the product's own rules
// (queue) and routing (router) decide, drawn citizens come and are served, and
// nothing waits for anybody's real time.
//
// [Hall] is the centre and its clock, [Stream] the source of all chance,
// [Endless] a hall without evening whose waiting times are known exactly in
// theory, [ErlangC] and its like that theory. Times are milliseconds unless
// said; floats live here, never in the rules.
package sim
