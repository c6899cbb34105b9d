package demo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"motcua/queue"
)

// Speeds are those a morning can be played at; 0 is off.
func Speeds() []int { return []int{0, 1, 10, 60} }

// farewell is how long after the switch a request may still be under way:
// with the rest, off takes less than a second.
const farewell = 800 * time.Millisecond

// Options is what a Morning is made of. Base and Config are required.
type Options struct {
	Base   string              // "http://127.0.0.1:8080", without a path
	Client *http.Client        // nil: one of its own
	Logger *slog.Logger        // nil: none
	Seed   uint64              // of the citizens; equal seeds bring equal ones
	Config func() queue.Config // as applied; asked at each start, from any goroutine
	Point  queue.PointID       // empty: the centre's first
	// Human is how many counters, by number, are left to people: 0 means 1,
	// less than 0 none.
	Human int
}

// MorningState is what has been played since the switch was last turned on.
// It counts what the API acknowledged, and is kept after the switch is off.
type MorningState struct {
	Speed       int         `json:"speed"`  // 0: off
	Issued      int         `json:"issued"` // numbers taken
	Served      int         `json:"served"`
	Waiting     int         `json:"waiting"` // in the hall, whoever took their numbers
	NoShows     int         `json:"no_shows"`
	Parked      int         `json:"parked"`
	Transferred int         `json:"transferred"`
	Since       queue.Stamp `json:"since,omitempty"` // ms; real time of the switch
}

// Morning plays citizens and officers. All methods may be called from any
// goroutine.
type Morning struct {
	o   Options
	log *slog.Logger
	api *api

	turn sync.Mutex // held while the switch is turned; protects run and over
	run  *run       // nil: off
	over bool       // after Close

	mu    sync.Mutex // protects everything below
	state MorningState
	last  time.Time // a complaint was logged
}

// New makes a Morning that is off. It starts nothing and asks nobody.
func New(o Options) (*Morning, error) {
	if o.Base == "" || o.Config == nil {
		return nil, errors.New("new morning: Base and Config are required")
	}
	if o.Client == nil {
		o.Client = &http.Client{Timeout: patience}
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Human == 0 {
		o.Human = 1
	}
	client := *o.Client
	// A redirect is a wrong address: commands go to the hall and nowhere else.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Morning{o: o, log: o.Logger, api: &api{base: strings.TrimSuffix(o.Base, "/"), client: &client}}, nil
}

// State returns what has been played so far.
func (m *Morning) State() MorningState {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.state
}

// SetSpeed starts the morning, changes its speed while it plays, or, with 0,
// stops it. The refusals are *queue.Error: a speed that is none of Speeds, or
// a business day that is closed. Stopping takes less than a second, whatever
// ctx says, and returns when everybody has gone: counters stay as they are,
// whoever is at a played counter has been served, and whoever was parked there
// waits again.
func (m *Morning) SetSpeed(ctx context.Context, speed int) error {
	if !slices.Contains(Speeds(), speed) {
		return &queue.Error{Code: queue.Invalid, Reason: queue.WhyBadField,
			Msg: fmt.Sprintf("the morning can't be played at speed %d", speed), Hint: "Give 0 (off), 1, 10 or 60."}
	}
	m.turn.Lock()
	defer m.turn.Unlock()
	switch {
	case m.over && speed > 0:
		return &queue.Error{Code: queue.Unavailable, Reason: queue.WhyNotStored,
			Msg: "the demonstration is ending", Hint: "Start the daemon again."}
	case speed == 0:
		m.stop()
	case m.run != nil:
		m.run.pace.set(speed)
		m.count(func(s *MorningState) { s.Speed = speed })
	default:
		return m.start(ctx, speed)
	}
	return nil
}

// Close stops the morning for good and waits for everybody to leave.
func (m *Morning) Close() error {
	m.turn.Lock()
	defer m.turn.Unlock()
	m.over = true
	m.stop()
	return nil
}

func (m *Morning) count(f func(*MorningState)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f(&m.state)
}

// complain logs what should not happen, at most once in 10 s: the hall goes on.
func (m *Morning) complain(msg string, err error, attrs ...any) {
	m.mu.Lock()
	now := time.Now()
	quiet := !m.last.IsZero() && now.Sub(m.last) < 10*time.Second
	if !quiet {
		m.last = now
	}
	m.mu.Unlock()
	if !quiet {
		m.log.Warn(msg, append(attrs, "err", err)...)
	}
}

// run is one morning, from switch to switch.
type run struct {
	m     *Morning
	cfg   queue.Config
	point queue.PointID
	desks []queue.Desk // of the officers
	pace  *pace
	quit  chan struct{} // closed when the switch is turned off

	// ctx is that of all requests; it outlives quit by farewell, so that what
	// is under way comes to its end.
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu     sync.Mutex                  // protects everything below
	issued map[queue.TicketID]*citizen // those still in the hall
	breaks int                         // officers away just now
	open   map[queue.CounterID]bool    // officers' counters, as the board last showed them
}

// citizen is somebody this run has sent into the hall.
type citizen struct {
	errand   errand
	dossiers int
	back     bool // has been parked or moved: the next service is an ordinary one
	rest     time.Duration
}

func (m *Morning) start(ctx context.Context, speed int) error {
	cfg := m.o.Config()
	point := m.o.Point
	if point == "" && len(cfg.Points) > 0 {
		point = cfg.Points[0].ID
	}
	board, err := m.api.board(ctx, point)
	if err != nil {
		return fmt.Errorf("start morning: %w", err)
	}
	if !board.Day.Open {
		return &queue.Error{Code: queue.Closed, Reason: queue.WhyDayClosed,
			Msg: "the business day is closed", Hint: "Open the business day, then play the morning."}
	}
	desks := officers(cfg, point, m.o.Human)
	if len(desks) == 0 {
		return &queue.Error{Code: queue.Closed, Reason: queue.WhyNotConfigured,
			Msg: "no counter is left for the played officers", Hint: "Give the centre one more counter."}
	}
	r := &run{m: m, cfg: cfg, point: point, desks: desks, pace: newPace(speed), quit: make(chan struct{}),
		issued: make(map[queue.TicketID]*citizen), open: make(map[queue.CounterID]bool)}
	// Not of ctx: the one who turns the switch goes away.
	r.ctx, r.cancel = context.WithCancel(context.Background())
	m.run = r
	m.count(func(s *MorningState) {
		*s = MorningState{Speed: speed, Waiting: waiting(board), Since: queue.StampOf(time.Now())}
	})
	m.log.Info("morning plays", "speed", speed, "officers", len(desks))
	for i := range desks {
		o := &officer{run: r, desk: &desks[i], rng: rand.New(rand.NewPCG(m.o.Seed, 1<<63|uint64(i)))}
		r.wg.Go(o.work)
	}
	r.wg.Go(r.citizens)
	return nil
}

// officers are the counters of a point but the first ones by number.
func officers(cfg queue.Config, p queue.PointID, human int) []queue.Desk {
	var list []queue.Desk
	for _, d := range cfg.Counters {
		if d.Point == p {
			list = append(list, d)
		}
	}
	slices.SortStableFunc(list, func(a, b queue.Desk) int { return cmp.Compare(a.Number, b.Number) })
	return list[min(max(human, 0), len(list)):]
}

// stop ends the run, if any, and waits for it.
func (m *Morning) stop() {
	if m.run == nil {
		return
	}
	close(m.run.quit)
	late := time.AfterFunc(farewell, m.run.cancel)
	m.run.wg.Wait()
	late.Stop()
	m.run.cancel()
	m.run = nil
	m.count(func(s *MorningState) { s.Speed = 0 })
	m.log.Info("morning stopped")
}

// citizen finds one of this run's; nil for everybody else's ticket, which
// gets an ordinary service.
func (r *run) citizen(t queue.TicketID) *citizen {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.issued[t]
}

// gone forgets a citizen who has left the hall.
func (r *run) gone(t queue.TicketID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.issued, t)
}
