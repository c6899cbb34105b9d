package feed

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Stats are counts since the hub was made, and what is connected now.
type Stats struct {
	Sockets     int
	Subscribers map[string]int // by topic; those with a parameter together, as "ticket:*"
	Closed      map[Code]uint64
	Refused     map[int]uint64 // requests that got no socket, by HTTP status
	Frames      uint64         // sent
	Bytes       uint64         // of JSON sent, without framing
	Replaced    uint64         // Latest frames that a newer one replaced before they were sent
	Snapshots   uint64
	FromRing    uint64 // resumed out of the ring
	FromBacklog uint64 // resumed out of the journal
}

type counts struct {
	closed         map[Code]uint64
	refused        map[int]uint64
	replaced       uint64
	snapshots      uint64
	resumedRing    uint64
	resumedBacklog uint64
}

func newCounts() counts {
	return counts{closed: map[Code]uint64{}, refused: map[int]uint64{}}
}

// Stats returns the hub's figures.
func (h *Hub) Stats() Stats {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := Stats{
		Sockets:     len(h.clients),
		Subscribers: map[string]int{},
		Closed:      maps.Clone(h.counts.closed),
		Refused:     maps.Clone(h.counts.refused),
		Frames:      h.framesN.Load(),
		Bytes:       h.bytesOut.Load(),
		Replaced:    h.counts.replaced,
		Snapshots:   h.counts.snapshots,
		FromRing:    h.counts.resumedRing,
		FromBacklog: h.counts.resumedBacklog,
	}
	for name, t := range h.topics {
		if len(t.subs) > 0 {
			s.Subscribers[kind(name)] += len(t.subs)
		}
	}
	return s
}

// Client describes a connection, for health. Topic may hold a secret (a
// ticket's token): show [Client.Kind] instead.
type Client struct {
	ID        uint64
	Topic     string
	Kind      string // the topic without its parameter
	Class     Class
	Principal string
	Address   string
	Since     time.Time
	Heard     time.Time // last sign of life, by the server's clock
	Lag       int       // frames waiting to be sent
	Status    Status
	StatusAt  time.Time // zero = never said
}

// Clients lists the connections, oldest first.
func (h *Hub) Clients() []Client {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := make([]Client, 0, len(h.clients))
	for c := range h.clients {
		list = append(list, c.describe())
	}
	slices.SortFunc(list, func(a, b Client) int { return cmp.Compare(a.ID, b.ID) })
	return list
}

func (c *client) describe() Client {
	c.mu.Lock()
	defer c.mu.Unlock()
	d := Client{
		ID: c.id, Topic: c.topic, Kind: kind(c.topic), Class: c.pattern.class,
		Principal: c.principal, Address: c.address, Since: c.since,
		Heard: c.heard, Lag: len(c.first) + len(c.queue), Status: c.status, StatusAt: c.statusAt,
	}
	if c.state.msg != nil {
		d.Lag++
	}
	return d
}
