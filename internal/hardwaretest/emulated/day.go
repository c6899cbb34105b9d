package emulated

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"motcua/internal/auth"
	"motcua/printer/printertest"
	"motcua/queue"
)

// centre is a small one without hours, so that a day can be had at any time.
const centre = `languages = ["vi", "en"]

[centre]
id = "emulated"
name = { vi = "Phường Thử", en = "Trial Ward" }

[[points]]
id = "main"
name = { vi = "Sảnh chính", en = "Main hall" }

[[classes]]
id = "normal"
name = { vi = "Thường", en = "Normal" }
`

var (
	categories = []string{"A", "B", "C"}
	counters   = []string{"1", "2", "3"}
)

// The crowd: so many take numbers at once, each so many times, before the kill
// and after it.
const (
	citizens = 4
	before   = 16
	after    = 24
)

func centreFile() string {
	var b strings.Builder
	b.WriteString(centre)
	for _, c := range categories {
		fmt.Fprintf(&b, "\n[[series]]\nid = %[1]q\nprefix = %[1]q\nfrom = 1\nto = 999\n\n[[categories]]\nid = %[1]q\nname = { vi = \"Lĩnh vực %[1]s\", en = \"Field %[1]s\" }\nseries = %[1]q\nminutes = 6\npanel = true\n", c)
	}
	for i, c := range counters {
		fmt.Fprintf(&b, "\n[[counters]]\nid = %q\nnumber = %d\npoint = \"main\"\nskills = [%s]\n", c, i+1, `"`+strings.Join(categories, `", "`)+`"`)
	}
	return b.String()
}

// office is a centre of its own in a folder, its printer, and who takes numbers.
type office struct {
	own, foreign programs
	machine      string
	data         string
	token        string
	printer      *printertest.Printer
	crowd        *crowd
	d            *daemon
}

// live lets a centre of another processor live for a day and be killed twice in
// it. What stops the day is a failure of the day.
func live(ctx context.Context, arch string, own, foreign programs, dir string, seed uint64) (day, restart Row) {
	day = Row{Name: arch + "_day", Goal: dayGoal}
	restart = Row{Name: arch + "_restart", Goal: restartGoal}
	began := time.Now()
	o, err := openOffice(ctx, own, foreign, dir)
	if err != nil {
		day.wrong("%v", err)
		return day, restart
	}
	defer func() {
		if o.d != nil {
			o.d.kill()
		}
		if err := o.printer.Close(); err != nil {
			day.wrong("close printer: %v", err)
		}
	}()
	for _, part := range []func(context.Context) error{
		o.openDay,
		func(ctx context.Context) error { return o.killAmongNumbers(ctx, &restart, seed) },
		func(ctx context.Context) error { return o.killAtRest(ctx, &restart) },
		o.takeTheRest,
		func(ctx context.Context) error { return o.serve(ctx, &day) },
		func(ctx context.Context) error { return o.close(ctx, &day) },
	} {
		if err := part(ctx); err != nil {
			day.wrong("%v", err)
			break
		}
	}
	day.Figure = time.Since(began)
	return day, restart
}

func openOffice(ctx context.Context, own, foreign programs, dir string) (*office, error) {
	o := &office{own: own, foreign: foreign, machine: filepath.Join(dir, "motcua.toml"), data: filepath.Join(dir, "data"),
		crowd: newCrowd(), printer: printertest.New(printertest.Options{Keep: 1000})}
	server, err := o.printer.Start(ctx, "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start printer: %w", err)
	}
	var hash string
	o.token, hash = auth.NewToken()
	centre := filepath.Join(dir, "centre.toml")
	file := fmt.Sprintf("listen = \"127.0.0.1:0\"\ndata = %q\ncentre = %q\n[limits]\nrequests_per_second = 1000\nburst = 1000\n[printer]\ndevice = %q\nprofile = \"epson\"\n[[access]]\nname = \"lead\"\nrole = \"supervisor\"\ntoken_sha256 = %q\n",
		o.data, centre, server.URI(), hash)
	if err := errors.Join(os.WriteFile(centre, []byte(centreFile()), 0o600), os.WriteFile(o.machine, []byte(file), 0o600)); err != nil {
		return nil, err
	}
	return o, nil
}

// again starts the daemon, and says how long that took.
func (o *office) again(ctx context.Context) (took time.Duration, err error) {
	began := time.Now()
	o.d, err = start(ctx, o.foreign, o.machine, o.token)
	return time.Since(began), err
}

func (o *office) openDay(ctx context.Context) error {
	if _, err := o.again(ctx); err != nil {
		return err
	}
	// Without network time somebody must vouch for the clock, as in any centre.
	now := fmt.Sprintf(`{"at":%q}`, time.Now().UTC().Format(time.RFC3339))
	if err := o.d.post(ctx, "/clock/confirm", "", now, nil); err != nil {
		return err
	}
	if err := o.d.post(ctx, "/day/open", "", "", nil); err != nil && !refused(err, http.StatusConflict) {
		return err
	}
	return nil
}

// killAmongNumbers kills the daemon while numbers are taken, at a moment of
// chance. Then those who never heard ask again, and those who had heard do, too.
func (o *office) killAmongNumbers(ctx context.Context, row *Row, seed uint64) error {
	at := citizens*before/4 + rand.New(rand.NewPCG(seed, uint64(len(o.foreign.play)))).IntN(citizens*before/2)
	enough := make(chan struct{})
	var once sync.Once
	taken := make(chan error, 1)
	go func() {
		taken <- o.crowd.take(ctx, o.d, "before", citizens, before, func(n int) {
			if n >= at {
				once.Do(func() { close(enough) })
			}
		})
	}()
	select {
	case <-enough:
	case err := <-taken:
		return fmt.Errorf("take numbers: %w", err)
	}
	o.d.kill()
	if err := <-taken; err == nil {
		row.wrong("the kill came after everybody had a number: nothing was proved")
	}
	heard := make(map[string]number, len(o.crowd.heard))
	for key, n := range o.crowd.heard {
		heard[key] = n
	}
	took, err := o.again(ctx)
	if err != nil {
		return err
	}
	row.Figure = max(row.Figure, took)
	if _, err := o.crowd.repeat(ctx, o.d); err != nil {
		return fmt.Errorf("ask again: %w", err)
	}
	for key, want := range heard {
		row.Cases++
		got, err := o.d.issue(ctx, want.Label[:1], key)
		if err != nil {
			return fmt.Errorf("ask again: %w", err)
		}
		if got.ID != want.ID || got.Label != want.Label {
			row.wrong("%s was number %s (ticket %d), and after the kill %s (%d)", key, want.Label, want.ID, got.Label, got.ID)
		}
	}
	return o.whole(ctx, row)
}

// whole compares the daemon's numbers with what the crowd holds.
func (o *office) whole(ctx context.Context, row *Row) error {
	there, err := o.d.numbers(ctx)
	if err != nil {
		return err
	}
	holder := map[string]queue.TicketID{}
	known := map[queue.TicketID]string{}
	for _, n := range there {
		if other, twice := holder[n.Label]; twice {
			row.wrong("%s names tickets %d and %d", n.Label, other, n.ID)
		}
		holder[n.Label], known[n.ID] = n.ID, n.Label
	}
	for key, n := range o.crowd.heard {
		if known[n.ID] != n.Label {
			row.wrong("%s holds %s (ticket %d), which the daemon knows as %q", key, n.Label, n.ID, known[n.ID])
		}
	}
	if len(there) != len(o.crowd.heard) {
		row.wrong("%d numbers for %d citizens", len(there), len(o.crowd.heard))
	}
	return nil
}

// killAtRest kills the daemon when everything is on paper, and expects the same
// hall back: numbers, states, and who is before whom.
func (o *office) killAtRest(ctx context.Context, row *Row) error {
	if err := o.onPaper(ctx); err != nil {
		return err
	}
	want, err := o.d.numbers(ctx)
	if err != nil {
		return err
	}
	o.d.kill()
	took, err := o.again(ctx)
	if err != nil {
		return err
	}
	row.Figure = max(row.Figure, took)
	got, err := o.d.numbers(ctx)
	if err != nil {
		return err
	}
	row.Cases += len(want)
	if len(got) != len(want) {
		row.wrong("%d numbers before the kill at rest, %d after it", len(want), len(got))
		return nil
	}
	for i := range want {
		g, w := got[i], want[i]
		if g.ID != w.ID || g.Label != w.Label || g.State != w.State || g.Slip != w.Slip || ahead(g) != ahead(w) {
			row.wrong("%s was %s with %d ahead, slip %s; after the kill %s %s with %d, slip %s", w.Label, w.State, ahead(w), w.Slip, g.Label, g.State, ahead(g), g.Slip)
		}
	}
	return nil
}

// ahead is how many people are before a number that waits; -1 for one that
// does not wait.
func ahead(n number) int {
	if n.Ahead == nil {
		return -1
	}
	return *n.Ahead
}

// onPaper waits until every slip has been printed.
func (o *office) onPaper(ctx context.Context) error {
	return until(ctx, func() (bool, error) {
		all, err := o.d.numbers(ctx)
		if err != nil {
			return false, err
		}
		return !slices.ContainsFunc(all, func(n number) bool { return n.Slip != queue.SlipIsPrinted }), nil
	})
}

func (o *office) takeTheRest(ctx context.Context) error {
	if err := o.crowd.take(ctx, o.d, "after", citizens, after, func(int) {}); err != nil {
		return fmt.Errorf("take numbers: %w", err)
	}
	return nil
}

// serve lets an officer at each counter call, begin and finish until nobody
// waits, and looks whether everybody had a turn.
func (o *office) serve(ctx context.Context, row *Row) error {
	var wg sync.WaitGroup
	errs := make(chan error, len(counters))
	for _, c := range counters {
		wg.Go(func() {
			if err := o.work(ctx, c); err != nil {
				errs <- fmt.Errorf("counter %s: %w", c, err)
			}
		})
	}
	wg.Wait()
	close(errs)
	if err := <-errs; err != nil {
		return err
	}
	if err := o.onPaper(ctx); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	if err := o.whole(ctx, row); err != nil {
		return err
	}
	all, err := o.d.numbers(ctx)
	if err != nil {
		return err
	}
	row.Cases = len(all)
	for _, n := range all {
		if n.State != queue.Finished {
			row.wrong("%s ended as %s", n.Label, n.State)
		}
	}
	return nil
}

func (o *office) work(ctx context.Context, counter string) error {
	at := "/counters/" + counter + "/"
	if err := o.d.post(ctx, at+"open", "", "", nil); err != nil {
		return err
	}
	for {
		var called struct {
			Ticket struct {
				ID queue.TicketID `json:"id"`
			} `json:"ticket"`
		}
		err := o.d.post(ctx, at+"next", "", "", &called)
		if refused(err, http.StatusConflict) || refused(err, http.StatusNotFound) {
			return nil // nobody waits
		}
		if err != nil {
			return err
		}
		ticket := fmt.Sprintf(`{"ticket":%d}`, called.Ticket.ID)
		for _, verb := range []string{"start", "finish"} {
			if err := o.d.post(ctx, at+verb, "", ticket, nil); err != nil {
				return err
			}
		}
	}
}

// close ends the day and the daemon, and lets this machine's own programs read
// what the other processor wrote.
func (o *office) close(ctx context.Context, row *Row) error {
	if err := o.d.post(ctx, "/day/close", "", "", nil); err != nil {
		return err
	}
	err := o.d.stop()
	o.d = nil
	if err != nil {
		return err
	}
	if out, err := o.own.command(ctx, "motcua", "journal", "verify", "--data", o.data).CombinedOutput(); err != nil {
		row.wrong("motcua journal verify: %v: %s", err, out)
	}
	out, err := o.own.command(ctx, "motcua", "journal", "export", "--data", o.data).Output()
	if err != nil {
		return fmt.Errorf("motcua journal export: %w", err)
	}
	return o.account(row, out)
}

// account compares the exported journal with paper and people: each number was
// printed with the printer's own word for it, and the day's account adds up.
func (o *office) account(row *Row, export []byte) error {
	proved := map[queue.TicketID]bool{}
	var totals queue.Totals
	slips := 0
	for line := range strings.Lines(string(export)) {
		var r struct {
			Type string `json:"type"`
			Data struct {
				Ticket queue.TicketID `json:"ticket"`
				Proof  bool           `json:"proof"`
				Totals queue.Totals   `json:"totals"`
			} `json:"data"`
		}
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			return fmt.Errorf("read the exported journal: %w", err)
		}
		switch r.Type {
		case queue.SlipSending{}.EventType():
			slips++
		case queue.SlipPrinted{}.EventType():
			proved[r.Data.Ticket] = proved[r.Data.Ticket] || r.Data.Proof
		case queue.DayClosed{}.EventType():
			totals = r.Data.Totals
		}
	}
	for _, n := range o.crowd.heard {
		if !proved[n.ID] {
			row.wrong("no proof that %s was printed", n.Label)
		}
	}
	if want := (queue.Totals{Issued: len(o.crowd.heard), Finished: len(o.crowd.heard)}); totals != want {
		row.wrong("the day's account is %+v, want %+v", totals, want)
	}
	if paper := len(o.printer.Tickets()); paper < len(o.crowd.heard) || paper > slips {
		row.wrong("%d pieces of paper for %d numbers, sent %d times", paper, len(o.crowd.heard), slips)
	}
	return nil
}
