package main

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"time"

	"motcua/queue"
)

// atLayout is UTC with the milliseconds records have.
const atLayout = "2006-01-02T15:04:05.000Z"

// longestLine is the largest line that is read, in bytes: a configuration
// of a whole centre is far below it.
const longestLine = 16 << 20

// exported is a record as a line of JSON. Data comes last but one so that its
// bytes, which are hashed, stand in the line exactly as they are stored.
type exported struct {
	Seq     queue.Seq       `json:"seq"`
	At      string          `json:"at"`
	Boot    string          `json:"boot"`
	Mono    int64           `json:"mono"`
	ClockOK bool            `json:"clock_ok"`
	Actor   string          `json:"actor"`
	Key     string          `json:"key"`
	KeySum  string          `json:"key_sum"` // 16 hexadecimal digits: JSON's numbers lose the last bits
	Type    string          `json:"type"`
	Data    json.RawMessage `json:"data"`
	Hash    string          `json:"hash"`
}

// encodeLine makes a record a line, without the newline.
func encodeLine(r *queue.Record) ([]byte, error) {
	if bytes.ContainsAny(r.Data, "\r\n") || !json.Valid(r.Data) {
		return nil, &finding{
			what:   fmt.Sprintf("record %d holds no JSON in one line, so it can't be exported unchanged", r.Seq),
			remedy: "this release writes none such; run `motcua journal verify`",
		}
	}
	head, err := json.Marshal(exported{Seq: r.Seq, At: r.At.UTC().Format(atLayout), Boot: r.Boot, Mono: r.Mono, ClockOK: r.ClockOK,
		Actor: r.Actor, Key: r.Key, KeySum: fmt.Sprintf("%016x", r.KeySum), Type: r.Event.EventType(), Hash: hex.EncodeToString(r.Hash[:])})
	if err != nil {
		return nil, fmt.Errorf("encode record %d: %w", r.Seq, err)
	}
	// json.Marshal would write the data its own way.
	before, after, ok := bytes.Cut(head, []byte(`"data":null,"hash":`))
	if !ok {
		return nil, fmt.Errorf("encode record %d: no place for its data", r.Seq)
	}
	b := make([]byte, 0, len(head)+len(r.Data))
	b = append(append(b, before...), `"data":`...)
	b = append(append(b, r.Data...), `,"hash":`...)
	return append(b, after...), nil
}

// decodeLine reads what encodeLine wrote.
func decodeLine(b []byte) (queue.Record, error) {
	var x exported
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&x); err != nil {
		return queue.Record{}, fmt.Errorf("read line: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return queue.Record{}, errors.New("read line: there is more than one value")
	}
	at, err := time.Parse(atLayout, x.At)
	if err != nil {
		return queue.Record{}, fmt.Errorf("read at: %w", err)
	}
	sum, err := strconv.ParseUint(x.KeySum, 16, 64)
	if err != nil {
		return queue.Record{}, fmt.Errorf("read key_sum: %w", err)
	}
	r := queue.Record{Seq: x.Seq, At: at.UTC(), Boot: x.Boot, Mono: x.Mono, ClockOK: x.ClockOK, Actor: x.Actor, Key: x.Key, KeySum: sum, Data: x.Data}
	hash, err := hex.DecodeString(x.Hash)
	if err != nil || len(hash) != len(r.Hash) {
		return queue.Record{}, errors.New("read hash: it is not 64 hexadecimal digits")
	}
	r.Hash = [32]byte(hash)
	if r.Event, err = queue.DecodeEvent(x.Type, x.Data); err != nil {
		return queue.Record{}, &newerEvent{err}
	}
	return r, nil
}

// newerEvent is an event this release can't read.
type newerEvent struct{ err error }

func (e *newerEvent) Error() string { return e.err.Error() }
func (e *newerEvent) Unwrap() error { return e.err }

// readLines yields the records of an export, in order. It ends after the
// first error. Empty lines are passed over.
func readLines(name string, in io.Reader) iter.Seq2[queue.Record, error] {
	return func(yield func(queue.Record, error) bool) {
		s := bufio.NewScanner(in)
		s.Buffer(make([]byte, 0, 64<<10), longestLine)
		n := 0
		for s.Scan() {
			n++
			if len(bytes.TrimSpace(s.Bytes())) == 0 {
				continue
			}
			r, err := decodeLine(s.Bytes())
			var newer *newerEvent
			if errors.As(err, &newer) {
				yield(queue.Record{}, fmt.Errorf("read %s, line %d: %w: replay it with the release that wrote it or a newer one", name, n, err))
				return
			}
			if err != nil {
				yield(queue.Record{}, &finding{
					what:   fmt.Sprintf("%s is damaged in line %d: %v", name, n, err),
					remedy: "export it once more: `motcua journal export -o FILE`",
				})
				return
			}
			if !yield(r, nil) {
				return
			}
		}
		if err := s.Err(); err != nil {
			yield(queue.Record{}, fmt.Errorf("read %s after line %d: %w", name, n, err))
		}
	}
}
