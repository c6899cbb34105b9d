package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"text/tabwriter"
	"time"

	"motcua/queue"
)

type deviceCmd struct {
	List   deviceListCmd   `cmd:"" help:"Name the paired devices, how they are, and those that wait to be paired."`
	Pair   devicePairCmd   `cmd:"" help:"Pair the device that shows this code."`
	Revoke deviceRevokeCmd `cmd:"" help:"Keep a device out from now on."`
}

const devicesPath = "/api/v1/devices"

// asked sends one request of a supervisor and returns the JSON of the answer.
func asked(io *console, d daemon, s spokenIn, method, path string, body any) (json.RawMessage, error) {
	v, err := s.voice()
	if err != nil {
		return nil, err
	}
	token, err := d.token()
	if err != nil {
		return nil, v.tell(err)
	}
	got, refused, err := caller{d.URL, token, s.Language}.call(io.ctx, method, path, "", body)
	if refused != nil {
		return nil, v.tell(refused)
	}
	return got, v.tell(err)
}

// pairedDevice is one as motcuad lists it.
type pairedDevice struct {
	Name     string    `json:"name"`
	Role     string    `json:"role"`
	Counter  string    `json:"counter"`
	Point    string    `json:"point"`
	PairedAt time.Time `json:"paired_at"`
	PairedBy string    `json:"paired_by"`
	Seen     time.Time `json:"seen"`
	Code     string    `json:"code"`
	Msg      string    `json:"message"`
	Hint     string    `json:"hint"`
}

type deviceListCmd struct {
	daemon   `embed:""`
	spokenIn `embed:""`
}

func (c *deviceListCmd) Run(io *console) error {
	got, err := asked(io, c.daemon, c.spokenIn, http.MethodGet, devicesPath, nil)
	if err != nil {
		return err
	}
	var list struct {
		Devices []pairedDevice `json:"devices"`
		Waiting []struct {
			Role    string    `json:"role"`
			From    string    `json:"from"`
			Expires time.Time `json:"expires"`
		} `json:"waiting"`
	}
	if err := json.Unmarshal(got, &list); err != nil {
		return fmt.Errorf("read the devices: %w: motcua and motcuad are of different releases", err)
	}
	t := tabwriter.NewWriter(io.out, 0, 0, 2, ' ', 0)
	for _, d := range list.Devices {
		seen := "not seen since the start"
		if !d.Seen.IsZero() {
			seen = "seen " + clock(d.Seen)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\tpaired %s by %s\t%s\t%s\n", d.Name, d.Role, d.Counter+d.Point, d.PairedAt.In(queue.Zone).Format(time.DateOnly), d.PairedBy, seen, d.Msg)
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("write devices: %w", err)
	}
	for _, d := range list.Devices {
		if d.Code != "" && d.Hint != "" {
			fmt.Fprintf(io.out, "%s: %s → %s\n", d.Name, d.Msg, d.Hint)
		}
	}
	if len(list.Devices) == 0 {
		fmt.Fprintln(io.out, "no device is paired")
	}
	for _, w := range list.Waiting {
		fmt.Fprintf(io.out, "waits to be paired: a %s at %s, until %s; `motcua device pair CODE` with the code it shows\n", w.Role, w.From, clock(w.Expires))
	}
	return nil
}

func clock(t time.Time) string { return t.In(queue.Zone).Format("15:04") }

type devicePairCmd struct {
	daemon   `embed:""`
	spokenIn `embed:""`
	Code     string `arg:"" help:"The six digits the device shows."`
	Name     string `required:"" help:"What the journal calls it: an id of a machine, never a person's name." placeholder:"door-2"`
	Role     string `help:"What it may: board, kiosk, greeter, officer or supervisor." enum:"board,kiosk,greeter,officer,supervisor" default:"kiosk"`
	Point    string `help:"Service point of a board, a kiosk or a greeter; without it the centre's first." placeholder:"POINT"`
	Counter  string `help:"Counter of an officer's device; without it any." placeholder:"COUNTER"`
}

func (c *devicePairCmd) Run(io *console) error {
	body := struct {
		Code    string `json:"code"`
		Name    string `json:"name"`
		Role    string `json:"role"`
		Point   string `json:"point,omitempty"`
		Counter string `json:"counter,omitempty"`
	}{strings.ReplaceAll(c.Code, " ", ""), c.Name, c.Role, c.Point, c.Counter}
	if _, err := asked(io, c.daemon, c.spokenIn, http.MethodPost, devicesPath, body); err != nil {
		return err
	}
	fmt.Fprintf(io.out, "paired: %s, a %s\n", c.Name, c.Role)
	return nil
}

type deviceRevokeCmd struct {
	daemon   `embed:""`
	spokenIn `embed:""`
	Name     string `arg:"" help:"The device's name, as 'motcua device list' says it."`
}

func (c *deviceRevokeCmd) Run(io *console) error {
	if _, err := asked(io, c.daemon, c.spokenIn, http.MethodDelete, devicesPath+"/"+url.PathEscape(c.Name), nil); err != nil {
		return err
	}
	fmt.Fprintf(io.out, "revoked: %s; it can ask for nothing any more\n", c.Name)
	return nil
}
