package appointments

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"time"

	"motcua/queue"
)

// written are the headings that are written, by language: code, date, time,
// category, point, dossiers. Each is one of headings.
var written = map[string][]string{
	"vi": {"mã", "ngày", "giờ", "lĩnh vực", "điểm", "số hồ sơ"},
	"en": {"code", "date", "time", "category", "point", "dossiers"},
	"de": {"Terminnummer", "Datum", "Uhrzeit", "Bereich", "Stelle", "Akten"},
}

// Languages are those of the headings that can be written.
func Languages() []string { return []string{"vi", "en", "de"} }

// WriteCSV writes bookings as [ReadCSV] reads them, with headings in one of
// the [Languages]: with a byte order mark and semicolons, which a spreadsheet
// in Vietnamese or German opens without a question. Slots are in whole seconds
// of local time.
func WriteCSV(w io.Writer, language string, bookings []queue.Booking) error {
	head, ok := written[language]
	if !ok {
		return fmt.Errorf("write appointments: there are no headings in %q", language)
	}
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return fmt.Errorf("write appointments: %w", err)
	}
	c := csv.NewWriter(w)
	c.Comma, c.UseCRLF = ';', true
	c.Write(head) // its error stays for Error
	for _, b := range bookings {
		t := b.Slot.Time().In(queue.Zone)
		clock := "15:04"
		if t.Second() != 0 {
			clock = time.TimeOnly
		}
		n := ""
		if b.Dossiers > 0 {
			n = strconv.Itoa(b.Dossiers)
		}
		c.Write([]string{b.Code, t.Format(time.DateOnly), t.Format(clock), string(b.Category), string(b.Point), n})
	}
	c.Flush()
	if err := c.Error(); err != nil {
		return fmt.Errorf("write appointments: %w", err)
	}
	return nil
}

// Template is the example of [WriteCSV]'s headings and one row. Its day is
// long over, so that the row is never booked when somebody leaves it in.
func Template(w io.Writer, language string) error {
	return WriteCSV(w, language, []queue.Booking{{
		Code: "EXAMPLE-1", Slot: queue.StampOf(time.Date(2026, time.January, 5, 8, 30, 0, 0, queue.Zone)), Category: "A", Dossiers: 1,
	}})
}
