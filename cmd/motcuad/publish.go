package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"motcua/display"
	"motcua/display/feed"
	"motcua/internal/staff"
	"motcua/queue"
	"motcua/router"
)

const (
	refreshEvery = 15 * time.Second       // effective arrivals pass each other without an event
	ticketsEvery = 500 * time.Millisecond // pages of tickets: many, and in nobody's hurry
	restEvery    = 2 * time.Second        // nothing stored for as long: the hall is at rest
)

// openHub registers the topics. Boards and consoles are published on the loop,
// with every batch, and only those somebody looks at.
func (d *Daemon) openHub() (err error) {
	d.hub, err = feed.NewHub(feed.Options{
		Turn: func(ctx context.Context, f func()) error {
			return d.engine.Read(ctx, func(s *queue.State) {
				d.onLoop = s
				defer func() { d.onLoop = nil }()
				f()
			})
		},
		Position:  func() feed.Position { return feedPosition(d.onLoop) },
		Authorize: func(r *http.Request, topic string) (string, error) { return d.server.Authorize(r, topic) },
		Refuse: func(w http.ResponseWriter, r *http.Request, status int, reason, detail string) {
			d.server.RefuseFeed(w, r, status, reason, detail)
		},
		Backlog: d.backlog,
		Logger:  d.log.With("part", "feed"),
		Server:  version, Asset: d.web.Hash(),
		// Behind one address may stand a whole hall's displays.
		MaxPerAddress: 200,
	})
	if err != nil {
		return err
	}
	for _, pattern := range []string{"board", "board:*", "desk:*", "ticket:*", "screen", "screen:*"} {
		d.hub.Latest(pattern, d.source)
	}
	if d.demo {
		for _, topic := range []string{"panel", "paper", "morning"} {
			d.hub.Latest(topic, d.source)
		}
	}
	d.hub.Stream("staff", d.source)
	if err := d.hub.Open(); err != nil {
		return err
	}
	d.engine.Observe(d.observe)
	return nil
}

func feedPosition(s *queue.State) feed.Position {
	return feed.Position{Epoch: s.Pos.Epoch, Seq: uint64(s.Pos.Seq)}
}

// observe runs on the loop after every durable batch.
func (d *Daemon) observe(s *queue.State, records []queue.Record) {
	prev := uint64(records[0].Seq) - 1
	for _, topic := range d.hub.Topics() {
		if strings.HasPrefix(topic, "ticket:") {
			d.ticketsDirty.Store(true)
			continue
		}
		d.publish(s, topic)
	}
	if d.hub.Listening("staff") {
		d.hub.Append("staff", prev, feedPosition(s), tape(records))
	}
	if p := d.paper.Load(); p != nil {
		p.observe(s, records)
	}
	d.tellKiosk(s)
	if w := d.setup.Load(); w != nil && s.Config != nil {
		w.End()
	}
	d.doors.wake()
	for _, r := range records {
		if _, closed := r.Event.(queue.DayClosed); closed {
			select {
			case d.dayOver <- struct{}{}:
			default:
			}
		}
	}
}

// publish projects a Latest topic and hands it out; on the loop.
func (d *Daemon) publish(s *queue.State, topic string) {
	if topic == "staff" {
		return
	}
	state, err := d.project(s, topic)
	if err != nil {
		return // nobody can be subscribed to what does not exist
	}
	d.hub.Publish(topic, feedPosition(s), state)
}

// topicsAtOnce is how many topics one turn of the loop projects at most: the
// phones of a full hall are hundreds, at 20 µs each and several times that on
// a Pi, and a press in between must not wait for all of them.
const topicsAtOnce = 16

// republish is publish from any goroutine.
func (d *Daemon) republish(topics ...string) {
	ctx, cancel := context.WithTimeout(d.work, 5*time.Second)
	defer cancel()
	for some := range slices.Chunk(topics, topicsAtOnce) {
		_ = d.engine.Read(ctx, func(s *queue.State) {
			for _, t := range some {
				if d.hub.Listening(t) {
					d.publish(s, t)
				}
			}
		})
	}
}

// source gives a new subscriber its first state; the hub calls it inside Turn.
func (d *Daemon) source(topic string) (feed.Position, []byte, error) {
	state, err := d.project(d.onLoop, topic)
	return feedPosition(d.onLoop), state, err
}

// project makes the JSON of a topic.
func (d *Daemon) project(s *queue.State, topic string) ([]byte, error) {
	kind, parameter, _ := strings.Cut(topic, ":")
	switch kind {
	case "board":
		if parameter != "" && (s.Config == nil || s.Config.Point(queue.PointID(parameter)) == nil) {
			return nil, feed.ErrNoTopic
		}
		return json.Marshal(d.board(s, queue.PointID(parameter)))
	case "screen":
		if parameter != "" && (s.Config == nil || s.Config.Point(queue.PointID(parameter)) == nil) {
			return nil, feed.ErrNoTopic
		}
		return json.Marshal(d.panelView(s, queue.PointID(parameter)))
	case "desk":
		desk, ok := d.desk(s, queue.CounterID(parameter))
		if !ok {
			return nil, feed.ErrNoTopic
		}
		return json.Marshal(desk)
	case "ticket":
		day, token, _ := strings.Cut(parameter, "/")
		ref, err := d.links.Verify(queue.Day(day), token)
		if err != nil {
			return nil, feed.ErrNoTopic
		}
		page, ok := display.NewTicket(s, queue.Day(day), ref, queue.StampOf(d.clock.Now()), router.NoPass)
		if !ok {
			return nil, feed.ErrNoTopic
		}
		return json.Marshal(page)
	case "staff":
		return s.Snapshot()
	}
	if d.stage != nil {
		return d.stage.project(topic)
	}
	return nil, feed.ErrNoTopic
}

func (d *Daemon) board(s *queue.State, p queue.PointID) display.Board {
	b := display.NewBoard(s, p, queue.StampOf(d.clock.Now()), d.clock.OK())
	shown := d.showsNumbers() && d.kiosk.Load() != nil // the panel gives out numbers without paper
	printer := false
	for _, x := range d.devices() { // the hall is told what keeps its numbers away
		if x.Kind == secondPrinter {
			x.Kind = firstPrinter // to the hall they are one
		}
		if x.Covered || x.Kind == firstPrinter && (shown || printer) {
			continue
		}
		printer = printer || x.Kind == firstPrinter
		b.Devices = append(b.Devices, display.Device{Kind: x.Kind, Code: x.Code})
	}
	return b
}

func (d *Daemon) desk(s *queue.State, c queue.CounterID) (staff.Desk, bool) {
	desk, ok := staff.NewDesk(s, c, router.Live{}, d.clock.Now())
	desk.Devices = append(d.devices(), d.doors.devices()...)
	if !d.clock.OK() { // first: the whole day hangs on it
		desk.Devices = slices.Insert(desk.Devices, 0, staff.Device{Kind: "clock", Code: untrusted})
	}
	return desk, ok
}

// event is a record as consoles and the hub of the city read it.
type event struct {
	Seq  queue.Seq       `json:"seq"`
	At   queue.Stamp     `json:"at"`
	Type string          `json:"type"`
	Data json.RawMessage `json:"data"`
}

// tape is the events of a batch as a JSON array.
func tape(records []queue.Record) []byte {
	events := make([]event, len(records))
	for i, r := range records {
		events[i] = event{Seq: r.Seq, At: queue.StampOf(r.At), Type: r.Event.EventType(), Data: r.Data}
	}
	b, err := json.Marshal(events)
	if err != nil { // Data is JSON already
		return []byte("[]")
	}
	return b
}

// maxBacklog is how far a console may come back out of the journal before a
// snapshot is cheaper.
const maxBacklog = 2000

// backlog reads the events after a position out of the journal.
func (d *Daemon) backlog(ctx context.Context, topic string, after feed.Position, upTo uint64) ([]feed.Delta, error) {
	if upTo-after.Seq > maxBacklog {
		return nil, feed.ErrTooFar
	}
	var records []queue.Record
	for r, err := range d.journal.Records(ctx, queue.Seq(after.Seq+1)) {
		if err != nil {
			return nil, fmt.Errorf("read backlog: %w", err)
		}
		if uint64(r.Seq) > upTo {
			break
		}
		r.Data = bytes.Clone(r.Data)
		records = append(records, r)
	}
	if len(records) == 0 {
		return nil, nil
	}
	return []feed.Delta{{Prev: after.Seq, Seq: upTo, Events: tape(records)}}, nil
}

// fold empties the journal's log at each day's end, the quiet moment, and the
// bytes of forgotten slip languages go with it.
func (d *Daemon) fold() {
	for {
		select {
		case <-d.work.Done():
			return
		case <-d.dayOver:
			if err := d.journal.Checkpoint(d.work); err != nil {
				d.log.Warn("journal not folded back", "err", err)
			}
		}
	}
}

// touch asks for topics to be published again, from any goroutine and without
// waiting: what they show has changed and no event tells of it. None means all.
func (d *Daemon) touch(topics ...string) {
	if len(topics) == 0 {
		topics = []string{everything}
	}
	d.touchMu.Lock()
	for _, t := range topics {
		d.touched[t] = true
	}
	d.touchMu.Unlock()
	select {
	case d.touchC <- struct{}{}:
	default: // it is awake already
	}
}

// everything stands for all topics somebody looks at.
const everything = "*"

// takeTouched empties the list of topics to publish again, sorted.
func (d *Daemon) takeTouched() []string {
	d.touchMu.Lock()
	defer d.touchMu.Unlock()
	topics := slices.Sorted(maps.Keys(d.touched))
	if d.touched[everything] {
		topics = d.hub.Topics()
	}
	clear(d.touched)
	return topics
}

// refresh publishes what changes without an event.
func (d *Daemon) refresh() {
	slow, quick := time.NewTicker(refreshEvery), time.NewTicker(ticketsEvery)
	rest := time.NewTicker(restEvery)
	defer slow.Stop()
	defer quick.Stop()
	defer rest.Stop()
	trusted := d.clock.OK()
	var seen, freed uint64 // batches at the last look, and when memory was last given back
	for {
		all := false
		select {
		case <-d.work.Done():
			return
		case <-d.touchC:
			d.republish(d.takeTouched()...)
			continue
		case <-rest.C:
			// Doors open and quotas come back by the clock alone.
			if err := d.engine.Read(d.work, d.tellKiosk); err != nil {
				return // the daemon ends
			}
			if ok := d.clock.OK(); ok != trusted {
				trusted = ok
				d.touch() // no event tells of it
			}
			// A Pi shares its memory with a browser: what a rush has taken is
			// given back when it is over, not when the collector next runs.
			batches := d.engine.Stats().Batches
			if batches == seen && batches != freed {
				debug.FreeOSMemory()
				freed = batches
			}
			seen = batches
			continue
		case <-slow.C:
			all = true
		case <-quick.C:
			if !d.ticketsDirty.Swap(false) {
				continue
			}
		}
		var topics []string
		for _, t := range d.hub.Topics() {
			if all || strings.HasPrefix(t, "ticket:") {
				topics = append(topics, t)
			}
		}
		d.republish(topics...)
	}
}
