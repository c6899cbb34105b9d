package main

import (
	"context"
	"fmt"

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

// warnMisfits tells who starts the daemon what of motcua.toml the centre has
// nothing for. It is no reason not to start: the centre may be changed at any
// time, and the machine's file only at a start.
func (d *Daemon) warnMisfits(ctx context.Context) error {
	var cfg *queue.Config // never changed once applied
	if err := d.engine.Read(ctx, func(s *queue.State) { cfg = s.Config }); err != nil || cfg == nil {
		return err
	}
	for _, p := range d.machine.Against(cfg) {
		d.log.Warn("motcua.toml does not fit the centre", "field", p.Field, "value", p.Value, "msg", p.Msg, "hint", p.Hint)
		fmt.Fprintf(d.out, "motcua.toml does not fit the centre: %s\n", p)
	}
	return nil
}
