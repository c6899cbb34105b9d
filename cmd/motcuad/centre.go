package main

import (
	"context"

	"motcua/internal/config"
	"motcua/internal/engine"
	"motcua/queue"
)

// office is the engine as the API sees it: a configuration must fit the paper as
// well, which the domain knows nothing of.
type office struct{ *engine.Engine }

// Do refuses a configuration whose words can't be printed, and lists them
// together with all its other mistakes.
func (o office) Do(ctx context.Context, r queue.Request) (queue.Result, error) {
	if a, ok := r.Command.(queue.ApplyConfig); ok {
		cfg := a.Config.Plain()
		if bad := config.Unprintable(cfg); len(bad) > 0 {
			bad = append(cfg.Check(), bad...)
			return queue.Result{}, &queue.Error{Code: queue.Invalid, Reason: queue.WhyBadConfig, Msg: bad.Error(),
				Hint: "Correct each and apply the configuration again; nothing was changed.", Err: bad}
		}
	}
	return o.Engine.Do(ctx, r)
}
