package config_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"motcua/internal/config"
	"motcua/printer"
	"motcua/printer/escpos"
	"motcua/printer/printertest"
)

func ExampleParseProfile() {
	p, err := config.ParseProfile([]byte("based_on = \"epson\"\nwidth_dots = 512\ndpi = 180\n"))
	fmt.Println(p.WidthDots, p.DPI, p.ProcessID, err)
	_, err = config.ParseProfile([]byte("width_dots = 512\ndpi = 180\nack_after_cut = true\n"))
	fmt.Println(err)
	// Output:
	// 512 180 true <nil>
	// configuration: 1 problem
	//   line 3: ack_after_cut = "true": there is nothing to ask for without process_id. Set process_id = true if the printer knows GS ( H, or remove this.
}

// A built-in profile written as a file is the same when it is read, explains
// every key, and says why each has its value.
func TestProfileRoundTrip(t *testing.T) {
	for _, name := range escpos.Profiles() {
		var b bytes.Buffer
		if err := config.WriteProfile(&b, name); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), name+".toml")
		if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := config.LoadProfile(path)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		want, _, why, err := escpos.Explained(name)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-written +read):\n%s", name, d)
		}
		// Every key stands there itself, whatever it is based on.
		got, err = config.ParseProfile([]byte(strings.Replace(b.String(), `based_on = "`+name+`"`, "", 1)))
		got.Name = name
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Errorf("%s without its base: %v (-written +read):\n%s", name, err, d)
		}
		for _, k := range escpos.Keys() {
			if why[k.Name] == "" || k.Help == "" {
				t.Errorf("%s: no reason for %s, or nothing said of it", name, k.Name)
			}
		}
		for i, line := range strings.Split(b.String(), "\n") {
			if len(line) > 100 && strings.HasPrefix(line, "#") {
				t.Errorf("%s: line %d has %d bytes", name, i+1, len(line))
			}
		}
	}
	if err := config.WriteProfile(&bytes.Buffer{}, "espon"); err == nil || !strings.Contains(err.Error(), "epson-tm-t88") {
		t.Errorf("error %v, want one that lists the names", err)
	}
}

func TestProfileProblems(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"syntax", "width_dots = \n", `line 1`},
		{"unknown", "\ncuter = true", `line 2: cuter: this key is unknown. Check its spelling, or remove it. Known here: based_on, width_dots`},
		{"nested", "[printer]\nwidth_dots = 576", `line 1: printer: this key is unknown`},
		{"kind", `cutter = "yes"`, `line 1: cutter = "yes": this must be true or false`},
		{"number", `dpi = 203.2`, `line 1: dpi = "203.2": this must be a whole number`},
		{"choice", `raster = "gs_v_0"`, `line 1: raster = "gs_v_0": "gs_v_0" is none of its values. Write one of gsv0, gs_paren_l, column.`},
		{"buzzer", `buzzer = "loud"`, `Write one of none, esc_paren_a, esc_b.`},
		{"range", `width_dots = 72`, `line 1: width_dots = "72": 72 is not from 256 to 832. See the self-test slip`},
		{"band", `max_band = 0`, `Best is 24 to 128`},
		{"table", `code_table = 256`, `from -1 to 255`},
		{"paper", "# mine\ndpi = 180", `line 2: width_dots = "576": at 180 dpi that is 81.3 mm, and no roll is printed so wide. See the self-test slip for both; on 80 mm paper 180 dpi are 512 dots.`},
		{"paper between two", `width_dots = 480`, `at 203 dpi that is 60.1 mm`},
		{"ack", "ack_after_cut = true", `line 1: ack_after_cut = "true": there is nothing to ask for`},
		{"ack of the base", "based_on = \"epson\"\nprocess_id = false", `line 2: ack_after_cut = "true": there is nothing to ask for`},
		{"sensor", "near_end_sensor = true\nstatus = false", `line 1: near_end_sensor = "true": nobody hears of the sensor`},
		{"columns", "based_on = \"epson\"\nraster = \"column\"", `line 2: nv_logo = "true": a printer that keeps pictures knows GS ( L`},
		{"columns and feed", `raster = "column"`, `line 1: feed = "unknown": columns are 24 dots high`},
		{"base", `based_on = "espon"`, `line 1: based_on = "espon": there is no such printer profile. Name one of bixolon-180`},
		{"base kind", `based_on = 1`, `line 1: based_on = "1": this must be text`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := config.ParseProfile([]byte(c.text))
			var e *config.Error
			if !errors.As(err, &e) || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v\nwant …%s…", err, c.want)
			}
			if !slices.Contains(config.Flaws(), e.Problems[0].Code) {
				t.Errorf("no words for %q", e.Problems[0].Code)
			}
			if len(e.Problems) != 1 {
				t.Errorf("%d problems for one mistake: %v", len(e.Problems), err)
			}
		})
	}
	_, err := config.ParseProfile([]byte("width_dots = 1\ndpi = \"x\"\nfoo = 1\nbuzzer = \"loud\"\n"))
	var e *config.Error
	if !errors.As(err, &e) || len(e.Problems) != 4 {
		t.Errorf("want all four mistakes at once: %v", err)
	}
	if _, err := config.LoadProfile(filepath.Join(t.TempDir(), "none.toml")); err == nil || !strings.Contains(err.Error(), "none.toml") {
		t.Errorf("a file that is not there: %v", err)
	}
	path := filepath.Join(t.TempDir(), "mine.toml")
	if err := os.WriteFile(path, []byte("x = 1"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := config.LoadProfile(path); !errors.As(err, &e) || e.File != path {
		t.Errorf("an error without its file: %v", err)
	}
}

// modelled is a printer that fits a profile, whatever it knows: what the
// profile leaves out is unknown to it and would be printed as text.
func modelled(p escpos.Profile) printertest.Options {
	return printertest.Options{
		Width: p.WidthDots, DPI: p.DPI, NoMotionUnits: !p.MotionUnits, NoProcessID: !p.ProcessID, NoRealTimeOff: !p.RealtimeOff,
		NoGraphics: p.Graphics != escpos.GSParenL && !p.Memory, NoRaster: p.Graphics != escpos.GSv0, NoCode: !p.NativeCode,
		NoClear: !p.ClearFn8, NoLeftTrim: p.LeftTrim == escpos.NoLeftTrim, FeedDots: p.Feed == escpos.FeedDots,
		NoBuzzer: p.Buzzer == escpos.NoBuzzer, NoCutter: !p.Cutter, NoKanji: !p.KanjiCancel, Kanji: p.KanjiCancel,
		OddTable: p.CodeTable != escpos.NoCodeTable, ScanData: p.ScrubRealtime, MaxRows: 4096,
	}
}

// small is a slip that is quickly set.
var small = printer.Slip{Category: "Ơ̆", Number: "A042", Mark: "Ưu", Link: "https://x.vn/t/abc", LinkHint: "Quét"}

// holds checks that a text is either refused with a line and a remedy, or a
// profile whose slips a printer that knows no more than the profile says prints
// without a byte of garbage. It reports whether the text was taken.
func holds(t interface{ Fatalf(string, ...any) }, text []byte, level escpos.Level) bool {
	p, err := config.ParseProfile(text)
	if err != nil {
		var e *config.Error
		if !errors.As(err, &e) || len(e.Problems) == 0 {
			t.Fatalf("%v: no list of problems", err)
		}
		for _, w := range e.Problems {
			if w.Field == "" || w.Msg == "" || w.Hint == "" || !slices.Contains(config.Flaws(), w.Code) {
				t.Fatalf("problem without field, words, remedy or code: %+v", w)
			}
		}
		return false
	}
	lang, err := escpos.New(p)
	if err != nil {
		t.Fatalf("the file is taken, the profile is not: %v", err)
	}
	m := printertest.New(modelled(p))
	defer m.Close()
	at := printer.Memory(lang.At(level).Sounding())
	store, kept, err := at.Store(small)
	if err != nil {
		t.Fatalf("store: %v", err)
	}
	job, err := kept.Encode(small, 42)
	if err != nil {
		t.Fatalf("encode: %v", err)
	}
	for _, b := range [][]byte{store, job.Bytes} {
		if _, err := m.Write(b); err != nil {
			t.Fatalf("write: %v", err)
		}
	}
	got := m.Tear()
	if cut := m.Tickets(); len(cut) > 0 != p.Cutter {
		t.Fatalf("%s: %d tickets were cut, cutter is %t", level, len(cut), p.Cutter)
	} else if p.Cutter {
		got = cut[0]
	}
	if text := strings.TrimSpace(got.Text); got.Unknown != 0 || text != "" && text != small.Number || got.Image.Bounds().Dy() < 200 {
		t.Fatalf("%s of %+v: text %q, %d commands unknown, paper of %v", level, p, got.Text, got.Unknown, got.Image.Bounds())
	}
	if sounds := m.Stats().Sounds; (sounds == 1) != (p.Buzzer != escpos.NoBuzzer) {
		t.Fatalf("%d sounds, buzzer is %s", sounds, p.Buzzer)
	}
	return true
}

func FuzzProfile(f *testing.F) {
	for _, name := range escpos.Profiles() {
		var b bytes.Buffer
		if err := config.WriteProfile(&b, name); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	for _, s := range []string{
		"", "based_on = \"epson\"\nwidth_dots = 384\n", "based_on = \"epson-columns\"\nmax_band = 1\nfeed = \"dots\"\nleft_trim = \"gs_l\"\nnative_qr = true",
		"based_on = \"everything\"\nraster = \"gs_paren_l\"\nmax_band = 1024\ncutter = false\nbuzzer = \"esc_b\"", "width_dots = 832\nscrub_realtime = true\nmax_band = 2",
		"raster = \"column\"\nmotion_units = true\nscrub_realtime = true\nleft_trim = \"esc_dollar\"", "[based_on]", "based_on = 1979-05-27", "dpi = 1e400", "a.b.c = [{}]",
	} {
		f.Add([]byte(s))
	}
	levels := escpos.Levels()
	// One level for each text: they are slow to print.
	f.Fuzz(func(t *testing.T, text []byte) { holds(t, text, levels[len(text)%len(levels)]) })
}

// Whatever keys with whatever values of theirs are put together.
func TestAnyProfilePrints(t *testing.T) {
	values := map[string][]string{
		"based_on": {`"epson"`, `"generic"`, `"epson-columns"`, `"everything"`}, "width_dots": {"384", "512", "576", "577", "640", "832"}, "dpi": {"180", "203"},
		"raster": {`"gsv0"`, `"gs_paren_l"`, `"column"`}, "left_trim": {`"none"`, `"esc_dollar"`, `"gs_l"`}, "max_band": {"1", "7", "24", "1024"},
		"feed": {`"half_dots"`, `"dots"`, `"unknown"`}, "buzzer": {`"none"`, `"esc_b"`, `"esc_paren_a"`}, "code_table": {"-1", "0", "255"},
	}
	keys := []string{"based_on"}
	for _, k := range escpos.Keys() {
		if keys = append(keys, k.Name); values[k.Name] == nil {
			values[k.Name] = []string{"true", "false"}
		}
	}
	taken := 0
	rapid.Check(t, func(t *rapid.T) {
		var text strings.Builder
		for _, k := range keys {
			if v := rapid.SampledFrom(append([]string{""}, values[k]...)).Draw(t, k); v != "" {
				fmt.Fprintf(&text, "%s = %s\n", k, v)
			}
		}
		if holds(t, []byte(text.String()), rapid.SampledFrom(escpos.Levels()).Draw(t, "level")) {
			taken++
		}
	})
	if taken < 10 {
		t.Errorf("%d profiles were taken: too few to show anything", taken)
	}
}
