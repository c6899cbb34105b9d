package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"motcua/printer"
	"motcua/printer/printertest"
	"motcua/queue"
)

// hardware is a printer on the network and a daemon that is configured for it.
type hardware struct {
	*process
	t       *testing.T
	printer *printertest.Printer
	data    string
	args    []string
	address string // of the daemon, once it has run: the links on slips name it
}

func startPaper(t *testing.T) *hardware {
	t.Helper()
	return startPaperAs(t, "epson")
}

func startPaperAs(t *testing.T, profile string) *hardware {
	t.Helper()
	h := &hardware{t: t, printer: printertest.New(printertest.Options{Keep: 1000}), data: t.TempDir()}
	server, err := h.printer.Start(t.Context(), "127.0.0.1:0") // 9100 itself may be taken
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(server.Close(), h.printer.Close()); err != nil {
			t.Error(err)
		}
	})
	conf := filepath.Join(t.TempDir(), "motcua.toml")
	write(t, conf, fmt.Sprintf("[printer]\ndevice = %q\nprofile = %q\n", server.URI(), profile))
	h.args = []string{"--config", conf}
	h.start()
	return h
}

// start runs the daemon, after the first time under the same address.
func (h *hardware) start() {
	h.t.Helper()
	args := h.args
	if h.address != "" {
		args = append(slices.Clone(args), "--listen", h.address)
	}
	h.process = start(h.t, h.data, args...)
	h.address = strings.TrimPrefix(h.base, "http://")
}

type issued struct {
	ID    queue.TicketID `json:"id"`
	Label string         `json:"label"`
	Ahead int            `json:"ahead"`
	Link  string         `json:"link"`
}

func (h *hardware) issue(body string) issued {
	h.t.Helper()
	var a issued
	if code, err := h.post("/tickets", "", body, &a); err != nil || code != 201 {
		h.t.Fatalf("issue %s: %d %v", body, code, err)
	}
	return a
}

// cut waits for the n-th slip to be cut off.
func (h *hardware) cut(n int) printertest.Ticket {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), 30*time.Second)
	defer cancel()
	tickets, err := h.printer.Wait(ctx, n)
	if err != nil {
		h.kill() // its log may be read only now
		h.t.Fatalf("%v; printer %+v; log:\n%s", err, h.printer.Stats(), h.errs.String())
	}
	return tickets[n-1]
}

// taken is when a ticket was issued, in Vietnam, which has no summer time.
func (h *hardware) taken(id queue.TicketID) time.Time {
	h.t.Helper()
	var v struct {
		Issued int64 `json:"issued"`
	}
	h.get(fmt.Sprintf("/api/v1/tickets/%d", id), &v)
	return time.UnixMilli(v.Issued).In(time.FixedZone("ICT", 7*3600))
}

// The words below are the ticket's, as a reader of the language writes them:
// nothing is taken from the program's own texts.

func vietnamese(a issued, at time.Time) printer.Slip {
	ahead := "không có ai"
	if a.Ahead > 0 {
		ahead = fmt.Sprintf("%d người", a.Ahead)
	}
	day := [...]string{"Chủ Nhật", "Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy"}[at.Weekday()]
	part := "Buổi sáng"
	if at.Hour() >= 12 {
		part = "Buổi chiều"
	}
	return printer.Slip{
		Unit: "Trung tâm Phục vụ hành chính công", Centre: "Phường Mẫu", Number: a.Label,
		Rows: []printer.Row{{Label: "Trước bạn", Value: ahead}},
		Link: a.Link, LinkHint: "Quét mã để theo dõi số trên điện thoại.",
		Issued: []printer.Line{{Text: "Lấy lúc", Bold: at.Format("15:04")}, {Text: part + ", " + day}, {Bold: at.Format("02/01/2006")}},
		Notice: "Vui lòng theo dõi màn hình và giữ phiếu đến khi được phục vụ.",
	}
}

func english(a issued, at time.Time) printer.Slip {
	ahead := fmt.Sprintf("%d people", a.Ahead)
	switch a.Ahead {
	case 0:
		ahead = "nobody"
	case 1:
		ahead = "1 person"
	}
	part := " morning"
	if at.Hour() >= 12 {
		part = " afternoon"
	}
	return printer.Slip{
		Unit: "Public service centre", Centre: "Model Ward", Number: a.Label,
		Rows: []printer.Row{{Label: "Ahead of you", Value: ahead}},
		Link: a.Link, LinkHint: "Scan to follow your number on your phone.",
		Issued: []printer.Line{{Text: "Taken at", Bold: at.Format("15:04")}, {Text: at.Weekday().String() + part}, {Bold: at.Format("02/01/2006")}},
		Notice: "Please watch the display and keep this slip until you are served.",
	}
}

// looksLike compares a piece of paper with a slip, dot for dot. One that is not
// whole hangs on what a broken job left, whose last rows may reach into the
// margin above the frame that names the reprint.
func looksLike(t *testing.T, got *printertest.Picture, slip printer.Slip, whole bool) {
	t.Helper()
	want, err := printer.Layout(slip, 576)
	if err != nil {
		t.Fatal(err)
	}
	size := got.Bounds()
	above := size.Dy() - want.Height
	if size.Dx() != want.Width || above < 0 || whole && above != 0 {
		t.Errorf("%s: paper of %v, want %v", slip.Number, size, want.Bounds())
		return
	}
	wrong, from := 0, 0
	if !whole {
		from = 16
	}
	for y := from; y < want.Height; y++ {
		for x := range want.Width {
			if got.Black(x, above+y) != want.Black(x, y) {
				wrong++
			}
		}
	}
	if wrong > 0 {
		t.Errorf("%s: %d dots differ from what was to be printed: %+v", slip.Number, wrong, slip)
	}
}

// read reads the code on a piece of paper as a phone does.
func read(t *testing.T, paper *printertest.Picture) string {
	t.Helper()
	// Of a whole slip the reader misses one random link in sixty, which other
	// readers read; of the code alone it need not guess where the corners are.
	source := gozxing.NewLuminanceSourceFromImage(part{paper, codeOn(paper)})
	bitmap, err := gozxing.NewBinaryBitmap(gozxing.NewGlobalHistgramBinarizer(source))
	if err != nil {
		t.Fatal(err)
	}
	got, err := qrcode.NewQRCodeReader().Decode(bitmap, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_PURE_BARCODE: true})
	if err != nil {
		t.Fatalf("read the code: %v", err)
	}
	return got.GetText()
}

// codeOn finds the code on a slip: the tallest block without a blank row at
// the left edge, where nothing else is as tall.
func codeOn(paper *printertest.Picture) image.Rectangle {
	const width = 256 // dots; the words beside the code begin further right
	var code image.Rectangle
	from := -1
	for y := range paper.Bounds().Dy() + 1 {
		ink := false
		for x := 0; x < width && !ink; x++ {
			ink = paper.Black(x, y)
		}
		switch {
		case ink && from < 0:
			from = y
		case !ink && from >= 0:
			if y-from > code.Dy() {
				code = image.Rect(0, from, width, y)
			}
			from = -1
		}
	}
	return code
}

// part is a window on a picture.
type part struct {
	image.Image
	window image.Rectangle
}

func (p part) Bounds() image.Rectangle { return p.window }

// languages counts the rows in which a slip's language is still known.
func languages(t *testing.T, data string) int {
	t.Helper()
	db := centreDB(t, data)
	defer db.Close()
	var n int
	if err := db.QueryRow(`SELECT count(*) FROM slip_languages`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestTicketOnPaper prints over TCP and holds the paper against the words.
func TestTicketOnPaper(t *testing.T) {
	h := startPaper(t)
	for i, x := range []struct {
		body, category, where, mark string
		slip                        func(issued, time.Time) printer.Slip
	}{
		{`{"category":"A","slip_language":"vi"}`, "Chứng thực", "Khu A, quầy 1–3, 7", "", vietnamese},
		{`{"category":"A","slip_language":"en"}`, "Certification", "Area A, counters 1–3, 7", "", english},
		{`{"category":"A","slip_language":"en"}`, "Certification", "Area A, counters 1–3, 7", "", english},
		{`{"category":"D"}`, "Hộ kinh doanh", "Khu B, quầy 3, 5", "", vietnamese}, // the hall's first language
		{`{"category":"M","slip_language":"en"}`, "Taxes, fees", "Area B, counter 3", "", english},
		{`{"category":"P","slip_language":"vi","class":"priority"}`, "Công an: cư trú, căn cước", "Khu B, quầy 6", "Ưu tiên", vietnamese},
	} {
		a := h.issue(x.body)
		paper := h.cut(i + 1)
		slip := x.slip(a, h.taken(a.ID))
		slip.Category, slip.Mark = x.category, x.mark
		label := map[bool]string{true: "Chờ tại", false: "Wait at"}[slip.Unit != "Public service centre"]
		slip.Rows = append(slip.Rows, printer.Row{Label: label, Value: x.where})
		looksLike(t, paper.Image, slip, true)
		if paper.TextBytes != 0 || paper.Unknown != 0 {
			t.Errorf("%s: %d bytes came out as text, %d commands unknown to the printer", a.Label, paper.TextBytes, paper.Unknown)
		}
		if got := read(t, paper.Image); got != a.Link || !strings.HasPrefix(got, h.base+"/t/") {
			t.Errorf("%s: the code says %q, the API %q", a.Label, got, a.Link)
		}
		resp, err := http.Get(a.Link)
		if err != nil {
			t.Fatal(err)
		}
		page, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != 200 || !strings.Contains(string(page), a.Label) {
			t.Errorf("GET %s: %d, without %s (%v)", a.Link, resp.StatusCode, a.Label, err)
		}
	}
	h.stop() // it ends when the last slip's end is recorded
	if n := languages(t, h.data); n != 0 {
		t.Errorf("%d languages are still known after their slips are out", n)
	}
}

// Numbers go on while the roll is empty, and come out once each when it is not.
func TestPaperOut(t *testing.T) {
	h := startPaper(t)
	h.printer.Fault(printertest.Fault{Kind: printertest.PaperOut})
	var want []string
	for range 5 {
		want = append(want, h.issue(`{"category":"B","slip_language":"en"}`).Link)
	}
	h.printer.Repair()
	h.cut(len(want))
	h.stop()
	var got []string
	for _, paper := range h.printer.Tickets() {
		got = append(got, read(t, paper.Image))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("codes on paper (-want +got):\n%s", diff)
	}
	if n := languages(t, h.data); n != 0 {
		t.Errorf("%d languages are still known", n)
	}
}

// TestKilledWhilePrinting ends the daemon in the middle of a slip. The next one
// prints the same number again, says so on it, and gives it to nobody else.
func TestKilledWhilePrinting(t *testing.T) {
	for _, x := range []struct {
		name, language, mark, category, row, where string
		slip                                       func(issued, time.Time) printer.Slip
		whole                                      bool // the paper is out, and the daemon ends before it hears so
	}{
		{"half a slip", "vi", "BẢN IN LẠI", "Hộ tịch", "Chờ tại", "Khu A, quầy 1, 2, 6", vietnamese, false},
		{"half a slip in English", "en", "REPRINT", "Civil status", "Wait at", "Area A, counters 1, 2, 6", english, false},
		{"a whole slip nobody knows of", "vi", "BẢN IN LẠI", "Hộ tịch", "Chờ tại", "Khu A, quầy 1, 2, 6", vietnamese, true},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel() // mostly it waits for the printer's last word
			h := startPaper(t)
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			if x.whole {
				h.printer.Fault(printertest.Fault{Kind: printertest.AckLost})
			} else { // in the middle of its picture
				h.printer.Fault(printertest.Fault{Kind: printertest.Stalled, At: 3000})
			}
			a := h.issue(fmt.Sprintf(`{"category":"B","slip_language":%q}`, x.language))
			slip := x.slip(a, h.taken(a.ID))
			slip.Category = x.category
			slip.Rows = append(slip.Rows, printer.Row{Label: x.row, Value: x.where})
			slips := 0
			if x.whole {
				slips++
				looksLike(t, h.cut(slips).Image, slip, true)
			} else if err := h.printer.Until(ctx, func(s printertest.Stats) bool { return s.Received >= 3000 }); err != nil {
				t.Fatal(err)
			}
			h.kill()
			if n := languages(t, h.data); n != 1 {
				t.Errorf("%d languages are known while a slip is on its way", n)
			}
			h.printer.Fault(printertest.Fault{Kind: printertest.Cable}) // the rest of the slip is lost with the connection
			h.printer.Repair()
			h.start()
			slip.Reprint = x.mark
			slips++
			looksLike(t, h.cut(slips).Image, slip, false)
			if next := h.issue(`{"category":"B"}`); next.Label == a.Label || next.Link == a.Link {
				t.Errorf("%s was given out twice", a.Label)
			}
			slips++
			if got := read(t, h.cut(slips).Image); got == a.Link {
				t.Errorf("%s came out once more", a.Label)
			}
			h.stop()
			if n := languages(t, h.data); n != 0 {
				t.Errorf("%d languages are still known", n)
			}
			if got := len(h.printer.Tickets()); got != slips {
				t.Errorf("%d slips came out, want %d", got, slips)
			}
		})
	}
}

// A slip that never came out takes its language along when its day is over.
func TestLanguageEndsWithTheDay(t *testing.T) {
	o := openTimed(t, "16:00")
	o.printer.Fault(printertest.Fault{Kind: printertest.PaperOut})
	if code := o.ask("POST", "/tickets", `{"category":"B","slip_language":"en"}`, nil); code != 201 {
		t.Fatalf("issue: %d", code)
	}
	data := o.machine.Data
	if n := languages(t, data); n != 1 {
		t.Errorf("%d languages are known while a slip waits for paper, want 1", n)
	}
	o.ahead.Add(int64(24 * time.Hour)) // the next day begins by itself
	o.until("the language is forgotten on the next day", func() bool { return languages(t, data) == 0 })
}

// A printer that does not say what it is gets slips every printer understands,
// and health says which profile that is and what to do.
func TestPrinterNotRecognised(t *testing.T) {
	h := startPaperAs(t, "auto")
	a := h.issue(`{"category":"A"}`)
	got := h.cut(1)
	if text := strings.TrimSpace(got.Text); got.Unknown != 0 || text != "" && text != a.Label {
		t.Errorf("%q came out as text, %d commands unknown", text, got.Unknown)
	}
	var b json.RawMessage
	h.get("/api/v1/health", &b)
	says(t, string(b), `"name":"printer","status":"ok"`, "does not say what model it is: profile generic is used", "[printer] profile in motcua.toml")
	h.stop()
}

// A profile's file that is wrong degrades the printer and stops nothing: slips
// come out as every printer understands them, and health says what is wrong.
func TestProfileFileIsWrong(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mine.toml")
	write(t, path, "based_on = \"epson\"\ndpi = 180\n")
	h := startPaperAs(t, path)
	h.issue(`{"category":"A"}`)
	if got := h.cut(1); got.Unknown != 0 {
		t.Errorf("%d commands unknown", got.Unknown)
	}
	var b json.RawMessage
	h.get("/api/v1/health", &b)
	says(t, string(b), `"name":"printer","status":"degraded","code":"profile"`, "mine.toml: 1 problem", "line 2: width_dots", "motcua printer profile")
	h.stop()
}

// A USB printer that is not there yet is waited for; numbers are given out.
func TestPrinterNotPluggedIn(t *testing.T) {
	conf := filepath.Join(t.TempDir(), "motcua.toml")
	write(t, conf, "[printer]\ndevice = \"usb:?mdl=NEVER-PLUGGED-IN\"\n")
	p := start(t, t.TempDir(), "--config", conf)
	if code, err := p.post("/tickets", "", `{"category":"A"}`, nil); err != nil || code != 201 {
		t.Errorf("issue: %d %v", code, err)
	}
	var b json.RawMessage
	p.get("/api/v1/health", &b)
	says(t, string(b), `"name":"printer","status":"degraded","code":"unreachable"`, "usb:?mdl=NEVER-PLUGGED-IN", "Check its power, its cable")
	p.stop()
}

// Without a printer numbers are given out all the same, and health says what
// is missing and where to name it.
func TestNoPrinter(t *testing.T) {
	c := startStaffed(t)
	c.must("/tickets", `{"category":"A","slip_language":"en"}`)
	_, b := c.send(ask{name: "health", method: "GET", path: "/api/v1/health"}, "en")
	says(t, string(b), `"status":"degraded"`, `"name":"printer","status":"degraded","code":"absent"`, `"hint":"Name it under [printer] device in motcua.toml."`)
	c.stop()
	says(t, c.out.String(), "no printer is configured", "[printer] device")
	if n := languages(t, c.data); n != 0 {
		t.Errorf("%d languages are known, and no slip will ever need them", n)
	}
}
