package feed

// Code says why a connection ended. The numbers below 4000 are those of RFC
// 6455 §7.4.1 and the IANA registry, those from 4400 are ours and end like the
// HTTP status that they stand for. They are on the wire: never renumber them.
type Code int

// The codes that the hub closes with, and counts in [Stats].
const (
	// CodeNormal: the peer closed the connection. Counted, never sent.
	CodeNormal Code = 1000
	// CodeProtocol: the peer broke the websocket protocol itself.
	CodeProtocol Code = 1002
	// CodeBinary: the peer sent a binary message; frames are JSON text.
	CodeBinary Code = 1003
	// CodeLost: the connection broke without a close frame. Counted, never sent.
	CodeLost Code = 1006
	// CodeNotJSON: an upward message was not a JSON object in UTF-8.
	CodeNotJSON Code = 1007
	// CodeBadFrame: an upward frame was JSON, but not one the hub knows, or there were too many.
	CodeBadFrame Code = 1008
	// CodeTooBig: an upward message was longer than [Options.ReadLimit].
	CodeTooBig Code = 1009
	// CodeInternal: the state could not be read; the log says why.
	CodeInternal Code = 1011
	// CodeRestarting: the daemon stops, or the journal began a new epoch. Connect again.
	CodeRestarting Code = 1012
	// CodeTooSlow: a Stream subscriber let its queue overflow. Connect again and resume.
	CodeTooSlow Code = 1013
	// CodeNotPaired: who asks is unknown. Asking again changes nothing until it is paired or signed in.
	CodeNotPaired Code = 4401
	// CodeNotAllowed: who asks is known and may not have this topic.
	CodeNotAllowed Code = 4403
	// CodeNoTopic: there is no such topic.
	CodeNoTopic Code = 4404
	// CodeStalled: no sign of life for [Options.PongWait], or a write that
	// took longer than [Options.WriteWait]. The peer mostly cannot hear it.
	CodeStalled Code = 4408
)

// String is the reason sent with the code when nothing more precise is known.
func (c Code) String() string {
	switch c {
	case CodeNormal:
		return "closed by the peer"
	case CodeProtocol:
		return "protocol error"
	case CodeBinary:
		return "binary message: send JSON text"
	case CodeLost:
		return "connection lost"
	case CodeNotJSON:
		return "not a JSON object"
	case CodeBadFrame:
		return "bad frame"
	case CodeTooBig:
		return "message too big"
	case CodeInternal:
		return "internal error"
	case CodeRestarting:
		return "restarting"
	case CodeTooSlow:
		return "too slow"
	case CodeNotPaired:
		return "not paired"
	case CodeNotAllowed:
		return "not allowed"
	case CodeNoTopic:
		return "no such topic"
	case CodeStalled:
		return "no sign of life"
	}
	return "closed"
}
