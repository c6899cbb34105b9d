package story_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"motcua/internal/story"
	"motcua/internal/web"
	"motcua/queue"
	"motcua/queue/queuetest"
	"motcua/router"
)

var update = flag.Bool("update", false, "write the told stories anew")

func words(t testing.TB) *web.Web {
	t.Helper()
	w, err := web.New(web.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// records yields a book's journal as a store would.
func records(b *queuetest.Book) story.Records {
	return func(yield func(queue.Record, error) bool) {
		for _, r := range b.Records {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// morning is a day in which B001 waits while others go first, each for a
// reason of its own, and then goes through two services.
func morning() *queuetest.Book {
	cfg := queuetest.Config()
	cfg.Classes = append(cfg.Classes, queue.Class{ID: queue.Appointed, Name: queue.Text{"vi": "Lịch hẹn", "en": "Appointment", "de": "Termin"}, HeadStart: 15})
	for i := range cfg.Series {
		cfg.Series[i].AcrossPoints = true
	}
	cfg.Counters = append(cfg.Counters, queue.Desk{ID: "4", Number: 4, Point: "main", Skills: []queue.CategoryID{"A", "B", "R"}})
	b := queuetest.NewBook(router.Live{})
	b.Must(queue.ApplyConfig{Config: cfg})
	b.Must(queue.OpenDay{})
	for _, c := range cfg.Counters {
		b.Must(queue.OpenCounter{Counter: c.ID})
	}
	issue := func(c queue.Issue) queue.TicketID { return queue.TicketID(b.Must(c)[0].Seq) }
	b.Must(queue.BookAppointments{Bookings: []queue.Booking{{Code: "AB-12", Slot: queue.StampOf(b.Now.Add(12 * time.Minute)), Category: "B"}}})
	asked := issue(queue.Issue{Category: "B", Legs: []queue.CategoryID{"R"}, Entry: queue.EntryGreeter, Dossiers: 3})
	b.Must(queue.SlipMoved{Ticket: asked, To: queue.SlipIsSending})
	b.Must(queue.SlipMoved{Ticket: asked, To: queue.SlipIsPrinted, Proof: true})
	pass := func(c queue.CounterID) {
		b.Must(queue.CallNext{Counter: c})
		id := b.State.Counter(c).Ticket
		b.Pass(20 * time.Second)
		b.Must(queue.Start{Counter: c, Ticket: id})
		b.Pass(time.Minute)
		b.Must(queue.Finish{Counter: c, Ticket: id})
	}
	b.Pass(3 * time.Minute)
	issue(queue.Issue{Category: "A"}) // shorter
	pass("4")
	issue(queue.Issue{Category: "B", Class: "priority"})
	pass("4")
	b.Pass(2 * time.Minute)
	b.Must(queue.CheckIn{Code: "AB-12"})
	pass("4")
	hand := issue(queue.Issue{Category: "B"})
	b.Must(queue.CallTicket{Counter: "4", Ticket: hand, Reason: queue.CallAccompanied})
	b.Pass(30 * time.Second)
	b.Must(queue.Recall{Counter: "4", Ticket: hand})
	b.Must(queue.NoShow{Counter: "4", Ticket: hand})
	pass("2") // the asked one's turn
	b.Pass(4 * time.Minute)
	b.Must(queue.SetClass{Ticket: asked, Class: "priority"})
	b.Must(queue.CallNext{Counter: "2"})
	b.Pass(2 * time.Second)
	b.Must(queue.Undo{Counter: "2"})
	b.NoClock = true
	b.Must(queue.CallNext{Counter: "2"})
	b.Must(queue.Start{Counter: "2", Ticket: asked})
	b.Pass(5 * time.Minute)
	b.Must(queue.Finish{Counter: "2", Ticket: asked, Outcome: queue.PapersMissing})
	return b
}

func tell(t *testing.T, tl story.Teller, b *queuetest.Book, ticket string) string {
	t.Helper()
	s, err := tl.OfTicket(records(b), story.Query{Ticket: ticket})
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, l := range s.Lines {
		mark := " "
		if l.Passed {
			mark = "›"
		}
		fmt.Fprintf(&out, "%s %t %s %s\n", l.At.In(queue.Zone).Format("15:04:05"), l.ClockOK, mark, l.Text)
	}
	for _, l := range tl.Summary(s) {
		fmt.Fprintln(&out, l)
	}
	return out.String()
}

// TestStory: a ticket's whole way, and every reason others went before it, in
// three languages.
func TestStory(t *testing.T) {
	b := morning()
	for _, lang := range []string{"vi", "en", "de"} {
		got := tell(t, story.Teller{Words: words(t), Language: lang}, b, "b001")
		name := filepath.Join("testdata", "morning."+lang+".txt")
		if *update {
			if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(string(want), got); d != "" {
			t.Errorf("%s (-want +got); -update writes it anew:\n%s", name, d)
		}
	}
}

// TestBefore: why B012 was called before A010, for each reason there is.
func TestBefore(t *testing.T) {
	b := morning()
	tl := story.Teller{Words: words(t), Language: "en"}
	for _, c := range []struct{ x, i, want string }{
		{"A001", "B001", "A001 was called to counter 4. A001 and B001 lie within 5 min; A001 is usually shorter (6 against 26 min)."},
		{"B002", "B001", "B002 was called to counter 4. B002 has priority: counted 60 min earlier (06:34 instead of 07:34)."},
		{"B003", "B001", "B003 was called to counter 4. B003 has an appointment at 07:42."},
		{"B004", "B001", "B004 was called to counter 4. B004 called out of order: accompanies someone called before."},
		{"B001", "B002", "B001 was called to counter 2. B002 was not waiting then. Its state: Finished."},
		{"A001", "B004", "A001 was called to counter 4. B004 had not been given out yet."},
	} {
		l, err := tl.Before(records(b), story.Query{Ticket: c.x}, story.Query{Ticket: c.i})
		if err != nil || l.Text != c.want {
			t.Errorf("%s before %s:\n got %q, %v\nwant %q", c.x, c.i, l.Text, err, c.want)
		}
	}
	if l, err := tl.Before(records(b), story.Query{Ticket: "Z999"}, story.Query{Ticket: "B001"}); err == nil {
		t.Errorf("a ticket nobody issued: %q", l.Text)
	}
}

// TestEveryEventIsTold: whatever random days bring forth is a whole sentence in
// every language, with no argument left open and no key for a word.
func TestEveryEventIsTold(t *testing.T) {
	w := words(t)
	gap := regexp.MustCompile(`[{}]|\b(story|reason|explain|common)\.[a-z_]+|<no value>|%!`)
	rapid.Check(t, func(t *rapid.T) {
		b := queuetest.OpenBook(router.Live{})
		for range 100 {
			b.Pass(40 * time.Second)
			b.Do(queuetest.Command(t, b.State))
		}
		for _, lang := range []string{"vi", "en", "de"} {
			tl := story.Teller{Words: w, Language: lang}
			s := queue.NewState("test")
			for i := range b.Records {
				r := &b.Records[i]
				if text := tl.Record(s, r); len(text) < 10 || gap.MatchString(text) {
					t.Fatalf("%s, %s: %q", lang, r.Event.EventType(), text)
				}
				if err := s.Apply(*r); err != nil {
					t.Fatal(err)
				}
			}
			for i := range s.Tickets {
				if _, err := tl.OfTicket(records(b), story.Query{Ticket: fmt.Sprint(s.Tickets[i].ID)}); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}
