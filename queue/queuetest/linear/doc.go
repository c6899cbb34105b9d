// Package linear decides whether what many clients were told at the same time
// could have come from a hall with a single clerk, who does one thing after the
// other: linearizability (Herlihy and Wing 1990), checked by porcupine.
//
// The clerk is [Hall], a sequential model of one service point that shares no
// code with package queue. It works where time decides nothing, so that there
// is one right answer to everything. That holds for tests that are over within
// the hour and whose configuration has no sessions, no planned breaks, no
// guard, a window of 0 (or a single category), recalls and no-shows at once,
// and, if it has a class beside the normal one, a single one whose head start
// and a return credit are 60 minutes: then the order of arrivals is the order
// in which numbers were given out. Only that an undo came too late is believed.
//
// The check stays decidable at any length because every answer to a command
// names its position in the journal. Those positions are taken as the only
// order of the commands that were carried out, which is more than
// linearizability asks, and leaves to the search where refusals, looks and what
// was lost belong. A [Trail] takes a long history part by part.
package linear
