package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"motcua/queue"
)

// TestEndpoints walks a stranger through the whole API as its description
// names it: each command does what it says, and answers with where it led.
func TestEndpoints(t *testing.T) {
	c := startStaffed(t)
	var doc struct {
		OpenAPI string `json:"openapi"`
		Paths   map[string]map[string]any
	}
	c.get("/api/v1/openapi.json", &doc)
	if !strings.HasPrefix(doc.OpenAPI, "3.1.") {
		t.Errorf("the description is of version %q", doc.OpenAPI)
	}
	c.must("/counters/1/open", `{"staff":"nv1"}`)
	c.must("/counters/2/open", "") // a command without fields needs no body
	ids := map[string]queue.TicketID{}
	for _, x := range []string{"A001", "A002", "A003", "A004"} {
		ids[x] = c.must("/tickets", `{"category":"A"}`)
	}
	look := func(label string) (state, counter string) {
		t.Helper()
		var v struct{ Label, State, Counter string }
		_, b := c.send(ask{name: "look", method: "GET", path: fmt.Sprintf("/api/v1/tickets/%d", ids[label])}, "en")
		if err := json.Unmarshal(b, &v); err != nil {
			t.Fatalf("%v in %s", err, b)
		}
		if v.Label != label {
			t.Errorf("ticket %d is %s, want %s", ids[label], v.Label, label)
		}
		return v.State, v.Counter
	}
	for _, x := range []struct{ verb, counter, label, more, state string }{
		{"next", "1", "A001", "", "called"},
		{"start", "1", "A001", "", "serving"},
		{"park", "1", "A001", "", "parked"},
		{"call", "1", "A001", "", "called"},
		{"start", "1", "A001", "", "serving"},
		{"transfer", "1", "A001", `"to_counter":"2","mode":"last"`, "waiting"},
		{"next", "1", "A002", "", "called"},
		{"no-show", "1", "A002", "", "no_show"},
		{"call", "1", "A004", `"reason":"accompanied"`, "called"},
		{"park", "1", "A004", "", "parked"},
		{"unpark", "1", "A004", "", "waiting"},
		{"next", "1", "A003", "", "called"},
		{"start", "1", "A003", "", "serving"},
		{"finish", "1", "A003", `"outcome":"papers_missing"`, "finished"},
		{"call", "2", "A001", `"reason":"supervisor"`, "called"},
		{"start", "2", "A001", "", "serving"},
		{"finish", "2", "A001", "", "finished"},
	} {
		name := fmt.Sprintf("%s %s at %s", x.verb, x.label, x.counter)
		path := "/counters/" + x.counter + "/" + x.verb
		if doc.Paths["/api/v1/counters/{id}/"+x.verb]["post"] == nil {
			t.Errorf("%s: not described", path)
		}
		body := about(ids[x.label], x.more)
		if x.verb == "next" {
			body = ""
		}
		if id := c.must(path, body); id != ids[x.label] {
			t.Errorf("%s: answered with ticket %d", name, id)
		}
		state, counter := look(x.label)
		if state != x.state || (state == "called" || state == "serving") && counter != x.counter {
			t.Errorf("%s: then it is %s at %q, want %s", name, state, counter, x.state)
		}
	}
	// Finish and next in one request answers with the one called.
	c.must("/counters/1/next", "")
	c.must("/counters/1/start", about(ids["A004"], ""))
	ids["A005"] = c.must("/tickets", `{"category":"A","class":"priority"}`)
	if id := c.must("/counters/1/finish", about(ids["A004"], `"next":true`)); id != ids["A005"] {
		t.Errorf("finish with next answers with ticket %d, want %d", id, ids["A005"])
	}
	// Taken back: the finish and the call that came with it.
	if id := c.must("/counters/1/undo", ""); id != ids["A004"] {
		t.Errorf("undo answers with ticket %d, want %d", id, ids["A004"])
	}
	for label, want := range map[string]string{"A004": "serving", "A005": "waiting"} {
		if state, _ := look(label); state != want {
			t.Errorf("after undo %s is %s, want %s", label, state, want)
		}
	}
	// A visit of two services under one number.
	c.must(fmt.Sprintf("/tickets/%d/legs", ids["A005"]), `{"legs":["B"]}`)
	c.must(fmt.Sprintf("/tickets/%d/dossiers", ids["A005"]), `{"dossiers":3}`)
	c.must(fmt.Sprintf("/tickets/%d/class", ids["A005"]), `{"class":"normal"}`)
	c.must(fmt.Sprintf("/tickets/%d/undo", ids["A005"]), "")
	c.must("/counters/1/finish", about(ids["A004"], `"next":true`))
	c.must("/counters/1/start", about(ids["A005"], ""))
	c.must("/counters/1/finish", about(ids["A005"], ""))
	var visit struct {
		State, Category, Class string
		Dossiers, Leg          int
		Past                   []struct{ Category string }
	}
	_, b := c.send(ask{name: "look", method: "GET", path: fmt.Sprintf("/api/v1/tickets/%d", ids["A005"])}, "en")
	if err := json.Unmarshal(b, &visit); err != nil || visit.State != "waiting" || visit.Category != "B" || visit.Class != "priority" ||
		visit.Dossiers != 3 || visit.Leg != 2 || len(visit.Past) != 1 || visit.Past[0].Category != "A" {
		t.Errorf("after the first leg: %v %s", err, b)
	}
	// Somebody served at once has a number and no slip.
	direct := c.must("/counters/2/direct", `{"category":"B"}`)
	ids["B001"] = direct
	if state, counter := look("B001"); state != "serving" || counter != "2" {
		t.Errorf("direct: %s at %q", state, counter)
	}
	c.must("/counters/2/finish", about(direct, ""))
	c.must("/counters/2/pause", `{"reason":"break","minutes":10}`)
	c.must("/counters/2/open", "")
	c.must("/counters/2/close", "")
	for _, x := range []struct{ method, path string }{
		{"post", "/tickets"}, {"get", "/tickets/{id}"}, {"get", "/board"}, {"get", "/state"}, {"get", "/health"},
		{"post", "/tickets/{id}/undo"}, {"post", "/tickets/{id}/class"}, {"post", "/tickets/{id}/dossiers"}, {"post", "/tickets/{id}/legs"},
		{"post", "/tickets/{id}/rebook"}, {"post", "/counters/{id}/undo"}, {"post", "/counters/{id}/direct"}, {"get", "/hours"},
		{"get", "/appointments"}, {"post", "/appointments"}, {"post", "/appointments/import"}, {"post", "/appointments/{code}/cancel"},
		{"post", "/appointments/{code}/check-in"},
		{"post", "/counters/{id}/open"}, {"post", "/counters/{id}/pause"}, {"post", "/counters/{id}/close"}, {"post", "/counters/{id}/recall"},
	} {
		if doc.Paths["/api/v1"+x.path][x.method] == nil {
			t.Errorf("%s %s: not described", x.method, x.path)
		}
	}
	if doc.Paths["/feed"]["get"] == nil {
		t.Error("the feed is not described")
	}
	var board struct {
		Epoch string
		Seq   uint64
		Board struct {
			Calls []struct {
				Label   string
				Counter int
			}
		}
	}
	c.get("/api/v1/board", &board) // a wall needs no token
	if calls := board.Board.Calls; board.Epoch == "" || board.Seq == 0 || len(calls) == 0 || calls[0].Label != "A005" || calls[0].Counter != 1 {
		t.Errorf("the board says %+v", board)
	}
	c.stop()
}
