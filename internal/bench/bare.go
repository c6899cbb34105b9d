package main

import (
	"bytes"
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/mattn/go-sqlite3"

	"motcua/queue"
)

// bareTable is the least a program can store: one table without an index,
// through prepared statements of the driver, with the journal's settings of
// durability.
type bareTable struct {
	conn                  driver.Conn
	begin, commit, insert driver.StmtExecContext
	body                  string
}

// openBare makes a table in dir whose rows are of size bytes.
func openBare(dir string, size int) (_ *bareTable, err error) {
	uri := "file:" + (&url.URL{Path: filepath.Join(dir, "bare.db")}).EscapedPath()
	conn, err := (&sqlite3.SQLiteDriver{}).Open(uri + "?_journal_mode=WAL&_synchronous=FULL&_foreign_keys=on&_busy_timeout=5000&_txlock=immediate")
	if err != nil {
		return nil, fmt.Errorf("open bare database: %w", err)
	}
	t := &bareTable{conn: conn, body: strings.Repeat("x", size)}
	defer func() {
		if err != nil {
			err = errors.Join(err, conn.Close())
		}
	}()
	create, err := conn.Prepare(`CREATE TABLE rows (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT`)
	if err != nil {
		return nil, fmt.Errorf("make bare table: %w", err)
	}
	defer create.Close()
	if _, err := create.(driver.StmtExecContext).ExecContext(context.Background(), nil); err != nil {
		return nil, fmt.Errorf("make bare table: %w", err)
	}
	for _, p := range []struct {
		to    *driver.StmtExecContext
		query string
	}{{&t.begin, `BEGIN IMMEDIATE`}, {&t.commit, `COMMIT`}, {&t.insert, `INSERT INTO rows (body) VALUES (?)`}} {
		s, err := conn.Prepare(p.query)
		if err != nil {
			return nil, fmt.Errorf("prepare %q: %w", p.query, err)
		}
		*p.to = s.(driver.StmtExecContext)
	}
	return t, nil
}

// one makes one row durable: a transaction of its own, one fsync.
func (t *bareTable) one() error {
	_, err := t.insert.ExecContext(context.Background(), []driver.NamedValue{{Ordinal: 1, Value: t.body}})
	return err
}

// many makes n rows durable in one transaction.
func (t *bareTable) many(n int) error {
	if _, err := t.begin.ExecContext(context.Background(), nil); err != nil {
		return err
	}
	for range n {
		if err := t.one(); err != nil {
			return err
		}
	}
	_, err := t.commit.ExecContext(context.Background(), nil)
	return err
}

func (t *bareTable) close() error {
	for _, s := range []driver.StmtExecContext{t.begin, t.commit, t.insert} {
		s.(driver.Stmt).Close()
	}
	return t.conn.Close()
}

// group is the bare group commit: one goroutine stores what all callers want,
// up to 256 rows a transaction, and tells them when it is durable.
type group struct {
	table *bareTable
	jobs  chan chan error
	done  chan struct{}
}

const groupMost = 256

func newGroup(t *bareTable) *group {
	g := &group{table: t, jobs: make(chan chan error, groupMost), done: make(chan struct{})}
	go g.write()
	return g
}

func (g *group) write() {
	defer close(g.done)
	for first := range g.jobs {
		batch := []chan error{first}
		runtime.Gosched() // those just answered ask again: larger batches, as the engine makes them
	fill:
		for len(batch) < groupMost {
			select {
			case j, ok := <-g.jobs:
				if !ok {
					break fill
				}
				batch = append(batch, j)
			default:
				break fill
			}
		}
		err := g.table.many(len(batch))
		for _, j := range batch {
			j <- err
		}
	}
}

func (g *group) do() error {
	done := make(chan error, 1)
	g.jobs <- done
	return <-done
}

func (g *group) close() {
	close(g.jobs)
	<-g.done
}

// rowSize is what the journal stores of a record, in bytes.
func rowSize(r *queue.Record) int {
	const numbers = 32 // seq, at, mono, clock_ok, key_sum
	return numbers + len(r.Boot) + len(r.Actor) + len(r.Key) + len(r.Event.EventType()) + len(r.Data) + len(r.Hash)
}

// serveBare is the least a program can broadcast, in a process of its own as
// the daemon is: a POST to /broadcast?seq=N&size=BYTES writes one prepared
// message to every socket of /feed, one after the other; one to
// /store-and-broadcast stores a row before. It serves until in ends, so that it
// does not outlive the bench.
func serveBare(in io.Reader, out io.Writer, dir string, rowSize int) (err error) {
	table, err := openBare(dir, rowSize)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, table.close()) }()
	var mu sync.Mutex // protects conns and table
	var conns []*websocket.Conn
	up := websocket.Upgrader{ReadBufferSize: 512, WriteBufferSize: 512}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /feed", func(w http.ResponseWriter, r *http.Request) {
		c, err := up.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		mu.Lock()
		conns = append(conns, c)
		mu.Unlock()
		go c.ReadMessage() // sees the end
	})
	broadcast := func(store bool) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			size, err := strconv.Atoi(r.FormValue("size"))
			if err != nil || size > 1<<20 {
				http.Error(w, "size: bytes of the frame", http.StatusBadRequest)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			if store {
				if err := table.one(); err != nil {
					http.Error(w, err.Error(), http.StatusInternalServerError)
					return
				}
			}
			m, err := websocket.NewPreparedMessage(websocket.TextMessage, bareFrame(r.FormValue("seq"), size))
			if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			for _, c := range conns {
				c.SetWriteDeadline(time.Now().Add(5 * time.Second))
				if err := c.WritePreparedMessage(m); err != nil {
					http.Error(w, err.Error(), http.StatusInternalServerError)
					return
				}
			}
			w.WriteHeader(http.StatusNoContent)
		}
	}
	mux.HandleFunc("POST /broadcast", broadcast(false))
	mux.HandleFunc("POST /store-and-broadcast", broadcast(true))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	if _, err := fmt.Fprintf(out, "http://%s\n", l.Addr()); err != nil {
		return err
	}
	io.Copy(io.Discard, in)
	srv.Close()
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// bareFrame is a frame of size bytes that names its seq as the feed's do.
func bareFrame(seq string, size int) []byte {
	head, end := `{"type":"snap","topic":"board","epoch":"bare","seq":`+seq+`,"state":"`, `"}`
	return slicesOf(head, bytes.Repeat([]byte("x"), max(0, size-len(head)-len(end))), end)
}

func slicesOf(head string, body []byte, end string) []byte {
	return append(append(append(make([]byte, 0, len(head)+len(body)+len(end)), head...), body...), end...)
}

var errNoBinary = errors.New("is missing: run make build")

// mustExist refuses to measure what was not built.
func mustExist(binary string) error {
	if s, err := os.Stat(binary); err != nil || s.IsDir() {
		return fmt.Errorf("%s %w", binary, errNoBinary)
	}
	return nil
}
