package engine

import "motcua/queue"

// known is the answer a key has had.
type known struct {
	sum    uint64
	result queue.Result
}

// recent keeps the last answers by key, so that the usual repeat (a double
// click, a retry after a second) needs no look into the journal.
type recent struct {
	byKey map[string]known
	ring  []string // keys in the order they came; "" = free
	next  int
}

func newRecent(n int) *recent {
	return &recent{byKey: make(map[string]known), ring: make([]string, n)}
}

func (r *recent) get(key string) (known, bool) {
	k, ok := r.byKey[key]
	return k, ok
}

func (r *recent) put(key string, k known) {
	if _, ok := r.byKey[key]; !ok {
		if old := r.ring[r.next]; old != "" {
			delete(r.byKey, old)
		}
		r.ring[r.next] = key
		r.next = (r.next + 1) % len(r.ring)
	}
	r.byKey[key] = k
}
