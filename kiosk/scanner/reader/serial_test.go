package reader_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"motcua/internal/tty/ttytest"
	"motcua/kiosk/scanner/reader"
)

// patience is for a machine that does other things too.
const patience = 20 * time.Second

// plug puts what is at to in the scanner's place; "" pulls it out.
func plug(t *testing.T, link, to string) {
	t.Helper()
	if err := os.Remove(link); err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	if to == "" {
		return
	}
	if err := os.Symlink(to, link); err != nil {
		t.Fatal(err)
	}
}

// listening is a reader of a real device.
type listening struct {
	t      *testing.T
	codes  chan string
	states chan reader.Status
}

func listen(t *testing.T, uri string) *listening {
	t.Helper()
	l := &listening{t, make(chan string, 64), make(chan reader.Status, 64)}
	r, err := reader.New(reader.Options{URI: uri,
		Code:    func(text []byte) { l.codes <- string(text) },
		Changed: func(s reader.Status) { l.states <- s },
	})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); r.Run(t.Context()) }()
	t.Cleanup(func() { <-ended }) // t's context has ended by then
	return l
}

// becomes waits until the scanner is in a state.
func (l *listening) becomes(code reader.Code) reader.Status {
	l.t.Helper()
	late := time.After(patience)
	for {
		select {
		case s := <-l.states:
			if s.Code == code {
				return s
			}
		case <-late:
			l.t.Fatalf("the scanner did not become %s", code)
		}
	}
}

func (l *listening) hears(want ...string) {
	l.t.Helper()
	for _, w := range want {
		select {
		case got := <-l.codes:
			if got != w {
				l.t.Errorf("heard %q, want %q", got, w)
			}
		case <-time.After(patience):
			l.t.Fatalf("%q did not come", w)
		}
	}
}

// A real line, at the speed of one: byte by byte, in one piece, garbage in
// between, pulled out in mid-code and put back.
func TestSerialScanner(t *testing.T) {
	link := filepath.Join(t.TempDir(), "scanner")
	l := listen(t, "serial://"+link)
	if s := l.becomes(reader.Absent); s.Msg != "no such port" || !strings.Contains(s.Hint, "plugged in") {
		t.Errorf("not plugged in, it is %+v", s)
	}
	gun, path := ttytest.Pair(t)
	plug(t, link, path)
	l.becomes(reader.OK)

	for _, c := range []byte("046058001234||HỌ VÀ TÊN|15081958|Nam|ĐỊA CHỈ|10052021\r") {
		if _, err := gun.Write([]byte{c}); err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Second * 10 / 9600) // ten bits a byte
	}
	l.hears("046058001234||HỌ VÀ TÊN|15081958|Nam|ĐỊA CHỈ|10052021")
	garbage := make([]byte, 5000)
	for i := range garbage {
		garbage[i] = byte(i*7) | 0x80
	}
	for _, text := range []string{"H57.999-260130-0042\r\nDEMO-17\r", string(garbage) + "\r", "DEMO-18\r", "DEMO-19"} {
		if _, err := gun.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	l.hears("H57.999-260130-0042", "DEMO-17", "", "DEMO-18", "DEMO-19")

	if _, err := gun.Write([]byte("half a co")); err != nil {
		t.Fatal(err)
	}
	plug(t, link, "")
	gun.Close()
	l.becomes(reader.Absent)
	gun, path = ttytest.Pair(t)
	plug(t, link, path)
	l.becomes(reader.OK)
	if _, err := gun.Write([]byte("DEMO-20\r")); err != nil {
		t.Fatal(err)
	}
	l.hears("DEMO-20")
}

// Two programs on one line would each have half of a code.
func TestSerialScannerIsTaken(t *testing.T) {
	_, path := ttytest.Pair(t)
	l := listen(t, "serial://"+path)
	l.becomes(reader.OK)
	_, err := reader.Opener{}.Open(t.Context(), "serial://"+path)
	if e, ok := err.(*reader.Error); !ok || e.Code != reader.Taken || !strings.Contains(e.Hint, "stop") {
		t.Errorf("opened beside another program: %v", err)
	}
}
