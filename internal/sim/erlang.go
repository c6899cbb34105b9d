package sim

import (
	"math"
	"time"
)

// ErlangC is the probability that a citizen must wait at c counters under an
// offered load of a = λ/μ Erlang, a < c (Erlang 1917; by the recursion of
// Erlang B, which neither overflows nor cancels). It is 1 from a = c on.
func ErlangC(c int, a float64) float64 {
	if a >= float64(c) {
		return 1
	}
	b := 1.0
	for k := 1; k <= c; k++ {
		b = a * b / (float64(k) + a*b)
	}
	rho := a / float64(c)
	return b / (1 - rho*(1-b))
}

// ErlangWait is the mean wait of all citizens at c counters, those who need
// not wait included, in the unit of time of the rates λ of arrivals and μ of
// services; +Inf when the counters can't keep up.
func ErlangWait(c int, lambda, mu float64) float64 {
	if lambda >= float64(c)*mu {
		return math.Inf(1)
	}
	return ErlangC(c, lambda/mu) / (float64(c)*mu - lambda)
}

// Staffing is how many counters a load needs, and what citizens then see.
type Staffing struct {
	Counters int
	Within   float64 // share of the citizens called within the target
	Wait     time.Duration
}

// Staff finds the fewest counters that call the given share of citizens
// within a target: P(W > T) = C·e^{−(cμ−λ)T}. perHour is the arrivals in an
// hour, share is below 1.
func Staff(perHour float64, service, target time.Duration, share float64) Staffing {
	lambda, mu := perHour/float64(time.Hour), 1/float64(service)
	for c := int(lambda/mu) + 1; ; c++ {
		later := ErlangC(c, lambda/mu) * math.Exp(-(float64(c)*mu-lambda)*float64(target))
		if 1-later >= share {
			return Staffing{c, 1 - later, time.Duration(ErlangWait(c, lambda, mu))}
		}
	}
}
