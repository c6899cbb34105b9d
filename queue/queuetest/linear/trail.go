package linear

import (
	"errors"
	"time"
)

// Trail checks a long history part by part. Between two parts nobody asks
// anything. It is not safe for concurrent use.
type Trail struct {
	parts []part // the last ones, each with what it began with
	now   []*Hall
}

type part struct {
	from    []*Hall
	history []Operation
}

// keptParts is how far back the order found is put in question.
const keptParts = 4

// NewTrail is a trail that begins in a hall.
func NewTrail(h *Hall) *Trail { return &Trail{now: []*Hall{h}} }

// Check goes on with the next part. Where something was lost, the order found
// for earlier parts may have been another one than the true one, and nothing
// told so yet: before a part is called unexplained, those before it are
// explained anew together with it. Errors are those of [Check].
func (t *Trail) Check(history []Operation, patience time.Duration) error {
	t.parts = append(t.parts, part{t.now, history})
	if len(t.parts) > keptParts {
		t.parts = t.parts[1:]
	}
	var together []Operation
	var first error
	for i := len(t.parts) - 1; i >= 0; i-- {
		together = append(together, t.parts[i].history...)
		to, err := Check(t.parts[i].from, together, patience)
		if err == nil {
			t.now = to
			return nil
		}
		if errors.Is(err, ErrUndecided) {
			return err
		}
		if first == nil {
			first = err
		}
	}
	return first
}
