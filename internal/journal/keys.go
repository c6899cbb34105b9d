package journal

import (
	"hash/maphash"
	"sync"

	"motcua/queue"
)

// keySet is a Bloom filter of all stored keys: it answers "certainly not
// there" without a look into the database, which is the answer for every new
// command. What it does not rule out is looked up. It grows by layers, each
// twice the one before.
type keySet struct {
	seed maphash.Seed

	mu     sync.Mutex // protects layers
	layers []layer
}

type layer struct {
	bits []uint64 // a power of two of them
	free int      // keys it has room for
}

const (
	// probes is how many bits a key sets. At 32 bits a key, 8 probes let
	// (1 − e^(−8/32))^8 = 1 in 170,000 new keys through to a needless query,
	// which asks every part of the journal: milliseconds after some months,
	// while the batch waits.
	probes     = 8
	bitsPerKey = 32
	// fewestKeys is the first layer's room: 256 KiB, years of a small office.
	fewestKeys = 1 << 16
)

// newKeySet makes room for as many keys as a journal of n records can have.
func newKeySet(n queue.Seq) *keySet {
	room := fewestKeys
	for room < int(n) {
		room *= 2
	}
	s := &keySet{seed: maphash.MakeSeed()}
	s.grow(room)
	return s
}

func (s *keySet) grow(room int) {
	s.layers = append(s.layers, layer{bits: make([]uint64, room*bitsPerKey/64), free: room})
}

// hash is what add and mayHave know of a key; the seed never changes.
func (s *keySet) hash(key string) uint64 { return maphash.String(s.seed, key) }

func (s *keySet) add(hashes ...uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, h := range hashes {
		last := &s.layers[len(s.layers)-1]
		if last.free == 0 {
			s.grow(2 * len(last.bits) * 64 / bitsPerKey)
			last = &s.layers[len(s.layers)-1]
		}
		last.free--
		for i := range uint64(probes) {
			bit := last.bit(h, i)
			last.bits[bit/64] |= 1 << (bit % 64)
		}
	}
}

func (s *keySet) mayHave(key string) bool {
	h := s.hash(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	for k := range s.layers {
		if s.layers[k].mayHave(h) {
			return true
		}
	}
	return false
}

func (l *layer) mayHave(h uint64) bool {
	for i := range uint64(probes) {
		bit := l.bit(h, i)
		if l.bits[bit/64]&(1<<(bit%64)) == 0 {
			return false
		}
	}
	return true
}

// bit is the i-th probe: the two halves of one hash, combined (Kirsch and
// Mitzenmacher, "Less Hashing, Same Performance", 2006).
func (l *layer) bit(h, i uint64) uint64 {
	return (h + i*(h>>32|1)) & uint64(len(l.bits)*64-1)
}
