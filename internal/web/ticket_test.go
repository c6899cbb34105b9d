package web_test

import (
	"strings"
	"testing"

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
	for state, want := range map[queue.TicketState]string{
		queue.Waiting: "8 người trước bạn", queue.Called: "Mời đến quầy 3", queue.Missed: "bàn hướng dẫn",
	} {
		h.push(t, holding(state))
		tab.Open(h.url)
		if got := browsertest.Eval[string](tab, `document.querySelector('main').innerText`); !strings.Contains(got, want) {
			t.Errorf("%s: no %q in %q", state, want, got)
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
