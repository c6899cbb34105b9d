package printer_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
	"pgregory.net/rapid"

	"motcua/printer"
)

var full = printer.Slip{
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
	Unit: full.Unit, Centre: full.Centre, Category: "Hôm nay đã hết số",
	Notice: "Loại này đã hết số của buổi sáng. Mời quay lại từ 13:30 hoặc hỏi quầy hướng dẫn.",
}

var widths = []int{576, 512, 420, 384}

// The pictures are looked at by people; here they may not change by a dot
// unless somebody runs go test ./printer -update and looks again.
func TestPictures(t *testing.T) {
	again := full
	again.Reprint = "BẢN IN LẠI"
	for name, s := range map[string]printer.Slip{"ticket": full, "reprint": again, "refusal": refusal} {
		for _, width := range widths {
			name := fmt.Sprintf("%s-%d.png", name, width)
			t.Run(name, func(t *testing.T) {
				golden(t, name, layout(t, s, width))
			})
		}
	}
}

func TestRefusals(t *testing.T) {
	for _, width := range []int{0, 255, 833} {
		if _, err := printer.Layout(full, width); err == nil || !strings.Contains(err.Error(), "give 256 to 832") {
			t.Errorf("%d dots: error %v, want one with the remedy", width, err)
		}
	}
	s := full
	s.Link = strings.Repeat("x", 107)
	if _, err := printer.Layout(s, 576); err == nil || !strings.Contains(err.Error(), "shorten") {
		t.Errorf("long link: error %v, want one with the remedy", err)
	}
}

func TestCodeReadsBackOnAllPaper(t *testing.T) {
	for _, width := range append(widths, 256, 832) {
		for _, link := range []string{"x", full.Link, strings.Repeat("W", 106)} {
			s := full
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
			Link:   rapid.SampledFrom([]string{"", full.Link}).Draw(t, "link"),
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

// A number whose first letter hangs over to the left is moved, and must still end
// inside the paper.
func TestHangingNumberStaysInside(t *testing.T) {
	r, err := printer.Layout(printer.Slip{Number: "jaỸ"}, 256)
	if err != nil {
		t.Fatal(err)
	}
	if left, _, right, _ := inked(r); left < 8 || right > 248 {
		t.Errorf("ink from %d to %d of 256", left, right)
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
