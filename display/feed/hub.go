package feed

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

// Errors that [Options.Authorize] and a [Source] answer with to choose the
// close code. Any other error is logged and closes with [CodeInternal].
var (
	ErrNotPaired  = errors.New("not paired")    // 401, 4401
	ErrNotAllowed = errors.New("not allowed")   // 403, 4403
	ErrNoTopic    = errors.New("no such topic") // 404, 4404
)

// ErrTooFar is [Options.Backlog]'s answer when a snapshot is the cheaper way.
var ErrTooFar = errors.New("too far back")

// Source gives the state of a topic and its position. It runs on the owner's
// goroutine, inside [Options.Turn], and must not block. The state is JSON and
// the hub keeps a copy. An unknown parameter is [ErrNoTopic].
type Source func(topic string) (Position, []byte, error)

// Options is what a [Hub] needs to know. The functions are required except
// where noted; a zero number takes the default named beside it.
type Options struct {
	// Turn runs f on the goroutine that owns the state and returns when it has
	// run, or with an error when it will not or ctx is over. A late f is
	// harmless.
	Turn func(ctx context.Context, f func()) error
	// Position gives the owner's current position. Called inside Turn only.
	Position func() Position
	// Authorize says who asks for a topic, before anything else is done for
	// him. See [ErrNotPaired] and [ErrNotAllowed].
	Authorize func(r *http.Request, topic string) (principal string, err error)
	// Refuse answers a request that gets no socket: with the status and, in
	// words of the caller's language, the reason (WhyOrigin, …). Detail says it
	// in English. Optional: a problem document in English.
	Refuse func(w http.ResponseWriter, r *http.Request, status int, reason, detail string)
	// AllowOrigin admits an Origin header other than the host asked for.
	// Optional; compare with an exact list, not with a pattern.
	AllowOrigin func(origin string) bool
	// Address names the peer for the limit per address. Optional; by default
	// the host of RemoteAddr, for IPv6 its /64.
	Address func(r *http.Request) string
	// Backlog reads the deltas of a Stream topic from after (exclusive) to
	// upTo (inclusive) out of the journal, or says ErrTooFar. It runs outside
	// the owner's goroutine. Optional.
	Backlog func(ctx context.Context, topic string, after Position, upTo uint64) ([]Delta, error)
	// Now is the server's clock as told to clients. Optional: time.Now.
	Now func() time.Time
	// Logger is optional.
	Logger *slog.Logger

	Server string // version of the daemon, for hello
	Asset  string // hash of the embedded pages, for hello: a page of another one reloads itself

	MaxSockets    int           // in all; 500
	MaxPerAddress int           // 20
	ReadLimit     int64         // bytes of an upward message; 4096
	QueueFrames   int           // Stream frames that a subscriber may lag; 256
	RingFrames    int           // Stream frames kept for resume, per topic; 256
	RingBytes     int           // and their size at most; 256 KiB
	Linger        time.Duration // a Stream topic keeps its ring after its last subscriber; 60 s
	ResumeWait    time.Duration // for a resume before a Stream snapshot is sent unasked; 300 ms
	Heartbeat     time.Duration // 5 s
	Ping          time.Duration // 20 s
	PongWait      time.Duration // without a sign of life; 45 s
	WriteWait     time.Duration // for one message to leave; 5 s
	CloseWait     time.Duration // for the peer's answer to a close frame; 1 s
}

func (o *Options) setDefaults() {
	if o.AllowOrigin == nil {
		o.AllowOrigin = func(string) bool { return false }
	}
	if o.Address == nil {
		o.Address = remoteAddress
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	set := func(v *int, d int) {
		if *v == 0 {
			*v = d
		}
	}
	wait := func(v *time.Duration, d time.Duration) {
		if *v == 0 {
			*v = d
		}
	}
	set(&o.MaxSockets, 500)
	set(&o.MaxPerAddress, 20)
	if o.ReadLimit == 0 {
		o.ReadLimit = 4096
	}
	set(&o.QueueFrames, 256)
	set(&o.RingFrames, 256)
	set(&o.RingBytes, 256<<10)
	wait(&o.Linger, time.Minute)
	wait(&o.ResumeWait, 300*time.Millisecond)
	wait(&o.Heartbeat, 5*time.Second)
	wait(&o.Ping, 20*time.Second)
	wait(&o.PongWait, 45*time.Second)
	wait(&o.WriteWait, 5*time.Second)
	wait(&o.CloseWait, time.Second)
}

// Hub fans publications out to websockets. Register the topics, then Open,
// serve it at one path, and Close it before the owner of the state stops.
type Hub struct {
	opts     Options
	upgrader websocket.Upgrader
	ctx      context.Context // over when Close begins
	cancel   context.CancelFunc
	wg       sync.WaitGroup // the beat, and the reader and writer of every client
	bytesOut atomic.Uint64
	framesN  atomic.Uint64

	mu        sync.Mutex // protects everything below; taken before a client's mu
	patterns  map[string]pattern
	opened    bool
	closed    bool
	topics    map[string]*topic
	clients   map[*client]struct{}
	addresses map[string]int
	sockets   int // reserved places: clients, and upgrades under way
	lastID    uint64
	counts    counts
}

type pattern struct {
	class  Class
	source Source
}

// Class is how a topic is delivered.
type Class string

// The two classes.
const (
	Latest Class = "latest" // whole states; newer replaces older
	Stream Class = "stream" // a snapshot, then every event
)

// NewHub returns a hub that serves nothing yet.
func NewHub(o Options) (*Hub, error) {
	for _, f := range []struct {
		name    string
		missing bool
	}{{"Turn", o.Turn == nil}, {"Position", o.Position == nil}, {"Authorize", o.Authorize == nil}} {
		if f.missing {
			return nil, fmt.Errorf("new feed hub: Options.%s is missing", f.name)
		}
	}
	o.setDefaults()
	h := &Hub{
		opts:      o,
		patterns:  map[string]pattern{},
		topics:    map[string]*topic{},
		clients:   map[*client]struct{}{},
		addresses: map[string]int{},
		counts:    newCounts(),
		upgrader: websocket.Upgrader{
			HandshakeTimeout: o.WriteWait,
			// Upward frames are tiny, and what goes down is prepared: neither
			// needs the 4 KiB each that net/http would lend.
			ReadBufferSize:  512,
			WriteBufferSize: 512,
			WriteBufferPool: new(sync.Pool),
			CheckOrigin:     func(*http.Request) bool { return true }, // done in ServeHTTP
			// The states are 5 KB on a local net; deflate would cost 300 KB and
			// a compression for each connection that has its own context.
			EnableCompression: false,
		},
	}
	h.ctx, h.cancel = context.WithCancel(context.Background())
	return h, nil
}

// Latest registers a topic of whole states. A pattern is a name ("board"), or
// a name that takes a parameter ("board:*" serves "board:hall-a"). It must be
// called before Open and panics on a bad or double pattern, as http.ServeMux
// does: both are mistakes in the wiring.
func (h *Hub) Latest(topicPattern string, source Source) { h.register(topicPattern, Latest, source) }

// Stream registers a topic of events. See [Hub.Latest] for patterns.
func (h *Hub) Stream(topicPattern string, source Source) { h.register(topicPattern, Stream, source) }

func (h *Hub) register(p string, class Class, source Source) {
	name := strings.TrimSuffix(p, ":*")
	if !validTopic(name) || strings.Contains(name, ":") {
		panic(fmt.Sprintf("feed: bad topic pattern %q", p))
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, ok := h.patterns[p]; ok || h.opened {
		panic(fmt.Sprintf("feed: topic pattern %q registered twice or after Open", p))
	}
	h.patterns[p] = pattern{class, source}
}

// lookup finds what serves a topic.
func (h *Hub) lookup(name string) (pattern, bool) {
	if !validTopic(name) {
		return pattern{}, false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if base, _, ok := strings.Cut(name, ":"); ok {
		name = base + ":*"
	}
	p, ok := h.patterns[name]
	return p, ok
}

// Open starts the heartbeat and lets connections in.
func (h *Hub) Open() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.opened || h.closed {
		return errors.New("open feed hub: already opened")
	}
	h.opened = true
	h.wg.Add(1)
	go h.beat()
	return nil
}

// Close tells every client that the daemon restarts and waits until all
// goroutines have ended, at most about two seconds. It does not need the
// owner's goroutine. Closing twice is allowed.
func (h *Hub) Close() error {
	h.mu.Lock()
	h.closed = true
	for c := range h.clients {
		c.shut(CodeRestarting, "")
		// A write that hangs must not hold up the whole daemon for WriteWait.
		c.conn.NetConn().SetWriteDeadline(time.Now().Add(h.opts.CloseWait))
	}
	h.mu.Unlock()
	h.cancel()
	h.wg.Wait()
	return nil
}

// beat sends heartbeats and pings and lets go of topics nobody came back to.
func (h *Hub) beat() {
	defer h.wg.Done()
	heartbeat := time.NewTicker(h.opts.Heartbeat)
	defer heartbeat.Stop()
	ping := time.NewTicker(h.opts.Ping)
	defer ping.Stop()
	for {
		select {
		case <-h.ctx.Done():
			return
		case <-heartbeat.C:
			h.heartbeat()
		case <-ping.C:
			h.mu.Lock()
			for c := range h.clients {
				c.pingSoon()
			}
			h.mu.Unlock()
		}
	}
}

func (h *Hub) heartbeat() {
	h.mu.Lock()
	defer h.mu.Unlock()
	now, shown := time.Now(), h.opts.Now()
	for name, t := range h.topics {
		if len(t.subs) == 0 {
			if now.Sub(t.idleSince) >= h.opts.Linger {
				delete(h.topics, name)
			}
			continue
		}
		f := hbFrame(t.last.Seq, shown)
		for c := range t.subs {
			c.beat(f)
		}
	}
}

// Publish hands the whole state of a Latest topic to its subscribers; what
// they have not yet been sent is replaced. Call it on the owner's goroutine
// after the change is durable. It does not block and never writes to a socket;
// for a topic without subscribers it costs one map lookup. The state is JSON
// and is copied; pos may repeat when the state depends on time as well.
func (h *Hub) Publish(topicName string, pos Position, state []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := h.topics[topicName]
	if t == nil || t.class != Latest {
		return
	}
	t.last = pos
	t.setSnap(pos, snapFrame(topicName, pos, state))
	for c := range t.subs {
		if c.replace(t.snap) {
			h.counts.replaced++
		}
	}
}

// Append hands the events of (prev, pos.Seq] to the subscribers of a Stream
// topic. A frame is one committed batch: never split one, and let every
// position that leaves the owner be the end of a batch. prev is the end of the
// batch before; an owner that leaves out batches without events for the topic
// passes the Seq of the topic's previous frame instead, so that no client
// takes the omission for a gap. A frame at or before the topic's last one is
// ignored. The same rules as for [Hub.Publish] apply.
func (h *Hub) Append(topicName string, prev uint64, pos Position, events []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := h.topics[topicName]
	if t == nil || t.class != Stream || pos.Epoch == t.last.Epoch && pos.Seq <= t.last.Seq {
		return
	}
	if pos.Epoch != t.last.Epoch {
		h.newEpoch(t, pos)
		return
	}
	f := evFrame(prev, pos.Seq, events)
	t.append(prev, pos.Seq, f, h.opts.RingFrames, h.opts.RingBytes)
	for c := range t.subs {
		c.push(f, h.opts.QueueFrames)
	}
}

// idle notes that the last subscriber of t has left.
func (h *Hub) idle(name string, t *topic) {
	if t.class == Latest {
		delete(h.topics, name)
		return
	}
	t.idleSince = time.Now()
}

// Listening says whether a publication for the topic would be kept, so that
// the owner can skip making it. A Stream topic stays so for [Options.Linger]
// after its last subscriber left, for those who only lost their connection.
func (h *Hub) Listening(topicName string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.topics[topicName] != nil
}

// Topics lists the topics for which Listening is true, sorted.
func (h *Hub) Topics() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	names := make([]string, 0, len(h.topics))
	for name := range h.topics {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Disconnect closes the clients that match, with the code's own words: use it
// when a session ends or a device loses its pairing. It returns how many.
// match must not call the hub.
func (h *Hub) Disconnect(code Code, match func(Client) bool) int {
	n := 0
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.clients {
		if match(c.describe()) {
			c.shut(code, "")
			n++
		}
	}
	return n
}
