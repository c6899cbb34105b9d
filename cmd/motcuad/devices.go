package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"

	"motcua/display/feed"
	"motcua/internal/auth"
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
		}
	}
	return nil
}

func accessOf(v journal.Device) auth.Access {
	return auth.Access{Name: v.Name, Role: v.Role, Counter: v.Counter, Point: v.Point, TokenSHA256: hex.EncodeToString(v.TokenSum[:])}
}

// addDevice lets a device in, now and after every restart. Its token is known
// by x.TokenSHA256 alone.
func (d *Daemon) addDevice(ctx context.Context, x auth.Access, by string) error {
	sum, err := hex.DecodeString(x.TokenSHA256)
	if err != nil {
		return fmt.Errorf("add device: %w", err)
	}
	if !auth.ValidName(x.Name) || x.Name == "demo" || x.Name == "motcuad" || x.Name == "printer" {
		return &queue.Error{Code: queue.Invalid, Reason: queue.WhyBadField, Msg: "this is no name for a device",
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
	d.log.Info("device paired", "device", x.Name, "role", string(x.Role), "by", by)
	return nil
}

// revokeDevice keeps a device out from now on and ends its live connections.
func (d *Daemon) revokeDevice(ctx context.Context, name, by string) error {
	if err := d.journal.RevokeDevice(ctx, name, by, d.clock.Now()); err != nil {
		return err
	}
	d.auth.Remove(name)
	d.hub.Disconnect(feed.CodeNotPaired, func(c feed.Client) bool { return c.Principal == name })
	d.log.Info("device revoked", "device", name, "by", by)
	return nil
}
