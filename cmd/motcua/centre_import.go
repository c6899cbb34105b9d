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
	have, err := c.have(io.ctx, token)
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
	done, err := c.apply(io.ctx, token, &next)
	if err != nil {
		return err
	}
	fmt.Fprintf(io.out, "applied: %s\n", extent(&next))
	if s := done.draining(); s != "" {
		fmt.Fprintf(io.out, "still in use, and gone at the next opening: %s\n", s)
	}
	if done.Later != nil {
		fmt.Fprintln(io.out, "the order of calls changes at the next opening")
	}
	return nil
}

// have is what the daemon's centre is; nil when it has no configuration yet.
func (c *importCentreCmd) have(ctx context.Context, token string) (*queue.Config, error) {
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

// appliedCentre is what motcuad answers to a configuration.
type appliedCentre struct {
	Later    json.RawMessage `json:"later"`
	Draining struct {
		Points     []string `json:"points"`
		Series     []string `json:"series"`
		Categories []string `json:"categories"`
		Classes    []string `json:"classes"`
		Counters   []string `json:"counters"`
	} `json:"draining"`
}

// draining lists what was taken out and is still used; "" for nothing.
func (a *appliedCentre) draining() string {
	var all []string
	add := func(what string, ids []string) {
		for _, id := range ids {
			all = append(all, what+" "+id)
		}
	}
	add("point", a.Draining.Points)
	add("series", a.Draining.Series)
	add("category", a.Draining.Categories)
	add("class", a.Draining.Classes)
	add("counter", a.Draining.Counters)
	return strings.Join(all, ", ")
}

// apply sends the configuration, once more if no answer came: under one key it
// is applied once.
func (c *importCentreCmd) apply(ctx context.Context, token string, cfg *queue.Config) (*appliedCentre, error) {
	key := "centre/" + rand.Text()
	got, refused, err := call(ctx, c.URL, token, http.MethodPut, centrePath, key, cfg)
	if err != nil && ctx.Err() == nil {
		got, refused, err = call(ctx, c.URL, token, http.MethodPut, centrePath, key, cfg)
	}
	if err != nil {
		return nil, fmt.Errorf("%w\nit may have been applied or not; import it again, or look with `motcua centre diff`", err)
	}
	if refused != nil {
		return nil, refused
	}
	var a appliedCentre
	if err := json.Unmarshal(got, &a); err != nil {
		return nil, fmt.Errorf("read motcuad's answer: %w: it was applied, and the two are of different releases", err)
	}
	return &a, nil
}
