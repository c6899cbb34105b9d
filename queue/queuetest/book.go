package queuetest

import (
	"fmt"
	"time"

	"motcua/queue"
)

// Morning is when the tests' business day begins: Monday 23 November 2026, 07:30 in Huế.
var Morning = time.Date(2026, 11, 23, 7, 30, 0, 0, queue.Zone)

// Config is a small centre: three categories, two of which share a series,
// three counters with overlapping skills, two classes, two points.
func Config() queue.Config {
	return queue.Config{
		Centre:    queue.Centre{ID: "test", Unit: queue.Text{"vi": "Trung tâm"}, Name: queue.Text{"vi": "Phường Mẫu", "en": "Model Ward"}},
		Languages: []string{"vi", "en"},
		Points:    []queue.Point{{ID: "main", Name: queue.Text{"vi": "Sảnh chính"}}, {ID: "annex", Name: queue.Text{"vi": "Sảnh phụ"}}},
		Series:    []queue.Series{{ID: "A", Prefix: "A", From: 1, To: 999}, {ID: "B", Prefix: "B", From: 1, To: 999}},
		Categories: []queue.Category{
			{ID: "A", Name: queue.Text{"vi": "Chứng thực", "en": "Certification"}, Series: "A", Minutes: 6, Panel: true},
			{ID: "B", Name: queue.Text{"vi": "Hộ tịch", "en": "Civil status"}, Series: "B", Minutes: 12, Panel: true},
			{ID: "R", Name: queue.Text{"vi": "Trả kết quả", "en": "Collect a result"}, Series: "B", Minutes: 4, Points: []queue.PointID{"main"}, Panel: true},
		},
		Classes: []queue.Class{
			{ID: queue.Normal, Name: queue.Text{"vi": "Thường", "en": "Normal"}},
			{ID: "priority", Name: queue.Text{"vi": "Ưu tiên", "en": "Priority"}, HeadStart: 60, Mark: true},
		},
		Counters: []queue.Desk{
			{ID: "1", Number: 1, Point: "main", Skills: []queue.CategoryID{"A", "B"}},
			{ID: "2", Number: 2, Point: "main", Skills: []queue.CategoryID{"B", "R"}},
			{ID: "3", Number: 1, Point: "annex", Skills: []queue.CategoryID{"A", "B"}},
		},
		Routing: queue.DefaultRouting(),
		Calls:   queue.DefaultCalls(),
	}
}

// Book is a journal in memory with its live state: commands are decided,
// sealed and applied as the engine does it.
type Book struct {
	State   *queue.State
	Records []queue.Record
	Now     time.Time
	Role    queue.Role
	Picker  queue.Picker
	NoClock bool // nobody vouches for the time
}

// NewBook begins an empty journal at Morning, acting as a supervisor.
func NewBook(picker queue.Picker) *Book {
	return &Book{State: queue.NewState("test"), Now: Morning, Role: queue.Supervisor, Picker: picker}
}

// OpenBook is NewBook with the small centre applied, the day open and all
// counters open.
func OpenBook(picker queue.Picker) *Book {
	b := NewBook(picker)
	b.Must(queue.ApplyConfig{Config: Config()})
	b.Must(queue.OpenDay{})
	for _, c := range Config().Counters {
		b.Must(queue.OpenCounter{Counter: c.ID})
	}
	return b
}

// Do decides a command and, unless it is refused, journals and applies it.
func (b *Book) Do(c queue.Command) ([]queue.Record, error) {
	events, err := b.State.Decide(c, queue.Env{Now: b.Now, ClockOK: !b.NoClock, Role: b.Role, Picker: b.Picker})
	if err != nil {
		return nil, err
	}
	from := len(b.Records)
	for _, e := range events {
		r := queue.Record{Seq: b.State.Pos.Seq + 1, At: b.Now.UTC().Truncate(time.Millisecond), Boot: "boot", ClockOK: !b.NoClock, Actor: "test", Event: e}
		if err := r.Seal(b.State.Pos.Hash); err != nil {
			return nil, err
		}
		if err := b.State.Apply(r); err != nil {
			return nil, fmt.Errorf("%T: %w", c, err)
		}
		b.Records = append(b.Records, r)
	}
	return b.Records[from:], nil
}

// Must is Do for commands that can't be refused in the test's story.
func (b *Book) Must(c queue.Command) []queue.Record {
	r, err := b.Do(c)
	if err != nil {
		panic(fmt.Sprintf("%#v: %v", c, err))
	}
	return r
}

// Issue gives out a number and returns the ticket's id.
func (b *Book) Issue(c queue.CategoryID) queue.TicketID {
	return queue.TicketID(b.Must(queue.Issue{Category: c})[0].Seq)
}

// Pass moves the clock on.
func (b *Book) Pass(d time.Duration) { b.Now = b.Now.Add(d) }

// Replay folds the records into a fresh state.
func Replay(epoch string, records []queue.Record) (*queue.State, error) {
	s := queue.NewState(epoch)
	for _, r := range records {
		e, err := queue.DecodeEvent(r.Event.EventType(), r.Data)
		if err != nil {
			return nil, err
		}
		r.Event = e
		if err := s.Apply(r); err != nil {
			return nil, err
		}
	}
	return s, nil
}
