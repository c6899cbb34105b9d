package staff_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"motcua/internal/staff"
	"motcua/queue"
)

func TestSeats(t *testing.T) {
	if got := staff.NewSeats(queue.NewState("e")); len(got) != 0 {
		t.Errorf("without a centre: %v", got)
	}
}

var _ = cmp.Diff
