package printer_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"motcua/printer"
)

var update = flag.Bool("update", false, "write the pictures in testdata anew")

var ticket = printer.Slip{
	Unit: "UBND phường Láng", Centre: "Trung tâm Phục vụ hành chính công", Category: "Chứng thực bản sao từ bản chính",
	Number: "A042", Mark: "Ưu tiên",
	Rows: []printer.Row{
		{Label: "Số người chờ trước", Value: "7"}, {Label: "Chờ khoảng", Value: "25 phút"},
		{Label: "Mời ngồi tại", Value: "Khu A, tầng 2, bên phải cầu thang"},
	},
	Link: "https://so.example.vn/t/2026-11-23/abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ", LinkHint: "Quét mã để theo dõi số trên điện thoại",
	Issued: []printer.Line{{Text: "Lấy lúc", Bold: "09:42"}, {Text: "Buổi sáng, thứ Hai"}, {Bold: "23/11/2026"}},
	Notice: "Vui lòng mang theo căn cước công dân. Số quá ba lần gọi phải lấy lại.",
}

var refusal = printer.Slip{
	Unit: ticket.Unit, Centre: ticket.Centre, Category: "Hôm nay đã hết số",
	Notice: "Loại này đã hết số của buổi sáng. Mời quay lại từ 13:30 hoặc hỏi quầy hướng dẫn.",
}

var widths = []int{576, 512, 420, 384}

func layout(t testing.TB, s printer.Slip, width int) *printer.Raster {
	t.Helper()
	r, err := printer.Layout(s, width)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The pictures are looked at by people; here they may not change by a dot
// unless somebody runs go test ./printer -update and looks again.
func TestPictures(t *testing.T) {
	again := ticket
	again.Reprint = "BẢN IN LẠI"
	for name, s := range map[string]printer.Slip{"ticket": ticket, "reprint": again, "refusal": refusal} {
		for _, width := range widths {
			name := fmt.Sprintf("%s-%d.png", name, width)
			t.Run(name, func(t *testing.T) {
				r, path := layout(t, s, width), filepath.Join("testdata", name)
				if *update {
					var b bytes.Buffer
					if err := png.Encode(&b, r); err != nil {
						t.Fatal(err)
					}
					if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				f, err := os.Open(path)
				if err != nil {
					t.Fatal(err)
				}
				defer f.Close()
				want, err := png.Decode(f)
				if err != nil {
					t.Fatal(err)
				}
				if want.Bounds() != r.Bounds() {
					t.Fatalf("slip is %v, want %v", r.Bounds(), want.Bounds())
				}
				for y := range r.Height {
					for x := range r.Width {
						if w, _, _, _ := want.At(x, y).RGBA(); (w == 0) != r.Black(x, y) {
							t.Fatalf("dot (%d, %d) differs", x, y)
						}
					}
				}
			})
		}
	}
}

// Both ways of typing a letter give the same paper.
func TestNormalForms(t *testing.T) {
	composed, apart := ticket, ticket
	for _, f := range []struct{ c, a *string }{
		{&composed.Unit, &apart.Unit}, {&composed.Centre, &apart.Centre}, {&composed.Category, &apart.Category},
		{&composed.Mark, &apart.Mark}, {&composed.LinkHint, &apart.LinkHint}, {&composed.Notice, &apart.Notice},
	} {
		*f.c, *f.a = norm.NFC.String(*f.c), norm.NFD.String(*f.a)
		if *f.c == *f.a && *f.c != "" && strings.ContainsAny(*f.c, "ưạ") {
			t.Fatalf("%q has one form", *f.c)
		}
	}
	for _, width := range widths {
		if !bytes.Equal(layout(t, composed, width).Bits, layout(t, apart, width).Bits) {
			t.Errorf("%d dots: NFD looks different", width)
		}
	}
}

func TestMissingGlyph(t *testing.T) {
	var e *printer.GlyphError
	if err := printer.CheckText("Hộ tịch", "Một 请 hai ก"); !errors.As(err, &e) {
		t.Fatalf("error %v, want a GlyphError", err)
	}
	if got := strings.Join(e.Missing, " "); got != "请 ก" || e.Text != "Một 请 hai ก" {
		t.Errorf("missing %q in %q", got, e.Text)
	}
	s := ticket
	s.Rows = []printer.Row{{Label: "x", Value: "请"}}
	if _, err := printer.Layout(s, 576); !errors.As(err, &e) || !strings.Contains(err.Error(), "A042") {
		t.Errorf("error %v, want one that names slip and letter", err)
	}
	if err := printer.CheckText("Ắ ằ ẳ ẵ ặ", "ĕ ĭ ŏ ŭ ƀ ʔ ʼ ơ̆ ư̆ ê̆ o̱", ""); err != nil {
		t.Error(err)
	}
}

func TestRefusals(t *testing.T) {
	for _, width := range []int{0, 255, 833} {
		if _, err := printer.Layout(ticket, width); err == nil || !strings.Contains(err.Error(), "give 256 to 832") {
			t.Errorf("%d dots: error %v, want one with the remedy", width, err)
		}
	}
	s := ticket
	s.Link = strings.Repeat("x", 107)
	if _, err := printer.Layout(s, 576); err == nil || !strings.Contains(err.Error(), "shorten") {
		t.Errorf("long link: error %v, want one with the remedy", err)
	}
}

func TestCodeReadsBack(t *testing.T) {
	for _, width := range append(widths, 256, 832) {
		for _, link := range []string{"x", ticket.Link, strings.Repeat("W", 106)} {
			s := ticket
			s.Link = link
			bmp, err := gozxing.NewBinaryBitmapFromImage(layout(t, s, width))
			if err != nil {
				t.Fatal(err)
			}
			got, err := qrcode.NewQRCodeReader().Decode(bmp, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true})
			if err != nil {
				t.Errorf("%d dots, %d bytes: %v", width, len(link), err)
			} else if got.GetText() != link {
				t.Errorf("%d dots: code says %q", width, got.GetText())
			}
		}
	}
}

// inked returns the rows and columns that hold ink.
func inked(r *printer.Raster) (left, top, right, bottom int) {
	left, top = r.Width, r.Height
	for y := range r.Height {
		for x := range r.Width {
			if r.Black(x, y) {
				left, right = min(left, x), max(right, x+1)
				top, bottom = min(top, y), max(bottom, y+1)
			}
		}
	}
	return left, top, right, bottom
}

// A mark that has no composed letter lies above or below its letter's ink.
func TestMarksWithoutComposedForm(t *testing.T) {
	ink := func(text string) (top, bottom int) {
		_, top, _, bottom = inked(layout(t, printer.Slip{Number: text}, 576))
		return top, bottom
	}
	// Every number stands below the same rule, on the same baseline.
	dots := func(text string) int {
		r, n := layout(t, printer.Slip{Number: text}, 576), 0
		for y := range r.Height {
			for x := range r.Width {
				if r.Black(x, y) {
					n++
				}
			}
		}
		return n
	}
	for _, c := range []struct {
		plain, marked string
		below         bool
	}{{"ơ", "ơ\u0306", false}, {"ư", "ư\u0306", false}, {"ê", "ê\u0306", false}, {"o", "o\u0331", true}} {
		_, bottom := ink(c.plain)
		_, under := ink(c.marked)
		if more := dots(c.marked) - dots(c.plain); more < 100 {
			t.Errorf("%s: the mark has %d dots", c.marked, more)
		}
		if c.below != (under > bottom+5) {
			t.Errorf("%s: ink ends at %d, without the mark at %d", c.marked, under, bottom)
		}
	}
}

// Whatever the words, no ink leaves the margins by more than a letter's
// overhang, and nothing is lost but the end of what must be one line.
func TestInkStaysInside(t *testing.T) {
	letters := []string{"a", "Ắ", "g", "Ỹ", "đ", "ơ\u0306", "o\u0331", "ʔ", "W", "j", "1", " ", "  ", "-", "ư", "(", "e\u0302\u0301"}
	words := rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.SampledFrom(letters), 0, 90).Draw(t, "letters"), "")
	})
	rapid.Check(t, func(t *rapid.T) {
		width := rapid.SampledFrom([]int{256, 384, 420, 512, 576, 832}).Draw(t, "width")
		s := printer.Slip{
			Unit: words.Draw(t, "unit"), Centre: words.Draw(t, "centre"), Category: words.Draw(t, "category"), Number: words.Draw(t, "number"),
			Mark: words.Draw(t, "mark"), Reprint: words.Draw(t, "reprint"), LinkHint: words.Draw(t, "hint"), Notice: words.Draw(t, "notice"),
			Rows:   []printer.Row{{Label: words.Draw(t, "label"), Value: words.Draw(t, "value")}},
			Issued: []printer.Line{{Text: words.Draw(t, "issued"), Bold: words.Draw(t, "bold")}},
			Link:   rapid.SampledFrom([]string{"", ticket.Link}).Draw(t, "link"),
		}
		r, err := printer.Layout(s, width)
		if err != nil {
			t.Fatal(err)
		}
		margin := 24 - 12
		if width < 500 {
			margin = 16 - 8
		}
		left, _, right, bottom := inked(r)
		if left < margin || right > width-margin {
			t.Errorf("ink from %d to %d of %d", left, right, width)
		}
		if bottom >= r.Height {
			t.Errorf("ink to the last row, %d", bottom)
		}
	})
}

func BenchmarkLayout(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		layout(b, ticket, 576)
	}
}

func ExampleLayout() {
	r, err := printer.Layout(printer.Slip{Category: "Hộ tịch", Number: "A042"}, 576)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.Width, "dots wide,", r.Height > 200)
	// Output: 576 dots wide, true
}
