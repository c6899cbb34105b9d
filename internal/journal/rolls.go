package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// PrinterRoll is what was counted of the paper in a printer. Lengths are in
// tenths of a millimetre.
type PrinterRoll struct {
	Used int
	Slip int  // length of one slip; 0: not known
	Gone bool // the printer was out of paper
}

// PrinterRoll returns what was kept last under the printer's name; nothing
// used when nothing was.
func (j *Journal) PrinterRoll(ctx context.Context, printer string) (PrinterRoll, error) {
	var r PrinterRoll
	err := j.read.QueryRowContext(ctx, `SELECT used, slip, gone FROM printer_rolls WHERE printer = ?`, printer).Scan(&r.Used, &r.Slip, &r.Gone)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return PrinterRoll{}, fmt.Errorf("read printer roll: %w", j.explain(err))
	}
	return r, nil
}

// KeepPrinterRoll makes a count durable. The errors are Append's.
func (j *Journal) KeepPrinterRoll(printer string, r PrinterRoll) error {
	gone := int64(0)
	if r.Gone {
		gone = 1
	}
	return j.change("keep printer roll", func(w *writer) error {
		return w.exec(w.roll, printer, int64(r.Used), int64(r.Slip), gone)
	})
}
