package web_test

import (
	"strings"
	"testing"
	"time"

	"motcua/display"
	"motcua/internal/browsertest"
	"motcua/queue"
)

// TestTicket follows one ticket from waiting to its end.
func TestTicket(t *testing.T) {
	br := browsertest.Start(t)
	h := openHall(t, "ticket", holding(queue.Waiting))
	tab := br.Tab(t, 390, 844)
	tab.Open(h.url)
	tab.Wait(`document.body.dataset.link === 'live'`)
	seen := func() string {
		t.Helper()
		return browsertest.Eval[string](tab, `document.title + ' | ' + document.querySelector('main').innerText`)
	}
	expect := func(state queue.TicketState, want ...string) {
		t.Helper()
		got := seen()
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("%s: no %q in %q", state, w, got)
			}
		}
	}
	expect(queue.Waiting, "A055", "Đang chờ", "8 người trước bạn", "đang gọi số A046", "Khu A", "quầy 1–3", "Đã kết nối")
	soon := holding(queue.Waiting)
	soon.Ahead = 0
	h.push(t, soon)
	tab.Wait(`document.querySelector('#state').textContent === 'Sắp đến lượt bạn'`)
	for state, want := range map[queue.TicketState][]string{
		queue.Called:    {"A055 → quầy 3", "Mời đến quầy 3"},
		queue.Serving:   {"Bạn đang ở quầy 3"},
		queue.Parked:    {"tạm giữ số"},
		queue.Missed:    {"không thấy bạn", "bàn hướng dẫn"},
		queue.Finished:  {"Đã xong"},
		queue.Cancelled: {"Số này đã hủy"},
		queue.Expired:   {"hết hiệu lực"},
	} {
		h.push(t, holding(state))
		tab.Wait(`document.querySelector('#ticket').dataset.state === '` + string(state) + `'`)
		expect(state, want...)
	}
	// A visit of several services, at an appointment, in one of several halls.
	visit := holding(queue.Waiting)
	visit.Point, visit.Claimed = vi("Điểm A Lưới", "A Luoi point"), true
	visit.Then, visit.Slot = []queue.Text{vi("Thuế, phí", "Taxes, fees"), vi("Trả kết quả", "Results")}, visit.Issued
	visit.NoPass = queue.StampOf(time.Date(2026, 11, 23, 9, 4, 1, 0, queue.Zone)) // a promise: rounded up
	h.push(t, visit)
	tab.Wait(`document.querySelector('#ticket').dataset.state === 'waiting'`)
	expect("a visit", "Điểm A Lưới, Khu A", "Thuế, phí → Trả kết quả", "Lịch hẹn lúc "+visit.Slot.Time().In(queue.Zone).Format("15:04"), "chưa được xác nhận", "không số nào lấy sau 09:05 được xếp trước")
	put := holding(queue.Cancelled)
	put.Rebooked = &display.Rebooked{Code: "A055-1123", Slot: queue.StampOf(time.Date(2026, 11, 24, 7, 30, 0, 0, queue.Zone))}
	h.push(t, put)
	tab.Wait(`document.querySelector('#ticket').dataset.state === 'cancelled'`)
	expect("put off", "đổi thành lịch hẹn", "Thứ Ba, 24/11 lúc 07:30", "A055-1123")
	if hidden := browsertest.Eval[bool](tab, `document.querySelector('#fact-then').hidden && document.querySelector('#fact-slot').hidden`); !hidden {
		t.Error("what was of the visit is still shown")
	}
	h.push(t, holding(queue.Called))
	tab.Wait(`document.querySelector('#ticket').dataset.state === 'called'`)
	if ground := browsertest.Eval[string](tab, `getComputedStyle(document.querySelector('.head')).backgroundColor`); ground != "rgb(255, 212, 0)" {
		t.Errorf("called: the ground is %s, want yellow", ground)
	}
	if wide := browsertest.Eval[bool](tab, `document.documentElement.scrollWidth > innerWidth`); wide {
		t.Error("the page scrolls sideways")
	}
	if cookies := browsertest.Eval[string](tab, `document.cookie`); cookies != "" {
		t.Errorf("the page set a cookie: %q", cookies)
	}
	tab.Size(320, 568)
	if wide := browsertest.Eval[bool](tab, `document.documentElement.scrollWidth > innerWidth`); wide {
		t.Error("the page scrolls sideways on a small phone")
	}
	if strange := tab.StrangeFonts("main *"); len(strange) > 0 {
		t.Errorf("fonts not ours: %v", strange)
	}
}

// TestTicketWithoutScript reads the page as a phone without scripts shows it.
func TestTicketWithoutScript(t *testing.T) {
	br := browsertest.Start(t)
	h := openHall(t, "ticket", nil)
	tab := br.Tab(t, 390, 844)
	tab.NoScript()
	tab.Open(h.url + "?lang=en")
	if got := browsertest.Eval[string](tab, `document.title + document.body.innerText`); !strings.Contains(got, "This number was not found") {
		t.Errorf("an unknown ticket: %q", got)
	}
	rebooked, visit := holding(queue.Cancelled), holding(queue.Waiting)
	rebooked.Rebooked = &display.Rebooked{Code: "A055-1123", Slot: queue.StampOf(time.Date(2026, 11, 24, 7, 30, 0, 0, queue.Zone))}
	visit.Then, visit.Point = []queue.Text{vi("Thuế, phí", "Taxes, fees")}, vi("Điểm A Lưới", "A Luoi point")
	visit.NoPass = queue.StampOf(time.Date(2026, 11, 23, 9, 5, 0, 0, queue.Zone))
	for want, k := range map[string]display.Ticket{
		"8 người trước bạn": holding(queue.Waiting), "Mời đến quầy 3": holding(queue.Called), "bàn hướng dẫn": holding(queue.Missed),
		"Thứ Ba, 24/11 lúc 07:30. Mã hẹn: A055-1123": rebooked, "Thuế, phí": visit, "lấy sau 09:05": visit, "Điểm A Lưới, Khu A": visit,
	} {
		h.push(t, k)
		tab.Open(h.url)
		if got := browsertest.Eval[string](tab, `document.querySelector('main').innerText`); !strings.Contains(got, want) {
			t.Errorf("%s: no %q in %q", k.State, want, got)
		}
	}
}

// TestBasic watches the board for old televisions change without a socket.
func TestBasic(t *testing.T) {
	br := browsertest.Start(t)
	h := openHall(t, "basic", morning())
	tab := br.Tab(t, 1280, 720)
	tab.Open(h.url)
	b := morning()
	b.Calls[0].Label = "A043"
	h.push(t, b)
	tab.Wait(`document.querySelector('.hero .label').textContent === 'A043'`)
	if hidden := browsertest.Eval[bool](tab, `document.querySelector('#lost').hidden`); !hidden {
		t.Error("the board says it is lost while it is not")
	}
	tab.Open("about:blank")
}
