package spool_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"motcua/printer"
	"motcua/printer/printertest"
	"motcua/printer/spool"
)

// withdrawing is a log whose keeper gives one slip to another printer.
type withdrawing struct {
	spool.Log
	id printer.JobID
}

func (w withdrawing) Sending(ctx context.Context, id printer.JobID, reprint bool) error {
	if id == w.id && !reprint {
		return spool.ErrWithdrawn
	}
	return w.Log.Sending(ctx, id, reprint)
}

// A withdrawn slip leaves nothing on paper and nothing in the journal, holds
// up no other, and may come back: it was not printed here.
func TestWithdrawnSlip(t *testing.T) {
	tune := func(o *spool.Options) { o.Log = withdrawing{o.Log, 2} }
	inBubble(t, language{}, printertest.Options{}, tune, func(t *testing.T, o *office) {
		must(t, o.submit(1))
		must(t, o.sp.Submit(spool.Request{ID: 2, At: time.Now()}))
		must(t, o.submit(3))
		synctest.Wait()
		wantLog(t, o, "sending 1", "printed 1 proof", "sending 3", "printed 3 proof")
		wantPaper(t, o, "<1:1>", "<3:3>")
		if p := o.sp.Pending(); len(p) != 0 {
			t.Errorf("still in the spool: %v", p)
		}
		must(t, o.sp.Submit(spool.Request{ID: 2, At: time.Now(), Reprint: true}))
		synctest.Wait()
		if n := len(o.texts()); n != 3 {
			t.Errorf("%d slips came out, want the one that came back too", n)
		}
	})
}
