package queue

import (
	"reflect"
	"testing"
)

// FuzzQuickDecoding: the scanner of the common events may refuse to read, but
// what it reads is what encoding/json reads.
func FuzzQuickDecoding(f *testing.F) {
	for _, seed := range []struct{ kind, data string }{
		{"ticket.issued.v1", `{"label":"A001","number":1,"series":"A","day":"2026-11-23","point":"main","category":"A","class":"normal","dossiers":1,"entry":"panel","ahead":0,"ref":"AAAAAAAAAAAAAAAAAAAAAA"}`},
		{"ticket.called.v1", `{"ticket":5,"label":"A001","category":"A","class":"normal","counter":"1","reason":{"code":"shorter","arrival":-1,"effective":2,"head_start":60,"other":"B001","expected":6,"other_expected":12,"window":5,"guard":60,"cause":"other"}}`},
		{"ticket.recalled.v1", `{"ticket":5,"label":"A001","counter":"1","call":2}`},
		{"ticket.started.v1", `{"ticket":5,"label":"A001","counter":"1"}`},
		{"ticket.finished.v1", `{"ticket":5,"label":"A001","counter":"1","outcome":"done"}`},
		{"slip.sending.v1", `{"ticket":5}`},
		{"slip.printed.v1", `{"ticket":5,"proof":true}`},
		{"slip.printed.v1", `{}`},
		{"slip.sending.v1", `{"ticket":-0}`},
		{"slip.sending.v1", `{"ticket":01}`},
		{"slip.sending.v1", `{"ticket":1,"ticket":2}`},
		{"ticket.started.v1", `{"ticket":5,"label":"Đ\u0041","counter":"1"}`},
	} {
		f.Add(seed.kind, []byte(seed.data))
	}
	f.Fuzz(func(t *testing.T, kind string, data []byte) {
		read := quick(kind)
		if read == nil {
			return
		}
		got, ok := read(data)
		if !ok {
			return
		}
		want, err := decodeSlowly(kind, data)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s %s\nquick %#v\nslow  %#v %v", kind, data, got, want, err)
		}
	})
}

// TestQuickDecodingReadsWhatIsWritten: every seed Seal could have written takes
// the short way; else it would save nothing.
func TestQuickDecodingReadsWhatIsWritten(t *testing.T) {
	for _, e := range []Event{
		TicketIssued{Label: "A001", Number: 1, Series: "A", Day: "2026-11-23", Point: "main", Category: "A", Class: Normal, Dossiers: 1, Entry: EntryPanel, Ahead: 3, Ref: Ref{1, 2, 3}, Session: "morning", Arrival: 1795318700981, Slot: 1795318700981, Claim: "priority"},
		TicketCalled{Ticket: 5, Label: "A001", Category: "A", Class: Normal, Counter: "1", Reason: Reason{Code: ByShorter, Arrival: 1795318700981, Other: "B001", Expected: 6, OtherMin: 12, Window: 5, Slot: 1795318700981, Category: "A"}, Finished: 4},
		TicketRecalled{Ticket: 5, Label: "A001", Counter: "1", Call: 2},
		TicketStarted{Ticket: 5, Label: "A001", Counter: "1"},
		TicketFinished{Ticket: 5, Label: "A001", Counter: "1", Outcome: Done},
		SlipSending{Ticket: 5}, SlipPrinted{Ticket: 5, Proof: true}, SlipPrinted{Ticket: 5}, SlipPrinted{Ticket: 5, Seen: true},
	} {
		r := Record{Seq: 1, Event: e}
		if err := r.Seal([32]byte{}); err != nil {
			t.Fatal(err)
		}
		got, ok := quick(e.EventType())(r.Data)
		if !ok || !reflect.DeepEqual(got, e) {
			t.Errorf("%s %s: %#v, %t", e.EventType(), r.Data, got, ok)
		}
	}
}

func BenchmarkDecodeEvent(b *testing.B) {
	data := []byte(`{"ticket":5,"label":"A001","category":"A","class":"normal","counter":"1","reason":{"code":"first","arrival":1795318700981}}`)
	b.Run("quick", func(b *testing.B) {
		for b.Loop() {
			DecodeEvent("ticket.called.v1", data)
		}
	})
	b.Run("slow", func(b *testing.B) {
		for b.Loop() {
			decodeSlowly("ticket.called.v1", data)
		}
	})
}
