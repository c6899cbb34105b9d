package gpiopanel

import (
	"errors"
	"reflect"
	"sync"
	"syscall"
	"time"
	"unsafe"

	"periph.io/x/conn/v3/gpio"
	"periph.io/x/host/v3/gpioioctl"
)

// wires finds the lines of a panel's configuration, again whenever the chips
// have changed.
type wires struct {
	cfg  Config
	look func() ([]Chip, int, error) // see kernel.look

	mu    sync.Mutex // protects what follows
	laid  *wiring
	chips int // the chips' number it was laid for
}

// lines makes the panel's lines. None is looked for yet.
func (w *wires) lines() []Line {
	lines := make([]Line, len(w.cfg.Buttons))
	for i, b := range w.cfg.Buttons {
		in := &pin{wires: w, field: pinField(i)}
		lines[i] = Line{Button: b.Button, In: in, Check: in.check}
		if b.Lamp != "" {
			lines[i].Lamp = &lamp{pin{wires: w, field: lampField(i)}}
		}
	}
	return lines
}

// find returns the line of a field. The error is a [*Problem], or says why
// there are no chips.
func (w *wires) find(field string) (gpio.PinIO, error) {
	chips, n, err := w.look()
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.laid == nil || w.chips != n {
		w.laid, w.chips = newWiring(w.cfg, chips), n
	}
	if line, ok := w.laid.found[field]; ok {
		return line, nil
	}
	for _, p := range w.laid.problems {
		if p.Field == field {
			return nil, &p
		}
	}
	return nil, errors.New("no line is wired to " + field)
}

// pin is the line of one field, on whatever chip it is now. It is looked for
// anew each time it is configured, which happens at the start and after a fault.
// In and WaitForEdge belong to one goroutine.
type pin struct {
	wires *wires
	field string

	mu   sync.Mutex // protects line
	line gpio.PinIO // nil: none
}

// In implements Contact.
func (p *pin) In(pull gpio.Pull, edge gpio.Edge) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.renew(); err != nil {
		return err
	}
	return p.line.In(pull, edge)
}

// renew looks for the line; it needs mu. One that is another now is given up
// first: while it was held, nobody else could have it.
func (p *pin) renew() error {
	line, err := p.wires.find(p.field)
	if p.line != nil && p.line != line {
		release(p.line)
	}
	p.line = line
	return err
}

// release closes a line that is not used again before it is configured anew.
func release(line gpio.PinIO) {
	if l, ok := line.(interface{ Close() }); ok {
		l.Close()
	}
}

// errNoLine is the error of a pin whose line was not found, or not yet.
var errNoLine = errors.New("there is no line")

// check asks the line for an error.
func (p *pin) check() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.line == nil {
		return errNoLine
	}
	return lineError(p.line)
}

// lineError reads the level of a kernel line for the error alone, which periph's
// Read tells the log and nobody else: ENODEV when the chip is gone, EIO when an
// expander does not answer. To configure the line once more, which periph has a
// method for, gives no error of an expander and changes the line of a simulated
// chip. So its descriptor is taken from periph's own structure, which the pinned
// version keeps in a field fd; without that field no error is found.
func lineError(line gpio.PinIO) error {
	l, ok := line.(*gpioioctl.GPIOLine)
	if !ok {
		return nil
	}
	fd := reflect.ValueOf(l).Elem().FieldByName("fd")
	if !fd.IsValid() || !fd.CanInt() {
		return nil
	}
	const getValues = 0xc010b40e                // GPIO_V2_LINE_GET_VALUES_IOCTL, linux/gpio.h
	values := struct{ bits, mask uint64 }{0, 1} // struct gpio_v2_line_values
	_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd.Int()), getValues, uintptr(unsafe.Pointer(&values)))
	if errno != 0 {
		return errno
	}
	return nil
}

// Read implements Contact.
func (p *pin) Read() gpio.Level {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.line != nil && p.line.Read()
}

// WaitForEdge implements Contact.
func (p *pin) WaitForEdge(timeout time.Duration) bool {
	p.mu.Lock()
	line := p.line
	p.mu.Unlock()
	return line != nil && line.WaitForEdge(timeout)
}

// lamp is a pin that is written. Its methods belong to one goroutine.
type lamp struct{ pin }

// Out implements Light. A line that fails is given up and looked for anew:
// periph takes one it could not get for an output all the same.
func (l *lamp) Out(level gpio.Level) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.line != nil {
		err := l.line.Out(level)
		if err == nil {
			return nil
		}
		release(l.line)
		l.line = nil
	}
	if err := l.renew(); err != nil {
		return err
	}
	err := l.line.Out(level)
	if err != nil {
		release(l.line)
		l.line = nil
	}
	return err
}
