package naive_test

import (
	"strings"
	"testing"
	"time"

	"motcua/queue"
	"motcua/queue/queuetest/naive"
)

// TestQueueAgrees is the short form of the million commands of make test-rules.
func TestQueueAgrees(t *testing.T) {
	done, difference := naive.Compare(20_000, 1)
	if difference != "" {
		t.Fatal(difference)
	}
	if done < 20_000 {
		t.Errorf("compared %d commands, want 20000", done)
	}
}

// youngest is a wrong router: it takes who came last.
type youngest struct{}

func (youngest) Pick(v queue.View, c queue.CounterID, _ time.Time) (choice queue.Choice, ok bool) {
	e := v.Eligible(c)
	for t := range v.EachWaiting {
		if e.Allows(t) {
			choice, ok = queue.Choice{Ticket: t.ID, Reason: queue.Reason{Code: queue.ByArrival}}, true
		}
	}
	return choice, ok
}

// TestDifferenceIsShort: a mistake is found, and told in no more commands than
// it takes: a configuration, a day, two tickets, a counter and its call.
func TestDifferenceIsShort(t *testing.T) {
	_, difference := naive.CompareRouter(youngest{}, 20_000, 1)
	if n := strings.Count(difference, "\nb.Do("); n == 0 || n > 8 {
		t.Errorf("%d commands:\n%s", n, difference)
	}
	if !strings.Contains(difference, "b.Do(queue.CallNext{") && !strings.Contains(difference, "Next:true") {
		t.Errorf("nobody calls:\n%s", difference)
	}
}
