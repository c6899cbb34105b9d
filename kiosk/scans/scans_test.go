package scans_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"motcua/kiosk/scanner"
	"motcua/kiosk/scans"
	"motcua/queue"
	"motcua/queue/queuetest"
	"motcua/router"
)

// links knows the refs of the centre's own links by their tokens.
type links map[string]queue.Ref

func (l links) Verify(day queue.Day, token string) (queue.Ref, error) {
	ref, ok := l[string(day)+token]
	if !ok {
		return queue.Ref{}, errors.New("not ours")
	}
	return ref, nil
}

func TestWhatACodeAsksFor(t *testing.T) {
	b := queuetest.OpenBook(router.HeadStart{})
	b.Must(queue.BookAppointments{Bookings: []queue.Booking{{Code: "DEMO-17", Slot: queue.StampOf(queuetest.Morning.Add(time.Hour)), Category: "A"}}})
	mine := queue.Ref{9}
	id := queue.TicketID(b.Must(queue.Issue{Category: "A", Ref: mine})[0].Seq)
	today := string(b.State.Day.ID)
	l := links{today + "mine": mine, "2026-11-20" + "mine": mine, today + "gone": {8}}
	ref := queue.Ref{1}
	for _, c := range []struct {
		name string
		code scanner.Code
		want scans.Ask
	}{
		{"receipt", scanner.Code{Kind: scanner.Receipt}, scans.Ask{Kind: scanner.Receipt, Command: queue.Issue{Entry: queue.EntryReceipt, Point: "main", Ref: ref}}},
		{"appointment", scanner.Code{Kind: scanner.Appointment, Appointment: "DEMO-18"}, scans.Ask{Kind: scanner.Appointment, Command: queue.CheckIn{Code: "DEMO-18", Ref: ref}}},
		{"plain, booked", scanner.Code{Kind: scanner.Plain, Appointment: "DEMO-17"}, scans.Ask{Kind: scanner.Appointment, Command: queue.CheckIn{Code: "DEMO-17", Ref: ref}}},
		{"plain, not booked", scanner.Code{Kind: scanner.Plain, Appointment: "DEMO-18"}, scans.Ask{Kind: scanner.Unknown}},
		{"slip of today", scanner.Code{Kind: scanner.Ticket, Day: today, Token: "mine"}, scans.Ask{Kind: scanner.Ticket, Ticket: id}},
		{"slip of another day", scanner.Code{Kind: scanner.Ticket, Day: "2026-11-20", Token: "mine"}, scans.Ask{Kind: scanner.Ticket}},
		{"slip of a ticket that is not there", scanner.Code{Kind: scanner.Ticket, Day: today, Token: "gone"}, scans.Ask{Kind: scanner.Ticket}},
		{"somebody else's link", scanner.Code{Kind: scanner.Ticket, Day: today, Token: "forged"}, scans.Ask{Kind: scanner.Unknown}},
		{"young card", scanner.Code{Kind: scanner.IDCard}, scans.Ask{Kind: scanner.IDCard}},
		{"old card, no class at a machine", scanner.Code{Kind: scanner.IDCard, From60: true}, scans.Ask{Kind: scanner.IDCard, From60: true}},
		{"unknown", scanner.Code{Kind: scanner.Unknown}, scans.Ask{Kind: scanner.Unknown}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if d := cmp.Diff(c.want, scans.Of(b.State, c.code, "main", ref, l)); d != "" {
				t.Errorf("ask (-want +got):\n%s", d)
			}
		})
	}
}

// What an old person's card lets its holder claim is the centre's own rule.
func TestClassOfACard(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(k *queue.Class)
		want   queue.ClassID
	}{
		{"by staff alone", func(*queue.Class) {}, ""},
		{"claimed at a button", func(k *queue.Class) { k.Button = true }, "priority"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := queuetest.Config()
			c.change(cfg.Class("priority"))
			b := queuetest.NewBook(router.HeadStart{})
			b.Must(queue.ApplyConfig{Config: cfg})
			b.Must(queue.OpenDay{})
			a := scans.Of(b.State, scanner.Code{Kind: scanner.IDCard, From60: true}, "", queue.Ref{}, links{})
			if a.Class != c.want {
				t.Fatalf("class %q, want %q", a.Class, c.want)
			}
			// What is offered is taken: the number is given out with it.
			b.Role = queue.Kiosk
			b.Must(queue.Issue{Category: "A", Class: a.Class})
		})
	}
}

func TestCommandWithAClass(t *testing.T) {
	for _, c := range []struct{ in, want queue.Command }{
		{queue.Issue{Entry: queue.EntryReceipt}, queue.Issue{Entry: queue.EntryReceipt, Class: "priority"}},
		{queue.CheckIn{Code: "DEMO-17"}, queue.CheckIn{Code: "DEMO-17", Class: "priority"}},
		{nil, nil},
	} {
		if d := cmp.Diff(c.want, scans.Ask{Command: c.in}.For("priority")); d != "" {
			t.Errorf("command (-want +got):\n%s", d)
		}
	}
}
