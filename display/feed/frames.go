package feed

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"
)

// Proto is the version of the wire protocol, sent in hello. It changes when an
// old page could misread a new frame.
const Proto = 1

// Position is a place in the journal that the state came from. Seqs of
// different epochs cannot be compared.
type Position struct {
	Epoch string // changes when the journal is another one, as after a restore
	Seq   uint64 // of the last record applied; 0 = nothing yet
}

// Delta is what a Stream topic carries from Prev (exclusive) to Seq (inclusive).
type Delta struct {
	Prev, Seq uint64
	Events    []byte // a JSON array
}

// Status is what a display last said of itself.
type Status struct {
	Screen     string    `json:"screen,omitempty"`      // the screen it is on, by the name its address gave it; "" = none
	Audio      string    `json:"audio,omitempty"`       // state of its sound, one word such as "ready" or "locked"
	LastSpoken uint64    `json:"last_spoken,omitempty"` // Seq of the call it spoke last; 0 = none
	Viewport   *Viewport `json:"viewport,omitempty"`
}

// Viewport is the visible area of a page in CSS pixels.
type Viewport struct {
	W   int     `json:"w"`
	H   int     `json:"h"`
	DPR float64 `json:"dpr"` // device pixels per CSS pixel
}

// frame is one message in its wire form, shared by all who get it.
type frame struct {
	msg  *websocket.PreparedMessage
	size int // bytes of JSON
}

func newFrame(data []byte) frame {
	// Only a bad message type or a failed write makes this fail, and a text
	// message into memory is neither.
	msg, err := websocket.NewPreparedMessage(websocket.TextMessage, data)
	if err != nil {
		panic(fmt.Errorf("prepare frame: %w", err))
	}
	return frame{msg: msg, size: len(data)}
}

const timeLayout = "2006-01-02T15:04:05.000Z07:00"

func appendTime(b []byte, now time.Time) []byte {
	b = append(b, `,"now":"`...)
	b = now.UTC().AppendFormat(b, timeLayout)
	return append(b, '"')
}

// appendString writes s as a JSON string: epochs and versions come from outside.
func appendString(b []byte, key, s string) []byte {
	q, _ := json.Marshal(s) // a string cannot fail
	b = append(b, key...)
	return append(b, q...)
}

func appendSeq(b []byte, key string, seq uint64) []byte {
	b = append(b, key...)
	return strconv.AppendUint(b, seq, 10)
}

func helloFrame(server, asset string, pos Position, now time.Time) frame {
	b := make([]byte, 0, 192)
	b = append(b, `{"type":"hello","proto":`...)
	b = strconv.AppendInt(b, Proto, 10)
	b = appendString(b, `,"server":`, server)
	b = appendString(b, `,"asset":`, asset)
	b = appendString(b, `,"epoch":`, pos.Epoch)
	b = appendSeq(b, `,"seq":`, pos.Seq)
	b = appendTime(b, now)
	return newFrame(append(b, '}'))
}

func snapFrame(topic string, pos Position, state []byte) frame {
	b := make([]byte, 0, len(state)+len(topic)+len(pos.Epoch)+80)
	b = appendString(b, `{"type":"snap","topic":`, topic)
	b = appendString(b, `,"epoch":`, pos.Epoch)
	b = appendSeq(b, `,"seq":`, pos.Seq)
	b = append(b, `,"state":`...)
	if len(state) == 0 {
		state = []byte("null")
	}
	b = append(b, state...)
	return newFrame(append(b, '}'))
}

func evFrame(prev, seq uint64, events []byte) frame {
	b := make([]byte, 0, len(events)+80)
	b = appendSeq(b, `{"type":"ev","prev":`, prev)
	b = appendSeq(b, `,"seq":`, seq)
	b = append(b, `,"events":`...)
	if len(events) == 0 {
		events = []byte("[]")
	}
	b = append(b, events...)
	return newFrame(append(b, '}'))
}

func hbFrame(seq uint64, now time.Time) frame {
	b := make([]byte, 0, 80)
	b = appendSeq(b, `{"type":"hb","seq":`, seq)
	b = appendTime(b, now)
	return newFrame(append(b, '}'))
}

// upward is a frame from a client, checked.
type upward struct {
	Resume *Position
	Status *Status
}

// refusal says with which code and words an upward frame closes its connection.
type refusal struct {
	Code   Code
	Reason string
}

// Limits of what a status may say: it is kept per connection and shown in health.
const (
	maxScreenLen = 64
	maxAudioLen  = 32
	maxEpochLen  = 128
	maxPixels    = 32768
	maxDPR       = 16
)

// decodeUpward reads one upward frame. Unknown members are passed over, so a
// page somewhat newer or older than the daemon keeps its link.
func decodeUpward(data []byte) (upward, *refusal) {
	if !utf8.Valid(data) {
		return upward{}, &refusal{CodeNotJSON, "message is not UTF-8"}
	}
	data = bytes.TrimSpace(data)
	if len(data) == 0 || data[0] != '{' || !json.Valid(data) {
		return upward{}, &refusal{CodeNotJSON, "message is not a JSON object"}
	}
	var kind struct {
		Type string `json:"type"`
	}
	if json.Unmarshal(data, &kind) != nil {
		return upward{}, &refusal{CodeBadFrame, "type must be a string"}
	}
	switch kind.Type {
	case "resume":
		var p struct {
			Epoch string `json:"epoch"`
			Seq   uint64 `json:"seq"`
		}
		if json.Unmarshal(data, &p) != nil || len(p.Epoch) > maxEpochLen {
			return upward{}, &refusal{CodeBadFrame, "resume needs epoch (string) and seq (number)"}
		}
		return upward{Resume: &Position{Epoch: p.Epoch, Seq: p.Seq}}, nil
	case "status":
		var s Status
		if json.Unmarshal(data, &s) != nil || !s.plausible() {
			return upward{}, &refusal{CodeBadFrame, "status needs screen (name), audio (word), last_spoken (number), viewport {w, h, dpr}"}
		}
		return upward{Status: &s}, nil
	case "":
		return upward{}, &refusal{CodeBadFrame, "frame has no type: send resume or status"}
	}
	return upward{}, &refusal{CodeBadFrame, "unknown type: send resume or status"}
}

// ScreenName reports whether name may name a screen: a host's name, as a
// display's unit gives it.
func ScreenName(name string) bool {
	if name == "" || len(name) > maxScreenLen {
		return false
	}
	for _, r := range []byte(name) {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '.' && r != '_' {
			return false
		}
	}
	return true
}

// plausible keeps free text out of health: a page has no use for it, an
// attacker's might.
func (s Status) plausible() bool {
	if len(s.Audio) > maxAudioLen || s.Screen != "" && !ScreenName(s.Screen) {
		return false
	}
	for _, r := range []byte(s.Audio) {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_' {
			return false
		}
	}
	v := s.Viewport
	return v == nil || v.W >= 0 && v.W <= maxPixels && v.H >= 0 && v.H <= maxPixels && v.DPR >= 0 && v.DPR <= maxDPR
}
