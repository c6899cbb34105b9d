package escpos_test

import (
	"testing"

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

// model is a printer that fits a profile.
func model(p escpos.Profile) printertest.Options {
	return printertest.Options{
		Width: p.WidthDots, DPI: p.DPI, NoMotionUnits: !p.MotionUnits, NoProcessID: !p.ProcessID, NoRealTimeOff: !p.RealtimeOff,
		NoGraphics: p.Graphics != escpos.GSParenL, NoClear: !p.ClearFn8, NoNearEnd: !p.NearEndSensor, NoLeftTrim: p.LeftTrim == escpos.NoLeftTrim,
		Kanji: p.KanjiCancel, ScanData: p.ScrubRealtime,
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

func TestPaperEqualsLayout(t *testing.T) {
	for _, name := range escpos.Profiles() {
		t.Run(name, func(t *testing.T) {
			profile, err := escpos.Named(name)
			if err != nil {
				t.Fatal(err)
			}
			profile.Cutter = true // without it the paper comes out in one piece
			lang, err := escpos.New(profile)
			if err != nil {
				t.Fatal(err)
			}
			job, err := lang.Encode(slip, 42)
			if err != nil {
				t.Fatal(err)
			}
			want, err := printer.Layout(slip, profile.WidthDots)
			if err != nil {
				t.Fatal(err)
			}
			p := printertest.New(model(profile))
			defer p.Close()
			if _, err := p.Write(job.Bytes); err != nil {
				t.Fatal(err)
			}
			got := p.Tickets()
			if len(got) != 1 {
				t.Fatalf("%d tickets, want 1", len(got))
			}
			if got[0].TextBytes != 0 || got[0].Unknown != 0 {
				t.Errorf("%d bytes came out as text %q, %d commands unknown", got[0].TextBytes, got[0].Text, got[0].Unknown)
			}
			same(t, got[0].Image, want)
		})
	}
}
