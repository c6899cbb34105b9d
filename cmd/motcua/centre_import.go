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
	daemon   `embed:""`
	spokenIn `embed:""`
	File     string `arg:"" help:"Centre file; - = standard input." placeholder:"centre.toml"`
}

const centrePath = "/api/v1/centre"

const appointmentsPath = "/api/v1/appointments"

func (c *importCentreCmd) Run(io *console) error {
	v, err := c.voice()
	if err != nil {
		return err
	}
	return v.tell(c.run(io, v))
}

func (c *importCentreCmd) run(io *console, v *voice) error {
	next, err := readCentre(io, c.File)
	if err != nil {
		return err
	}
	token, err := c.token()
	if err != nil {
		return err
	}
	to := caller{c.URL, token, c.Language}
	have, err := currentCentre(io.ctx, to)
	if err != nil {
		return v.also(err, "cli.no_daemon", map[string]any{"file": c.File})
	}
	if have != nil {
		changes := config.Diff(have, &next)
		if len(changes) == 0 {
			fmt.Fprintf(io.out, "nothing to change: the centre is as %s says\n", c.File)
			return nil
		}
		printChanges(io.out, changes)
	}
	done, err := applyCentre(io.ctx, to, v, &next)
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
	return sayUnkept(io, to)
}

// sayUnkept names the appointments the centre as it is now can't keep.
func sayUnkept(io *console, from caller) error {
	got, refused, err := from.call(io.ctx, http.MethodGet, appointmentsPath, "", nil)
	if err != nil || refused != nil {
		return nil // the centre is applied; who may not see appointments is told of none
	}
	var list struct {
		Appointments []struct {
			Code   string `json:"code"`
			Unkept bool   `json:"unkept"`
		} `json:"appointments"`
	}
	if err := json.Unmarshal(got, &list); err != nil {
		return fmt.Errorf("read the appointments: %w: motcua and motcuad are of different releases", err)
	}
	var codes []string
	for _, a := range list.Appointments {
		if a.Unkept {
			codes = append(codes, a.Code)
		}
	}
	if len(codes) > 0 {
		fmt.Fprintf(io.out, "appointments the centre can no longer keep, to be moved or cancelled: %s\n", strings.Join(codes, ", "))
	}
	return nil
}

// currentCentre is what the daemon's centre is; nil when it has no
// configuration yet.
func currentCentre(ctx context.Context, from caller) (*queue.Config, error) {
	got, refused, err := from.call(ctx, http.MethodGet, centrePath, "", nil)
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
		return nil, &worded{"cli.releases", nil, fmt.Errorf("read the centre's configuration: %w: motcua and motcuad are of different releases", err)}
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

// applyCentre sends the configuration, once more if no answer came: under one
// key it is applied once.
func applyCentre(ctx context.Context, to caller, v *voice, cfg *queue.Config) (*appliedCentre, error) {
	key := "centre/" + rand.Text()
	got, refused, err := to.call(ctx, http.MethodPut, centrePath, key, cfg)
	if err != nil && ctx.Err() == nil {
		got, refused, err = to.call(ctx, http.MethodPut, centrePath, key, cfg)
	}
	if err != nil {
		return nil, v.also(err, "cli.maybe_applied", nil)
	}
	if refused != nil {
		return nil, refused
	}
	var a appliedCentre
	if err := json.Unmarshal(got, &a); err != nil {
		return nil, &worded{"cli.releases", nil, fmt.Errorf("read motcuad's answer: %w: it was applied, and the two are of different releases", err)}
	}
	return &a, nil
}
