// Package naive is the queue's rules a second time, with lists and loops, as
// plainly as domain.md §3 and routing.md §1 say them: no events, no indexes,
// nothing of queue but its words. [Compare] holds queue to it.
package naive
