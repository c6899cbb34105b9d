// Package demo plays a busy morning: citizens who take numbers and officers
// who serve them, at 1, 10 or 60 times the pace of life, so that a newcomer
// sees the hall alive.
//
// A [Morning] is a client like any other: it acts through /api/v1 alone, and
// what it knows of the hall it has read there. DESIGN.md says how it keeps the
// hall busy without filling it, and how it keeps out of a visitor's way.
package demo
