package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"motcua/internal/config"
	"motcua/queue"
)

type importCentreCmd struct {
	daemon `embed:""`
	File   string `arg:"" help:"Centre file; - = standard input." placeholder:"centre.toml"`
}

const centrePath = "/api/v1/centre"

func (c *importCentreCmd) Run(io *console) error {
	next, err := readCentre(io, c.File)
	if err != nil {
		return err
	}
	token, err := c.token()
	if err != nil {
		return err
	}
	have, err := c.applied(io.ctx, token)
	if err != nil {
		return fmt.Errorf("%w\nif no motcuad runs there yet, start it with the file: motcuad --config motcua.toml --centre %s", err, c.File)
	}
	if have != nil {
		changes := config.Diff(have, &next)
		if len(changes) == 0 {
			fmt.Fprintf(io.out, "nothing to change: the centre is as %s says\n", c.File)
			return nil
		}
		printChanges(io.out, changes)
	}
	if err := c.apply(io.ctx, token, &next); err != nil {
		return err
	}
	fmt.Fprintf(io.out, "applied: %s\n", extent(&next))
	now, err := c.applied(io.ctx, token)
	if err != nil || now == nil {
		return err
	}
	if drains := draining(now); drains != "" {
		fmt.Fprintf(io.out, "still in use, to the next opening at most: %s\n", drains)
	}
	if now.Later != nil {
		fmt.Fprintln(io.out, "the order of calls changes at the next opening")
	}
	return nil
}

// applied is what the daemon's centre is; nil when it has no configuration yet.
func (c *importCentreCmd) applied(ctx context.Context, token string) (*queue.Config, error) {
	got, refused, err := call(ctx, c.URL, token, http.MethodGet, centrePath, "", nil)
	switch {
	case err != nil:
		return nil, err
	case refused != nil && refused.Reason == queue.WhyNotConfigured:
		return nil, nil
	case refused != nil:
		return nil, refused
	}
	cfg := &queue.Config{}
	if err := json.Unmarshal(got, cfg); err != nil {
		return nil, fmt.Errorf("read the centre's configuration: %w: motcua and motcuad are of different releases", err)
	}
	return cfg, nil
}

// apply sends the configuration, once more if no answer came: under one key it
// is applied once.
func (c *importCentreCmd) apply(ctx context.Context, token string, cfg *queue.Config) error {
	key := "centre/" + rand.Text()
	_, refused, err := call(ctx, c.URL, token, http.MethodPut, centrePath, key, cfg)
	if err != nil && ctx.Err() == nil {
		_, refused, err = call(ctx, c.URL, token, http.MethodPut, centrePath, key, cfg)
	}
	if err != nil {
		return fmt.Errorf("%w\nit may have been applied or not; import it again, or look with `motcua centre diff`", err)
	}
	if refused != nil {
		return refused
	}
	return nil
}

// draining lists what was taken out and is still used.
func draining(c *queue.Config) string {
	var all []string
	add := func(drains bool, what, id string) {
		if drains {
			all = append(all, what+" "+id)
		}
	}
	for _, x := range c.Points {
		add(x.Draining, "point", string(x.ID))
	}
	for _, x := range c.Categories {
		add(x.Draining, "category", string(x.ID))
	}
	for _, x := range c.Classes {
		add(x.Draining, "class", string(x.ID))
	}
	for _, x := range c.Counters {
		add(x.Draining, "counter", string(x.ID))
	}
	return strings.Join(all, ", ")
}
