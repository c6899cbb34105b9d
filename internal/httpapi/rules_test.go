package httpapi_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"motcua/display"
	"motcua/internal/httpapi"
	"motcua/queue"
)

// apply changes the centre's configuration through the API.
func (h *house) apply(t testing.TB, change func(*queue.Config)) httpapi.Applied {
	t.Helper()
	cfg := decode[queue.Config](t, h.get(t, "/centre", queue.Supervisor))
	change(&cfg)
	body, err := json.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	w := h.send(request{method: "PUT", path: "/api/v1/centre", body: string(body), role: queue.Supervisor})
	if w.Code != 200 {
		t.Fatalf("apply: %d %s", w.Code, w.Body)
	}
	return decode[httpapi.Applied](t, w.Body.Bytes())
}

// withHours gives the centre two sessions on weekdays and nothing else.
func withHours(c *queue.Config) {
	days := []queue.Weekday{"mon", "tue", "wed", "thu", "fri"}
	c.Sessions = []queue.Session{
		{ID: "am", Name: queue.Text{"vi": "Buổi sáng"}, Days: days, From: "07:30", To: "11:30", Doors: 30, CutOff: 15},
		{ID: "pm", Name: queue.Text{"vi": "Buổi chiều"}, Days: days, From: "13:30", To: "17:00", Doors: 30, CutOff: 15},
	}
	c.Holidays, c.ExtraDays, c.Quotas, c.Breaks = nil, nil, nil, nil
	c.Classes = slices.DeleteFunc(c.Classes, func(k queue.Class) bool { return k.ID == queue.Appointed })
	c.Classes = append(c.Classes, queue.Class{ID: queue.Appointed, Name: queue.Text{"vi": "Có hẹn", "en": "Appointment"}, HeadStart: 15})
}

// local is a time of Monday, 23 November 2026, in Huế.
func local(clock string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", "2026-11-23 "+clock, queue.Zone)
	if err != nil {
		panic(err)
	}
	return t
}

func (h *house) setClock(now time.Time) {
	h.engine.mu.Lock()
	defer h.engine.mu.Unlock()
	h.engine.now = now
}

// as sends a command in a role and expects a status.
func (h *house) as(t testing.TB, role queue.Role, status int, path, body string) []byte {
	t.Helper()
	w := h.send(request{method: "POST", path: "/api/v1" + path, body: body, role: role})
	if w.Code != status {
		t.Fatalf("POST %s %s as %s: %d %s, want %d", path, body, role, w.Code, w.Body, status)
	}
	return w.Body.Bytes()
}

func (h *house) ticket(t testing.TB, id queue.TicketID) httpapi.TicketAt {
	t.Helper()
	return decode[httpapi.TicketAt](t, h.get(t, fmt.Sprintf("/tickets/%d", id), queue.Officer))
}

func TestUndo(t *testing.T) {
	h := newHouse(t)
	h.post(t, "/counters/1/open", "")
	first := decode[httpapi.Issued](t, h.post(t, "/tickets", `{"category":"A"}`)).ID
	h.post(t, "/tickets", `{"category":"A"}`)
	h.post(t, "/counters/1/next", "")
	undone := decode[httpapi.Done](t, h.as(t, queue.Officer, 200, "/counters/1/undo", "")).Ticket
	if undone == nil || undone.ID != first || undone.State != queue.Waiting || undone.Undone != "ticket.called.v1" {
		t.Errorf("undone %+v", undone)
	}
	if v := h.ticket(t, first); v.State != queue.Waiting || v.Calls != 0 || *v.Ahead != 0 {
		t.Errorf("then %+v", v.TicketView)
	}
	// A finish that called the next ticket goes back whole.
	h.post(t, "/counters/1/next", "")
	h.post(t, "/counters/1/start", fmt.Sprintf(`{"ticket":%d}`, first))
	next := decode[httpapi.Done](t, h.post(t, "/counters/1/finish", fmt.Sprintf(`{"ticket":%d,"next":true}`, first))).Ticket.ID
	undone = decode[httpapi.Done](t, h.as(t, queue.Officer, 200, "/counters/1/undo", fmt.Sprintf(`{"ticket":%d}`, next))).Ticket
	if undone == nil || undone.ID != first || undone.State != queue.Serving || undone.Undone != "ticket.finished.v1" || h.ticket(t, next).State != queue.Waiting {
		t.Errorf("undone %+v, the next %+v", undone, h.ticket(t, next).TicketView)
	}
	// What was done without a counter is taken back without one.
	h.as(t, queue.Greeter, 200, fmt.Sprintf("/tickets/%d/class", next), `{"class":"priority"}`)
	h.as(t, queue.Greeter, 200, fmt.Sprintf("/tickets/%d/undo", next), "")
	if v := h.ticket(t, next); v.Class != queue.Normal {
		t.Errorf("then %+v", v.TicketView)
	}
	for _, x := range []struct{ path, reason string }{
		{fmt.Sprintf("/tickets/%d/undo", next), queue.WhyWrongState},
		{"/counters/2/undo", queue.WhyWrongState},
	} {
		if p := decode[httpapi.Problem](t, h.as(t, queue.Supervisor, 409, x.path, "{}")); p.Reason != x.reason {
			t.Errorf("%s: %+v", x.path, p)
		}
	}
	h.post(t, "/counters/1/park", fmt.Sprintf(`{"ticket":%d}`, first))
	h.engine.pass(11 * time.Second)
	if p := decode[httpapi.Problem](t, h.as(t, queue.Officer, 409, "/counters/1/undo", "")); p.Reason != queue.WhyTooLate {
		t.Errorf("too late: %+v", p)
	}
}

func TestWalkDirect(t *testing.T) {
	h := newHouse(t)
	h.post(t, "/counters/1/open", "")
	send := func(key string) (int, string) {
		w := h.send(request{method: "POST", path: "/api/v1/counters/1/direct", body: `{"category":"A","dossiers":2}`, role: queue.Officer,
			header: map[string]string{"Idempotency-Key": key}})
		return w.Code, w.Body.String()
	}
	code, body := send("k")
	got := decode[httpapi.Issued](t, []byte(body))
	if code != 201 || got.Label != "A001" || got.State != queue.Serving || got.Counter != "1" || got.Dossiers != 2 || got.Link == "" {
		t.Fatalf("%d %s", code, body)
	}
	if again, same := send("k"); again != 201 || same != body {
		t.Errorf("the same key: %d %s, was %s", again, same, body)
	}
	if v := h.ticket(t, got.ID); v.State != queue.Serving || v.Entry != queue.EntryDirect || v.Slip != queue.SlipNone {
		t.Errorf("then %+v", v.TicketView)
	}
	if p := decode[httpapi.Problem](t, h.as(t, queue.Officer, 409, "/counters/1/direct", `{"category":"A"}`)); p.Reason != queue.WhyCounterBusy {
		t.Errorf("at a busy counter: %+v", p)
	}
	h.post(t, "/counters/1/undo", "")
	if v := h.ticket(t, got.ID); v.State != queue.Cancelled {
		t.Errorf("taken back: %+v", v.TicketView)
	}
}

func TestVisit(t *testing.T) {
	h := newHouse(t)
	h.post(t, "/counters/1/open", "")
	h.post(t, "/counters/2/open", "")
	got := decode[httpapi.Issued](t, h.as(t, queue.Greeter, 201, "/tickets", `{"category":"A","legs":["B","M"],"dossiers":4}`))
	if !slices.Equal(got.Legs, []queue.CategoryID{"B", "M"}) || got.Dossiers != 4 {
		t.Fatalf("issued %+v", got)
	}
	at := func(verb string) string { return fmt.Sprintf("/tickets/%d/%s", got.ID, verb) }
	legs := decode[httpapi.Done](t, h.as(t, queue.Officer, 200, at("legs"), `{"legs":["B"]}`)).Ticket
	if legs == nil || legs.Legs == nil || !slices.Equal(*legs.Legs, []queue.CategoryID{"B"}) {
		t.Errorf("planned %+v", legs)
	}
	if d := decode[httpapi.Done](t, h.as(t, queue.Officer, 200, at("dossiers"), `{"dossiers":5}`)).Ticket; d == nil || d.Dossiers != 5 {
		t.Errorf("dossiers %+v", d)
	}
	body := fmt.Sprintf(`{"ticket":%d}`, got.ID)
	h.engine.pass(time.Minute)
	h.post(t, "/counters/1/next", "")
	h.post(t, "/counters/1/start", body)
	h.engine.pass(time.Minute)
	leg := decode[httpapi.Done](t, h.post(t, "/counters/1/finish", body)).Ticket
	if leg == nil || leg.State != queue.Waiting || leg.Category != "B" || leg.Label != got.Label {
		t.Errorf("after the first leg %+v", leg)
	}
	v := h.ticket(t, got.ID)
	if v.Leg != 2 || v.Origin != "A" || v.Category != "B" || len(v.Next) != 0 || len(v.Past) != 1 || v.Dossiers != 5 ||
		v.Past[0].Wait != time.Minute.Milliseconds() || v.Past[0].Service != time.Minute.Milliseconds() || v.Past[0].Counter != 1 {
		t.Errorf("then %+v", v.TicketView)
	}
	// No legs is said as such, not left out.
	h.as(t, queue.Officer, 200, at("legs"), `{"legs":["M"]}`)
	if raw := h.as(t, queue.Officer, 200, at("legs"), `{"legs":[]}`); !strings.Contains(string(raw), `"legs":[]`) {
		t.Errorf("planned nothing: %s", raw)
	}
	h.post(t, "/counters/2/next", "")
	h.post(t, "/counters/2/start", body)
	if f := decode[httpapi.Done](t, h.post(t, "/counters/2/finish", body)).Ticket; f.State != queue.Finished {
		t.Errorf("after the last leg %+v", f)
	}
}

// A class asked for at a kiosk is a claim where the class permits it.
func TestClaim(t *testing.T) {
	h := newHouse(t)
	h.apply(t, func(c *queue.Config) {
		for i := range c.Classes {
			c.Classes[i].Button = c.Classes[i].ID == "priority"
		}
	})
	got := decode[httpapi.Issued](t, h.as(t, queue.Kiosk, 201, "/tickets", `{"category":"A","class":"priority"}`))
	if got.Class != queue.Normal || got.Claim != "priority" {
		t.Errorf("claimed %+v", got)
	}
	path := fmt.Sprintf("/tickets/%d/class", got.ID)
	if w := h.send(request{method: "POST", path: "/api/v1" + path, body: `{"class":"priority"}`, role: queue.Kiosk}); w.Code != 403 {
		t.Errorf("confirmed by a kiosk: %d", w.Code)
	}
	if d := decode[httpapi.Done](t, h.as(t, queue.Greeter, 200, path, `{"class":"priority"}`)).Ticket; d.Class != "priority" {
		t.Errorf("confirmed %+v", d)
	}
	if v := h.ticket(t, got.ID); v.Class != "priority" || v.Claim != "" {
		t.Errorf("then %+v", v.TicketView)
	}
}

// A scanned receipt needs no button: its number is one of the results.
func TestReceipt(t *testing.T) {
	h := newHouse(t)
	h.apply(t, func(c *queue.Config) {
		for i := range c.Categories {
			c.Categories[i].Results = c.Categories[i].ID == "R"
		}
	})
	got := decode[httpapi.Issued](t, h.as(t, queue.Kiosk, 201, "/tickets", `{"entry":"receipt"}`))
	if got.Category != "R" || h.ticket(t, got.ID).Entry != queue.EntryReceipt {
		t.Errorf("issued %+v", got)
	}
	for _, body := range []string{`{}`, `{"entry":""}`, `{"entry":"panel"}`, `{"category":"A","entry":"appointment"}`} {
		w := h.send(request{method: "POST", path: "/api/v1/tickets", body: body, role: queue.Kiosk})
		if p := decode[httpapi.Problem](t, w.Body.Bytes()); w.Code != 422 || p.Reason != queue.WhyBadField {
			t.Errorf("%s: %d %s", body, w.Code, w.Body)
		}
	}
}

func TestAppointments(t *testing.T) {
	h := newHouse(t)
	h.apply(t, withHours)
	h.setClock(local("08:00"))
	const list = `{"bookings":[
		{"code":"H-EARLY","slot":"2026-11-23T08:30:00+07:00","category":"A","dossiers":2},
		{"code":"H-ONTIME","slot":"2026-11-23T02:00:00Z","category":"A"},
		{"code":"H-LATE","slot":"2026-11-23T08:15:00+07:00","category":"B"},
		{"code":"H-MORE","slot":"2026-11-24T09:00:00+07:00","category":"A"}]}`
	b := decode[httpapi.Booked](t, h.as(t, queue.Greeter, 200, "/appointments", list))
	if b.Booked != 4 || b.Unchanged != 0 || b.Seq == 0 {
		t.Errorf("booked %+v", b)
	}
	if b := decode[httpapi.Booked](t, h.as(t, queue.Greeter, 200, "/appointments", list)); b.Booked != 0 || b.Unchanged != 4 {
		t.Errorf("booked again %+v", b)
	}
	day := decode[httpapi.AppointmentsView](t, h.get(t, "/appointments?day=2026-11-23", queue.Officer)).Appointments
	var codes []string
	for _, a := range day {
		codes = append(codes, a.Code+" "+a.Slot.Format("15:04Z07")+" "+string(a.State))
	}
	if d := cmp.Diff([]string{"H-LATE 08:15+07 booked", "H-EARLY 08:30+07 booked", "H-ONTIME 09:00+07 booked"}, codes); d != "" {
		t.Errorf("Monday's (-want +got):\n%s", d)
	}
	if all := decode[httpapi.AppointmentsView](t, h.get(t, "/appointments", queue.Officer)).Appointments; len(all) != 4 {
		t.Errorf("all: %+v", all)
	}

	checkIn := func(code, clock string) httpapi.Issued {
		t.Helper()
		h.setClock(local(clock))
		return decode[httpapi.Issued](t, h.as(t, queue.Kiosk, 201, "/appointments/"+code+"/check-in", `{"slip_language":"en"}`))
	}
	early := checkIn("h-early", "08:10") // small letters will do
	if early.Class != queue.Appointed || early.Late || early.Appointment != "H-EARLY" || early.Slot != queue.StampOf(local("08:30")) ||
		early.Dossiers != 2 || h.engine.last().SlipLanguage != "en" {
		t.Errorf("early %+v", early)
	}
	late := checkIn("H-LATE", "08:31")
	if late.Class != queue.Normal || !late.Late || late.Slot != 0 {
		t.Errorf("late %+v", late)
	}
	if on := checkIn("H-ONTIME", "09:15"); on.Class != queue.Appointed || on.Late {
		t.Errorf("on time %+v", on)
	}
	if p := decode[httpapi.Problem](t, h.as(t, queue.Kiosk, 409, "/appointments/H-EARLY/check-in", "")); p.Reason != queue.WhyAppointmentDone {
		t.Errorf("twice: %+v", p)
	}
	if p := decode[httpapi.Problem](t, h.as(t, queue.Kiosk, 409, "/appointments/H-MORE/check-in", "")); p.Reason != queue.WhyAppointmentDay || p.Next == 0 {
		t.Errorf("another day's: %+v", p)
	}
	if d := decode[httpapi.Done](t, h.as(t, queue.Supervisor, 200, "/appointments/h-more/cancel", "{}")); d.Appointment == nil || d.Appointment.State != queue.AppointmentIsCancelled || d.Appointment.Code != "H-MORE" {
		t.Errorf("cancelled %+v", d)
	}

	moved := decode[httpapi.Done](t, h.as(t, queue.Greeter, 200, fmt.Sprintf("/tickets/%d/rebook", late.ID), ""))
	if moved.Ticket == nil || moved.Ticket.State != queue.Cancelled || moved.Appointment == nil || moved.Appointment.State != queue.AppointmentIsBooked ||
		!moved.Appointment.Slot.Equal(local("13:30")) || moved.Appointment.Category != "B" || moved.Appointment.Session != "pm" {
		t.Errorf("rebooked %+v, %+v", moved.Ticket, moved.Appointment)
	}

	// Every wrong one is named, and none is booked.
	w := h.send(request{method: "POST", path: "/api/v1/appointments", role: queue.Supervisor, body: `{"bookings":[
		{"code":"H-GOOD","slot":"2026-11-24T09:00:00+07:00","category":"A"},
		{"code":"h","slot":"2026-11-24T12:00:00+07:00","category":"A"},
		{"code":"H-2","slot":"2026-11-24T09:00:00+07:00","category":"Z"}]}`})
	p := decode[httpapi.Problem](t, w.Body.Bytes())
	var fields []string
	for _, e := range p.Errors {
		fields = append(fields, e.Field)
	}
	if d := cmp.Diff([]string{"bookings[1].code", "bookings[1].slot", "bookings[2].code", "bookings[2].category"}, fields); d != "" || w.Code != 422 || p.Reason != queue.WhyBadBookings {
		t.Errorf("%d %s (-want +got):\n%s", w.Code, w.Body, d)
	}
	if all := decode[httpapi.AppointmentsView](t, h.get(t, "/appointments?day=2026-11-24", queue.Officer)).Appointments; len(all) != 1 {
		t.Errorf("one of a wrong list was booked: %+v", all)
	}
}

// Numbers are refused at the machine before anything is printed, with the next
// hour; a supervisor may go beyond the quota.
func TestQuota(t *testing.T) {
	h := newHouse(t)
	h.apply(t, func(c *queue.Config) {
		withHours(c)
		c.Quotas = []queue.Quota{{Category: "C", Session: "am", Dossiers: 1}}
	})
	h.as(t, queue.Kiosk, 201, "/tickets", `{"category":"C"}`)
	p := decode[httpapi.Problem](t, h.as(t, queue.Kiosk, 409, "/tickets", `{"category":"C"}`))
	if p.Code != queue.Closed || p.Reason != queue.WhyQuotaExhausted || p.Next != queue.StampOf(local("13:30")) {
		t.Errorf("refused %+v", p)
	}
	offer := func() display.Offer {
		v := decode[httpapi.HoursView](t, h.get(t, "/hours", ""))
		i := slices.IndexFunc(v.Hours.Categories, func(o display.Offer) bool { return o.Category == "C" })
		return v.Hours.Categories[i]
	}
	if o := offer(); o.Closed == nil || o.Closed.Next != p.Next || *o.Left != 0 {
		t.Errorf("offered %+v", o)
	}
	h.as(t, queue.Supervisor, 201, "/tickets", `{"category":"C"}`)
	h.setClock(local("13:31"))
	if o := offer(); o.Closed != nil {
		t.Errorf("in the next session %+v", o)
	}
	h.as(t, queue.Kiosk, 201, "/tickets", `{"category":"C"}`)
}

// What is taken out of a full hall drains, what would change the order waits,
// and what is read back is the plain file.
func TestApplyInAFullHall(t *testing.T) {
	h := newHouse(t)
	h.post(t, "/tickets", `{"category":"K"}`)
	var before queue.Config
	a := h.apply(t, func(c *queue.Config) {
		c.Categories = slices.DeleteFunc(c.Categories, func(k queue.Category) bool { return k.ID == "K" })
		for i := range c.Counters {
			c.Counters[i].Skills = slices.DeleteFunc(c.Counters[i].Skills, func(k queue.CategoryID) bool { return k == "K" })
		}
		c.Routing.Window = 1
		before = *c
	})
	if a.Draining == nil || !slices.Equal(a.Draining.Categories, []queue.CategoryID{"K"}) || len(a.Draining.Skills) == 0 || a.Later == nil || a.Later.Routing.Window != 1 {
		t.Errorf("applied %+v %+v", a.Draining, a.Later)
	}
	got := decode[queue.Config](t, h.get(t, "/centre", queue.Supervisor))
	if d := cmp.Diff(before.Routing, got.Routing); d != "" || got.Category("K") != nil || got.Later != nil {
		t.Errorf("read back (-want +got):\n%s", d)
	}
	if p := decode[httpapi.Problem](t, h.as(t, queue.Kiosk, 409, "/tickets", `{"category":"K"}`)); p.Reason != queue.WhyCategoryClosed {
		t.Errorf("a draining category: %+v", p)
	}
}
