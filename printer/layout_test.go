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
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
	"golang.org/x/text/unicode/norm"

	"motcua/printer"
)

var update = flag.Bool("update", false, "write the golden picture anew")

// ticket is a full slip of the demonstration office.
func ticket() printer.Slip {
	return printer.Slip{
		Unit: "Trung tâm Phục vụ hành chính công", Centre: "Phường Phú Xuân",
		Category: "Hộ tịch – Chứng thực bản sao", Number: "A055", Mark: "Ưu tiên",
		Rows: []printer.Row{
			{Label: "Trước bạn", Value: "12 người"},
			{Label: "Chờ khoảng", Value: "15–25 phút"},
			{Label: "Chờ tại", Value: "Khu A, quầy 1–3"},
		},
		Link: "https://so.example.vn/t/7F3K9Q2M", LinkHint: "Quét mã để theo dõi số trên điện thoại.",
		Issued: []printer.Line{{Text: "Lấy lúc", Bold: "09:42"}, {Text: "Buổi sáng, Thứ Hai"}, {Bold: "23/11/2026"}},
		Notice: "Mang theo căn cước và bản chính giấy tờ.",
	}
}

func layout(t testing.TB, s printer.Slip, width int) *printer.Raster {
	t.Helper()
	r, err := printer.Layout(s, width)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The picture is compared dot for dot: one bit leaves no room for tolerance.
func TestGoldenTicket(t *testing.T) {
	golden(t, "ticket.png", layout(t, ticket(), 576))
}

// golden holds a slip against its picture in testdata, dot by dot; with -update
// it draws the picture anew, to be looked at.
func golden(t *testing.T, name string, r *printer.Raster) {
	t.Helper()
	path := filepath.Join("testdata", name)
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
		t.Fatalf("slip is %v, golden picture %v; look at the slip, then run with -update", r.Bounds(), want.Bounds())
	}
	for y := range r.Height {
		for x := range r.Width {
			if w, _, _, _ := want.At(x, y).RGBA(); (w == 0) != r.Black(x, y) {
				t.Fatalf("dot (%d, %d) differs from the golden picture; look at the slip, then run with -update", x, y)
			}
		}
	}
}

// A configuration may come decomposed from another system; the paper is the same.
func TestComposedAndDecomposedTextPrintAlike(t *testing.T) {
	for _, text := range []string{"Hộ tịch – Chứng thực bản sao", "Ường Ẵ Ậ ỡ", "ơ̆ ư̆ ê̆ j̆ o̱", "ĕ ĭ ŏ ŭ"} {
		a := layout(t, printer.Slip{Category: norm.NFC.String(text), Number: "A1"}, 576)
		b := layout(t, printer.Slip{Category: norm.NFD.String(text), Number: "A1"}, 576)
		if diff := cmp.Diff(a, b); diff != "" {
			t.Errorf("%q: composed and decomposed pictures differ", text)
		}
	}
}

// A mark must add dots to its base and no advance: a mark beside its letter
// would widen the word.
func TestMarksStandOnTheirLetter(t *testing.T) {
	for base, marked := range map[string]string{"ơ": "ơ̆", "ư": "ư̆", "ê": "ê̆", "o": "o̱", "j": "j̆"} {
		a := layout(t, printer.Slip{Category: base + "n"}, 576)
		b := layout(t, printer.Slip{Category: marked + "n"}, 576)
		if cmp.Equal(a, b) {
			t.Errorf("%q prints like %q: the mark is lost", marked, base)
		}
		// The slip holds the one word, so its rightmost dot is the n's.
		if wa, wb := reach(a), reach(b); wb > wa {
			t.Errorf("%q reaches dot %d, %q only %d: the mark takes room of its own", marked, wb, base, wa)
		}
	}
}

// reach is the rightmost black dot.
func reach(r *printer.Raster) int {
	far := -1
	for y := range r.Height {
		for x := range r.Width {
			if r.Black(x, y) {
				far = max(far, x)
			}
		}
	}
	return far
}

func TestCodeReadsBack(t *testing.T) {
	for _, width := range []int{576, 512, 420, 384} {
		for _, n := range []int{30, 70, 106} {
			t.Run(fmt.Sprintf("%d dots %d bytes", width, n), func(t *testing.T) {
				s := ticket()
				s.Link = "https://so.example.vn/t/"
				s.Link += strings.Repeat("x", n-len(s.Link))
				bmp, err := gozxing.NewBinaryBitmapFromImage(layout(t, s, width))
				if err != nil {
					t.Fatal(err)
				}
				got, err := qrcode.NewQRCodeReader().Decode(bmp, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true})
				if err != nil {
					t.Fatal(err)
				}
				if got.GetText() != s.Link {
					t.Errorf("code reads %q, want %q", got.GetText(), s.Link)
				}
			})
		}
	}
}

func TestNoGlyphIsAnErrorNotABox(t *testing.T) {
	for _, text := range []string{"Đất đai 土地", "Chờ 😀"} {
		var ge *printer.GlyphError
		if err := printer.CheckText("Chứng thực", text); !errors.As(err, &ge) {
			t.Fatalf("CheckText(%q) = %v, want a GlyphError", text, err)
		}
		if len(ge.Missing) == 0 {
			t.Errorf("%q: the error names nothing", text)
		}
		for _, s := range []printer.Slip{{Number: "A1", Category: text}, {Number: "A1", Notice: text}, {Number: "A1", Rows: []printer.Row{{Label: text}}}} {
			if _, err := printer.Layout(s, 576); !errors.As(err, &ge) {
				t.Errorf("Layout(%+v) = %v, want a GlyphError", s, err)
			}
		}
	}
}

func TestLettersOfTheMinorityLanguagesPrint(t *testing.T) {
	if err := printer.CheckText("ĕ ĭ ŏ ŭ ƀ ʔ ʼ ơ̆ ư̆ ê̆ j̆ o̱ f j w z k'tiếc", "Ă Â Đ Ê Ô Ơ Ư ắ ằ ẳ ẵ ặ ấ ầ ẩ ẫ ậ ế ề ể ễ ệ ố ồ ổ ỗ ộ ớ ờ ở ỡ ợ ứ ừ ử ữ ự ỳ ỷ ỹ ỵ"); err != nil {
		t.Error(err)
	}
}

// Nothing is burnt in the outermost 8 dots, however long the words are.
func TestLongWordsStayOnThePaper(t *testing.T) {
	s := ticket()
	s.Number = "A1000"
	s.Reprint = "BẢN IN LẠI"
	s.Category = "Đăng ký thành lập và hoạt động hộ kinh doanh, hợp tác xã"
	s.Rows = append(s.Rows, printer.Row{Label: "Chờ tại", Value: "Khu nhà B, tầng hai, dãy ghế trước quầy số mười một"})
	s.Notice = strings.Repeat("Nghỉ trưa từ 11:30 đến 13:30. ", 8) + strings.Repeat("x", 90)
	for _, width := range []int{576, 512, 420, 384} {
		r := layout(t, s, width)
		for y := range r.Height {
			for x := range 8 {
				if r.Black(x, y) || r.Black(r.Width-1-x, y) {
					t.Fatalf("width %d: ink in the margin at row %d", width, y)
				}
			}
		}
	}
}

func TestConcurrentLayoutsAgree(t *testing.T) {
	want := layout(t, ticket(), 576)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if r, err := printer.Layout(ticket(), 576); err != nil || !cmp.Equal(want, r) {
				t.Errorf("layouts at once differ (%v)", err)
			}
		})
	}
	wg.Wait()
}

func BenchmarkLayout(b *testing.B) {
	for b.Loop() {
		layout(b, ticket(), 576)
	}
}
