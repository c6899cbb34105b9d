package main

import (
	"context"
	"fmt"
	"hash/fnv"
	"math"
	"time"

	"motcua/internal/sim"
	"motcua/queue"
	"motcua/router"
)

// oracle is a hall whose waiting times theory knows. λ, μ and the waits are in
// one unit of time; classes rise from the lowest.
type oracle struct {
	name     string
	policy   string
	counters int
	mu       float64
	lambda   []float64 // by class
	heads    []int     // head starts in minutes by class, where the policy has any; 10 = 1/μ
	rate     int64     // of apq, where it is not the policy's own
	target   float64   // for late
	late     float64   // share of those who wait longer than the target; 0: not compared
	wait     []float64 // means by class
	slack    float64   // by how much the waits themselves may be wrong, as a share
}

// service is 1/μ of every oracle, so that head starts of whole 1/μ are whole minutes.
const service = 10 * time.Minute

// never is a head start in minutes that no arrival makes good.
const never = 50_000

// simulated is the relative error of waits which only simulation knows: 10⁸
// customers with arrival order as control variate.
const simulated = 0.003

// oracles are the tables of Erlang (M/M/c), Cobham (Oper. Res. 2:70, 1954:
// nonpreemptive classes), Kleinrock (accumulating priority, b = 2, 3 and 5) and a
// long simulation by other code (head start).
var oracles = []oracle{
	{name: "fcfs_c3_mu3", policy: "fcfs", counters: 3, mu: 3, lambda: []float64{6}, late: .444444, wait: []float64{.148148}},
	{name: "fcfs_c1", policy: "fcfs", counters: 1, mu: 1, lambda: []float64{.9}, late: .9, wait: []float64{9}},
	{name: "fcfs_c3", policy: "fcfs", counters: 3, mu: 1, lambda: []float64{2.4}, late: .647191, wait: []float64{1.078652}},
	{name: "fcfs_c5", policy: "fcfs", counters: 5, mu: 1, lambda: []float64{4}, late: .554113, wait: []float64{.554113}},
	{name: "fcfs_c8", policy: "fcfs", counters: 8, mu: 1, lambda: []float64{7.2}, late: .701533, wait: []float64{.876916}},
	{name: "fcfs_c12", policy: "fcfs", counters: 12, mu: 1, lambda: []float64{10.2}, late: .493339, wait: []float64{.274077}},

	// 40, 60 and 52 citizens an hour of 8, 7 and 8 minutes at the fewest
	// counters that call enough of them within 10, 15 and 20 minutes.
	{name: "staffing_c7", policy: "fcfs", counters: 7, mu: 1, lambda: []float64{40 * 8. / 60}, target: 10. / 8, late: 1 - .9490, wait: []float64{1.966 / 8}},
	{name: "staffing_c8", policy: "fcfs", counters: 8, mu: 1, lambda: []float64{60 * 7. / 60}, target: 15. / 7, late: 1 - .9255, wait: []float64{4.447 / 7}},
	{name: "staffing_c8_long", policy: "fcfs", counters: 8, mu: 1, lambda: []float64{52 * 8. / 60}, target: 20. / 8, late: 1 - .9573, wait: []float64{4.605 / 8}},

	{name: "cobham_c1_3_classes", policy: "headstart", counters: 1, mu: 3, lambda: []float64{1.2, .6, .2}, heads: []int{0, never, 2 * never}, wait: []float64{.90909, .32468, .23810}},
	{name: "cobham_c2_3_classes", policy: "headstart", counters: 2, mu: 3, lambda: []float64{1.2, .6, .2}, heads: []int{0, never, 2 * never}, wait: []float64{.04808, .03316, .02874}},

	{name: "strict_c1", policy: "strict", counters: 1, mu: 1, lambda: []float64{.5, .3}, wait: []float64{5.71429, 1.14286}},
	{name: "strict_c3", policy: "strict", counters: 3, mu: 1, lambda: []float64{1.8, .6}, wait: []float64{1.34831, .26966}},
	{name: "strict_c8", policy: "strict", counters: 8, mu: 1, lambda: []float64{6, 1.2}, wait: []float64{1.03167, .10317}},

	{name: "apq_c1", policy: "apq", counters: 1, mu: 1, lambda: []float64{.5, .3}, wait: []float64{5, 2.33333}},
	{name: "apq_c3", policy: "apq", counters: 3, mu: 1, lambda: []float64{1.8, .6}, wait: []float64{1.24460, .58081}},
	{name: "apq_c8", policy: "apq", counters: 8, mu: 1, lambda: []float64{6, 1.2}, wait: []float64{.97435, .38974}},

	{name: "apq_c1_b2", rate: 2, counters: 1, mu: 1, lambda: []float64{.5, .3}, wait: []float64{4.70588, 2.82353}},
	{name: "apq_c1_b5", rate: 5, counters: 1, mu: 1, lambda: []float64{.5, .3}, wait: []float64{5.26316, 1.89474}},
	{name: "apq_c3_b2", rate: 2, counters: 3, mu: 1, lambda: []float64{1.8, .6}, wait: []float64{1.19850, .71910}},
	{name: "apq_c3_b5", rate: 5, counters: 3, mu: 1, lambda: []float64{1.8, .6}, wait: []float64{1.28411, .46228}},
	{name: "apq_c8_b2", rate: 2, counters: 8, mu: 1, lambda: []float64{6, 1.2}, wait: []float64{.94802, .52141}},
	{name: "apq_c8_b5", rate: 5, counters: 8, mu: 1, lambda: []float64{6, 1.2}, wait: []float64{.99650, .27902}},

	{name: "headstart_c1_H0", policy: "headstart", counters: 1, mu: 1, lambda: []float64{.5, .3}, heads: []int{0, 0}, wait: []float64{4, 4}},
	{name: "headstart_c1_H1", policy: "headstart", counters: 1, mu: 1, lambda: []float64{.5, .3}, heads: []int{0, 10}, wait: []float64{4.220, 3.633}, slack: simulated},
	{name: "headstart_c1_H2", policy: "headstart", counters: 1, mu: 1, lambda: []float64{.5, .3}, heads: []int{0, 20}, wait: []float64{4.406, 3.323}, slack: simulated},
	{name: "headstart_c1_H5", policy: "headstart", counters: 1, mu: 1, lambda: []float64{.5, .3}, heads: []int{0, 50}, wait: []float64{4.827, 2.621}, slack: simulated},
	{name: "headstart_c1_Hinf", policy: "headstart", counters: 1, mu: 1, lambda: []float64{.5, .3}, heads: []int{0, never}, wait: []float64{5.71429, 1.14286}},
	{name: "headstart_c3_H0", policy: "headstart", counters: 3, mu: 1, lambda: []float64{1.8, .6}, heads: []int{0, 0}, wait: []float64{1.07865, 1.07865}},
	{name: "headstart_c3_H1", policy: "headstart", counters: 3, mu: 1, lambda: []float64{1.8, .6}, heads: []int{0, 10}, wait: []float64{1.179, .778}, slack: simulated},
	{name: "headstart_c3_H2", policy: "headstart", counters: 3, mu: 1, lambda: []float64{1.8, .6}, heads: []int{0, 20}, wait: []float64{1.241, .592}, slack: simulated},
	{name: "headstart_c3_H5", policy: "headstart", counters: 3, mu: 1, lambda: []float64{1.8, .6}, heads: []int{0, 50}, wait: []float64{1.321, .353}, slack: simulated},
	{name: "headstart_c3_Hinf", policy: "headstart", counters: 3, mu: 1, lambda: []float64{1.8, .6}, heads: []int{0, never}, wait: []float64{1.34831, .26966}},
	{name: "headstart_c8_H0", policy: "headstart", counters: 8, mu: 1, lambda: []float64{6, 1.2}, heads: []int{0, 0}, wait: []float64{.87692, .87692}},
	{name: "headstart_c8_H1", policy: "headstart", counters: 8, mu: 1, lambda: []float64{6, 1.2}, heads: []int{0, 10}, wait: []float64{.952, .500}, slack: simulated},
	{name: "headstart_c8_H2", policy: "headstart", counters: 8, mu: 1, lambda: []float64{6, 1.2}, heads: []int{0, 20}, wait: []float64{.991, .307}, slack: simulated},
	{name: "headstart_c8_H5", policy: "headstart", counters: 8, mu: 1, lambda: []float64{6, 1.2}, heads: []int{0, 50}, wait: []float64{1.026, .131}, slack: simulated},
	{name: "headstart_c8_Hinf", policy: "headstart", counters: 8, mu: 1, lambda: []float64{6, 1.2}, heads: []int{0, never}, wait: []float64{1.03167, .10317}},
}

// customers of an oracle's long form.
const customers = 500_000

// furthest is the goal of every oracle, in standard errors.
const furthest = 3

func (o oracle) prove(ctx context.Context, long *Long) Result {
	return o.within(ctx, long, long.Of(customers), o.known)
}

// known compares what the batches saw with the known figures.
func (o oracle) known(batches []sim.Batch) []distance {
	var all []distance
	if o.late != 0 {
		all = append(all, apart("share of the late", sim.Over(batches, sim.Batch.LateShare), o.late, 0))
	}
	unit := float64(service) * o.mu
	for i, want := range o.wait {
		got := sim.Over(batches, func(b sim.Batch) float64 { return float64(b.Mean(i)) / unit })
		all = append(all, apart(fmt.Sprintf("wait of class %d", i), got, want, o.slack*want))
	}
	return all
}

// conserving are the policies that only share out the waiting: none can make
// the sum of ρ_i·W_i other than ρ times the wait in the order of arrival.
var conserving = []string{"fcfs", "strict", "apq", "headstart"}

// conservation holds a policy to that law (Kleinrock) at 1, 3 and 8 counters.
func conservation(policy string) Proof {
	name := "conservation_" + policy
	return Proof{name: name, run: func(ctx context.Context, long *Long) Result {
		r := Result{Goal: furthest, Unit: "se"}
		for _, o := range []oracle{
			{counters: 1, lambda: []float64{.5, .3}},
			{counters: 3, lambda: []float64{1.8, .6}},
			{counters: 8, lambda: []float64{6, 1.2}},
		} {
			o.name, o.policy, o.mu, o.heads = fmt.Sprintf("%s_c%d", name, o.counters), policy, 1, []int{0, 15}
			one := o.within(ctx, long, long.Of(customers), o.conserved)
			if one.Err != nil {
				return one
			}
			r.Cases, r.Failures, r.Figure = r.Cases+one.Cases, r.Failures+one.Failures, max(r.Figure, one.Figure)
		}
		return r
	}}
}

// conserved compares Σ ρ_i·W_i with ρ·Wq.
func (o oracle) conserved(batches []sim.Batch) []distance {
	all := 0.0
	for _, lambda := range o.lambda {
		all += lambda
	}
	capacity := float64(o.counters) * o.mu
	got := sim.Over(batches, func(b sim.Batch) float64 {
		sum := 0.0
		for i, lambda := range o.lambda {
			sum += lambda / capacity * float64(b.Mean(i)) / (float64(service) * o.mu)
		}
		return sum
	})
	return []distance{apart("the sum of ρ·W", got, all/capacity*sim.ErlangWait(o.counters, all, o.mu), 0)}
}

// distance is how far a simulated figure lies from the known one, in standard errors.
type distance struct {
	what      string
	got       sim.Estimate
	want      float64
	furtherBy float64
}

// apart compares an estimate with the known value, itself wrong by up to slack.
func apart(what string, got sim.Estimate, want, slack float64) distance {
	return distance{what, got, want, max(math.Abs(got.Mean-want)-slack, 0) / got.Err}
}

// within simulates the oracle's hall and holds its figures to the goal. Of
// eighty figures some lie beyond three standard errors by chance, whatever the
// seed: such a hall is simulated once more, with other draws and four times the
// citizens. A router that is wrong lies twice as far out then.
func (o oracle) within(ctx context.Context, long *Long, n int, compare func([]sim.Batch) []distance) Result {
	r := o.once(ctx, long, long.Seed, n, compare)
	if r.Err != nil || r.Failures == 0 {
		return r
	}
	long.say("%s is simulated once more, with %d citizens", o.name, again*n)
	return o.once(ctx, long, long.Seed+1, again*n, compare)
}

// again is how many times as many citizens a second simulation has.
const again = 4

func (o oracle) once(ctx context.Context, long *Long, seed uint64, n int, compare func([]sim.Batch) []distance) Result {
	r := Result{Cases: n, Goal: furthest, Unit: "se"}
	if r.Err = ctx.Err(); r.Err != nil {
		return r
	}
	var batches []sim.Batch
	if batches, r.Err = o.hall(seed, n); r.Err != nil {
		return r
	}
	for _, d := range compare(batches) {
		r.Figure = max(r.Figure, d.furtherBy) // a NaN stays
		if !(d.furtherBy <= furthest) {
			r.Failures++
			long.say("%s: %s is %.5f ± %.5f, want %.5f", o.name, d.what, d.got.Mean, d.got.Err, d.want)
		}
	}
	return r
}

// hall simulates n customers. Each oracle draws its own: a seed that flatters
// one does not flatter them all.
func (o oracle) hall(seed uint64, n int) ([]sim.Batch, error) {
	own := fnv.New64a()
	fmt.Fprint(own, o.name)
	picker, ok := router.Named(o.policy)
	if o.rate != 0 {
		picker, ok = router.AccumulatingPriority(o.rate), true
	}
	if !ok {
		return nil, fmt.Errorf("there is no policy %q", o.policy)
	}
	cfg := queue.Config{
		Points:     []queue.Point{{ID: "hall"}},
		Series:     []queue.Series{{ID: "A", Prefix: "A", From: 1, To: 9999}},
		Categories: []queue.Category{{ID: "A", Series: "A", Minutes: int(service.Minutes())}},
	}
	for i := range o.counters {
		id := queue.CounterID(fmt.Sprint(i + 1))
		cfg.Counters = append(cfg.Counters, queue.Desk{ID: id, Number: i + 1, Point: "hall", Skills: []queue.CategoryID{"A"}})
	}
	unit := float64(service) * o.mu
	e := sim.Endless{Picker: picker, Seed: seed ^ own.Sum64(), Customers: n, Target: time.Duration(o.target * unit)}
	for i, lambda := range o.lambda {
		class := queue.Class{ID: [...]queue.ClassID{queue.Normal, "priority", "first"}[i]}
		if o.heads != nil {
			class.HeadStart = o.heads[i]
		}
		cfg.Classes = append(cfg.Classes, class)
		between := time.Duration(unit / lambda)
		e.Flows = append(e.Flows, sim.Flow{Category: "A", Class: class.ID, Between: between, Service: service})
	}
	e.Config = cfg
	return e.Run()
}
