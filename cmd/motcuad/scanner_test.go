package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"motcua/internal/tty/ttytest"
	"motcua/kiosk"
	"motcua/printer"
	"motcua/printer/printertest"
	"motcua/queue"
)

// What is scanned in the tests below and must not be found anywhere afterwards.
// The persons and codes are invented.
const (
	canaryNumber  = "046058777123"
	canaryCard    = canaryNumber + "||CANARY THỊ HẠ|15081958|Nữ|CANARY ĐƯỜNG|10052021"
	canaryDossier = "H57.777-260130-7123"
	canaryOther   = "CANARY-VNEID-eyJhbGciOi"
)

var canaries = []string{canaryNumber, "CANARY", "15081958", canaryDossier, "https://canary"}

// scanned is a daemon with a scanner and a printer.
type scanned struct {
	*hardware
	gun  *os.File // the scanner's end of its line
	link string   // where the line is plugged in
	n    int      // papers so far
}

func startScanner(t *testing.T) *scanned {
	t.Helper()
	h := &scanned{hardware: &hardware{t: t, printer: printertest.New(printertest.Options{Keep: 100}), data: t.TempDir()}}
	server, err := h.printer.Start(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(server.Close(), h.printer.Close()); err != nil {
			t.Error(err)
		}
	})
	centre, err := os.ReadFile("../../internal/config/demo.toml")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	// An old person's card may claim what may be claimed at a button.
	claims := bytes.Replace(centre, []byte("head_start = 60\n"), []byte("head_start = 60\nbutton = true\n"), 1)
	write(t, filepath.Join(dir, "centre.toml"), string(claims))
	h.link = filepath.Join(dir, "scanner")
	conf := filepath.Join(dir, "motcua.toml")
	write(t, conf, fmt.Sprintf("centre = %q\n[printer]\ndevice = %q\nprofile = \"epson\"\n[scanner]\ndevice = %q\n",
		filepath.Join(dir, "centre.toml"), server.URI(), "serial://"+h.link))
	h.args = []string{"--config", conf}
	h.start()
	return h
}

func (h *scanned) plugIn() {
	h.t.Helper()
	gun, path := ttytest.Pair(h.t)
	h.t.Cleanup(func() { gun.Close() })
	os.Remove(h.link)
	if err := os.Symlink(path, h.link); err != nil {
		h.t.Fatal(err)
	}
	h.gun = gun
	h.becomes("ok", "ok")
}

// becomes waits until health says so of the scanner.
func (h *scanned) becomes(status, code string) {
	h.t.Helper()
	var health struct {
		Status string
		Parts  []struct{ Name, Status, Code, Hint string }
	}
	for end := time.Now().Add(20 * time.Second); ; <-time.After(20 * time.Millisecond) {
		h.get("/api/v1/health", &health)
		for _, p := range health.Parts {
			if p.Name == "scanner" && p.Status == status && p.Code == code && (code == "ok" || p.Hint != "") {
				return
			}
		}
		if time.Now().After(end) {
			h.t.Fatalf("the scanner is not %s %s: %+v", status, code, health)
		}
	}
}

// scan holds a code under the scanner and waits for the paper it gives.
func (h *scanned) scan(text string) printertest.Ticket {
	h.t.Helper()
	if _, err := h.gun.WriteString(text + "\r"); err != nil {
		h.t.Fatal(err)
	}
	h.n++
	return h.cut(h.n)
}

type ticketView struct {
	Label, Category, Entry, Claim, Class string
	State                                queue.TicketState
}

// last is the newest ticket.
func (h *scanned) last() (v ticketView) {
	h.t.Helper()
	var desk struct{ Seq queue.TicketID }
	h.get("/api/v1/appointments", &desk) // it says where the journal is
	for id := desk.Seq; id > 0; id-- {
		if h.read(fmt.Sprintf("/api/v1/tickets/%d", id), &v) == nil {
			return v
		}
	}
	h.t.Fatal("there is no ticket")
	return v
}

// TestScannerAtThePanel: every kind of code does what it should with a real
// line, a printer and the whole daemon, whether the scanner was there at the
// start or not; and of no code is anything left, on disk, in the log or in the
// memory of the process.
func TestScannerAtThePanel(t *testing.T) {
	h := startScanner(t)
	h.becomes("degraded", "absent")
	h.plugIn()

	paper := h.scan("NGUYỄN CANARY;" + canaryDossier + ";0905000000")
	if v := h.last(); v.Entry != "receipt" || v.Category != "R" || !strings.Contains(read(t, paper.Image), "/t/") {
		t.Errorf("a receipt got %+v", v)
	}

	slot := time.Now().Add(10 * time.Minute).Format(time.RFC3339)
	if code, err := h.post("/appointments", "", fmt.Sprintf(`{"bookings":[{"code":"DEMO-17","slot":%q,"category":"A"}]}`, slot), nil); err != nil || code != 200 {
		t.Fatalf("book: %d %v", code, err)
	}
	h.scan("DEMO-17")
	if v := h.last(); v.Entry != "appointment" || v.Category != "A" {
		t.Errorf("an appointment got %+v", v)
	}

	// A card gives no paper; the press that follows claims its holder's class.
	if _, err := h.gun.WriteString(canaryCard + "\r"); err != nil {
		t.Fatal(err)
	}
	h.untilLampsBlink()
	if code, err := h.post("/demo/press", "", `{"button":"B"}`, nil); err != nil || code != 204 {
		t.Fatalf("press: %d %v", code, err)
	}
	h.n++
	h.cut(h.n)
	if v := h.last(); v.Claim != "priority" || v.Class != "normal" || v.Category != "B" {
		t.Errorf("after an old person's card a press got %+v", v)
	}

	// A slip is told how it stands, and gets no second number.
	mine := h.issue(`{"category":"C"}`)
	h.n++
	h.cut(h.n)
	says := func(paper printertest.Ticket, title, notice string, rows ...printer.Row) {
		t.Helper()
		looksLike(t, paper.Image, printer.Slip{Unit: "Trung tâm Phục vụ hành chính công", Centre: "Phường Mẫu", Category: title, Rows: rows, Notice: notice}, true)
	}
	says(h.scan(mine.Link), "Số của bạn: "+mine.Label, "Mời giữ phiếu cũ: quầy gọi theo phiếu đó.",
		printer.Row{Label: "Trước bạn", Value: "không có ai"}, printer.Row{Label: "Chờ tại", Value: "Khu B, quầy 4, 5"})
	if v := h.last(); v.Label != mine.Label {
		t.Errorf("a slip got the number %+v", v)
	}

	// What is not known is answered and forgotten, however it came.
	says(h.scan(canaryOther), "Máy không nhận ra mã này",
		"Mời bấm nút để lấy số hoặc hỏi bàn hướng dẫn. Máy đọc được giấy tiếp nhận hồ sơ, mã lịch hẹn, căn cước và phiếu của máy.")
	if _, err := h.gun.WriteString("https://canary.example/" + strings.Repeat("CANARY", 1000) + "\r"); err != nil {
		t.Fatal(err)
	}

	// Pulled out and put back, with a code half read.
	if _, err := h.gun.WriteString(canaryCard[:40]); err != nil {
		t.Fatal(err)
	}
	os.Remove(h.link)
	h.gun.Close()
	h.becomes("degraded", "absent")
	h.plugIn()
	says(h.scan("motcua:appointment:DEMO-17"), "Không cấp được số", "Lịch hẹn này đã xác nhận đến hoặc đã hủy. Mời hỏi bàn hướng dẫn.")
	if v := h.last(); v.Label != mine.Label {
		t.Errorf("a second check-in got %+v", v)
	}

	h.forgot()
	h.stop()
	if log := h.errs.String(); strings.Contains(log, "DEMO-17") || found([]byte(log)) != "" {
		t.Errorf("the log holds what was scanned:\n%s", log)
	}
	err := filepath.WalkDir(h.data, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if s := found(b); s != "" {
			t.Errorf("%s holds %q", d.Name(), s)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// untilLampsBlink waits until the panel invites to choose.
func (h *scanned) untilLampsBlink() {
	h.t.Helper()
	panel := h.follow("panel", nil)
	for end := time.Now().Add(20 * time.Second); ; {
		f := panel.next()
		var v panelView
		if len(f.State) > 0 {
			if err := json.Unmarshal(f.State, &v); err != nil {
				h.t.Fatal(err)
			}
		}
		for _, b := range v.Buttons {
			if b.ID == "B" && b.Lamp == kiosk.LampPrinting {
				return
			}
		}
		if time.Now().After(end) {
			h.t.Fatal("a card does not invite to choose")
		}
	}
}

// found names the first canary in b.
func found(b []byte) string {
	for _, c := range canaries {
		if bytes.Contains(b, []byte(c)) {
			return c
		}
	}
	return ""
}

var mapped = regexp.MustCompile(`(?m)^([0-9a-f]+)-([0-9a-f]+) rw`)

// forgot looks for the canaries in all the memory the daemon can write to: what
// a core dump would hold.
func (h *scanned) forgot() {
	h.t.Helper()
	proc := fmt.Sprintf("/proc/%d/", h.cmd.Process.Pid)
	maps, err := os.ReadFile(proc + "maps")
	if err != nil {
		h.t.Fatal(err)
	}
	mem, err := os.Open(proc + "mem")
	if errors.Is(err, fs.ErrPermission) {
		h.t.Logf("memory not looked at: %v", err)
		return
	}
	if err != nil {
		h.t.Fatal(err)
	}
	defer mem.Close()
	looked := 0
	for _, m := range mapped.FindAllSubmatch(maps, -1) {
		var from, to int64
		fmt.Sscanf(string(m[1]), "%x", &from)
		fmt.Sscanf(string(m[2]), "%x", &to)
		const piece = 1 << 20
		b := make([]byte, piece+256) // canaries across two pieces are found too
		for at := from; at < to; at += piece {
			n, _ := mem.ReadAt(b[:min(int64(len(b)), to-at)], at) // pages never used can't be read
			looked += n
			if s := found(b[:n]); s != "" {
				h.t.Errorf("the daemon's memory holds %q at %x", s, at)
			}
		}
	}
	if looked < 1<<20 {
		h.t.Errorf("looked at %d bytes of memory alone", looked)
	}
}
