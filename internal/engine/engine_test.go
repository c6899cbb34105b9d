package engine_test

import (
	"testing"

	"motcua/queue"
)

func TestRestartHasTheSameState(t *testing.T) {
	dir, clock := folder(t), newHandClock(monday)
	c := open(t, dir, clock)
	c.found(t, 2)
	for range 5 {
		c.do(t, queue.Issue{Category: "A"})
	}
	called := c.do(t, queue.CallNext{Counter: "1"})
	if got := called.Records[0].Event.EventType(); got != "ticket.called.v1" {
		t.Errorf("first record is %s, want ticket.called.v1", got)
	}
	before := c.snapshot(t)
	c.close(t)

	again := open(t, dir, clock)
	if got := again.snapshot(t); got != before {
		t.Errorf("state after restart\n%s\nwant\n%s", got, before)
	}
}
