package queue

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"
)

// Seq is a position in one centre's journal; 0 = nothing yet.
type Seq uint64

// TicketID is the Seq of the event that issued the ticket: unique with no
// random source.
type TicketID uint64

// Ref is the random, unguessable part of a ticket's link: 16 bytes.
type Ref [16]byte

// MarshalText gives 22 characters of unpadded base64url.
func (r Ref) MarshalText() ([]byte, error) {
	return base64.RawURLEncoding.AppendEncode(nil, r[:]), nil
}

// UnmarshalText reads what MarshalText wrote.
func (r *Ref) UnmarshalText(b []byte) error {
	if base64.RawURLEncoding.DecodedLen(len(b)) != len(r) {
		return fmt.Errorf("read ticket ref: %d characters, want 22", len(b))
	}
	_, err := base64.RawURLEncoding.Decode(r[:], b)
	return err
}

// Position is a place in one journal. Hash runs over all records up to it.
type Position struct {
	Epoch string   `json:"epoch"`
	Seq   Seq      `json:"seq"`
	Hash  [32]byte `json:"-"`
}

// Record is an event as the journal keeps it.
type Record struct {
	Seq     Seq
	At      time.Time // UTC, milliseconds, never decreasing
	Boot    string    // boot id; Mono counts within it
	Mono    int64     // CLOCK_BOOTTIME, ms
	ClockOK bool      // false until NTP, an RTC or a person has set the clock
	Actor   string    // device or staff id
	Key     string    // idempotency key of the command, "" for none
	KeySum  uint64    // hash of the command under Key
	Event   Event

	// Data is the event as JSON, exactly as stored and hashed; Seal fills it.
	Data []byte
	// Hash is the running hash up to and including this record; Seal fills it.
	Hash [32]byte
}

// Seal encodes the event and chains the record to the hash before it.
func (r *Record) Seal(before [32]byte) error {
	data, err := json.Marshal(r.Event)
	if err != nil {
		return fmt.Errorf("encode %s: %w", r.Event.EventType(), err)
	}
	r.Data = data
	r.Hash = ChainHash(before, r, r.Event.EventType())
	return nil
}

// ChainHash is SHA-256 over the previous hash and the record's fields, each
// variable one preceded by its length as four bytes, numbers big-endian:
// before ‖ seq ‖ at (ms) ‖ mono ‖ clock ‖ keySum ‖ boot ‖ actor ‖ key ‖ type ‖ data.
// It reads Data, not Event, so a chain can be verified without decoding.
func ChainHash(before [32]byte, r *Record, eventType string) [32]byte {
	var stack [512]byte
	b := append(stack[:0], before[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(r.Seq))
	b = binary.BigEndian.AppendUint64(b, uint64(r.At.UnixMilli()))
	b = binary.BigEndian.AppendUint64(b, uint64(r.Mono))
	if r.ClockOK {
		b = append(b, 1)
	} else {
		b = append(b, 0)
	}
	b = binary.BigEndian.AppendUint64(b, r.KeySum)
	for _, s := range [...]string{r.Boot, r.Actor, r.Key, eventType} {
		b = binary.BigEndian.AppendUint32(b, uint32(len(s)))
		b = append(b, s...)
	}
	b = binary.BigEndian.AppendUint32(b, uint32(len(r.Data)))
	b = append(b, r.Data...)
	return sha256.Sum256(b)
}

// SumCommand is the hash of a command under its key: the first eight bytes of
// SHA-256 over its type and its JSON. Random parts are left out of both.
func SumCommand(c Command) uint64 {
	h := sha256.New()
	fmt.Fprintf(h, "%T\n", c)
	if err := json.NewEncoder(h).Encode(c); err != nil {
		// Commands are plain structs of strings and numbers: this can't fail.
		panic(fmt.Sprintf("queue: encode command %T: %v", c, err))
	}
	return binary.BigEndian.Uint64(h.Sum(nil))
}

// DecodeEvent reads an event of the given type. Unknown types and fields are
// errors: a journal of a newer release must not be half understood.
func DecodeEvent(eventType string, data []byte) (Event, error) {
	if read := quick(eventType); read != nil {
		if e, ok := read(data); ok {
			return e, nil
		}
	}
	return decodeSlowly(eventType, data)
}

func decodeSlowly(eventType string, data []byte) (Event, error) {
	decode, ok := decoders[eventType]
	if !ok {
		return nil, fmt.Errorf("decode event: type %q is unknown to this release", eventType)
	}
	e, err := decode(data)
	if err != nil {
		return nil, fmt.Errorf("decode %s: %w", eventType, err)
	}
	return e, nil
}

// EventTypes lists the names of all events this release can read, in the
// order of doc.go.
func EventTypes() []string {
	names := make([]string, len(prototypes))
	for i, e := range prototypes {
		names[i] = e.EventType()
	}
	return names
}

var prototypes = []Event{
	ConfigApplied{}, DayOpened{}, DayClosed{},
	CounterOpened{}, CounterPaused{}, CounterClosed{},
	TicketIssued{}, TicketCalled{}, TicketRecalled{}, TicketStarted{}, TicketFinished{},
	TicketNoShow{}, TicketReactivated{}, TicketParked{}, TicketUnparked{},
	TicketTransferred{}, TicketCancelled{}, TicketExpired{},
	SlipQueued{}, SlipSending{}, SlipPrinted{}, SlipFailed{}, SlipUnknown{},
	TicketLegFinished{}, TicketLegsPlanned{}, TicketClassSet{}, TicketDossiersSet{}, TicketUndone{},
	AppointmentBooked{}, AppointmentCancelled{}, AppointmentMissed{}, AppointmentCheckedIn{},
	RollStarted{}, RollEnded{}, RollTakenBack{}, TicketReissued{},
}

var decoders = map[string]func([]byte) (Event, error){
	ConfigApplied{}.EventType():     decodeAs[ConfigApplied],
	DayOpened{}.EventType():         decodeAs[DayOpened],
	DayClosed{}.EventType():         decodeAs[DayClosed],
	CounterOpened{}.EventType():     decodeAs[CounterOpened],
	CounterPaused{}.EventType():     decodeAs[CounterPaused],
	CounterClosed{}.EventType():     decodeAs[CounterClosed],
	TicketIssued{}.EventType():      decodeAs[TicketIssued],
	TicketCalled{}.EventType():      decodeAs[TicketCalled],
	TicketRecalled{}.EventType():    decodeAs[TicketRecalled],
	TicketStarted{}.EventType():     decodeAs[TicketStarted],
	TicketFinished{}.EventType():    decodeAs[TicketFinished],
	TicketNoShow{}.EventType():      decodeAs[TicketNoShow],
	TicketReactivated{}.EventType(): decodeAs[TicketReactivated],
	TicketParked{}.EventType():      decodeAs[TicketParked],
	TicketUnparked{}.EventType():    decodeAs[TicketUnparked],
	TicketTransferred{}.EventType(): decodeAs[TicketTransferred],
	TicketCancelled{}.EventType():   decodeAs[TicketCancelled],
	TicketExpired{}.EventType():     decodeAs[TicketExpired],
	SlipQueued{}.EventType():        decodeAs[SlipQueued],
	SlipSending{}.EventType():       decodeAs[SlipSending],
	SlipPrinted{}.EventType():       decodeAs[SlipPrinted],
	SlipFailed{}.EventType():        decodeAs[SlipFailed],
	SlipUnknown{}.EventType():       decodeAs[SlipUnknown],

	TicketLegFinished{}.EventType():    decodeAs[TicketLegFinished],
	TicketLegsPlanned{}.EventType():    decodeAs[TicketLegsPlanned],
	TicketClassSet{}.EventType():       decodeAs[TicketClassSet],
	TicketDossiersSet{}.EventType():    decodeAs[TicketDossiersSet],
	TicketUndone{}.EventType():         decodeAs[TicketUndone],
	AppointmentBooked{}.EventType():    decodeAs[AppointmentBooked],
	AppointmentCancelled{}.EventType(): decodeAs[AppointmentCancelled],
	AppointmentMissed{}.EventType():    decodeAs[AppointmentMissed],
	AppointmentCheckedIn{}.EventType(): decodeAs[AppointmentCheckedIn],

	RollStarted{}.EventType():    decodeAs[RollStarted],
	RollEnded{}.EventType():      decodeAs[RollEnded],
	RollTakenBack{}.EventType():  decodeAs[RollTakenBack],
	TicketReissued{}.EventType(): decodeAs[TicketReissued],
}

func decodeAs[E Event](data []byte) (Event, error) {
	var e E
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&e); err != nil {
		return nil, err
	}
	return e, nil
}
