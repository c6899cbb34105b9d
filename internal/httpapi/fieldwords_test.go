package httpapi_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"motcua/internal/httpapi"
	"motcua/internal/web"
	"motcua/queue"
)

// speaking is a house with the words people read.
func speaking(t *testing.T) *house {
	t.Helper()
	pages, err := web.New(web.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return newHouse(t, asDemo, func(o *httpapi.Options) {
		o.Web, o.PerSecond, o.Burst = pages, 1e6, 1e6
		o.Now = func() time.Time { return monday }
	})
}

// Who gave wrong fields is told of each in the language asked for.
func TestFieldsSpeakTheAskersLanguage(t *testing.T) {
	h := speaking(t)
	for _, c := range []struct {
		method, path, body, key string
		want                    map[string]string // by language: field: message, sorted by field
	}{
		{"POST", "/tickets", `{"class":3,"dossiers":100,"name":"x"}`, "", map[string]string{
			"vi": "category: Mục này còn thiếu. class: Phải là chuỗi ký tự. dossiers: Nhiều nhất là 99. name: Không có mục nào mang tên này.",
			"en": "category: This is missing. class: Give a string. dossiers: Give 99 or less. name: There is no field of this name.",
			"de": "category: Diese Angabe fehlt. class: Geben Sie eine Zeichenkette an. dossiers: Geben Sie 99 oder weniger an. name: Eine Angabe mit diesem Namen gibt es nicht.",
		}},
		{"POST", "/tickets", `{"category":"A","dossiers":-1,"legs":["A","A","A","A","A","A","A"],"slip_language":"VI"}`, "", map[string]string{
			"vi": "dossiers: Ít nhất phải là 0. legs: Liệt kê nhiều nhất 6 mục. slip_language: Viết theo mẫu ^[a-z]{2,8}$.",
			"en": "dossiers: Give 0 or more. legs: List at most 6 items. slip_language: Write it by the pattern ^[a-z]{2,8}$.",
			"de": "dossiers: Geben Sie 0 oder mehr an. legs: Nennen Sie höchstens 6 Einträge. slip_language: Schreiben Sie es nach dem Muster ^[a-z]{2,8}$.",
		}},
		{"POST", "/tickets", `{"category":"","dossiers":-1,"slip_language":"VI"}`, "", map[string]string{
			"vi": "category: Mục này còn thiếu. dossiers: Ít nhất phải là 0. slip_language: Viết theo mẫu ^[a-z]{2,8}$.",
			"en": "category: This is missing. dossiers: Give 0 or more. slip_language: Write it by the pattern ^[a-z]{2,8}$.",
			"de": "category: Diese Angabe fehlt. dossiers: Geben Sie 0 oder mehr an. slip_language: Schreiben Sie es nach dem Muster ^[a-z]{2,8}$.",
		}},
		{"POST", "/appointments", `{"bookings":[{"code":"","slot":"24.11.2026","category":"A"}]}`, "", map[string]string{
			"vi": "bookings[0].code: Viết ít nhất 1 ký tự. bookings[0].slot: Viết ngày giờ theo mẫu 2026-11-23T07:30:00+07:00.",
			"en": "bookings[0].code: Write at least 1 character. bookings[0].slot: Write date and time as 2026-11-23T07:30:00+07:00.",
			"de": "bookings[0].code: Schreiben Sie mindestens 1 Zeichen. bookings[0].slot: Schreiben Sie Datum und Uhrzeit so: 2026-11-23T07:30:00+07:00.",
		}},
		{"POST", "/tickets", `{"category":"` + strings.Repeat("A", 33) + `","dossiers":1.5}`, "", map[string]string{
			"vi": "category: Viết nhiều nhất 32 ký tự. dossiers: Phải là số nguyên.",
			"en": "category: Write at most 32 characters. dossiers: Give a whole number.",
			"de": "category: Schreiben Sie höchstens 32 Zeichen. dossiers: Geben Sie eine ganze Zahl an.",
		}},
		{"POST", "/counters/1/finish", `{"ticket":5,"next":"yes"}`, "", map[string]string{
			"vi": "next: Phải là true hoặc false.",
			"en": "next: Give true or false.",
			"de": "next: Geben Sie true oder false an.",
		}},
		{"POST", "/day/open", `{"day":"today"}`, "", map[string]string{
			"vi": "day: Viết ngày theo mẫu 2026-11-23.",
			"en": "day: Write the date as 2026-11-23.",
			"de": "day: Schreiben Sie das Datum so: 2026-11-23.",
		}},
		{"POST", "/demo/press", `{"button":""}`, "", map[string]string{
			"vi": "button: Viết ít nhất 1 ký tự.",
			"en": "button: Write at least 1 character.",
			"de": "button: Schreiben Sie mindestens 1 Zeichen.",
		}},
		{"POST", "/demo/morning", `{"speed":2}`, "", map[string]string{
			"vi": "speed: Chọn một trong: 0, 1, 10, 60.",
			"en": "speed: Choose one of: 0, 1, 10, 60.",
			"de": "speed: Wählen Sie eines davon: 0, 1, 10, 60.",
		}},
		{"POST", "/tickets", `{"category":"A"}`, "khóa", map[string]string{
			"vi": "Idempotency-Key: Chỉ dùng chữ không dấu, chữ số và dấu câu ASCII.",
			"en": "Idempotency-Key: Use printable ASCII characters only.",
			"de": "Idempotency-Key: Nehmen Sie nur druckbare ASCII-Zeichen.",
		}},
		{"GET", "/tickets/A001", "", "", map[string]string{
			"vi": "id: Phải là số nguyên.",
			"en": "id: Give a whole number.",
			"de": "id: Geben Sie eine ganze Zahl an.",
		}},
	} {
		got := map[string]string{}
		for lang := range c.want {
			header := map[string]string{"Accept-Language": lang}
			if c.key != "" {
				header["Idempotency-Key"] = c.key
			}
			w := h.send(request{method: c.method, path: "/api/v1" + c.path, body: c.body, role: queue.Supervisor, header: header})
			p := decode[httpapi.Problem](t, w.Body.Bytes())
			var all []string
			for _, e := range p.Errors {
				all = append(all, e.Field+": "+e.Message)
			}
			got[lang] = strings.Join(slices.Sorted(slices.Values(all)), " ")
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s %s %.60s:\n%s", c.method, c.path, c.body, d)
		}
	}
}

// Every hint by which the domain says what a wrong field may hold is said in
// the reader's language and not just in general.
func TestEveryFieldHintHasWords(t *testing.T) {
	h := speaking(t)
	hints := fieldHints(t, "../../queue")
	if len(hints) < 5 {
		t.Fatalf("only %q found", hints)
	}
	for _, hint := range hints {
		h.engine.fail = func(queue.Command) error {
			return &queue.Error{Code: queue.Invalid, Reason: queue.WhyBadField, Msg: "x is wrong", Hint: hint}
		}
		said := map[string]bool{}
		for lang, general := range map[string]string{
			"vi": "Sửa ô được nêu rồi gửi lại.", "en": "", "de": "Korrigieren Sie die genannte Angabe und senden Sie noch einmal.",
		} {
			w := h.send(request{method: "POST", path: "/api/v1/counters/1/open", role: queue.Supervisor, header: map[string]string{"Accept-Language": lang}})
			p := decode[httpapi.Problem](t, w.Body.Bytes())
			if p.Hint == general || said[p.Hint] || lang == "en" && p.Hint != hint {
				t.Errorf("%q in %s: %q", hint, lang, p.Hint)
			}
			said[p.Hint] = true
		}
	}
}

// fieldHints returns the hints of the refusals of a wrong field that a
// package's sources name.
func fieldHints(t *testing.T, folder string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var hints []string
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) < 3 {
				return true
			}
			if why, ok := call.Args[1].(*ast.Ident); !ok || why.Name != "WhyBadField" {
				return true
			}
			lit, ok := call.Args[2].(*ast.BasicLit)
			if !ok {
				return true // made of parts
			}
			hint, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Fatal(err)
			}
			hints = append(hints, hint)
			return true
		})
	}
	return hints
}

// A refusal by hours or quota names the category and when numbers are had
// again, or does without what is not known.
func TestClosedSaysWhenAgain(t *testing.T) {
	h := speaking(t)
	at := func(day, hour, minute int) queue.Stamp {
		return queue.StampOf(time.Date(2026, 11, day, hour, minute, 0, 0, queue.Zone))
	}
	for _, c := range []struct {
		name, path, body, reason string
		next                     queue.Stamp
		want                     map[string]string
	}{
		{"today", "/tickets", `{"category":"A"}`, queue.WhyQuotaExhausted, at(23, 13, 30), map[string]string{
			"vi": "Đã hết số của lĩnh vực Chứng thực; buổi tiếp theo mở lúc 13:30.",
			"en": "The numbers for Certification are gone; the next session opens at 13:30.",
			"de": "Die Nummern für Beglaubigung sind vergeben; der nächste Halbtag beginnt um 13:30 Uhr.",
		}},
		{"another day", "/tickets", `{"category":"A"}`, queue.WhySessionCutOff, at(24, 7, 30), map[string]string{
			"vi": "Lĩnh vực Chứng thực đã ngừng cấp số buổi này; buổi tiếp theo mở Thứ Ba 24/11 lúc 07:30.",
			"en": "No more numbers for Certification are given out in this session; the next session opens on Tuesday 24/11 at 07:30.",
			"de": "Für Beglaubigung werden in diesem Halbtag keine Nummern mehr ausgegeben; der nächste Halbtag beginnt am Dienstag, 24.11., um 07:30 Uhr.",
		}},
		{"no such time", "/tickets", `{"category":"A"}`, queue.WhyHoliday, 0, map[string]string{
			"vi": "Hôm nay nghỉ lễ, lĩnh vực Chứng thực không cấp số.",
			"en": "Today is a holiday; no numbers for Certification are given out.",
			"de": "Heute ist Feiertag; für Beglaubigung gibt es keine Nummern.",
		}},
		{"a command that names no category", "/tickets/5/reactivate", "", queue.WhyOutsideHours, at(23, 13, 30), map[string]string{
			"vi": "Ngoài giờ cấp số của lĩnh vực này; buổi tiếp theo mở lúc 13:30.",
			"en": "Outside the hours for this category; the next session opens at 13:30.",
			"de": "Für diesen Bereich ist jetzt keine Öffnungszeit; der nächste Halbtag beginnt um 13:30 Uhr.",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h.engine.fail = func(queue.Command) error {
				return &queue.Error{Code: queue.Closed, Reason: c.reason, Msg: "closed", Hint: "Come later.", Next: c.next}
			}
			got := map[string]string{}
			for lang := range c.want {
				w := h.send(request{method: "POST", path: "/api/v1" + c.path, body: c.body, role: queue.Greeter, header: map[string]string{"Accept-Language": lang}})
				p := decode[httpapi.Problem](t, w.Body.Bytes())
				got[lang] = p.Title
				if w.Code != 409 || p.Next != c.next || p.Hint == "" {
					t.Errorf("%s: %d %s", lang, w.Code, w.Body)
				}
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

// Who asks at one point for what another one offers is told where it is.
func TestOtherPointIsNamed(t *testing.T) {
	h := speaking(t)
	h.apply(t, func(c *queue.Config) {
		c.Points = append(c.Points, queue.Point{ID: "annex", Name: queue.Text{"vi": "Sảnh phụ", "en": "Annex", "de": "Nebenhalle"}})
		c.Counters = append(c.Counters, queue.Desk{ID: "21", Number: 21, Point: "annex", Skills: []queue.CategoryID{"A"}})
		for i := range c.Categories {
			if k := &c.Categories[i]; k.ID == "A" {
				k.Points = []queue.PointID{"annex"}
			} else if len(k.Points) == 0 {
				k.Points = []queue.PointID{"main"}
			}
		}
	})
	for lang, want := range map[string]string{
		"vi": "Lĩnh vực Chứng thực cấp số ở: Sảnh phụ.",
		"en": "Numbers for Certification are given out at: Annex.",
		"de": "Nummern für Beglaubigung gibt es hier: Nebenhalle.",
	} {
		w := h.send(request{method: "POST", path: "/api/v1/tickets", body: `{"category":"A"}`, role: queue.Greeter, header: map[string]string{"Accept-Language": lang}})
		if p := decode[httpapi.Problem](t, w.Body.Bytes()); w.Code != 409 || p.Reason != queue.WhyOtherPoint || p.Title != want {
			t.Errorf("%s: %d %s", lang, w.Code, w.Body)
		}
	}
}

// A configuration's mistakes are named to whoever sent it as they are to who
// reads them in a file: each in words of its own, in the language asked for.
func TestConfigurationProblemsSpeakTheAskersLanguage(t *testing.T) {
	h := speaking(t)
	var cfg queue.Config
	if err := json.Unmarshal(h.get(t, "/centre", queue.Officer), &cfg); err != nil {
		t.Fatal(err)
	}
	cfg.Centre.ID, cfg.Categories[0].Minutes, cfg.Categories[1].Series = "x y", 0, "none"
	wrong, err := json.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for lang, want := range map[string][]string{
		"vi": {"centre.id: “x y” không dùng làm mã được. ", "categories[0].minutes: 0 nằm ngoài khoảng cho phép. "},
		"en": {"centre.id: “x y” is no id. ", "categories[0].minutes: 0 is out of range. Give 1 to 480 minutes."},
		"de": {"centre.id: „x y“ ist keine Kennung. ", "categories[0].minutes: 0 liegt außerhalb des Bereichs. Geben Sie 1 bis 480 Minuten an."},
	} {
		w := h.send(request{method: "PUT", path: "/api/v1/centre", body: string(wrong), role: queue.Supervisor, header: map[string]string{"Accept-Language": lang}})
		p := decode[httpapi.Problem](t, w.Body.Bytes())
		if w.Code != 422 || p.Reason != queue.WhyBadConfig || len(p.Errors) < 3 {
			t.Fatalf("%s: %d %s", lang, w.Code, w.Body)
		}
		var all []string
		for _, e := range p.Errors {
			all = append(all, e.Field+": "+e.Message)
		}
		for _, x := range want {
			if !slices.ContainsFunc(all, func(s string) bool { return strings.HasPrefix(s, x) }) {
				t.Errorf("%s: no %q in %q", lang, x, all)
			}
		}
	}
}

// So are the mistakes of appointments that are to be booked.
func TestBookingProblemsSpeakTheAskersLanguage(t *testing.T) {
	h := speaking(t)
	var wrong queue.Problems
	for _, code := range queue.BookingFlaws() {
		wrong = append(wrong, queue.Problem{Field: "bookings[0]." + code, Code: code, Msg: "is wrong", Hint: "Mend it."})
	}
	h.engine.fail = func(queue.Command) error {
		return &queue.Error{Code: queue.Invalid, Reason: queue.WhyBadBookings, Msg: "wrong", Hint: "Mend it.", Err: wrong}
	}
	said := map[string]string{} // by the sentence: where
	for _, lang := range []string{"vi", "en", "de"} {
		w := h.send(request{method: "POST", path: "/api/v1/counters/1/open", role: queue.Supervisor, header: map[string]string{"Accept-Language": lang}})
		p := decode[httpapi.Problem](t, w.Body.Bytes())
		if len(p.Errors) != len(wrong) {
			t.Fatalf("%s: %s", lang, w.Body)
		}
		for _, e := range p.Errors {
			if was := said[e.Message]; was != "" || strings.Contains(e.Message, "Mend it") || strings.ContainsAny(e.Message, "{}") {
				t.Errorf("%s in %s: %q (also %s)", e.Field, lang, e.Message, was)
			}
			said[e.Message] = e.Field + " in " + lang
		}
	}
}
