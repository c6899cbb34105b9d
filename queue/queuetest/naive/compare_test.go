package naive_test

import (
	"testing"

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
