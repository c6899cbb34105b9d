package feed

import "time"

// topic is a topic somebody listens to. The hub's mu protects it.
type topic struct {
	class     Class
	subs      map[*client]struct{}
	idleSince time.Time // when the last subscriber left

	// last is what heartbeats name: the last publication, or the position at
	// which the topic came to life. A subscriber's own position may be later
	// (the owner moved on without an event for this topic), never earlier
	// unless he missed something.
	last Position

	// snap is the newest whole state that was made into a frame. A herd that
	// comes back after an outage shares it while nothing has changed.
	snap    frame
	snapPos Position

	// ring holds every Stream frame after from. Oldest first.
	ring      []ringFrame
	ringBytes int
	from      uint64
}

type ringFrame struct {
	prev, seq uint64
	frame     frame
}

// frameOverhead is about what a prepared message costs beside its text.
const frameOverhead = 512

func newTopic(class Class, pos Position) *topic {
	t := &topic{class: class, subs: map[*client]struct{}{}}
	t.restart(pos)
	return t
}

// restart forgets everything before pos.
func (t *topic) restart(pos Position) {
	t.last, t.from = pos, pos.Seq
	t.ring, t.ringBytes = nil, 0
	t.snap = frame{}
}

func (t *topic) setSnap(pos Position, f frame) { t.snap, t.snapPos = f, pos }

// append takes a frame into the ring and drops the oldest beyond the bounds.
func (t *topic) append(prev, seq uint64, f frame, maxFrames, maxBytes int) {
	t.snap = frame{} // it may be large, and no longer serves
	if prev > t.last.Seq {
		// The owner skipped frames while nobody listened.
		t.ring, t.ringBytes, t.from = nil, 0, prev
	}
	t.last.Seq = seq
	t.ring = append(t.ring, ringFrame{prev, seq, f})
	t.ringBytes += f.size + frameOverhead
	for len(t.ring) > 0 && (len(t.ring) > maxFrames || t.ringBytes > maxBytes) {
		old := t.ring[0]
		t.ring[0] = ringFrame{}
		t.ring = t.ring[1:]
		t.ringBytes -= old.frame.size + frameOverhead
		t.from = old.seq
	}
}

// since returns the frames after seq, or false when the ring does not reach back so far.
func (t *topic) since(seq uint64) ([]frame, bool) {
	if seq < t.from {
		return nil, false
	}
	var frames []frame
	for _, r := range t.ring {
		if r.seq > seq {
			frames = append(frames, r.frame)
		}
	}
	return frames, true
}

// validTopic admits name or name:parameter: a lower-case word, and a parameter
// of characters that mean nothing in a URL's query or a log line. A slash is
// one of them: a ticket's topic is its day and its token.
func validTopic(s string) bool {
	const maxName, maxParam = 32, 160
	i := 0
	for i < len(s) && (s[i] >= 'a' && s[i] <= 'z' || i > 0 && (s[i] >= '0' && s[i] <= '9' || s[i] == '-')) {
		i++
	}
	if i == 0 || i > maxName {
		return false
	}
	if i == len(s) {
		return true
	}
	param := s[i+1:]
	if s[i] != ':' || param == "" || len(param) > maxParam {
		return false
	}
	for _, b := range []byte(param) {
		switch {
		case b >= 'a' && b <= 'z', b >= 'A' && b <= 'Z', b >= '0' && b <= '9':
		case b == '-', b == '_', b == '.', b == '~', b == '/':
		default:
			return false
		}
	}
	return true
}
