package main

import (
	"context"

	"motcua/queue/queuetest/naive"
)

// compared is how many random commands the second model has to agree on, and
// batch how many are given between two looks at the clock.
const (
	compared = 1_000_000
	batch    = 20_000
)

// secondModel gives random commands to the queue and to its naive double; no
// answer and no state may differ.
func secondModel(ctx context.Context, long *Long) Result {
	var r Result
	for seed := long.Seed; r.Cases < long.Of(compared); seed++ {
		if r.Err = ctx.Err(); r.Err != nil {
			return r
		}
		done, difference := naive.Compare(batch, seed)
		r.Cases += done
		if difference != "" {
			if r.Failures++; r.Failures == 1 {
				long.say("%s", difference)
			}
		}
	}
	return r
}
