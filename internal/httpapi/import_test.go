package httpapi_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"motcua/internal/httpapi"
	"motcua/queue"
)

// send a list as its file, and expect a status.
func (h *house) importList(t *testing.T, status int, query, csv, key string) *httptest.ResponseRecorder {
	t.Helper()
	w := h.send(request{method: "POST", path: "/api/v1/appointments/import" + query, body: csv, role: queue.Greeter,
		header: map[string]string{"Content-Type": "text/csv; charset=utf-8", "Idempotency-Key": key}})
	if w.Code != status {
		t.Fatalf("import%s: %d %s, want %d", query, w.Code, w.Body, status)
	}
	return w
}

// wrongAt lists lines, columns and codes; every one must say something.
func wrongAt(t *testing.T, rows []httpapi.WrongRow) []string {
	t.Helper()
	var at []string
	for _, r := range rows {
		at = append(at, fmt.Sprint(r.Line, " ", r.Column, " ", r.Code))
		if r.Message == "" {
			t.Errorf("line %d says nothing", r.Line)
		}
	}
	return at
}

func (h *house) booked(t *testing.T) int {
	t.Helper()
	return len(decode[httpapi.AppointmentsView](t, h.get(t, "/appointments", queue.Officer)).Appointments)
}

func TestImport(t *testing.T) {
	h := newHouse(t)
	h.apply(t, withHours)
	h.setClock(local("08:00"))
	const good = "mã;ngày;giờ;lĩnh vực;số hồ sơ\nH-01;2026-11-24;08:30;A;2\nH-02;24/11/2026;8h45;B;\n"
	w := h.importList(t, 200, "", good, "k1")
	first := w.Body.String()
	got := decode[httpapi.Imported](t, w.Body.Bytes())
	if got.Imported != 2 || got.Unchanged != 0 || len(got.Rows) != 0 || got.Seq == 0 {
		t.Errorf("imported %+v", got)
	}
	if w = h.importList(t, 200, "", good, "k1"); w.Body.String() != first || w.Header().Get("Idempotency-Replayed") != "true" {
		t.Errorf("the same key: %s, was %s", w.Body, first)
	}
	if got := decode[httpapi.Imported](t, h.importList(t, 200, "", good, "").Body.Bytes()); got.Imported != 0 || got.Unchanged != 2 {
		t.Errorf("the same list: %+v", got)
	}

	// Wrong in the file (4, 6) and wrong by the centre's plan (3, 5).
	const mixed = "code,slot,category\n" +
		"H-10,2026-11-24 09:00,A\n" +
		"H-11,2026-11-24 12:00,A\n" +
		"H-12,2026-13-24 09:00,A\n" +
		"H-13,2026-11-22 09:00,A\n" +
		"H-14,2026-11-24 09:00,Z\n"
	p := decode[httpapi.Problem](t, h.importList(t, 422, "", mixed, "k2").Body.Bytes())
	var fields []string
	for _, e := range p.Errors {
		fields = append(fields, e.Field)
	}
	if d := cmp.Diff([]string{"line 3, slot", "line 4, slot", "line 5, slot", "line 6, category"}, fields); d != "" || p.Reason != queue.WhyBadBookings {
		t.Errorf("refused %+v (-want +got):\n%s", p, d)
	}
	if n := h.booked(t); n != 2 {
		t.Fatalf("%d appointments after a list that was refused, want 2", n)
	}
	got = decode[httpapi.Imported](t, h.importList(t, 200, "?skip_bad=true", mixed, "k3").Body.Bytes())
	lines := wrongAt(t, got.Rows)
	if d := cmp.Diff([]string{"3 slot no_session", "4 slot slot", "5 slot past", "6 category category_unknown"}, lines); d != "" {
		t.Errorf("left out (-want +got):\n%s", d)
	}
	if got.Imported != 1 || h.booked(t) != 3 {
		t.Errorf("imported %+v of a list with one good row", got)
	}
	// The answer was lost: nothing is booked twice.
	if got := decode[httpapi.Imported](t, h.importList(t, 200, "?skip_bad=true", mixed, "k3").Body.Bytes()); len(got.Rows) != 4 || h.booked(t) != 3 {
		t.Errorf("again %+v", got)
	}
}

// A list with nothing good in it, or no list at all.
func TestImportNothing(t *testing.T) {
	h := newHouse(t)
	h.apply(t, withHours)
	h.setClock(local("08:00"))
	got := decode[httpapi.Imported](t, h.importList(t, 200, "?skip_bad=true", "code,slot,category\nH-11,2026-11-24 12:00,A\n", "").Body.Bytes())
	if got.Imported != 0 || len(got.Rows) != 1 || got.Epoch == "" {
		t.Errorf("nothing good: %+v", got)
	}
	for name, x := range map[string]struct {
		csv    string
		status int
		reason string
		says   string
	}{
		"a column of names": {"code,slot,category,name\nH-01,2026-11-24 09:00,A,Nguyen Van B\n", 422, queue.WhyBadBookings, "name"},
		"no headings":       {"H-01,2026-11-24 09:00,A\n", 422, queue.WhyBadBookings, "headings"},
		"a workbook":        {"PK\x03\x04rest", 422, queue.WhyBadBookings, "CSV"},
		"headings alone":    {"code,slot,category\n", 422, queue.WhyBadBookings, ""},
		"nothing":           {"", 422, queue.WhyBadBookings, ""},
		"over 1 MiB":        {strings.Repeat("x", 1<<20+1), 413, "too_large", ""},
	} {
		w := h.importList(t, x.status, "?skip_bad=true", x.csv, "")
		p := decode[httpapi.Problem](t, w.Body.Bytes())
		if p.Reason != x.reason || x.reason == queue.WhyBadBookings && len(p.Errors) == 0 || !strings.Contains(w.Body.String(), x.says) {
			t.Errorf("%s: %s", name, w.Body)
		}
		if strings.Contains(w.Body.String(), "Nguyen") {
			t.Errorf("%s: repeats a person: %s", name, w.Body)
		}
	}
	for kind, path := range map[string]string{"application/json": "/appointments/import", "text/csv": "/appointments", "text/plain": "/appointments/import"} {
		w := h.send(request{method: "POST", path: "/api/v1" + path, body: `{}`, role: queue.Greeter, header: map[string]string{"Content-Type": kind}})
		if w.Code != 415 {
			t.Errorf("%s to %s: %d %s", kind, path, w.Code, w.Body)
		}
	}
	if n := h.booked(t); n != 0 {
		t.Errorf("%d appointments out of nothing", n)
	}
}

// What is wrong with a row is said in the reader's language, whether the file
// or the centre's plan is against it.
func TestImportSpeaksTheAskersLanguage(t *testing.T) {
	h := speaking(t)
	h.apply(t, withHours)
	h.setClock(local("08:00"))
	for lang, want := range map[string]string{"vi": "dòng 2, giờ hẹn; dòng 3, slot", "en": "line 2, slot; line 3, slot", "de": "Zeile 2, Termin; Zeile 3, slot"} {
		w := h.send(request{method: "POST", path: "/api/v1/appointments/import", role: queue.Supervisor,
			body:   "code,slot,category\nH-11,2026-11-24 12:00,A\nH-12,2026-13-24 09:00,A\n",
			header: map[string]string{"Content-Type": "text/csv", "Accept-Language": lang}})
		var at []string
		for _, e := range decode[httpapi.Problem](t, w.Body.Bytes()).Errors {
			at = append(at, e.Field)
		}
		if got := strings.Join(at, "; "); got != want {
			t.Errorf("%s: wrong at %q, want %q", lang, got, want)
		}
	}
	for lang, want := range map[string][]string{
		"vi": {"các buổi của lĩnh vực", "Ngày"},
		"en": {"session", "date"},
		"de": {"Halbtag", "Datum"},
	} {
		w := h.send(request{method: "POST", path: "/api/v1/appointments/import?skip_bad=true", role: queue.Supervisor,
			body:   "code,slot,category\nH-11,2026-11-24 12:00,A\nH-12,2026-13-24 09:00,A\n",
			header: map[string]string{"Content-Type": "text/csv", "Accept-Language": lang}})
		got := decode[httpapi.Imported](t, w.Body.Bytes())
		if len(got.Rows) != 2 {
			t.Fatalf("%s: %s", lang, w.Body)
		}
		for i, r := range got.Rows {
			if !strings.Contains(strings.ToLower(r.Message), strings.ToLower(want[i])) {
				t.Errorf("%s, line %d: %q, want %q in it", lang, r.Line, r.Message, want[i])
			}
		}
	}
}
