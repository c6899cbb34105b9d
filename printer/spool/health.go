package spool

import (
	"time"

	"motcua/printer"
)

// Code says how a printer is, for faces to put into words. The values are
// stable.
type Code string

const (
	HealthOK          Code = "ok"
	HealthConnecting  Code = "connecting"  // never connected yet, or opening again after an idle close
	HealthUnreachable Code = "unreachable" // cannot be opened, or the link was lost
	HealthPaperOut    Code = "paper_out"
	HealthPaperLow    Code = "paper_low" // prints; by the sensor's word or by the count
	HealthCover       Code = "cover_open"
	HealthCutter      Code = "cutter"
	HealthHot         Code = "head_hot" // recovers alone
	HealthOffline     Code = "offline"
	HealthError       Code = "error"   // the printer's own unnamed error
	HealthGarbled     Code = "garbled" // answers nonsense: another language or another speed
	HealthSilent      Code = "silent"  // takes bytes, answers nothing; prints without proof
	HealthNoProof     Code = "no_ack"  // answers, but the last slips were never acknowledged
	HealthJournal     Code = "journal" // a step cannot be recorded: nothing is sent
	HealthClosed      Code = "closed"
)

// Health is a spool at one moment.
type Health struct {
	Code      Code
	Since     time.Time // of Code
	Connected bool
	Status    printer.Status  // the printer's last word; see Heard
	Heard     time.Time       // when it came; zero: never on this link
	Queued    int             // slips that wait
	Sent      int             // slips on the way, unacknowledged
	Unknown   []printer.JobID // wait for staff, oldest first
	Left      Left            // on the roll, where paper is counted
	Detail    string          // for the log and the technician: the last error, "" when none
}

// Ready reports whether a slip submitted now would come out.
func (h Health) Ready() bool { return readyCode(h.Code) }

func readyCode(c Code) bool {
	switch c {
	case HealthOK, HealthPaperLow, HealthSilent, HealthNoProof:
		return true
	}
	return false
}

// Unproven reports whether slips come out without the printer's word for it.
func (h Health) Unproven() bool { return h.Code == HealthSilent || h.Code == HealthNoProof }

// same reports whether two reports say the same to a person.
func (h Health) same(o Health) bool {
	if h.Code != o.Code || h.Connected != o.Connected || h.Status != o.Status || h.Queued != o.Queued ||
		h.Sent != o.Sent || len(h.Unknown) != len(o.Unknown) {
		return false
	}
	for i := range h.Unknown {
		if h.Unknown[i] != o.Unknown[i] {
			return false
		}
	}
	return true
}

// statusCode names what a status means.
func statusCode(s printer.Status) Code {
	switch {
	case s.CoverOpen:
		return HealthCover
	case s.Paper == printer.PaperOut:
		return HealthPaperOut
	case s.Cutter:
		return HealthCutter
	case s.Hot:
		return HealthHot
	case s.Error:
		return HealthError
	case !s.Online:
		return HealthOffline
	case s.Paper == printer.PaperLow:
		return HealthPaperLow
	}
	return HealthOK
}
