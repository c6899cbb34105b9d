package queue

// The rules: routing, calls, booking, agents.

func (k *checker) routing() {
	r := k.Routing
	if r.Policy != "" && r.Policy != PolicyHeadStart && r.Policy != PolicyArrival {
		k.add(FlawPolicy, "routing.policy", r.Policy, "is no policy of a centre at work", "Use headstart or fcfs; the others are for comparison only.", nil)
	}
	k.within("routing.window", r.Window, 0, 10, "minutes")
	k.withinOr("routing.guard", r.Guard, 30, 240, "minutes", 0, "off")
	k.within("routing.return_within", r.ReturnWithin, 0, 60, "minutes")
	k.within("routing.return_credit", r.ReturnCredit, 0, 60, "minutes")
	k.within("routing.late", r.Late, 0, 60, "minutes")
}

func (k *checker) calls() {
	k.within("calls.recall_after", k.Calls.RecallAfter, 0, 300, "seconds")
	k.within("calls.no_show_calls", k.Calls.NoShowCalls, 1, 10, "calls")
	k.within("calls.no_show_after", k.Calls.NoShowAfter, 0, 600, "seconds")
	k.within("calls.propose", k.Calls.Propose, 0, 10, "calls")
	k.within("calls.undo_within", k.Calls.UndoWithin, 0, 60, "seconds")
}

func (k *checker) appointments() {
	k.within("appointments.capacity", k.Appointments.Capacity, 0, 999, "")
}

// agents: both or neither.
func (k *checker) agents() {
	a := k.Agents
	if a == (Agents{}) {
		return
	}
	if a.Category == "" {
		k.empty("agents.category", "agents", "Name the category of agents, or set above = 0 to have none.")
		return
	}
	k.within("agents.above", a.Above, 1, 98, "dossiers")
	k.knownCategory("agents.category", a.Category)
}
