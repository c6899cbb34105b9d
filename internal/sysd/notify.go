package sysd

import (
	"context"
	"fmt"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// Ready tells the service manager that the start is over (sd_notify(3)), with
// a line for `systemctl status`. Without a service manager it does nothing.
func Ready(status string) error { return notify(daemon.SdNotifyReady + "\nSTATUS=" + status) }

// Stopping tells the service manager that the end has begun.
func Stopping() error { return notify(daemon.SdNotifyStopping) }

func notify(state string) error {
	if _, err := daemon.SdNotify(false, state); err != nil {
		return fmt.Errorf("tell the service manager: %w", err)
	}
	return nil
}

// pings is how many pings fit into the watchdog's time: one that comes late, or
// finds the process busy, is not the last.
const pings = 4

// Watchdog pings the service manager as often as its unit's WatchdogSec asks
// for, each time that alive says so, until ctx ends. A process that stops
// pinging is killed and started anew. Without a watchdog it returns at once.
func Watchdog(ctx context.Context, alive func() bool) error {
	within, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		return fmt.Errorf("read the watchdog's time: %w", err)
	}
	if within == 0 {
		return nil
	}
	tick := time.NewTicker(within / pings)
	defer tick.Stop()
	for {
		if alive() {
			if err := notify(daemon.SdNotifyWatchdog); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}
