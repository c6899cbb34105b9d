package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"motcua/internal/auth"
	"motcua/internal/browsertest"
	"motcua/internal/config"
	"motcua/kiosk"
	"motcua/printer"
	"motcua/queue"
)

// hallBoard is what the tests look at of a point's wall.
type hallBoard struct {
	Point string
	Name  queue.Text `json:"point_name"`
	Calls []struct {
		Label   string
		Counter int
	}
	Lanes []struct {
		Category string
		Waiting  int
	}
	Counters []struct{ Number int }
}

func (b hallBoard) waiting(category string) int {
	for _, l := range b.Lanes {
		if l.Category == category {
			return l.Waiting
		}
	}
	return 0
}

func (b hallBoard) called(label string, counter int) bool {
	for _, c := range b.Calls {
		if c.Label == label && c.Counter == counter {
			return true
		}
	}
	return false
}

func (o *timed) boardOf(point string) hallBoard {
	o.t.Helper()
	var v struct{ Board hallBoard }
	if code := o.ask("GET", "/board?point="+point, "", &v); code != 200 {
		o.t.Fatalf("board of %s: %d", point, code)
	}
	return v.Board
}

// TestTwoHalls is a centre of two halls: a panel in the one gives numbers that
// the other's counters can't call, and a visit goes from the one to the other
// with the same number.
func TestTwoHalls(t *testing.T) {
	kioskToken, kioskHash := auth.NewToken()
	screenToken, screenHash := auth.NewToken()
	o := openOffice(t, "08:00", string(config.Ward()), `
[panel]
point = "annex"
[[access]]
name = "kiosk-annex"
role = "kiosk"
point = "annex"
token_sha256 = "`+kioskHash+`"
[[access]]
name = "screen-annex"
role = "board"
point = "annex"
token_sha256 = "`+screenHash+`"
`)
	must := func(path, body string) {
		t.Helper()
		if code := o.ask("POST", path, body, nil); code >= 300 {
			t.Fatalf("POST %s %s: %d", path, body, code)
		}
	}
	type ticket struct {
		ID                     queue.TicketID
		Label, Point, Category string
	}
	tickets := func() []ticket {
		var v struct{ Tickets []ticket }
		o.ask("GET", "/state", "", &v)
		return v.Tickets
	}

	// The panel of the annex: what is served there is lit, the rest is dark.
	o.until("lit for the annex", func() bool {
		return o.lamp("A") == kiosk.LampReady && o.lamp("C") == kiosk.LampOff
	})
	must("/demo/press", `{"button":"A"}`)
	paper := o.paper(1)
	all := tickets()
	if len(all) != 1 || all[0].Label != "A001" || all[0].Point != "annex" {
		t.Fatalf("the press gave %+v", all)
	}
	pressed := all[0]
	var link string
	if err := o.engine.Read(t.Context(), func(s *queue.State) { link = o.links.URL(s.Day.ID, s.Ticket(pressed.ID).Ref) }); err != nil {
		t.Fatal(err)
	}
	slip := vietnamese(issued{Label: "A001", Link: link}, paper.At)
	slip.Category = "Chứng thực"
	slip.Rows = append(slip.Rows, printer.Row{Label: "Điểm tiếp nhận", Value: "Sảnh phụ (nhà B)"}, printer.Row{Label: "Chờ tại", Value: "Khu A, quầy 6, 7"})
	slip.Issued = []printer.Line{{Text: "Lấy lúc", Bold: "08:00"}, {Text: "Buổi sáng, Thứ Hai"}, {Bold: "23/11/2026"}}
	looksLike(t, paper.Image, slip, true)

	annex, main := o.boardOf("annex"), o.boardOf("main")
	if annex.Name["en"] != "Annex (building B)" || annex.waiting("A") != 1 || len(annex.Counters) != 2 || annex.Counters[0].Number != 6 {
		t.Errorf("the annex shows %+v", annex)
	}
	if main.Name["en"] != "Main hall" || main.waiting("A") != 0 || len(main.Counters) != 5 {
		t.Errorf("the main hall shows %+v", main)
	}

	// Nobody of the main hall calls it; the annex does, and only its wall says so.
	must("/counters/1/open", `{}`)
	var p struct{ Code, Reason string }
	if code := o.ask("POST", "/counters/1/next", "", &p); code != 404 || p.Reason != queue.WhyQueueEmpty {
		t.Errorf("next in the main hall: %d %+v", code, p)
	}
	if code := o.ask("POST", "/counters/1/call", about(pressed.ID, `"reason":"other"`), &p); code != 403 || p.Reason != queue.WhyPointUnknown {
		t.Errorf("a call from the main hall: %d %+v", code, p)
	}
	must("/counters/6/open", `{}`)
	must("/counters/6/next", "")
	if !o.boardOf("annex").called("A001", 6) || len(o.boardOf("main").Calls) != 0 {
		t.Errorf("calls: annex %+v, main %+v", o.boardOf("annex").Calls, o.boardOf("main").Calls)
	}

	// Birth and residence: at the main hall's counter first, at the police's in
	// the annex after it, with one number.
	must("/tickets", `{"category":"BP"}`)
	visit := tickets()[1]
	if visit.Label != "B001" || visit.Point != "main" {
		t.Fatalf("the visit begins as %+v", visit)
	}
	must("/counters/1/next", "")
	must("/counters/1/start", about(visit.ID, ""))
	must("/counters/1/finish", about(visit.ID, `"outcome":"done"`))
	if got := tickets()[1]; got != (ticket{visit.ID, "B001", "annex", "P"}) {
		t.Errorf("it goes on as %+v", got)
	}
	if a := o.boardOf("annex"); a.waiting("P") != 1 {
		t.Errorf("between the halls: %+v", a.Lanes)
	}
	must("/counters/7/open", `{}`)
	must("/counters/7/next", "")
	if !o.boardOf("annex").called("B001", 7) || o.boardOf("main").called("B001", 7) {
		t.Errorf("the second leg: annex %+v, main %+v", o.boardOf("annex").Calls, o.boardOf("main").Calls)
	}
	var phone struct{ Point queue.Text }
	err := o.engine.Read(t.Context(), func(s *queue.State) {
		at := s.Ticket(visit.ID)
		text, err := o.project(s, "ticket:"+strings.TrimPrefix(o.links.Path(s.Day.ID, at.Ref), "/t/"))
		if err == nil {
			err = json.Unmarshal(text, &phone)
		}
		if err != nil {
			t.Error(err)
		}
	})
	if err != nil || phone.Point["vi"] != "Sảnh phụ (nhà B)" {
		t.Errorf("the phone says %v, %v", phone.Point, err)
	}

	// Devices of the annex say nothing of where they are.
	as := func(token, method, path, body string) *http.Response {
		t.Helper()
		req, err := http.NewRequest(method, "http://"+o.Addr()+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Authorization", "Bearer "+token)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { resp.Body.Close() })
		return resp
	}
	var taken ticket
	if r := as(kioskToken, "POST", "/api/v1/tickets", `{"category":"A"}`); r.StatusCode != 201 || json.NewDecoder(r.Body).Decode(&taken) != nil || taken.Label != "A002" || taken.Point != "annex" {
		t.Errorf("the kiosk of the annex: %d %+v", r.StatusCode, taken)
	}
	if r := as(kioskToken, "POST", "/api/v1/tickets", `{"category":"A","point":"main"}`); r.StatusCode != 403 {
		t.Errorf("a number of the main hall: %d", r.StatusCode)
	}
	var screen struct{ Board hallBoard }
	if r := as(screenToken, "GET", "/api/v1/board", ""); r.StatusCode != 200 || json.NewDecoder(r.Body).Decode(&screen) != nil || screen.Board.Point != "annex" {
		t.Errorf("the screen of the annex: %d %+v", r.StatusCode, screen)
	}

	// The demonstration's panel can be carried to the other hall.
	must("/demo/point", `{"point":"main"}`)
	o.until("lit for the main hall", func() bool { return o.lamp("C") == kiosk.LampReady })
	must("/demo/press", `{"button":"C"}`)
	o.until("a number of the main hall", func() bool {
		all := tickets()
		last := all[len(all)-1]
		return last.Label == "C001" && last.Point == "main"
	})
	if code := o.ask("POST", "/demo/point", `{"point":"cellar"}`, &p); code != 404 || p.Reason != queue.WhyPointUnknown {
		t.Errorf("a point there is not: %d %+v", code, p)
	}
}

// TestTwoHallsOnThePages: counters stand under their hall's name, a wall shows
// its own hall, and the demonstration's panel goes to the one that is chosen,
// its wall with it.
func TestTwoHallsOnThePages(t *testing.T) {
	o := openOffice(t, "08:00", string(config.Ward()), "")
	base := "http://" + o.Addr()
	tab := browsertest.Start(t).Tab(t, 1366, 768)
	tab.Open(base + "/console?lang=vi")
	tab.Wait(`[...document.querySelectorAll('.counters h2')].map(h => h.textContent + ' ' + h.nextElementSibling.querySelectorAll('.seat').length).join() === 'Sảnh chính 5,Sảnh phụ (nhà B) 2'`)
	tab.Open(base + "/display?point=annex&lang=vi")
	tab.Wait(`document.querySelector('#name').textContent.includes('Sảnh phụ (nhà B)')`)
	tab.Open(base + "/demo?lang=vi")
	tab.Wait(`document.querySelector('.points [aria-pressed=true]')?.textContent === 'Sảnh chính' && document.querySelector('.key[data-button=C]').dataset.lamp === 'ready'`)
	browsertest.Eval[bool](tab, `document.querySelector('.points [data-point=annex]').click() || true`)
	tab.Wait(`document.querySelector('.points [aria-pressed=true]').textContent === 'Sảnh phụ (nhà B)' && document.querySelector('.key[data-button=C]').dataset.lamp === 'off' &&
		document.querySelector('.wall iframe').getAttribute('src') === '/display?point=annex'`)
	for _, problem := range tab.Problems() {
		t.Error(problem)
	}
}
