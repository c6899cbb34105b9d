package journal

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/mattn/go-sqlite3"

	"motcua/queue"
)

// columns in the order row.set reads them. The cast hands data over as bytes,
// as records keep it.
const columns = `seq, at, mono, clock_ok, key_sum, boot, actor, key, type, CAST(data AS BLOB), hash`

const columnCount = 11

// row is a stored record before its event is decoded.
type row struct {
	queue.Record
	eventType string
}

func (r *row) set(v []driver.Value) error {
	hash, ok := v[10].([]byte)
	if !ok || len(hash) != len(r.Hash) {
		return fmt.Errorf("read record: its hash is %d bytes, want %d", len(hash), len(r.Hash))
	}
	r.Hash = [32]byte(hash)
	// The columns' types are held by STRICT; a NULL gives the zero value and
	// then does not match the hash.
	seq, _ := v[0].(int64)
	at, _ := v[1].(int64)
	r.Mono, _ = v[2].(int64)
	clockOK, _ := v[3].(int64)
	keySum, _ := v[4].(int64)
	r.Boot, _ = v[5].(string)
	r.Actor, _ = v[6].(string)
	r.Key, _ = v[7].(string)
	r.eventType, _ = v[8].(string)
	r.Data, _ = v[9].([]byte)
	r.Seq, r.At, r.ClockOK, r.KeySum = queue.Seq(seq), time.UnixMilli(at).UTC(), clockOK == 1, uint64(keySum)
	return nil
}

// scan runs a query over columns on one reading connection, below
// database/sql, which would cost more than SQLite does. The row is reused;
// its strings and bytes may be kept.
func (j *Journal) scan(ctx context.Context, query string, args []driver.NamedValue, visit func(*row) error) error {
	conn, err := j.read.Conn(ctx)
	if err != nil {
		return fmt.Errorf("open reading connection: %w", err)
	}
	defer conn.Close()
	err = conn.Raw(func(c any) error {
		s, err := c.(*sqlite3.SQLiteConn).Prepare(query)
		if err != nil {
			return fmt.Errorf("prepare query of records: %w", err)
		}
		defer s.Close()
		return scanStmt(s.(driver.StmtQueryContext), args, visit)
	})
	return j.explain(err)
}

func scanStmt(s driver.StmtQueryContext, args []driver.NamedValue, visit func(*row) error) (err error) {
	// The background context lets the driver step without watching for an
	// end; long scans come in chunks and look at their context in between.
	rows, err := s.QueryContext(context.Background(), args)
	if err != nil {
		return fmt.Errorf("query records: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var values [columnCount]driver.Value
	var r row
	for {
		if err := rows.Next(values[:]); err == io.EOF {
			return nil
		} else if err != nil {
			return fmt.Errorf("read records: %w", err)
		}
		if err := r.set(values[:]); err != nil {
			return err
		}
		if err := visit(&r); err != nil {
			return err
		}
	}
}

func arg(i int, v driver.Value) driver.NamedValue { return driver.NamedValue{Ordinal: i, Value: v} }

// decode fills in the record's event.
func (j *Journal) decode(r *row) error {
	e, err := queue.DecodeEvent(r.eventType, r.Data)
	if err != nil {
		// The hash has been verified: what can't be read was written so, by a
		// release that knows more.
		return &NewerError{Dir: j.dir, Release: j.writtenBy, Seq: r.Seq, Type: r.eventType, Err: err}
	}
	r.Event = e
	return nil
}

// scanRange visits the records first … last.
func (j *Journal) scanRange(first, last queue.Seq, visit func(*row) error) error {
	return j.scan(context.Background(), `SELECT `+columns+` FROM records WHERE seq BETWEEN ? AND ? ORDER BY seq`,
		[]driver.NamedValue{arg(1, int64(first)), arg(2, int64(last))}, visit)
}
