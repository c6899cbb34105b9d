package web_test

import (
	"context"
	"encoding/json"
	"flag"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"motcua/display"
	"motcua/display/feed"
	"motcua/internal/browsertest"
	"motcua/internal/web"
	"motcua/queue"
)

var gallery = flag.String("gallery", "", "write pictures of the faces into this `folder`")

// hall serves one face with the real feed behind it.
type hall struct {
	url   string
	topic string
	hub   *feed.Hub
	web   *web.Web

	mu    sync.Mutex // held by whoever is the owner's goroutine for now
	seq   uint64
	state any
}

const epoch = "0123456789abcdef"

// push changes the state, as the owner of the journal does.
func (h *hall) push(t testing.TB, state any) {
	t.Helper()
	b, err := json.Marshal(state)
	if err != nil {
		t.Fatal(err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seq++
	h.state = state
	h.hub.Publish(h.topic, feed.Position{Epoch: epoch, Seq: h.seq}, b)
}

func openHall(t testing.TB, face string, state any) *hall {
	t.Helper()
	return openHallBeating(t, face, state, 0)
}

// openHallBeating has the feed beat at another pace than the usual.
func openHallBeating(t testing.TB, face string, state any, beat time.Duration) *hall {
	t.Helper()
	w, err := web.New(web.Options{})
	if err != nil {
		t.Fatal(err)
	}
	h := &hall{web: w, seq: 1, state: state, topic: "board"}
	if face == "ticket" {
		h.topic = "ticket:2026-11-23.k3v9q2"
	}
	hub, err := feed.NewHub(feed.Options{
		Server: "test", Heartbeat: beat, Asset: w.Hash(), Logger: slog.New(slog.DiscardHandler),
		Turn: func(_ context.Context, f func()) error {
			h.mu.Lock()
			defer h.mu.Unlock()
			f()
			return nil
		},
		Position:  func() feed.Position { return feed.Position{Epoch: epoch, Seq: h.seq} },
		Authorize: func(*http.Request, string) (string, error) { return "test", nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	pattern, _, parameter := strings.Cut(h.topic, ":")
	if parameter {
		pattern += ":*"
	}
	hub.Latest(pattern, func(string) (feed.Position, []byte, error) {
		b, err := json.Marshal(h.state)
		return feed.Position{Epoch: epoch, Seq: h.seq}, b, err
	})
	if err := hub.Open(); err != nil {
		t.Fatal(err)
	}
	h.hub = hub
	mux := http.NewServeMux()
	mux.Handle("/a/", w.Assets())
	mux.Handle("/feed", hub)
	mux.HandleFunc("/", func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(rw, r)
			return
		}
		h.mu.Lock()
		seq, s, topic := h.seq, h.state, h.topic
		h.mu.Unlock()
		p := web.Page{Face: face, Lang: r.URL.Query().Get("lang"), Topic: topic, Epoch: epoch, Seq: seq, Snapshot: s, Host: r.Host}
		if r.URL.Query().Get("one") != "" {
			p.Languages = []string{"vi"}
		}
		if err := w.Render(rw, 200, p); err != nil {
			http.Error(rw, err.Error(), 500)
			t.Error(err)
		}
	})
	srv := httptest.NewServer(mux)
	h.url = srv.URL + "/"
	t.Cleanup(func() { _ = hub.Close(); srv.Close() })
	return h
}

func vi(v, e string) queue.Text { return queue.Text{"vi": v, "en": e} }

// morning is a hall at work: seven counters, a call just made.
func morning() display.Board {
	now := queue.StampOf(time.Now())
	return display.Board{
		Centre: display.Centre{
			Unit:   vi("Trung tâm Phục vụ hành chính công", "Public Service Centre"),
			Name:   vi("Phường Phú Xuân", "Phú Xuân Ward"),
			Notice: vi("Trưa nghỉ từ 11:30, làm lại lúc 13:30", "Lunch break 11:30 to 13:30"),
		},
		Point: "main", Languages: []string{"vi", "en"},
		Day: display.Day{ID: queue.DayOf(time.Now()), Open: true},
		Calls: []display.Call{
			{Seq: 90, Label: "A042", Counter: 3, At: now - 2000, Nth: 1, Active: true},
			{Seq: 85, Label: "B017", Counter: 5, At: now - 50000, Nth: 1, Mark: true},
			{Seq: 80, Label: "D012", Counter: 6, At: now - 90000, Nth: 1},
			{Seq: 75, Label: "A041", Counter: 1, At: now - 120000, Nth: 1},
			{Seq: 70, Label: "R023", Counter: 2, At: now - 150000, Nth: 1},
		},
		Lanes: []display.Lane{
			{Category: "A", Name: vi("Chứng thực", "Certification"), Now: "A042", Next: "A043", Waiting: 12, Open: true, Counters: []int{1, 2, 3}},
			{Category: "B", Name: vi("Hộ tịch", "Civil status"), Now: "B017", Next: "B018", Waiting: 6, Open: true, Counters: []int{4, 5}},
			{Category: "C", Name: vi("Đất đai", "Land"), Now: "C005", Next: "C006", Waiting: 4, Open: true, Counters: []int{7}},
			{Category: "D", Name: vi("Hộ kinh doanh", "Household business"), Now: "D012", Next: "D013", Waiting: 5, Open: true, Counters: []int{5, 6}},
			{Category: "R", Name: vi("Trả kết quả", "Collect a result"), Now: "R023", Next: "R024", Waiting: 2, Open: true, Counters: []int{2}},
		},
		Soon: []string{"A043", "R024", "B018"},
	}
}

// every is the whole list of a large centre's categories.
func every() display.Board {
	b := morning()
	b.Lanes = nil
	for i, c := range []struct{ id, vi, en string }{
		{"A", "Chứng thực", "Certification"}, {"B", "Hộ tịch", "Civil status"}, {"C", "Đất đai", "Land"},
		{"D", "Hộ kinh doanh", "Household business"}, {"E", "Xây dựng, đô thị", "Construction, planning"},
		{"F", "Bảo trợ xã hội", "Social protection"}, {"G", "Người có công", "Meritorious service"},
		{"H", "Giáo dục", "Education"}, {"K", "Nông nghiệp, môi trường", "Agriculture, environment"},
		{"L", "Văn hóa, thể thao", "Culture, sport"}, {"M", "Thuế, phí, lệ phí", "Taxes, fees"},
		{"P", "Công an: cư trú, căn cước", "Police: residence, ID"}, {"R", "Trả kết quả", "Collect a result"},
		{"T", "Hướng dẫn nộp trực tuyến", "Help with online filing"},
	} {
		b.Lanes = append(b.Lanes, display.Lane{Category: c.id, Name: vi(c.vi, c.en), Now: c.id + "0" + string(rune('0'+i%10)) + "7",
			Next: c.id + "128", Waiting: 3 * i, Open: i != 4, Counters: [][]int{{1, 2, 3, 5}, {2}, nil}[i%3]})
	}
	b.Calls[0].OutOfOrder, b.Calls[0].Nth = true, 2
	b.Calls[2].OutOfOrder = true
	return b
}

// holding is a ticket as its holder sees it.
func holding(state queue.TicketState) display.Ticket {
	now := queue.StampOf(time.Now())
	b := morning()
	k := display.Ticket{Centre: b.Centre, Languages: b.Languages, Label: "A055", Category: vi("Chứng thực", "Certification"),
		State: state, Now: "A046", Counters: []int{1, 2, 3}, Area: vi("Khu A", "Area A"), Issued: now - 1_200_000}
	switch state {
	case queue.Waiting:
		k.Ahead = 8
	case queue.Called, queue.Serving:
		k.Counter, k.CalledAt = 3, now-5000
	}
	return k
}

func TestGallery(t *testing.T) {
	if *gallery == "" {
		t.Skip("no folder given with -gallery")
	}
	br := browsertest.Start(t)
	first := morning()
	first.Calls, first.Soon = nil, nil
	for i := range first.Lanes {
		l := &first.Lanes[i]
		l.Now, l.Next, l.Waiting = "", "", 0
	}
	closed := first
	closed.Day.Open = false
	first.Devices = []display.Device{{Kind: "printer", Code: "paper_out"}}
	long := morning()
	long.Calls[0].Label, long.Calls[0].Counter = "M1042", 12
	long.Calls[1].Label, long.Calls[1].Counter = "M1041", 11
	long.Centre.Notice = vi("Hôm nay quầy số 4 tạm nghỉ buổi chiều, bà con có hồ sơ hộ tịch vui lòng đến quầy số 5 hoặc hỏi bàn hướng dẫn ở cửa chính", "Counter 4 is closed this afternoon")
	seated := morning()
	seated.Calls[0].Active = false
	for name, b := range map[string]display.Board{"wall": morning(), "wall-every": every(), "wall-first": first, "wall-closed": closed, "wall-long": long, "wall-seated": seated} {
		h := openHall(t, "wall", b)
		tab := br.Tab(t, 1920, 1080)
		tab.Open(h.url)
		tab.Wait(`document.body.dataset.link === 'live'`)
		tab.Save(*gallery, name+".png")
		if name == "wall" {
			tab.Size(1366, 768)
			tab.Save(*gallery, name+"-1366.png")
			tab.Size(1024, 768)
			tab.Save(*gallery, name+"-1024.png")
		}
		tab.Size(1080, 1920)
		tab.Save(*gallery, name+"-portrait.png")
		if name == "wall-every" {
			tab.Size(1920, 1080)
			tab.Wait(`document.querySelector('#lane-page').textContent === '2/3' && document.documentElement.dataset.turn === '1' && !document.querySelector('.turning') && document.getAnimations().length === 0`)
			tab.Save(*gallery, name+"-en.png")
		}
	}
	for _, state := range []queue.TicketState{queue.Waiting, queue.Called, queue.Missed, queue.Finished} {
		h := openHall(t, "ticket", holding(state))
		tab := br.Tab(t, 390, 844)
		tab.Open(h.url)
		tab.Wait(`document.body.dataset.link === 'live'`)
		tab.Save(*gallery, "ticket-"+string(state)+".png")
	}
	for face, state := range map[string]any{"ticket": nil, "home": nil, "sign-in": nil, "error": nil, "basic": every()} {
		h := openHall(t, face, state)
		tab := br.Tab(t, 1280, 720)
		if face != "basic" {
			tab.Size(390, 844)
		}
		tab.Open(h.url)
		tab.Save(*gallery, "page-"+face+".png")
	}
}
