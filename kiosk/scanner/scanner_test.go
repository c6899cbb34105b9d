package scanner_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"motcua/kiosk/scanner"
)

var monday = time.Date(2026, 11, 23, 7, 30, 0, 0, time.FixedZone("+07", 7*3600))

// token is the last part of the link on an invented slip.
const token = "AAECAwQFBgcICQoLDA0OD_-6t9Xg4uTm6Ors7vDy9Pa"

// card is an ID card's text of an invented person born on 15 August 1958.
const card = "046058001234||HỌ VÀ TÊN|15081958|Nam|ĐỊA CHỈ|10052021"

func Example() {
	today := time.Date(2026, 11, 23, 7, 30, 0, 0, time.UTC)
	scanned := []byte("https://example.vn/tra-cuu?ma=H57.999-260130-0042")
	fmt.Println(scanner.Read(scanned, today))

	booked := func(code string) bool { return code == "DEMO-17" }
	fmt.Println(scanner.Read([]byte("DEMO-17"), today).Known(booked))
	fmt.Println(scanner.Read([]byte("DEMO-18"), today).Known(booked))
	// Output:
	// receipt
	// appointment
	// unknown
}

func TestRead(t *testing.T) {
	type code = scanner.Code
	unknown, receipt := code{Kind: scanner.Unknown}, code{Kind: scanner.Receipt}
	old, young := code{Kind: scanner.IDCard, From60: true}, code{Kind: scanner.IDCard}
	ticket := code{Kind: scanner.Ticket, Day: "2026-11-23", Token: token}
	plain := func(s string) code { return code{Kind: scanner.Plain, Appointment: s} }
	for _, c := range []struct {
		name, text string
		want       code
	}{
		{"nothing", "", unknown},
		{"blank", " \r\n\t", unknown},

		{"receipt of 2018", "000.00.19.H57-230415-0007", receipt},
		{"newer receipt", "H57.999-260130-0042", receipt},
		{"shortest", "H57-260130-0042", receipt},
		{"two parts", "H57.99.12-260130-AB00421234", receipt},
		{"in an address", "https://dichvucong.example.vn/?ma=H57.999-260130-0042&x=1", receipt},
		{"with name and phone around it", "NGUYỄN VĂN MẪU;H57.999-260130-0042;0905 000 000", receipt},
		{"among fields, with an ID number", "Mã|H57.999-260130-0042|HỌ TÊN|046058001234|Nam|ĐỊA CHỈ|10052021", receipt},
		{"broken UTF-8 around it", "\xff\xfe H57.999-260130-0042 \xc3", receipt},
		{"leap day", "H57.999-280229-0042", receipt},
		{"the second one is right", "H57.999-261330-0042 H57.999-261230-0042", receipt},
		{"no leap day", "H57.999-260229-0042", unknown},
		{"month 13", "H57.999-261330-0042", unknown},
		{"month 0", "H57.999-260030-0042", unknown},
		{"day 32", "H57.999-260132-0042", unknown},
		{"day 0", "H57.999-260100-0042", unknown},
		{"three digits at the end", "H57.999-260130-004", unknown},
		{"nine digits at the end", "H57.999-260130-004200420", unknown},
		{"province Z", "Z57.999-260130-0042", unknown},
		{"runs on", "XH57.999-260130-0042", unknown},

		{"card", card, old},
		{"card with everything round it", "\ufeff" + card + "\r\n", old},
		{"card in broken UTF-8", strings.ReplaceAll(card, "Ọ", "\xe1\xbb"), old},
		{"card in two bytes of a lost encoding", strings.ReplaceAll(card, "Ị", "\x00?"), old},
		{"spaces in fields", "046058001234 | |HỌ VÀ TÊN| 15081958 |Nam|ĐỊA CHỈ|10052021", old},
		{"line ends between fields", strings.ReplaceAll(card, "|", "|\r\n"), old},
		{"birthday today", "046066001234||HỌ VÀ TÊN|23111966|Nam|ĐỊA CHỈ|10052021", old},
		{"birthday tomorrow", "046066001234||HỌ VÀ TÊN|24111966|Nam|ĐỊA CHỈ|10052021", young},
		{"year alone, last year", "046065001234||HỌ VÀ TÊN|00001965|Nam|ĐỊA CHỈ|10052021", old},
		{"year alone, this year", "046066001234||HỌ VÀ TÊN|00001966|Nam|ĐỊA CHỈ|10052021", young},
		{"no date at all", "046058001234|||||", old},
		{"date of another year is not the birth", "046058001234|01011990|HỌ VÀ TÊN|Nam|ĐỊA CHỈ|10052021", old},
		{"a woman", "046158001234||HỌ VÀ TÊN|15081958|Nữ|ĐỊA CHỈ|10052021", old},
		{"born in this century", "046205001234||HỌ VÀ TÊN|15082005|Nam|ĐỊA CHỈ|10052021", young},
		{"a girl of this century", "046305001234||HỌ VÀ TÊN|15082005|Nữ|ĐỊA CHỈ|10052021", young},
		{"old number kept", "046058001234|191234567|HỌ VÀ TÊN|15081958|Nam|ĐỊA CHỈ|10052021", old},
		{"card of 2024, other order", "HỌ VÀ TÊN|Nam|15081958|046058001234|10052024|ĐỊA CHỈ||TÊN CHA|TÊN MẸ||", old},
		{"first number counts", "046205001234|15082005|15081958|046058001234|Nam|ĐỊA CHỈ", young},
		{"16 fields", card + strings.Repeat("|", 9), old},
		{"17 fields", card + strings.Repeat("|", 10), unknown},
		{"5 fields", "046058001234|HỌ VÀ TÊN|15081958|Nam|ĐỊA CHỈ", unknown},
		{"11 digits", strings.Replace(card, "0460", "460", 1), unknown},
		{"13 digits", "1" + card, unknown},
		{"letters in the number", strings.Replace(card, "046", "O46", 1), unknown},
		{"1 KiB", card + strings.Repeat(" ", scanner.Longest-len(card)), old},
		{"more than 1 KiB", card + strings.Repeat(" ", scanner.Longest-len(card)+1), unknown},
		{"receipt in more than 1 KiB", "H57.999-260130-0042" + strings.Repeat(" ", scanner.Longest), unknown},

		{"health insurance", "DN4790000000000|4e677579e1bb856e2056c4836e204de1baab75|02/01/1958|1|4875e1babf|79 - 001|01/01/2026|-|15/12/2025|79000000000000|-|4|01/01/2031|0-0|4|$", unknown},
		{"health insurance by ID number", "046058001234|48412054484920485541|15081958|1|4875e1babf|79 - 001|01/01/2026", unknown},
		{"VNeID", `{"v":1,"t":"eyJhbGciOiJFUzI1NiJ9.e30"}`, unknown},

		{"slip", "https://so.example.vn/t/2026-11-23/" + token, ticket},
		{"slip, with everything round it", "\ufeffhttp://10.0.0.9:8480/t/2026-11-23/" + token + "\r\n", ticket},
		{"slip, the path alone", "/t/2026-11-23/" + token, ticket},
		{"slip whose token looks like a receipt", "https://so.example.vn/t/2026-11-23/" + token[:20] + "-H57-260130-00420042-_A", code{Kind: scanner.Ticket, Day: "2026-11-23", Token: token[:20] + "-H57-260130-00420042-_A"}},
		{"slip, a letter missing", "https://so.example.vn/t/2026-11-23/" + token[1:], unknown},
		{"slip, a letter more", "https://so.example.vn/t/2026-11-23/" + token + "A", unknown},
		{"slip, no letter of base64", "https://so.example.vn/t/2026-11-23/" + token[:42] + "=", unknown},
		{"slip, another path", "https://so.example.vn/u/2026-11-23/" + token, unknown},
		{"slip, no day", "https://so.example.vn/t/2026-11-2x/" + token, unknown},
		{"slip, a query behind", "https://so.example.vn/t/2026-11-23/" + token + "?x", unknown},

		{"marked appointment", "motcua:appointment:DEMO-17", code{Kind: scanner.Appointment, Appointment: "DEMO-17"}},
		{"marked, with a line end", "\ufeffmotcua:appointment:DEMO-17\r\n", code{Kind: scanner.Appointment, Appointment: "DEMO-17"}},
		{"marked, in small letters", "motcua:appointment:demo-17", unknown},
		{"marked, nothing behind", "motcua:appointment:", unknown},
		{"marked, an ID number", "motcua:appointment:046058001234", unknown},
		{"another mark", "motcua:ticket:DEMO-17", unknown},
		{"plain", "DEMO-17\r\n", plain("DEMO-17")},
		{"a ticket booked again", "A001-1124", plain("A001-1124")},
		{"with a date", "HUE-20261123-0007", plain("HUE-20261123-0007")},
		{"four", "A001", plain("A001")},
		{"three", "A01", unknown},
		{"32", strings.Repeat("A1", 16), plain(strings.Repeat("A1", 16))},
		{"33", strings.Repeat("A1", 16) + "A", unknown},
		{"hyphens alone", "----", unknown},
		{"a space within", "DEMO 17", unknown},
		{"ID number alone", "046058001234", unknown},
		{"old ID number alone", "191234567", unknown},
		{"ID number in groups", "046-058-001-234", unknown},
		{"phone number", "0905000000", unknown},
		{"insurance number", "DN4790000000000", unknown},
		{"eight digits", "12345678", plain("12345678")},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := []byte(c.text)
			if got := scanner.Read(text, monday); got != c.want {
				t.Errorf("got %s %q %t, want %s %q %t", got.Kind, got.Appointment, got.From60, c.want.Kind, c.want.Appointment, c.want.From60)
			}
			if !bytes.Equal(text, make([]byte, len(text))) {
				t.Errorf("the text is still there: %q", text)
			}
		})
	}
}

func TestKnown(t *testing.T) {
	asked := 0
	has := func(code string) bool { asked++; return code == "DEMO-17" }
	for _, c := range []struct{ in, want scanner.Code }{
		{scanner.Code{Kind: scanner.Plain, Appointment: "DEMO-17"}, scanner.Code{Kind: scanner.Appointment, Appointment: "DEMO-17"}},
		{scanner.Code{Kind: scanner.Plain, Appointment: "DEMO-18"}, scanner.Code{Kind: scanner.Unknown}},
		// What says that it is an appointment stays one, so that its holder is
		// told that there is none of this code.
		{scanner.Code{Kind: scanner.Appointment, Appointment: "DEMO-18"}, scanner.Code{Kind: scanner.Appointment, Appointment: "DEMO-18"}},
		{scanner.Code{Kind: scanner.IDCard, From60: true}, scanner.Code{Kind: scanner.IDCard, From60: true}},
		{scanner.Code{Kind: scanner.Receipt}, scanner.Code{Kind: scanner.Receipt}},
		{scanner.Code{}, scanner.Code{}},
	} {
		if got := c.in.Known(has); got != c.want {
			t.Errorf("%s %q: got %s %q", c.in.Kind, c.in.Appointment, got.Kind, got.Appointment)
		}
	}
	if asked != 2 {
		t.Errorf("asked for %d codes, want the plain ones alone", asked)
	}
}

// Nobody can log more than the kind by accident.
func TestOnlyTheKindShows(t *testing.T) {
	a := scanner.Code{Kind: scanner.IDCard, From60: true}
	b := scanner.Code{Kind: scanner.IDCard}
	c := scanner.Code{Kind: scanner.Plain, Appointment: "DEMO-17"}
	d := scanner.Code{Kind: scanner.Ticket, Day: "2026-11-23", Token: token}
	shown := func(c scanner.Code) string {
		var logged bytes.Buffer
		timeless := &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		}}
		slog.New(slog.NewJSONHandler(&logged, timeless)).Info("scan", "code", c)
		slog.New(slog.NewTextHandler(&logged, timeless)).Info("scan", "code", c)
		j, err := json.Marshal(map[string]any{"code": c})
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%v %+v %#v %s %q %s %s", c, c, c, c, c, j, &logged)
	}
	if shown(a) != shown(b) {
		t.Errorf("the age class shows:\n%s\n%s", shown(a), shown(b))
	}
	if s := shown(c); strings.Contains(s, "DEMO") || !strings.Contains(s, "plain") {
		t.Errorf("got %s", s)
	}
	if s := shown(d); strings.Contains(s, token[:8]) || strings.Contains(s, "2026") || !strings.Contains(s, "ticket") {
		t.Errorf("got %s", s)
	}
}

// TestCards draws cards of every order and year; whoever wrote the card knows
// the birthday.
func TestCards(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		year := rapid.IntRange(1900, 2026).Draw(t, "year")
		birth := time.Date(year, time.January, rapid.IntRange(1, 365).Draw(t, "day"), 0, 0, 0, 0, time.UTC)
		sex := rapid.IntRange(0, 1).Draw(t, "sex")
		number := fmt.Sprintf("%03d%d%02d%06d", rapid.IntRange(1, 96).Draw(t, "province"), 2*((year-1900)/100)+sex, year%100, rapid.IntRange(0, 999999).Draw(t, "serial"))
		words := rapid.SampledFrom([]string{"", "NGUYỄN VĂN MẪU", "Nam", "Nữ", "thôn 3", "\xff\xc3", "191234567", "x\r"})
		fields := rapid.Permutation(append([]string{number, birth.Format("02012006")},
			rapid.SliceOfN(words, 4, 14).Draw(t, "words")...)).Draw(t, "fields")
		today := time.Date(2026, time.January, rapid.IntRange(1, 3000).Draw(t, "today"), 0, 0, 0, 0, time.UTC)

		code := scanner.Read([]byte(strings.Join(fields, "|")), today)
		want := scanner.Code{Kind: scanner.IDCard, From60: !birth.AddDate(60, 0, 0).After(today)}
		if code != want {
			t.Fatalf("born on %s, on %s: %s, from 60 %t", birth.Format(time.DateOnly), today.Format(time.DateOnly), code.Kind, code.From60)
		}
	})
}

// TestReceipts hides dossier codes with dates that exist in any text.
func TestReceipts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		day := time.Date(2018, time.January, rapid.IntRange(1, 7000).Draw(t, "day"), 0, 0, 0, 0, time.UTC)
		code := rapid.StringMatching(`(\d{3}\.\d{2}\.\d{2}\.[A-Y]\d{2}|[A-Y]\d{2}(\.\d{1,3}){0,3})`).Draw(t, "office") +
			"-" + day.Format("060102") + "-" + rapid.StringMatching(`[A-Z]{0,2}\d{4,8}`).Draw(t, "serial")
		around := rapid.StringMatching(`([ -~]{0,200}[ |;=/])?`)
		text := around.Draw(t, "before") + code + rapid.StringMatching(`([ |;&/][ -~]{0,200})?`).Draw(t, "after")
		if got := scanner.Read([]byte(text), monday); got != (scanner.Code{Kind: scanner.Receipt}) {
			t.Fatalf("%q: %s", text, got.Kind)
		}
	})
}

func TestIsAppointmentIsWhatIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		code := rapid.StringMatching(`[A-Z0-9-]{0,34}|[a-zA-Z0-9._-]{4,8}`).Draw(t, "code")
		got := scanner.Read([]byte(scanner.Prefix+code), monday)
		want := scanner.Code{Kind: scanner.Unknown}
		if scanner.IsAppointment(code) {
			want = scanner.Code{Kind: scanner.Appointment, Appointment: code}
		}
		if got != want && got.Kind != scanner.Receipt {
			t.Fatalf("%q: %s %q", code, got.Kind, got.Appointment)
		}
	})
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{card, "000.00.19.H57-230415-0007", "H57.999-260130-0042", "motcua:appointment:DEMO-17", "DEMO-17",
		"046058001234", "\ufeff046058001234|||||", "DN4790000000000|4e677579e1bb856e|||||", "A-046-058-001-234",
		"https://so.example.vn/t/2026-11-23/" + token, "/t/2026-99-99/" + token + "\r\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		again := bytes.Clone(text)
		code := scanner.Read(text, monday)
		if !bytes.Equal(text, make([]byte, len(text))) {
			t.Fatalf("not overwritten: %q", text)
		}
		if scanner.Read(again, monday) != code {
			t.Fatal("the same text gives two answers")
		}
		switch code.Kind {
		case scanner.Appointment, scanner.Plain:
			if !scanner.IsAppointment(code.Appointment) || code.From60 {
				t.Fatalf("%s %q", code.Kind, code.Appointment)
			}
		case scanner.IDCard:
			if code.Appointment != "" {
				t.Fatalf("an ID card with the code %q", code.Appointment)
			}
		case scanner.Ticket:
			if code != (scanner.Code{Kind: scanner.Ticket, Day: code.Day, Token: code.Token}) || len(code.Day) != 10 || len(code.Token) != 43 ||
				strings.ContainsAny(code.Day+code.Token, "/ \r\n\x00") {
				t.Fatalf("a ticket of day %q, token %q", code.Day, code.Token)
			}
		case scanner.Receipt, scanner.Unknown:
			if code != (scanner.Code{Kind: code.Kind}) {
				t.Fatalf("%s keeps more than its kind", code.Kind)
			}
		default:
			t.Fatalf("kind %q", code.Kind)
		}
		run := 0
		for _, r := range code.Appointment {
			if r < '0' || r > '9' {
				run = 0
			} else if run++; run > 8 {
				t.Fatalf("%q may be somebody's number", code.Appointment)
			}
		}
	})
}
