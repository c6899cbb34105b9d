package sim

import (
	"math"
	"math/rand/v2"
)

// Purpose is what a stream is drawn for. The numbers are part of every seed:
// a figure keeps its meaning only while they stand.
type Purpose uint64

const (
	Arrivals Purpose = 1 // of a flow
	Services Purpose = 2 // of a citizen of a flow
	Centres  Purpose = 3 // what a centre is
	Citizens Purpose = 4 // of a day: when each comes, for what
	Fates    Purpose = 5 // of one citizen of a day: everything that befalls them
	Officers Purpose = 6 // of one counter of a day: its breaks
)

// Stream is a run of random numbers that depends on its key alone: whatever a
// policy does, the same citizen needs the same time. Copies run on apart. It
// takes only Uint64 of the generator, so no Go release moves a figure.
type Stream struct{ pcg rand.PCG }

// NewStream begins the stream of (seed, purpose, index).
func NewStream(seed uint64, p Purpose, index uint64) Stream {
	var s Stream
	s.pcg.Seed(mix(seed+mix(uint64(p))), mix(index+mix(seed)))
	return s
}

// mix is the finalizer of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): it
// sends neighbouring keys far apart.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// Uniform draws from (0, 1].
func (s *Stream) Uniform() float64 { return float64(s.pcg.Uint64()>>11+1) / (1 << 53) }

// Exp draws from the exponential distribution of a mean.
func (s *Stream) Exp(mean float64) float64 { return -mean * math.Log(s.Uniform()) }

// Below draws from 0 … n−1; n ≥ 1 and far below 2⁶⁴, or the small numbers come
// up too often.
func (s *Stream) Below(n int) int { return int(s.pcg.Uint64() % uint64(n)) }

// Chance is true with probability p.
func (s *Stream) Chance(p float64) bool { return s.Uniform() <= p }
