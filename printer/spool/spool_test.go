package spool_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"motcua/printer"
	"motcua/printer/printertest"
	"motcua/printer/spool"
)

// inBubble runs a test with virtual time.
func inBubble(t *testing.T, lang language, po printertest.Options, tune func(*spool.Options), f func(t *testing.T, o *office)) {
	t.Helper()
	if lang.rows == 0 {
		lang.rows = 40
	}
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(lang, po, tune)
		pass(time.Second) // connected and greeted
		f(t, o)
		if err := o.check(); err != nil {
			t.Error(err)
		}
		o.close()
	})
}

func wantLog(t *testing.T, o *office, want ...string) {
	t.Helper()
	if d := cmp.Diff(want, o.log.all()); d != "" {
		t.Errorf("journal (-want +got):\n%s", d)
	}
}

func wantPaper(t *testing.T, o *office, want ...string) {
	t.Helper()
	if d := cmp.Diff(want, o.texts()); d != "" {
		t.Errorf("paper (-want +got):\n%s", d)
	}
}

func wantCode(t *testing.T, o *office, want spool.Code) {
	t.Helper()
	if h := o.sp.Status(); h.Code != want {
		t.Errorf("health %+v, want %s", h, want)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestPrints(t *testing.T) {
	inBubble(t, language{}, printertest.Options{}, nil, func(t *testing.T, o *office) {
		wantCode(t, o, spool.HealthOK)
		start := time.Now()
		for id := range printer.JobID(3) {
			must(t, o.submit(id+1))
		}
		synctest.Wait()
		wantLog(t, o, "sending 1", "printed 1 proof", "sending 2", "printed 2 proof", "sending 3", "printed 3 proof")
		wantPaper(t, o, "<1:1>", "<2:2>", "<3:3>")
		if d := time.Since(start); d != 0 {
			t.Errorf("three slips took %v on an idle printer", d)
		}
		if err := o.submit(2); !errors.Is(err, spool.ErrPrinted) {
			t.Errorf("second printing without mark: %v", err)
		}
		must(t, o.sp.Submit(spool.Request{ID: 2, At: time.Now(), Reprint: true}))
		synctest.Wait()
		wantPaper(t, o, "<1:1>", "<2:2>", "<3:3>", "<2R:2R>")
	})
}

func TestWithoutProof(t *testing.T) {
	inBubble(t, language{noProof: true}, printertest.Options{NoStatus: true, NoProcessID: true}, nil, func(t *testing.T, o *office) {
		pass(4 * time.Second) // it was tried to free it
		wantCode(t, o, spool.HealthSilent)
		must(t, o.submit(1))
		must(t, o.submit(2))
		pass(3 * time.Second)
		wantLog(t, o, "sending 1", "printed 1", "sending 2", "printed 2")
		wantPaper(t, o, "<1:1>", "<2:2>")
		pass(time.Hour) // a printer that never spoke is not taken for dead
		if n := o.dialled(); n != 1 {
			t.Errorf("%d connections, want 1", n)
		}
	})
}

// A file never acknowledges, whatever the protocol asks: the spool stops
// repeating by itself after three.
func TestSilentPrinterIsNotRepeatedForEver(t *testing.T) {
	inBubble(t, language{}, printertest.Options{NoStatus: true}, nil, func(t *testing.T, o *office) {
		o.p.Fault(printertest.Fault{Kind: printertest.Mute})
		for id := range printer.JobID(6) {
			must(t, o.submit(id+1))
			pass(70 * time.Second)
		}
		if n := len(o.texts()); n != 6+1 {
			t.Errorf("%d tickets for six slips, want one repetition: %q", n, o.texts())
		}
	})
}

func TestAckWithoutStatus(t *testing.T) {
	inBubble(t, language{}, printertest.Options{NoStatus: true}, nil, func(t *testing.T, o *office) {
		pass(4 * time.Second) // it was tried to free it
		must(t, o.submit(1))
		pass(time.Second)
		must(t, o.submit(2))
		synctest.Wait()
		wantLog(t, o, "sending 1", "printed 1 proof", "sending 2", "printed 2 proof")
		wantCode(t, o, spool.HealthOK)
	})
}

func TestSlipThatCannotBeSet(t *testing.T) {
	inBubble(t, language{}, printertest.Options{}, nil, func(t *testing.T, o *office) {
		must(t, o.sp.Submit(spool.Request{ID: 1, Slip: printer.Slip{Number: "□"}, At: time.Now()}))
		must(t, o.submit(2))
		synctest.Wait()
		wantLog(t, o, "sending 1", "failed 1 encode", "sending 2", "printed 2 proof")
		must(t, o.submit(1)) // nothing of it was printed
		synctest.Wait()
	})
}

// Slips wait for paper and go on by themselves.
func TestWaitsForPeople(t *testing.T) {
	for _, c := range []struct {
		kind printertest.Kind
		code spool.Code
	}{{printertest.PaperOut, spool.HealthPaperOut}, {printertest.CoverOpen, spool.HealthCover}, {printertest.CutterJam, spool.HealthError}} {
		t.Run(string(c.kind), func(t *testing.T) {
			inBubble(t, language{}, printertest.Options{}, nil, func(t *testing.T, o *office) {
				o.p.Fault(printertest.Fault{Kind: c.kind})
				pass(6 * time.Second)
				wantCode(t, o, c.code)
				must(t, o.submit(1))
				must(t, o.submit(2))
				pass(20 * time.Minute)
				wantLog(t, o)
				if h := o.sp.Status(); h.Queued != 2 || h.Ready() {
					t.Errorf("health %+v", h)
				}
				o.p.Repair()
				pass(2 * time.Second)
				wantPaper(t, o, "<1:1>", "<2:2>")
				wantCode(t, o, spool.HealthOK)
			})
		})
	}
}

// The roll ends in mid-ticket. One make of printer finishes it on the new
// roll, the other drops it.
func TestPaperEndInMidTicket(t *testing.T) {
	for _, c := range []struct {
		name  string
		drop  bool
		away  time.Duration
		log   []string
		paper []string
		held  int
	}{
		{"finishes", false, 5 * time.Minute, []string{"sending 1", "printed 1 proof", "sending 2", "printed 2 proof"}, []string{"<1:1>", "<2:2>"}, 0},
		{"drops, soon repaired", true, 20 * time.Second, []string{"sending 1", "unknown 1", "sending 1R", "printed 1 proof", "sending 2", "printed 2 proof"}, []string{"<1R:1R>", "<2:2>"}, 0},
		{"drops, repaired late", true, 5 * time.Minute, []string{"sending 1", "unknown 1", "sending 2", "printed 2 proof"}, []string{"<2:2>"}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, language{}, printertest.Options{}, nil, func(t *testing.T, o *office) {
				o.p.Fault(printertest.Fault{Kind: printertest.PaperOut, At: 30, Drop: c.drop})
				must(t, o.submit(1))
				pass(c.away)
				must(t, o.submit(2))
				wantCode(t, o, spool.HealthPaperOut)
				wantLog(t, o, "sending 1")
				o.p.Repair()
				pass(20 * time.Second)
				wantLog(t, o, c.log...)
				wantPaper(t, o, c.paper...)
				if h := o.sp.Status(); len(h.Unknown) != c.held {
					t.Errorf("health %+v, want %d for staff", h, c.held)
				}
			})
		})
	}
}

// The cable is cut at every byte of a slip.
func TestCableCutAtEveryByte(t *testing.T) {
	for _, c := range []struct {
		name string
		lang language
		po   printertest.Options
		drop bool
	}{
		{"buffer kept, cleared", language{rows: 20}, printertest.Options{}, false},
		{"buffer kept, zeros", language{rows: 20, zeros: true}, printertest.Options{NoClear: true}, false},
		{"power lost", language{rows: 20}, printertest.Options{}, true},
		{"late acknowledgement kept", language{rows: 20}, printertest.Options{KeepsLastAck: true}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			job, _ := c.lang.Encode(printer.Slip{}, 1)
			for at := 1; at <= len(job.Bytes); at++ {
				inBubble(t, c.lang, c.po, nil, func(t *testing.T, o *office) {
					o.p.Fault(printertest.Fault{Kind: printertest.Cable, At: int64(at), Drop: c.drop, Times: 1})
					must(t, o.submit(1))
					must(t, o.submit(2))
					pass(40 * time.Second)
					if left := o.missing(); len(left) > 0 {
						t.Errorf("cut at byte %d: no slip for %v, paper %q, journal %q", at, left, o.texts(), o.log.all())
					}
					if h := o.sp.Status(); h.Code != spool.HealthOK || h.Sent+h.Queued+len(h.Unknown) > 0 {
						t.Errorf("cut at byte %d: health %+v", at, h)
					}
					if err := o.check(); err != nil {
						t.Errorf("cut at byte %d: %v", at, err)
					}
				})
			}
		})
	}
}

// A late acknowledgement after the link came back is proof enough.
func TestLateAckAfterReconnect(t *testing.T) {
	job, _ := language{rows: 40}.Encode(printer.Slip{}, 1)
	inBubble(t, language{}, printertest.Options{KeepsLastAck: true}, nil, func(t *testing.T, o *office) {
		o.p.Fault(printertest.Fault{Kind: printertest.CoverOpen, At: 10})
		o.p.Fault(printertest.Fault{Kind: printertest.Cable, At: int64(len(job.Bytes)), Times: 1})
		must(t, o.submit(1))
		synctest.Wait()
		o.p.Repair() // prints while nobody listens
		pass(3 * time.Second)
		wantLog(t, o, "sending 1", "printed 1 proof")
	})
}

func TestAcknowledgements(t *testing.T) {
	twice := []string{"sending 1", "unknown 1", "sending 1R", "unknown 1", "sending 2", "unknown 2"}
	for _, c := range []struct {
		name  string
		fault printertest.Fault
		log   []string
	}{
		{"doubled", printertest.Fault{Kind: printertest.AckDouble}, []string{"sending 1", "printed 1 proof", "sending 2", "printed 2 proof"}},
		{"split", printertest.Fault{Kind: printertest.SplitReply}, []string{"sending 1", "printed 1 proof", "sending 2", "printed 2 proof"}},
		{"stray bytes", printertest.Fault{Kind: printertest.Stray}, []string{"sending 1", "printed 1 proof", "sending 2", "printed 2 proof"}},
		{"flow bytes", printertest.Fault{Kind: printertest.FlowBytes}, []string{"sending 1", "printed 1 proof", "sending 2", "printed 2 proof"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, language{}, printertest.Options{}, nil, func(t *testing.T, o *office) {
				o.p.Fault(c.fault)
				must(t, o.submit(1))
				must(t, o.submit(2))
				pass(5 * time.Second)
				wantLog(t, o, c.log...)
				wantPaper(t, o, "<1:1>", "<2:2>")
			})
		})
	}
	// The second's word does not speak for the first: a printer may have
	// dropped it. One marked copy too many is harmless, a lost slip is not.
	t.Run("first one lost", func(t *testing.T) {
		inBubble(t, language{}, printertest.Options{}, nil, func(t *testing.T, o *office) {
			o.p.Fault(printertest.Fault{Kind: printertest.AckLost, Times: 1})
			must(t, o.submit(1))
			must(t, o.submit(2))
			pass(20 * time.Second)
			wantLog(t, o, "sending 1", "sending 2", "printed 2 proof", "unknown 1", "sending 1R", "printed 1 proof")
			wantPaper(t, o, "<1:1>", "<2:2>", "<1R:1R>")
		})
	})
	for _, kind := range []printertest.Kind{printertest.AckConstant, printertest.AckLost} {
		t.Run("never the right one, "+string(kind), func(t *testing.T) {
			inBubble(t, language{}, printertest.Options{}, nil, func(t *testing.T, o *office) {
				o.p.Fault(printertest.Fault{Kind: kind})
				must(t, o.submit(1))
				pass(30 * time.Second)
				must(t, o.submit(2))
				pass(30 * time.Second)
				wantLog(t, o, twice...)
				wantCode(t, o, spool.HealthNoProof)
				if h := o.sp.Status(); !slices.Equal(h.Unknown, []printer.JobID{1, 2}) {
					t.Errorf("health %+v, want both for staff", h)
				}
			})
		})
	}
	t.Run("late for staff's list", func(t *testing.T) {
		inBubble(t, language{}, printertest.Options{}, func(so *spool.Options) { so.AutoReprints = -1 }, func(t *testing.T, o *office) {
			o.p.Fault(printertest.Fault{Kind: printertest.AckHeld})
			must(t, o.submit(1))
			pass(15 * time.Second)
			wantLog(t, o, "sending 1", "unknown 1")
			o.p.Repair()
			synctest.Wait()
			wantLog(t, o, "sending 1", "unknown 1", "printed 1 proof")
		})
	})
}

// A slip that is in doubt and waits to be printed again by itself is taken back
// when staff hold it; one that never left is not theirs to confirm.
func TestStaffHoldWhatIsAboutToBePrintedAgain(t *testing.T) {
	inBubble(t, language{}, printertest.Options{}, nil, func(t *testing.T, o *office) {
		o.p.Fault(printertest.Fault{Kind: printertest.AckLost})
		must(t, o.submit(1))
		pass(10500 * time.Millisecond) // the printer is being freed from what was perhaps cut off
		o.p.Fault(printertest.Fault{Kind: printertest.CoverOpen})
		pass(5 * time.Second)
		must(t, o.submit(2))
		wantLog(t, o, "sending 1", "unknown 1")
		if err := o.sp.Confirm(2); !errors.Is(err, spool.ErrNotHeld) {
			t.Errorf("confirming a slip that waits: %v", err)
		}
		must(t, o.sp.Confirm(1))
		synctest.Wait()
		o.p.Repair()
		pass(10 * time.Second)
		wantLog(t, o, "sending 1", "unknown 1", "printed 1", "sending 2", "printed 2 proof")
		wantPaper(t, o, "<1:1>", "<2:2>")
	})
}

func TestStaffDecide(t *testing.T) {
	inBubble(t, language{}, printertest.Options{}, func(so *spool.Options) { so.AutoReprints = -1 }, func(t *testing.T, o *office) {
		o.p.Fault(printertest.Fault{Kind: printertest.AckLost})
		for id := range printer.JobID(3) {
			must(t, o.submit(id+1))
			pass(25 * time.Second)
		}
		o.p.Repair()
		if h := o.sp.Status(); !slices.Equal(h.Unknown, []printer.JobID{1, 2, 3}) {
			t.Fatalf("health %+v", h)
		}
		if err := o.submit(1); !errors.Is(err, spool.ErrDuplicate) {
			t.Errorf("submit of a held slip: %v", err)
		}
		if err := o.sp.Reprint(9); !errors.Is(err, spool.ErrNotHeld) {
			t.Errorf("decision about a slip that is not there: %v", err)
		}
		must(t, o.sp.Confirm(2))
		synctest.Wait()
		must(t, o.sp.Dismiss(3))
		synctest.Wait()
		must(t, o.sp.Reprint(1))
		pass(time.Second)
		wantLog(t, o, "sending 1", "unknown 1", "sending 2", "unknown 2", "sending 3", "unknown 3",
			"printed 2", "failed 3 dismissed", "sending 1R", "printed 1 proof")
		if h := o.sp.Status(); len(h.Unknown) > 0 {
			t.Errorf("health %+v", h)
		}
		o.p.Fault(printertest.Fault{Kind: printertest.CoverOpen})
		pass(6 * time.Second)
		must(t, o.submit(4))
		must(t, o.sp.Dismiss(4))
		synctest.Wait()
		o.p.Repair()
		pass(6 * time.Second)
		wantPaper(t, o, "<1:1>", "<2:2>", "<3:3>", "<1R:1R>")
	})
}

func TestFullAndClosed(t *testing.T) {
	inBubble(t, language{}, printertest.Options{}, func(so *spool.Options) { so.Limit = 2 }, func(t *testing.T, o *office) {
		o.p.Fault(printertest.Fault{Kind: printertest.PaperOut})
		pass(6 * time.Second)
		must(t, o.submit(1))
		must(t, o.submit(2))
		if err := o.submit(3); !errors.Is(err, spool.ErrFull) {
			t.Errorf("third slip of two: %v", err)
		}
		if err := o.submit(2); !errors.Is(err, spool.ErrDuplicate) {
			t.Errorf("same slip again: %v", err)
		}
		must(t, o.sp.Close())
		if err := o.submit(4); !errors.Is(err, spool.ErrClosed) {
			t.Errorf("slip for a closed spool: %v", err)
		}
		wantCode(t, o, spool.HealthClosed)
		if left := o.sp.Pending(); len(left) != 2 || left[0].ID != 1 || left[0].State != spool.Queued {
			t.Errorf("left %+v", left)
		}
	})
}

// Nothing is sent that the journal does not know.
func TestJournalRefuses(t *testing.T) {
	inBubble(t, language{}, printertest.Options{}, nil, func(t *testing.T, o *office) {
		set := func(v bool) {
			o.log.mu.Lock()
			o.log.refuse = v
			o.log.mu.Unlock()
		}
		set(true)
		must(t, o.submit(1))
		pass(time.Minute)
		wantCode(t, o, spool.HealthJournal)
		wantPaper(t, o)
		set(false)
		pass(2 * time.Second)
		wantLog(t, o, "sending 1", "printed 1 proof")
		wantCode(t, o, spool.HealthOK)
	})
}

func TestPrinterAway(t *testing.T) {
	inBubble(t, language{}, printertest.Options{}, nil, func(t *testing.T, o *office) {
		o.p.Fault(printertest.Fault{Kind: printertest.Cable})
		synctest.Wait()
		before := o.dialled()
		pass(10 * time.Minute)
		if h := o.sp.Status(); h.Code != spool.HealthUnreachable && h.Code != spool.HealthConnecting || h.Ready() {
			t.Errorf("health %+v", h)
		}
		if n := o.dialled() - before; n < 50 || n > 80 {
			t.Errorf("%d attempts in ten minutes, want about one in ten seconds", n)
		}
		must(t, o.submit(1))
		o.p.Repair()
		pass(11 * time.Second)
		wantPaper(t, o, "<1:1>")
	})
}

// A link that is open but leads nowhere is found out.
func TestDeadLink(t *testing.T) {
	inBubble(t, language{}, printertest.Options{}, nil, func(t *testing.T, o *office) {
		o.p.Fault(printertest.Fault{Kind: printertest.Mute})
		pass(25 * time.Second)
		if n := o.dialled(); n != 2 {
			t.Errorf("%d connections, want a second one", n)
		}
		wantCode(t, o, spool.HealthSilent)
		o.p.Repair()
		pass(6 * time.Second)
		wantCode(t, o, spool.HealthOK)
	})
}

// Who sends mostly what is no reply speaks another language, or at another
// speed: the log says so once. Stray bytes between replies need no word.
func TestRubbishIsTold(t *testing.T) {
	for says, want := range map[string]int{"\xFF\xE0\xF3": 1, "\x06\x15\x12\x12\x12\x12": 0} {
		synctest.Test(t, func(t *testing.T) {
			var log bytes.Buffer
			ours, theirs := net.Pipe()
			sp := spool.New(spool.Options{
				Open:     func(context.Context) (spool.Link, error) { return ours, nil },
				Protocol: language{}, Log: writer{newMemory(), new(bool)}, Logger: slog.New(slog.NewTextHandler(&log, nil)),
			})
			go io.Copy(io.Discard, theirs)
			for range 200 {
				if _, err := theirs.Write([]byte(says)); err != nil {
					t.Error(err)
				}
			}
			sp.Close()
			theirs.Close()
			synctest.Wait()
			if got := strings.Count(log.String(), "no reply"); got != want {
				t.Errorf("%q: told %d times, want %d:\n%s", says, got, want, &log)
			}
		})
	}
}

// A stalled printer keeps neither callers nor Close waiting.
func TestStalled(t *testing.T) {
	inBubble(t, language{rows: 60000}, printertest.Options{}, nil, func(t *testing.T, o *office) {
		o.p.Fault(printertest.Fault{Kind: printertest.Stalled, At: 5000})
		start := time.Now()
		must(t, o.submit(1))
		synctest.Wait()
		must(t, o.submit(2))
		if d := time.Since(start); d > 0 {
			t.Errorf("submitting took %v", d)
		}
		pass(time.Second)
		start = time.Now()
		must(t, o.sp.Close())
		if d := time.Since(start); d > 3*time.Second {
			t.Errorf("closing took %v", d)
		}
	})
	inBubble(t, language{rows: 60000}, printertest.Options{}, nil, func(t *testing.T, o *office) {
		o.p.Fault(printertest.Fault{Kind: printertest.Stalled, At: 5000})
		must(t, o.submit(1))
		pass(18 * time.Second) // the link is given up after 15 s
		o.p.Repair()
		pass(60 * time.Second)
		if left := o.missing(); len(left) > 0 && len(o.sp.Status().Unknown) == 0 {
			t.Errorf("no slip for %v: %q", left, o.log.all())
		}
	})
}

func TestSlowPrinterDoesNotHoldUpTheQueue(t *testing.T) {
	inBubble(t, language{}, printertest.Options{}, nil, func(t *testing.T, o *office) {
		o.p.Fault(printertest.Fault{Kind: printertest.AckHeld})
		must(t, o.submit(1))
		must(t, o.submit(2))
		synctest.Wait()
		wantLog(t, o, "sending 1")
		pass(3 * time.Second)
		wantLog(t, o, "sending 1", "sending 2")
		o.p.Repair()
		synctest.Wait()
		wantLog(t, o, "sending 1", "sending 2", "printed 1 proof", "printed 2 proof")
	})
}

func TestIdleClose(t *testing.T) {
	inBubble(t, language{}, printertest.Options{}, func(so *spool.Options) { so.IdleClose = 30 * time.Second }, func(t *testing.T, o *office) {
		must(t, o.submit(1))
		pass(40 * time.Second)
		if h := o.sp.Status(); h.Connected || h.Code != spool.HealthOK {
			t.Errorf("health %+v, want closed and well", h)
		}
		pass(time.Hour)
		must(t, o.submit(2))
		pass(time.Second)
		wantPaper(t, o, "<1:1>", "<2:2>")
		if n := o.dialled(); n != 2 {
			t.Errorf("%d connections, want 2", n)
		}
	})
}

// A printer that needs help is not let go when it is idle: its repair would be
// heard by nobody, and no slip would come to open the link again.
func TestIdleCloseWaitsForRepair(t *testing.T) {
	inBubble(t, language{}, printertest.Options{}, func(so *spool.Options) { so.IdleClose = 30 * time.Second }, func(t *testing.T, o *office) {
		must(t, o.submit(1))
		pass(10 * time.Second)
		o.p.Fault(printertest.Fault{Kind: printertest.PaperOut})
		pass(time.Hour)
		if h := o.sp.Status(); h.Code != spool.HealthPaperOut {
			t.Errorf("health %+v, want no paper", h)
		}
		o.p.Repair()
		pass(20 * time.Second)
		if h := o.sp.Status(); h.Code != spool.HealthOK || !h.Connected {
			t.Errorf("health %+v, want well", h)
		}
		pass(20 * time.Second)
		if h := o.sp.Status(); h.Code != spool.HealthOK || h.Connected {
			t.Errorf("health %+v, want well and let go", h)
		}
	})
}

// The process dies at each entry of its journal, before or after it is
// durable, and another takes over.
func TestKilledAtEveryEntry(t *testing.T) {
	for _, torn := range []bool{false, true} {
		for _, keeps := range []bool{false, true} {
			for at := 1; at <= 6; at++ {
				inBubble(t, language{}, printertest.Options{KeepsLastAck: keeps}, nil, func(t *testing.T, o *office) {
					o.log.mu.Lock()
					o.log.killAt, o.log.torn = at, torn
					o.log.mu.Unlock()
					for id := range printer.JobID(3) {
						must(t, o.submit(id+1))
					}
					pass(time.Second)
					o.kill()
					o.start()
					pass(40 * time.Second)
					if left := o.missing(); len(left) > 0 {
						t.Errorf("killed at entry %d: no slip for %v; journal %q, paper %q", at, left, o.log.all(), o.texts())
					}
					if err := o.check(); err != nil {
						t.Errorf("killed at entry %d: %v", at, err)
					}
				})
			}
		}
	}
}

// What is on its way when the spool is closed gets a moment to be proven, so
// that an orderly restart leaves nothing unknown.
func TestCloseWaitsForTheSlipOnItsWay(t *testing.T) {
	inBubble(t, language{}, printertest.Options{}, nil, func(t *testing.T, o *office) {
		o.p.Fault(printertest.Fault{Kind: printertest.AckHeld})
		must(t, o.submit(1))
		synctest.Wait()
		closed := make(chan error)
		go func() { closed <- o.sp.Close() }()
		pass(time.Second)
		o.p.Repair()
		must(t, <-closed)
		wantLog(t, o, "sending 1", "printed 1 proof")
	})
}

// A printer serves one client: a link that opens while the spool is being
// closed must not stay open.
func TestLinkOpenedTooLateIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := printertest.New(printertest.Options{})
		c := p.Pipe()
		answer := make(chan struct{})
		sp := spool.New(spool.Options{
			Open:     func(context.Context) (spool.Link, error) { <-answer; return c, nil },
			Protocol: language{rows: 1}, Log: writer{newMemory(), new(bool)},
		})
		synctest.Wait()
		closed := make(chan error)
		go func() { closed <- sp.Close() }()
		synctest.Wait()
		close(answer)
		must(t, <-closed)
		if _, err := c.Write([]byte{0}); err == nil {
			t.Error("the late link is still open")
		}
		p.Close()
	})
}

// Every change of health is told once, in order.
func TestHealthIsTold(t *testing.T) {
	var told []spool.Code
	inBubble(t, language{}, printertest.Options{}, func(so *spool.Options) {
		so.OnHealth = func(h spool.Health) {
			if len(told) == 0 || told[len(told)-1] != h.Code {
				told = append(told, h.Code)
			}
		}
	}, func(t *testing.T, o *office) {
		o.p.Fault(printertest.Fault{Kind: printertest.PaperOut})
		pass(6 * time.Second)
		o.p.Repair()
		pass(2 * time.Second)
		o.p.Fault(printertest.Fault{Kind: printertest.Cable, Times: 1})
		pass(2 * time.Second)
		must(t, o.sp.Close())
		want := []spool.Code{spool.HealthConnecting, spool.HealthOK, spool.HealthPaperOut, spool.HealthOK,
			spool.HealthUnreachable, spool.HealthConnecting, spool.HealthOK, spool.HealthClosed}
		if d := cmp.Diff(want, told); d != "" {
			t.Errorf("health (-want +got):\n%s", d)
		}
	})
}
