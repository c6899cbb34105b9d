package parts

import (
	"context"

	"motcua/printer/device"
)

// OpenBy makes the printer open its device in another way.
func (p *Printer) OpenBy(open func(context.Context, string) (device.Device, error)) { p.open = open }
