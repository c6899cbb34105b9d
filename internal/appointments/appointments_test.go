package appointments_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"motcua/internal/appointments"
	"motcua/kiosk/scanner"
	"motcua/queue"
	"motcua/queue/queuetest"
)

func Example() {
	file := "mã;ngày;giờ;lĩnh vực\nDEMO-17;23/11/2026;8h30;A\nDEMO-18;23/13/2026;25:00;A\n"
	rows, err := appointments.ReadCSV(strings.NewReader(file), appointments.Rules{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, b := range appointments.Good(rows) {
		fmt.Println(b.Code, b.Slot.Time().In(queue.Zone).Format(time.DateTime))
	}
	for _, p := range appointments.Bad(rows) {
		fmt.Println(p)
	}
	// Output:
	// DEMO-17 2026-11-23 08:30:00
	// line 3: ngày = "23/13/2026": this is no date. Write 2026-11-23 or 23/11/2026, the day before the month.
	// line 3: giờ = "25:00": this is no time of day. Write 08:30 or 8h30, in 24 hours.
}

func at(s string) queue.Stamp {
	t, err := time.ParseInLocation(time.DateTime, s, queue.Zone)
	if err != nil {
		panic(err)
	}
	return queue.StampOf(t)
}

func read(t *testing.T, file string, rules appointments.Rules) []appointments.Row {
	t.Helper()
	rows, err := appointments.ReadCSV(strings.NewReader(file), rules)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestReadsAnySpelling(t *testing.T) {
	one := []queue.Booking{{Code: "DEMO-17", Slot: at("2026-11-23 08:30:00"), Category: "A", Point: "main", Dossiers: 3}}
	bare := []queue.Booking{{Code: "DEMO-17", Slot: at("2026-11-23 08:30:00"), Category: "A"}}
	for _, c := range []struct {
		name, file string
		want       []queue.Booking
	}{
		{"English", "code,date,time,category,point,dossiers\nDEMO-17,2026-11-23,08:30,A,main,3\n", one},
		{"Vietnamese", "\ufeffMã;Ngày;Giờ;Lĩnh vực;Điểm;Số hồ sơ\r\nDEMO-17;23/11/2026;8h30;A;main;3\r\n", one},
		{"Vietnamese, taken apart", norm.NFD.String("Mã hẹn;Ngày hẹn;Giờ hẹn;Nhóm thủ tục;Điểm tiếp nhận;Số lượng hồ sơ\nDEMO-17;23/11/2026;8h30;A;main;3\n"), one},
		{"Vietnamese without accents", "MA\tNGAY\tGIO\tLINH VUC\tDIEM\tSO HO SO\nDEMO-17\t23/11/2026\t8:30\tA\tmain\t3", one},
		{"German", "Terminnummer;Datum;Uhrzeit;Bereich;Annahmestelle;Anzahl Akten\nDEMO-17;23.11.2026;08:30 Uhr;A;main;3", one},
		{"any order", "dossiers,time,point,code,category,date\n3,08:30,main,DEMO-17,A,2026-11-23", one},
		{"slot", "slot,code,category\n2026-11-23 08:30,DEMO-17,A", bare},
		{"slot with T", "slot,code,category\n2026-11-23T08:30,DEMO-17,A", bare},
		{"slot with an offset", "slot,code,category\n2026-11-23T01:30:00Z,DEMO-17,A", bare},
		{"slot in words", "thời gian;mã;lĩnh vực\n23/11/2026  8h30;DEMO-17;A", bare},
		{"quotes", "\"code\",\"date\",\"time\",\"category\"\n\"DEMO-17\" ,2026-11-23,\"08:30\",\"A\"", nil},
		{"quotes in place", "\"code\", \"date\",\"time\",\"category\"\n\"DEMO-17\", \"2026-11-23\",\"08:30\",\"A\"", bare},
		{"hint in brackets", "Code (on paper),Date (dd/mm/yyyy),Time (24 h),Category\nDEMO-17,23-11-2026,08:30:00,A", bare},
		{"old line ends", "code,date,time,category\rDEMO-17,2026/11/23,08.30,A\r", bare},
		{"sep line", "sep=;\ncode;date;time;category\nDEMO-17;2026-11-23;08:30;A", bare},
		{"empty rows and columns", "\n\ncode,date,time,category,,\n,,,,,\n  \nDEMO-17,2026-11-23,08:30,A,,\n\n", bare},
		{"spaces", "code , date,time ,category\n DEMO-17 ,\u00a02026-11-23,08:30 , A\u200b", bare},
		{"whole hour", "code,date,time,category\nDEMO-17,1/2/2027,8h,A", []queue.Booking{{Code: "DEMO-17", Slot: at("2027-02-01 08:00:00"), Category: "A"}}},
		{"short row", "code,date,time,category,point\nDEMO-17,2026-11-23,08:30,A", bare},
		{"leap day", "code,date,time,category\nDEMO-17,29/02/2028,23:59,A", []queue.Booking{{Code: "DEMO-17", Slot: at("2028-02-29 23:59:00"), Category: "A"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			rows := read(t, c.file, appointments.Rules{})
			if d := cmp.Diff(c.want, appointments.Good(rows)); d != "" {
				t.Errorf("%s\n%v", d, appointments.Bad(rows))
			}
		})
	}
}

func TestBadRows(t *testing.T) {
	cfg := queuetest.Config()
	cfg.Points = append(cfg.Points, queue.Point{ID: "old", Draining: true})
	cfg.Categories = append(cfg.Categories, queue.Category{ID: "X", Draining: true})
	rules := appointments.Rules{Now: queuetest.Morning, Config: &cfg}
	head := "code,date,time,category,point,dossiers\n"
	for _, c := range []struct {
		name, rows string
		want       []string // line, code and column of each problem
	}{
		{"nothing but a dossier", ",,,,,1", []string{"2 missing code", "2 missing date", "2 missing time", "2 missing category"}},
		{"everything", "demo,31/02/2026,24:00,?,?,100", []string{"2 code code", "2 date date", "2 time time", "2 category category", "2 point point", "2 dossiers dossiers"}},
		{"code too short", "A01,2026-11-23,08:30,A", []string{"2 code code"}},
		{"code too long", "A12345678901234567890123456789012,2026-11-23,08:30,A", []string{"2 code code"}},
		{"small letters", "demo-17,2026-11-23,08:30,A", []string{"2 code code"}},
		{"ID number", "046058001234,2026-11-23,08:30,A", []string{"2 code_number code"}},
		{"phone number in groups", "0905-000-000,2026-11-23,08:30,A", []string{"2 code_number code"}},
		{"hyphens", "----,2026-11-23,08:30,A", []string{"2 code code"}},
		{"month first", "DEMO-17,11/23/2026,08:30,A", []string{"2 date date"}},
		{"two separators", "DEMO-17,23/11-2026,08:30,A", []string{"2 date date"}},
		{"short year", "DEMO-17,23/11/26,08:30,A", []string{"2 date date"}},
		{"year 1026", "DEMO-17,23/11/1026,08:30,A", []string{"2 date date"}},
		{"no leap year", "DEMO-17,29/02/2027,08:30,A", []string{"2 date date"}},
		{"minute 60", "DEMO-17,2026-11-23,08:60,A", []string{"2 time time"}},
		{"hour alone", "DEMO-17,2026-11-23,8,A", []string{"2 time time"}},
		{"half of the day", "DEMO-17,2026-11-23,8:30 PM,A", []string{"2 time time"}},
		{"yesterday", "DEMO-17,22/11/2026,08:30,A", []string{"2 past date"}},
		{"earlier today", "DEMO-17,23/11/2026,05:30,A", nil},
		{"before the business day", "DEMO-17,23/11/2026,02:30,A", []string{"2 past date"}},
		{"unknown category", "DEMO-17,2026-11-23,08:30,Z", []string{"2 category_unknown category"}},
		{"category taken out", "DEMO-17,2026-11-23,08:30,X", []string{"2 category_unknown category"}},
		{"unknown point", "DEMO-17,2026-11-23,08:30,A,attic", []string{"2 point_unknown point"}},
		{"point taken out", "DEMO-17,2026-11-23,08:30,A,old", []string{"2 point_unknown point"}},
		{"point without the category", "DEMO-17,2026-11-23,08:30,R,annex", []string{"2 point_category point"}},
		{"no dossiers", "DEMO-17,2026-11-23,08:30,A,,0", []string{"2 dossiers dossiers"}},
		{"half a dossier", "DEMO-17,2026-11-23,08:30,A,,1.5", []string{"2 dossiers dossiers"}},
		{"too many cells", "DEMO-17,2026-11-23,08:30,A,,1,x", []string{"2 cells "}},
		{"open quotation mark", "DEMO-17,\"2026-11-23,08:30,A\nDEMO-18,2026-11-23,08:30,A", []string{"2 quotes "}},
		{"twice", "DEMO-17,2026-11-23,08:30,A\nDEMO-18,2026-11-23,08:30,A\n\nDEMO-17,2026-11-24,08:30,A", []string{"2 duplicate code", "5 duplicate code"}},
		{"three times, once broken", "DEMO-17,2026-11-23,08:30,A\nDEMO-17,,08:30,A\nDEMO-17,2026-11-24,08:30,A", []string{"2 duplicate code", "3 missing date", "3 duplicate code", "4 duplicate code"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			rows := read(t, head+c.rows+"\nGOOD-1,2026-12-01,08:30,A,main,2\n", rules)
			var got []string
			for _, p := range appointments.Bad(rows) {
				got = append(got, fmt.Sprintf("%d %s %s", p.Line, p.Code, p.Column))
				if p.Msg == "" || p.Hint == "" {
					t.Errorf("a problem without words or remedy: %+v", p)
				}
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
			if good := appointments.Good(rows); !slices.ContainsFunc(good, func(b queue.Booking) bool { return b.Code == "GOOD-1" }) {
				t.Errorf("the row that is right is not among the good ones: %v", good)
			}
			for _, r := range rows {
				if len(r.Problems) > 0 && r.Booking != (queue.Booking{}) {
					t.Errorf("line %d is wrong and has a booking", r.Line)
				}
			}
		})
	}
}

func TestBadFiles(t *testing.T) {
	good := "code,date,time,category\n"
	row := "DEMO-17,2026-11-23,08:30,A"
	for _, c := range []struct {
		name, file string
		want       []string // code and column
		says       string
	}{
		{"empty", "", []string{"file_empty "}, "template"},
		{"blank", "\ufeff\r\n \r\n", []string{"file_empty "}, "template"},
		{"headings alone", good, []string{"file_rows "}, "one appointment in each row"},
		{"too large", good + strings.Repeat(" ", appointments.MaxBytes), []string{"file_large "}, "Split it"},
		{"Windows letters", "m\xe3,date,time,category\n" + row, []string{"file_encoding "}, "save it as CSV UTF-8"},
		{"UTF-16", "\xff\xfec\x00o\x00", []string{"file_encoding "}, "save it as CSV UTF-8"},
		{"UTF-16 without a mark", "c\x00o\x00", []string{"file_encoding "}, "save it as CSV UTF-8"},
		{"workbook", "PK\x03\x04", []string{"file_workbook "}, "save it as CSV UTF-8"},
		{"old workbook", "\xd0\xcf\x11\xe0", []string{"file_workbook "}, "save it as CSV UTF-8"},
		{"no headings", row + "\nDEMO-18,2026-11-23,08:30,A", []string{"file_headings "}, "first row has no known headings"},
		{"broken headings", "\"code,date\n" + row, []string{"quotes "}, "quotation mark"},
		{"columns missing", "date,point\n" + row, []string{"file_lacks code", "file_lacks time", "file_lacks category"}, "the column code is missing"},
		{"persons", "Mã;Ngày;Giờ;Lĩnh vực;Họ và tên;SĐT;Số CCCD;Địa chỉ;Ghi chú\n", []string{"file_person Họ và tên", "file_person SĐT", "file_person Số CCCD", "file_person Địa chỉ", "file_person Ghi chú"}, "no person is kept. Remove the column"},
		{"German persons", "Terminnummer;Termin;Bereich;Name;Telefon;Geburtsdatum\n", []string{"file_person Name", "file_person Telefon", "file_person Geburtsdatum"}, "no person is kept"},
		{"unknown column", "code,slot,category,colour\n", []string{"file_column colour"}, "the column colour is unknown"},
		{"a number as heading", "code,slot,category,0905000000\n", []string{"file_column 4"}, "the column 4 is unknown"},
		{"column without heading", good + row + ",\n" + strings.Replace(row, "17", "18", 1), nil, ""},
		{"contents without heading", "code,date,time,category,,\n" + row + ",x\nDEMO-18,2026-11-23,08:30,A,,y", []string{"file_nameless 5", "file_nameless 6"}, "the column 5 has no heading"},
		{"a number in brackets", "code,slot,category (046058001234),category\n", []string{"file_twice category"}, "the column category is there twice"},
		{"twice", "code,mã,slot,category\n", []string{"file_twice mã"}, "there twice"},
		{"time twice", "code,slot,date,category\n", []string{"file_both slot"}, "date and time together"},
	} {
		t.Run(c.name, func(t *testing.T) {
			rows, err := appointments.ReadCSV(strings.NewReader(c.file), appointments.Rules{})
			var e *appointments.Error
			if c.want == nil {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if !errors.As(err, &e) || rows != nil {
				t.Fatalf("got %v, %v", rows, err)
			}
			var got []string
			for _, p := range e.Problems {
				got = append(got, p.Code+" "+p.Column)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
			if !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v\nwant …%s…", err, c.says)
			}
		})
	}
	wide := "code,slot,category" + strings.Repeat(",", 300_000) + "\nDEMO-17,2026-11-23 08:30,A" + strings.Repeat(",x", 300_000)
	var e *appointments.Error
	if _, err := appointments.ReadCSV(strings.NewReader(wide), appointments.Rules{}); !errors.As(err, &e) || len(e.Problems) != 20 {
		t.Errorf("a very wide file: %.200v", err)
	}
	broken := errors.New("the disk is gone")
	if _, err := appointments.ReadCSV(iotest.ErrReader(broken), appointments.Rules{}); !errors.Is(err, broken) {
		t.Errorf("a reader's error: %v", err)
	}
}

// What may be somebody's name or number is in no text, wherever it stood.
func TestNothingOfAPersonIsRepeated(t *testing.T) {
	for _, person := range []string{"046058001234", "191234567", "0905000000", "0905 000 000", "+84 905 000 000", "Nguyen Van Mau", "NGUYỄN VĂN MẪU", "Mẫu", "Nguyen",
		"Tran Thi B 2", "mau@example.vn", "15/08/1958 046058001234"} {
		for _, file := range []string{
			"code,date,time,category,point,dossiers\n%[1]s,%[1]s,%[1]s,%[1]s,%[1]s,%[1]s\n",
			"code,slot,category\n%s,2026-11-23 08:30,A\nDEMO-17,%[1]s,%[1]s\n",
			"%s,2026-11-23,08:30,A\n",
			"code,slot,category\nDEMO-17,2026-11-23 08:30,A,%s\n",
			"code,slot,category,\nDEMO-17,2026-11-23 08:30,A,%s\n",
			"code,slot,category\n\"%s,2026-11-23 08:30,A\n",
		} {
			rows, err := appointments.ReadCSV(strings.NewReader(fmt.Sprintf(file, person)), appointments.Rules{Config: &queue.Config{}})
			said, e := json.Marshal(appointments.Bad(rows))
			if e != nil {
				t.Fatal(e)
			}
			said = fmt.Append(said, err, appointments.Bad(rows))
			if bytes.Contains(said, []byte(person)) {
				t.Errorf("%q is repeated: %s", person, said)
			}
			if err == nil && len(appointments.Bad(rows)) == 0 {
				t.Errorf("%q passes in %q", person, file)
			}
		}
	}
}

func TestWrittenIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bookings := rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) queue.Booking {
			return queue.Booking{
				Code:     rapid.StringMatching(`[A-Z0-9-]{4,32}`).Filter(scanner.IsAppointment).Draw(t, "code"),
				Slot:     queue.Stamp(rapid.Int64Range(int64(at("2000-01-01 00:00:00"))/1000, int64(at("2999-12-31 23:59:59"))/1000).Draw(t, "second") * 1000),
				Category: queue.CategoryID(rapid.StringMatching(`[A-Za-z0-9_-]{1,32}`).Draw(t, "category")),
				Point:    queue.PointID(rapid.StringMatching(`[A-Za-z0-9_-]{0,32}`).Draw(t, "point")),
				Dossiers: rapid.IntRange(0, 99).Draw(t, "dossiers"),
			}
		}), 1, 20, func(b queue.Booking) string { return b.Code }).Draw(t, "bookings")
		var file bytes.Buffer
		if err := appointments.WriteCSV(&file, rapid.SampledFrom(appointments.Languages()).Draw(t, "language"), bookings); err != nil {
			t.Fatal(err)
		}
		text := file.String()
		rows, err := appointments.ReadCSV(&file, appointments.Rules{})
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if d := cmp.Diff(bookings, appointments.Good(rows)); d != "" {
			t.Fatalf("%s\n%s", d, text)
		}
	})
}

func TestTemplate(t *testing.T) {
	for _, lang := range appointments.Languages() {
		var b bytes.Buffer
		if err := appointments.Template(&b, lang); err != nil {
			t.Fatal(err)
		}
		if rows := read(t, b.String(), appointments.Rules{}); len(appointments.Good(rows)) != 1 || len(rows) != 1 {
			t.Errorf("%s: %v", lang, appointments.Bad(rows))
		}
		// Whoever leaves the example in books nothing.
		rows := read(t, b.String(), appointments.Rules{Now: queuetest.Morning})
		if bad := appointments.Bad(rows); len(bad) != 1 || bad[0].Code != "past" {
			t.Errorf("%s: %v", lang, bad)
		}
	}
	if err := appointments.Template(io.Discard, "fr"); err == nil {
		t.Error("a language without headings is taken")
	}
	full := errors.New("disk full")
	if err := appointments.Template(writer(func([]byte) (int, error) { return 0, full }), "vi"); !errors.Is(err, full) {
		t.Errorf("a writer's error: %v", err)
	}
}

type writer func([]byte) (int, error)

func (w writer) Write(b []byte) (int, error) { return w(b) }

// Every problem has words in every language, and the English ones are those
// that the problems say themselves.
func TestWords(t *testing.T) {
	source, err := os.ReadFile("problem.go")
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, m := range regexp.MustCompile(`(?m)^\twhy\w+ += "(\w+)"$`).FindAllSubmatch(source, -1) {
		codes = append(codes, string(m[1]))
	}
	if len(codes) < 28 {
		t.Fatalf("found %d codes in the source", len(codes))
	}
	files, err := filepath.Glob("../web/i18n/*/bookings.json")
	if err != nil || len(files) < 2 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		texts := map[string]string{}
		if err := json.Unmarshal(b, &texts); err != nil {
			t.Fatal(err)
		}
		for _, c := range codes {
			p := appointments.ProblemOf(c, "{column}", "{value}")
			msg, hint := texts["booking."+c], texts["booking."+c+".hint"]
			if msg == "" || hint == "" {
				t.Errorf("%s has no words for %s", name, c)
			}
			if strings.Contains(name, "/en/") && (!strings.EqualFold(msg, p.Msg+".") || hint != p.Hint) {
				t.Errorf("%s: %q, %q; the problem says %q, %q", c, msg, hint, p.Msg, p.Hint)
			}
		}
		if len(texts) != 2*len(codes) {
			t.Errorf("%s has %d texts for %d codes", name, len(texts), len(codes))
		}
	}
}

// FuzzCSV: any bytes give rows or a refusal with words, what is right can be
// booked, and no text has the digits of somebody's number.
func FuzzCSV(f *testing.F) {
	for _, s := range []string{
		"code,date,time,category,point,dossiers\nDEMO-17,2026-11-23,08:30,A,main,3\n",
		"\ufeffMã;Ngày;Giờ;Lĩnh vực;Điểm;Số hồ sơ\r\nDEMO-17;23/11/2026;8h30;A;main;3\r\n",
		"sep=\t\nTermin\tBereich\tKennung\n23.11.2026 08:30\tA\tDEMO-17\n",
		"code,slot,category,họ tên\n046058001234,0905000000,NGUYỄN VĂN MẪU,x\n",
		"code,slot,category\n\"DEMO-17,2026-11-23T08:30:00+07:00,A\nDEMO-17,2026-11-23T08:30:00.5+07:00,A\nDEMO-17,,A",
		"PK\x03\x04", "\xff\xfe", "\r\r\n\n", ",;\t",
	} {
		f.Add([]byte(s))
	}
	cfg := queuetest.Config()
	personal := regexp.MustCompile(`\d{9}`)
	f.Fuzz(func(t *testing.T, file []byte) {
		for _, rules := range []appointments.Rules{{}, {Now: queuetest.Morning, Config: &cfg}} {
			rows, err := appointments.ReadCSV(bytes.NewReader(file), rules)
			bad, good := appointments.Bad(rows), appointments.Good(rows)
			said := fmt.Sprint(err, bad)
			if personal.MatchString(said) {
				t.Fatalf("somebody's number: %s", said)
			}
			if err != nil {
				var e *appointments.Error
				if !errors.As(err, &e) || len(e.Problems) == 0 || rows != nil {
					t.Fatalf("%d rows and %v", len(rows), err)
				}
				continue
			}
			seen, line := map[string]bool{}, 0
			for _, r := range rows {
				if r.Line <= line {
					t.Fatalf("line %d after line %d", r.Line, line)
				}
				line = r.Line
			}
			for _, p := range bad {
				if p.Msg == "" || p.Hint == "" {
					t.Fatalf("problem %+v", p)
				}
			}
			for _, b := range good {
				if !scanner.IsAppointment(b.Code) || seen[b.Code] || b.Slot <= 0 || b.Slot%1000 != 0 || b.Category == "" || b.Dossiers < 0 || b.Dossiers > 99 {
					t.Fatalf("booking %+v", b)
				}
				if rules.Config != nil && (cfg.Category(b.Category) == nil || b.Point != "" && cfg.Point(b.Point) == nil) {
					t.Fatalf("booking %+v", b)
				}
				seen[b.Code] = true
			}
			if len(good) == 0 {
				continue
			}
			var again bytes.Buffer
			if err := appointments.WriteCSV(&again, "vi", good); err != nil {
				t.Fatal(err)
			}
			rows, err = appointments.ReadCSV(&again, rules)
			if err != nil || !slices.Equal(good, appointments.Good(rows)) {
				t.Fatalf("written and read again: %v, %v, want %v", rows, err, good)
			}
		}
	})
}
