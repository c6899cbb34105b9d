package main

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"motcua/queue"
)

// What was exported reads back to the last bit, and its chain holds.
func TestLinesReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", `"data":null,"hash":`, "<b>&\u2028\n", "Trần"}))
		r := queue.Record{
			Seq:     queue.Seq(rapid.Uint64Range(1, math.MaxInt64).Draw(t, "seq")),
			At:      time.UnixMilli(rapid.Int64Range(0, 4e12).Draw(t, "at")).UTC(),
			Boot:    text.Draw(t, "boot"),
			Mono:    rapid.Int64Min(0).Draw(t, "mono"),
			ClockOK: rapid.Bool().Draw(t, "clock"),
			Actor:   text.Draw(t, "actor"),
			Key:     text.Draw(t, "key"),
			KeySum:  rapid.Uint64().Draw(t, "sum"),
			Event:   queue.TicketFinished{Ticket: 7, Label: text.Draw(t, "label"), Counter: "1", Outcome: queue.Done},
		}
		before := [32]byte{rapid.Byte().Draw(t, "before")}
		if err := r.Seal(before); err != nil {
			t.Fatal(err)
		}
		b, err := encodeLine(&r)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.ContainsAny(b, "\n\r") {
			t.Fatalf("more than one line: %s", b)
		}
		got, err := decodeLine(b)
		if err != nil {
			t.Fatalf("%s: %v", b, err)
		}
		if d := cmp.Diff(r, got); d != "" {
			t.Fatalf("read back (-want +got):\n%s", d)
		}
		if queue.ChainHash(before, &got, got.Event.EventType()) != r.Hash {
			t.Fatal("its chain does not hold")
		}
	})
}

func TestBadLines(t *testing.T) {
	good := `{"seq":1,"at":"2026-11-23T00:30:00.000Z","boot":"b","mono":1,"clock_ok":true,"actor":"","key":"","key_sum":"00","type":"counter.closed.v1","data":{"counter":"1"},"hash":"` + strings.Repeat("0", 64) + `"}`
	if _, err := decodeLine([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string][2]string{
		"cut off":       {`"}`, ``},
		"two values":    {`"}`, `"}{}`},
		"unknown field": {`"seq"`, `"sequence"`},
		"no time":       {`00:30:00.000Z`, `half past`},
		"short hash":    {`"hash":"00`, `"hash":"`},
		"long hash":     {`"hash":"`, `"hash":"00`},
		"no hash":       {`"hash":"00`, `"hash":"xx`},
		"sum":           {`"key_sum":"00"`, `"key_sum":"-1"`},
		"other data":    {`"counter":"1"`, `"desk":"1"`},
		"unknown type":  {`counter.closed.v1`, `counter.closed.v2`},
	} {
		t.Run(name, func(t *testing.T) {
			bad := strings.Replace(good, change[0], change[1], 1)
			if bad == good {
				t.Fatal("nothing changed")
			}
			if r, err := decodeLine([]byte(bad)); err == nil {
				t.Errorf("%s was read as %+v", bad, r)
			}
		})
	}
}

// No line makes the reader panic, and what it takes it would write again.
func FuzzDecodeLine(f *testing.F) {
	f.Add([]byte(`{"seq":1,"at":"2026-11-23T00:30:00.000Z","boot":"b","mono":1,"clock_ok":true,"actor":"","key":"","key_sum":"00","type":"counter.closed.v1","data":{"counter":"1"},"hash":"` + strings.Repeat("0", 64) + `"}`))
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := decodeLine(b)
		if err != nil {
			return
		}
		line, err := encodeLine(&r)
		if err != nil {
			return // data over several lines
		}
		again, err := decodeLine(line)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if d := cmp.Diff(r, again); d != "" {
			t.Fatalf("%s (-first +second):\n%s", line, d)
		}
	})
}
