package queue

func (d *decision) reprint(c ReprintSlip) ([]Event, error) {
	t, err := d.find(c.Ticket)
	if err != nil {
		return nil, err
	}
	if err := d.in(t, Waiting, Called, Serving, Parked, Missed); err != nil {
		return nil, err
	}
	if t.Slip == SlipIsQueued || t.Slip == SlipIsSending {
		return nil, refuse(Conflict, WhyWrongState, "Wait for the paper that is on its way.", "the slip of %s is %s", t.Label, t.Slip)
	}
	return one(SlipQueued{Ticket: t.ID})
}

// confirmSlip settles a slip in doubt. What is printed by now, or was asked for
// again, is in doubt no more.
func (d *decision) confirmSlip(c ConfirmSlip) ([]Event, error) {
	t, err := d.find(c.Ticket)
	if err != nil {
		return nil, err
	}
	if t.Slip != SlipIsUnknown {
		return nil, refuse(Conflict, WhyWrongState, "Nothing to do.", "the slip of %s is in no doubt: it is %s", t.Label, t.Slip)
	}
	return one(SlipPrinted{Ticket: t.ID, Seen: true})
}

// slipMoved records what the print spool saw. Every move is possible but one
// that would unsay proof of print.
func (d *decision) slipMoved(c SlipMoved) ([]Event, error) {
	t, err := d.find(c.Ticket)
	if err != nil {
		return nil, err
	}
	switch c.To {
	case SlipIsSending:
		return one(SlipSending{Ticket: t.ID})
	case SlipIsPrinted:
		return one(SlipPrinted{Ticket: t.ID, Proof: c.Proof})
	case SlipIsFailed:
		return one(SlipFailed{Ticket: t.ID, Cause: c.Cause})
	case SlipIsUnknown:
		return one(SlipUnknown{Ticket: t.ID})
	}
	return nil, refuse(Invalid, WhyBadField, "Give sending, printed, failed or unknown.", "%q is nothing a slip can become", c.To)
}
