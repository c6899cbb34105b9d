package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"

	"motcua/display/feed"
	"motcua/internal/auth"
	"motcua/internal/httpapi"
	"motcua/internal/journal"
	"motcua/queue"
)

// openDevices lets the paired devices in beside the entries of motcua.toml.
func (d *Daemon) openDevices(ctx context.Context) error {
	list, err := d.journal.Devices(ctx)
	if err != nil {
		return err
	}
	for _, v := range list {
		if v.Revoked() {
			continue
		}
		if err := d.auth.Add(accessOf(v)); errors.Is(err, auth.ErrNameTaken) {
			// Two machines under one actor could not be told apart in the journal.
			d.log.Error("paired device kept out: motcua.toml has an access entry of its name", "device", v.Name,
				"hint", "rename the entry, or pair the device again under another name")
			fmt.Fprintf(d.out, "paired device %s is kept out: motcua.toml has an access entry of its name; rename the entry, or pair the device again under another name\n", v.Name)
		} else if err != nil {
			return err
		} else {
			d.doors.add(accessOf(v))
		}
	}
	return nil
}

func accessOf(v journal.Device) auth.Access {
	return auth.Access{Name: v.Name, Role: v.Role, Counter: v.Counter, Point: v.Point, TokenSHA256: hex.EncodeToString(v.TokenSum[:])}
}

// Devices lists the paired devices; it is a method of httpapi.Devices.
func (d *Daemon) Devices(ctx context.Context) ([]httpapi.Device, error) {
	stored, err := d.journal.Devices(ctx)
	if err != nil {
		return nil, err
	}
	health := map[string]httpapi.HealthPart{}
	for _, p := range d.doors.parts() {
		health[p.Name] = p
	}
	var list []httpapi.Device
	for _, v := range stored {
		if v.Revoked() {
			continue
		}
		p := health[v.Name]
		list = append(list, httpapi.Device{Name: v.Name, Role: v.Role, Counter: v.Counter, Point: v.Point, PairedAt: v.PairedAt, PairedBy: v.PairedBy,
			Status: p.Status, Code: p.Code, Msg: p.Msg, Hint: p.Hint})
	}
	return list, nil
}

// AddDevice lets a device in, now and after every restart. Its token is known
// by x.TokenSHA256 alone.
func (d *Daemon) AddDevice(ctx context.Context, x auth.Access, by string) error {
	sum, err := hex.DecodeString(x.TokenSHA256)
	if err != nil {
		return fmt.Errorf("add device: %w", err)
	}
	if !auth.ValidName(x.Name) || x.Name == "demo" || x.Name == "motcuad" || x.Name == "printer" {
		return &queue.Error{Code: queue.Invalid, Reason: httpapi.WhyDeviceName, Msg: "this is no name for a device",
			Hint: "Use 1 to 40 letters, digits, '-', '_' or '.', such as door-2."}
	}
	// The name is taken first, so that two who pair at once get one device.
	if err := d.auth.Add(x); err != nil {
		return err
	}
	v := journal.Device{Name: x.Name, Role: x.Role, Counter: x.Counter, Point: x.Point, TokenSum: [32]byte(sum), PairedAt: d.clock.Now(), PairedBy: by}
	if err := d.journal.AddDevice(ctx, v); err != nil {
		d.auth.Remove(x.Name)
		return err
	}
	d.doors.add(x)
	d.touch()
	d.log.Info("device paired", "device", x.Name, "role", string(x.Role), "by", by)
	return nil
}

// RevokeDevice keeps a device out from now on and ends its live connections;
// false when there is none of the name.
func (d *Daemon) RevokeDevice(ctx context.Context, name, by string) (bool, error) {
	switch err := d.journal.RevokeDevice(ctx, name, by, d.clock.Now()); {
	case errors.Is(err, journal.ErrDeviceUnknown):
		return false, nil
	case err != nil:
		return false, err
	}
	d.auth.Remove(name)
	d.doors.remove(name)
	d.hub.Disconnect(feed.CodeNotPaired, func(c feed.Client) bool { return c.Principal == name })
	d.touch()
	d.log.Info("device revoked", "device", name, "by", by)
	return true, nil
}

var _ httpapi.Devices = (*Daemon)(nil)
