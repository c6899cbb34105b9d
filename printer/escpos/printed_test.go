package escpos_test

import (
	"bytes"
	"fmt"
	"image"
	"strings"
	"testing"
	"time"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"motcua/printer"
	"motcua/printer/escpos"
	"motcua/printer/printertest"
)

// slip is a ticket with everything on it.
var slip = printer.Slip{
	Unit: "UBND phường Láng", Centre: "Trung tâm Phục vụ hành chính công", Category: "Chứng thực bản sao",
	Number: "A042", Mark: "Ưu tiên",
	Rows: []printer.Row{{Label: "Số người chờ trước", Value: "7"}, {Label: "Chờ khoảng", Value: "25 phút"}, {Label: "Mời ngồi tại", Value: "Khu A"}},
	Link: "https://so.example.vn/t/2026-11-22/abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ", LinkHint: "Quét mã để theo dõi số",
	Issued: []printer.Line{{Text: "Lấy lúc", Bold: "09:42"}, {Text: "Chủ nhật, 22/11/2026"}},
	Notice: "Vui lòng mang theo căn cước công dân.",
}

// slips are tickets in the hall's languages, long ones too: of words that need
// several lines, of every kind of Vietnamese letter, and of the letters of the
// minority languages that no code table has.
var slips = map[string]printer.Slip{
	"vi": slip,
	"vi, long": {
		Unit:   "Ủy ban nhân dân phường Thượng Thanh – Quận Long Biên, thành phố Hà Nội",
		Centre: "Trung tâm Phục vụ hành chính công phường Thượng Thanh", Number: "BB0427", Mark: "Ưu tiên: người cao tuổi, phụ nữ có thai",
		Category: "Chứng thực bản sao từ bản chính, chứng thực chữ ký trong các giấy tờ, văn bản",
		Rows: []printer.Row{{Label: "Ẵ Ằ Ẳ Ắ Ặ Ề Ể Ễ Ế Ệ Ờ Ở Ỡ Ớ Ợ Ừ Ử Ữ Ứ Ự", Value: "ẵằẳắặềểễếệờởỡớợừửữứự"},
			{Label: "Mời ông (bà) ngồi chờ tại", Value: "Khu B, tầng 2, quầy số 11–14"}},
		Reprint: "BẢN IN LẠI", Link: slip.Link, LinkHint: "Quét mã để theo dõi số thứ tự của mình trên điện thoại, không cần cài đặt gì",
		Issued: slip.Issued, Notice: "Đề nghị mang theo căn cước, bản chính các giấy tờ cần chứng thực và giữ phiếu này đến khi được phục vụ.",
	},
	"en": {
		Unit: "People's Committee of Láng ward", Centre: "Public service centre", Category: "Certification of copies", Number: "C003",
		Rows: []printer.Row{{Label: "Ahead of you", Value: "12 people"}, {Label: "Please wait at", Value: "Area A"}},
		Link: slip.Link, LinkHint: "Scan to follow your number", Issued: []printer.Line{{Text: "Taken at", Bold: "09:42"}},
		Notice: "Please keep this ticket until you have been served.",
	},
	"de": {
		Unit: "Volkskomitee des Stadtbezirks", Centre: "Bürgerservice", Category: "Aufenthaltsangelegenheiten und Führungszeugnisse", Number: "D-17",
		Rows: []printer.Row{{Label: "Vor Ihnen", Value: "niemand"}, {Label: "Ungefähre Wartezeit", Value: "fünf Minuten"}},
		Link: slip.Link, LinkHint: "Zum Mitverfolgen der Nummer scannen", Issued: []printer.Line{{Text: "Gezogen um", Bold: "09:42"}},
		Notice: "Bitte bewahren Sie den Zettel auf, bis Sie an der Reihe waren: größer, höher, weiß.",
	},
	"minority letters": {
		Unit: "Sang bruă ƀuôn čar", Centre: "Anôk mă bruă kơ mnuih ƀuôn sang", Category: "Hră mơar ơ̆ ư̆ ê̆ o̱ ŏ ĭ ʔ ƀ", Number: "E001",
		Rows: []printer.Row{{Label: "Ơ̆ Ư̆ Ê̆ O̱", Value: "ŏ ƀ ʔ"}}, Link: slip.Link, LinkHint: "Ư̆ ơ̆ ê̆",
		Notice: "Kơ̆p pioh hră anei tơl mâo arăng yâo.",
	},
}

// model is a printer that fits a profile.
func model(p escpos.Profile) printertest.Options {
	return printertest.Options{
		Width: p.WidthDots, DPI: p.DPI, NoMotionUnits: !p.MotionUnits, NoProcessID: !p.ProcessID, NoRealTimeOff: !p.RealtimeOff,
		NoGraphics: p.Graphics != escpos.GSParenL && !p.Memory, NoRaster: p.Graphics != escpos.GSv0, NoCode: !p.NativeCode,
		NoClear: !p.ClearFn8, NoNearEnd: !p.NearEndSensor, NoLeftTrim: p.LeftTrim == escpos.NoLeftTrim,
		FeedDots: p.Feed == escpos.FeedDots, NoBuzzer: p.Buzzer == escpos.NoBuzzer, NoCutter: !p.Cutter,
		NoStatus: !p.Status && !p.GSR, NoRealTime: !p.Status,
		NoKanji: !p.KanjiCancel, Kanji: p.KanjiCancel, OddTable: p.CodeTable != escpos.NoCodeTable, ScanData: p.ScrubRealtime,
	}
}

// same compares paper with what was laid out, dot for dot.
func same(t *testing.T, got *printertest.Picture, want *printer.Raster) {
	t.Helper()
	if got.Bounds() != want.Bounds() {
		t.Fatalf("paper is %v, want %v", got.Bounds(), want.Bounds())
	}
	wrong := 0
	for y := range want.Height {
		for x := range want.Width {
			if got.Black(x, y) != want.Black(x, y) {
				if wrong++; wrong == 1 {
					t.Errorf("dot (%d, %d) differs first", x, y)
				}
			}
		}
	}
	if wrong > 0 {
		t.Errorf("%d dots differ", wrong)
	}
}

// printed is the paper that the bytes of a job make, which a clean one has
// nothing unknown on.
func printed(t *testing.T, p *printertest.Printer, job []byte) printertest.Ticket {
	t.Helper()
	if _, err := p.Write(job); err != nil {
		t.Fatal(err)
	}
	got := p.Tickets()
	if len(got) == 0 {
		t.Fatal("no ticket was cut")
	}
	last := got[len(got)-1]
	if last.Unknown != 0 {
		t.Errorf("%d commands unknown", last.Unknown)
	}
	return last
}

func named(t *testing.T, name string) escpos.Profile {
	t.Helper()
	profile, err := escpos.Named(name)
	if err != nil {
		t.Fatal(err)
	}
	profile.Cutter = true // without it the paper comes out in one piece
	return profile
}

func at(t *testing.T, profile escpos.Profile, level escpos.Level) *escpos.Protocol {
	t.Helper()
	lang, err := escpos.New(profile)
	if err != nil {
		t.Fatal(err)
	}
	return lang.At(level)
}

func encode(t *testing.T, lang printer.Protocol, s printer.Slip) []byte {
	t.Helper()
	job, err := lang.Encode(s, 42)
	if err != nil {
		t.Fatal(err)
	}
	return job.Bytes
}

// padded is paper as columns leave it, whose last line may be too high.
func padded(r *printer.Raster) *printer.Raster {
	p := printer.NewRaster(r.Width, (r.Height+23)/24*24)
	copy(p.Bits, r.Bits)
	return p
}

// Every profile at every level that sends pictures alone, in every language:
// the paper is the layout, dot for dot.
func TestPaperEqualsLayout(t *testing.T) {
	for _, name := range escpos.Profiles() {
		for _, level := range []escpos.Level{escpos.Plain, escpos.Trimmed, escpos.LeftTrimmed} {
			for words, s := range slips {
				t.Run(name+"/"+string(level)+"/"+words, func(t *testing.T) {
					profile := named(t, name)
					want, err := printer.Layout(s, profile.WidthDots)
					if err != nil {
						t.Fatal(err)
					}
					if profile.Graphics == escpos.Column && level == escpos.Plain {
						want = padded(want)
					}
					p := printertest.New(model(profile))
					defer p.Close()
					got := printed(t, p, encode(t, at(t, profile, level), s))
					if got.TextBytes != 0 {
						t.Errorf("%d bytes came out as text %q", got.TextBytes, got.Text)
					}
					same(t, got.Image, want)
				})
			}
		}
	}
}

// outside counts the dots that differ in rows outside the parts.
func outside(got *printertest.Picture, want *printer.Page, parts ...printer.Part) int {
	wrong := 0
rows:
	for y := range want.Height {
		for _, part := range parts {
			if y >= part.Top && y < part.Bottom {
				continue rows
			}
		}
		for x := range want.Width {
			if got.Black(x, y) != want.Black(x, y) {
				wrong++
			}
		}
	}
	return wrong
}

// What the printer draws itself stands where the layout has it, and says the
// same; all else is the layout, dot for dot.
func TestNativePartsStandInTheirPlace(t *testing.T) {
	for _, name := range escpos.Profiles() {
		for _, trim := range []escpos.LeftTrim{escpos.NoLeftTrim, escpos.ESCDollar, escpos.GSL} {
			for _, level := range []escpos.Level{escpos.NativeCode, escpos.NativeNumber, escpos.Stored} {
				profile := named(t, name)
				all := slips
				if trim != profile.LeftTrim {
					all = map[string]printer.Slip{"vi": slip}
				}
				profile.LeftTrim = trim
				for words, s := range all {
					t.Run(name+"/"+string(trim)+"/"+string(level)+"/"+words, func(t *testing.T) { native(t, profile, level, s) })
				}
			}
		}
	}
}

func native(t *testing.T, profile escpos.Profile, level escpos.Level, slip printer.Slip) {
	want, err := printer.Compose(slip, profile.WidthDots, profile.NativeCode || profile.Memory)
	if err != nil {
		t.Fatal(err)
	}
	p := printertest.New(model(profile))
	defer p.Close()
	lang := printer.Memory(at(t, profile, level))
	if profile.Memory && level == escpos.Stored {
		lang = stock(t, p, lang, slip)
	}
	job := encode(t, lang, slip)
	got := printed(t, p, job)
	if b := got.Image.Bounds(); b != want.Bounds() {
		t.Fatalf("paper is %v, want %v", b, want.Bounds())
	}
	var own []printer.Part
	if profile.NativeCode {
		own = append(own, want.Code.Part)
		if len(got.Codes) != 1 || got.Codes[0] != slip.Link {
			t.Errorf("codes %q, want the link", got.Codes)
		}
		c := want.Code
		if inked := ink(got.Image, c.Part); inked.Min.X != c.X || inked.Dx() != c.Bottom-c.Top || inked.Dy() != c.Bottom-c.Top {
			t.Errorf("the code is inked in %v, want %d dots from (%d, %d)", inked, c.Bottom-c.Top, c.X, c.Top)
		}
		if link := scan(t, got.Image); link != slip.Link {
			t.Errorf("the code on paper says %q", link)
		}
	} else if len(got.Codes) != 0 {
		t.Errorf("codes %q of a printer that draws none", got.Codes)
	}
	text := ""
	if level != escpos.NativeCode {
		text = slip.Number + "\n"
		n := want.Number
		own = append(own, n.Part)
		inked := ink(got.Image, n.Part)
		least := (n.Bottom - n.Top) / 2
		if profile.Graphics == escpos.Column {
			least -= 23 / 2 // rows that the picture above may take
		}
		if inked.Min.X < n.X || inked.Max.X > n.X+n.Width || inked.Dy() < least {
			t.Errorf("the number is inked in %v, its place is %d dots from %d, rows %d to %d", inked, n.Width, n.X, n.Top, n.Bottom)
		}
	}
	if got.Text != text {
		t.Errorf("the paper has the text %q, want %q", got.Text, text)
	}
	if wrong := outside(got.Image, want, own...); wrong > 0 {
		t.Errorf("%d other dots differ", wrong)
	}
	if profile.Memory && level == escpos.Stored && bytes.Count(job, []byte("\x1D(L\x06\x000E")) < 12 {
		t.Error("the job draws nothing from the memory")
	}
}

// ink is the smallest box around a part's ink.
func ink(pic *printertest.Picture, part printer.Part) image.Rectangle {
	var box image.Rectangle
	for y := part.Top; y < part.Bottom; y++ {
		for x := range pic.Bounds().Dx() {
			if pic.Black(x, y) {
				box = box.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return box
}

// scan reads the code as a telephone does.
func scan(t *testing.T, pic image.Image) string {
	t.Helper()
	bitmap, err := gozxing.NewBinaryBitmapFromImage(pic)
	if err != nil {
		t.Fatal(err)
	}
	found, err := qrcode.NewQRCodeReader().Decode(bitmap, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true})
	if err != nil {
		t.Fatal(err)
	}
	return found.GetText()
}

// stock makes a printer keep what a slip shares, and returns its language.
func stock(t *testing.T, p *printertest.Printer, lang printer.Memory, s printer.Slip) printer.Memory {
	t.Helper()
	b, _, err := lang.Store(s)
	if err != nil {
		t.Fatal(err)
	}
	if len(b) == 0 {
		t.Fatal("nothing to be stored")
	}
	if _, err := p.Write(b); err != nil {
		t.Fatal(err)
	}
	return lang.Knowing(keys(t, p, lang))
}

// keys asks a printer what it keeps, over a connection.
func keys(t *testing.T, p *printertest.Printer, lang printer.Memory) []string {
	t.Helper()
	host := p.Pipe()
	defer host.Close()
	if err := host.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	parser := lang.NewParser()
	var all []string
	ask := lang.KeysRequest()
	buf := make([]byte, 256)
	for {
		if _, err := host.Write(ask); err != nil {
			t.Fatal(err)
		}
		ask = nil
		for ask == nil {
			n, err := host.Read(buf)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range parser.Feed(buf[:n], time.Now()) {
				if r.Keys == nil {
					continue
				}
				all = append(all, r.Keys.List...)
				if !r.Keys.More {
					return all
				}
				ask = lang.KeysTaken()
			}
		}
	}
}

// What is stored once is not written again, and one that knows it all stores
// nothing; what comes of several slips is found under different keys.
func TestStoreWritesNothingTwice(t *testing.T) {
	profile := named(t, "everything")
	p := printertest.New(model(profile))
	defer p.Close()
	lang := printer.Memory(at(t, profile, escpos.Stored))
	var slips []printer.Slip
	for i := range 40 {
		s := slip
		s.Category = fmt.Sprintf("%s %d", slip.Category, i)
		slips = append(slips, s)
	}
	said := lang
	var first, all int
	for i, s := range slips {
		b, next, err := said.Store(s)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Write(b); err != nil {
			t.Fatal(err)
		}
		if all += len(b); i == 0 {
			first = len(b)
		}
		said = next
	}
	if most := first + 39*8000; all > most {
		t.Errorf("%d bytes for 40 categories, the first took %d: parts they share are written again", all, first)
	}
	lang = lang.Knowing(keys(t, p, lang)) // more than one block of the list
	for _, s := range slips {
		if b, _, err := lang.Store(s); err != nil || len(b) > 0 {
			t.Fatalf("%d bytes to be stored again, error %v", len(b), err)
		}
		want, err := printer.Compose(s, profile.WidthDots, true)
		if err != nil {
			t.Fatal(err)
		}
		got := printed(t, p, encode(t, lang, s))
		if wrong := outside(got.Image, want, want.Number.Part, want.Code.Part); wrong > 0 {
			t.Fatalf("%s: %d dots differ", s.Category, wrong)
		}
	}
}

// A printer that was replaced keeps nothing: its list is empty, and the slip is
// whole all the same.
func TestReplacedPrinterGetsPictures(t *testing.T) {
	profile := named(t, "everything")
	old := printertest.New(model(profile))
	defer old.Close()
	lang := stock(t, old, at(t, profile, escpos.Stored), slip)
	other := printertest.New(model(profile))
	defer other.Close()
	lang = lang.Knowing(keys(t, other, lang))
	want, err := printer.Compose(slip, profile.WidthDots, true)
	if err != nil {
		t.Fatal(err)
	}
	got := printed(t, other, encode(t, lang, slip))
	if wrong := outside(got.Image, want, want.Number.Part, want.Code.Part); wrong > 0 {
		t.Errorf("%d dots differ", wrong)
	}
}

// A number that is not of plain letters and digits stays a picture.
func TestNumberOfOtherLettersIsAPicture(t *testing.T) {
	profile := named(t, "everything")
	for _, number := range []string{"Đ042", "A 42", "A#42", strings.Repeat("A", 30)} {
		s := slip
		s.Number = number
		p := printertest.New(model(profile))
		defer p.Close()
		got := printed(t, p, encode(t, at(t, profile, escpos.NativeNumber), s))
		if got.TextBytes > 0 {
			t.Errorf("%q: the paper has the text %q", number, got.Text)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	profile, err := escpos.Named("everything")
	if err != nil {
		b.Fatal(err)
	}
	lang, err := escpos.New(profile)
	if err != nil {
		b.Fatal(err)
	}
	for _, level := range escpos.Levels() {
		b.Run(string(level), func(b *testing.B) {
			lang := printer.Memory(lang.At(level))
			if _, stored, err := lang.Store(slip); err != nil {
				b.Fatal(err)
			} else {
				lang = stored
			}
			for b.Loop() {
				job, err := lang.Encode(slip, 42)
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(len(job.Bytes)), "bytes")
			}
		})
	}
}
