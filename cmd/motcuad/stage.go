package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"motcua/display/feed"
	"motcua/internal/demo"
	"motcua/kiosk"
	"motcua/kiosk/virtual"
	"motcua/printer/printertest"
	"motcua/queue"
)

// stage is the demonstration's hardware and crowd: a panel to press, a printer
// in software whose paper is decoded from the real bytes, a busy morning.
type stage struct {
	d       *Daemon
	panel   *virtual.Panel
	printer *printertest.Printer
	server  *printertest.Server
	morning *demo.Morning
	buttons []panelButton
	points  []panelPoint

	mu    sync.Mutex    // protects below
	point queue.PointID // where the panel stands
	paper []paperTicket
	pngs  map[int][]byte
	fault string
}

// keptPaper is how many slips the desk shows and keeps as pictures.
const keptPaper = 8

type panelButton struct {
	ID   string     `json:"id"`
	Kind string     `json:"kind"` // "language" or "category"
	Name queue.Text `json:"name"`
	Lamp kiosk.Lamp `json:"lamp"`
}

type panelPoint struct {
	ID   queue.PointID `json:"id"`
	Name queue.Text    `json:"name"`
}

type panelView struct {
	Buttons  []panelButton `json:"buttons"`
	Language string        `json:"language"`
	Points   []panelPoint  `json:"points,omitempty"` // where it may stand, if there are several
	Point    queue.PointID `json:"point,omitempty"`  // where it stands
}

type paperTicket struct {
	N      int         `json:"n"`
	URL    string      `json:"url"`
	Width  int         `json:"width"`
	Height int         `json:"height"`
	At     queue.Stamp `json:"at"`
}

type paperView struct {
	Tickets []paperTicket `json:"tickets"` // newest first
	Printer struct {
		Ready bool   `json:"ready"`
		Code  string `json:"code"`
	} `json:"printer"`
	Fault string `json:"fault"` // the one switched on, "" for none
}

// languageNames are what the language keys say, each in its own language.
var languageNames = map[string]string{"vi": "Tiếng Việt", "en": "English", "de": "Deutsch"}

func openStage(ctx context.Context, d *Daemon) (*stage, error) {
	s := &stage{d: d, point: d.machine.Panel.Point, pngs: map[int][]byte{}}
	var names []kiosk.Button
	err := d.engine.Read(ctx, func(st *queue.State) {
		if s.point == "" || st.Config.Point(s.point) == nil {
			s.point = st.Config.Points[0].ID
		}
		for _, p := range st.Config.Points {
			s.points = append(s.points, panelPoint{p.ID, p.Name})
		}
		for _, l := range st.Config.Languages {
			name := languageNames[l]
			if name == "" {
				name = l
			}
			words := queue.Text{}
			for _, in := range st.Config.Languages {
				words[in] = name
			}
			s.buttons = append(s.buttons, panelButton{ID: l, Kind: "language", Name: words})
		}
		for _, c := range st.Config.Categories {
			if c.Panel {
				s.buttons = append(s.buttons, panelButton{ID: string(c.ID), Kind: "category", Name: c.Name})
			}
		}
	})
	if err != nil {
		return nil, err
	}
	for _, b := range s.buttons {
		names = append(names, kiosk.Button(b.ID))
	}
	s.panel = virtual.NewPanel(names...)
	s.printer = printertest.New(printertest.Options{Keep: 1, OnTicket: s.cut})
	if s.server, err = s.printer.Start(context.WithoutCancel(ctx), "127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("start the demonstration printer: %w", err)
	}
	s.morning, err = demo.New(demo.Options{Base: "http://" + d.reachable(loopback), Logger: d.log.With("part", "morning"), Config: s.config})
	if err != nil {
		return nil, err
	}
	d.workers.Go(s.watch)
	return s, nil
}

// config is the centre's as it is now; an applied one never changes.
func (s *stage) config() queue.Config {
	var c queue.Config
	if err := s.d.engine.Read(s.d.work, func(st *queue.State) { c = *st.Config }); err != nil {
		s.d.log.Warn("configuration not read", "err", err)
	}
	return c
}

func (s *stage) printerURI() string { return s.server.URI() }

// watch republishes what no event of the journal tells of.
func (s *stage) watch() {
	tick := time.NewTicker(lampRefresh)
	defer tick.Stop()
	for {
		_, lamps := s.panel.Lamps()
		select {
		case <-s.d.work.Done():
			return
		case <-lamps:
			s.d.touch("panel")
		case <-tick.C:
			s.d.touch("panel", "morning", "paper")
		}
	}
}

func (s *stage) panelChanged() {
	s.d.touch("panel")
}

// cut takes a slip off the software printer.
func (s *stage) cut(t printertest.Ticket) {
	var png bytes.Buffer
	if err := t.Image.EncodePNG(&png); err != nil {
		s.d.log.Error("paper not drawn", "err", err)
		return
	}
	s.mu.Lock()
	size := t.Image.Bounds()
	s.paper = append([]paperTicket{{N: t.Seq, URL: fmt.Sprintf("/demo/paper/%d.png", t.Seq), Width: size.Dx(), Height: size.Dy(), At: queue.StampOf(t.At)}}, s.paper...)
	s.pngs[t.Seq] = png.Bytes()
	if len(s.paper) > keptPaper {
		delete(s.pngs, s.paper[keptPaper].N)
		s.paper = s.paper[:keptPaper]
	}
	s.mu.Unlock()
	s.d.touch("paper")
}

// project makes the JSON of the demonstration's topics.
func (s *stage) project(topic string) ([]byte, error) {
	switch topic {
	case "panel":
		return json.Marshal(s.panelView())
	case "paper":
		return json.Marshal(s.paperView())
	case "morning":
		return json.Marshal(s.morning.State())
	}
	return nil, feed.ErrNoTopic
}

func (s *stage) panelView() panelView {
	lamps, _ := s.panel.Lamps()
	v := panelView{}
	if len(s.points) > 1 {
		v.Points, v.Point = s.points, s.standsAt()
	}
	for _, b := range s.buttons {
		b.Lamp = lamps[kiosk.Button(b.ID)]
		v.Buttons = append(v.Buttons, b)
	}
	if k := s.d.kiosk.Load(); k != nil {
		v.Language = k.State().Language
	}
	return v
}

func (s *stage) paperView() paperView {
	s.mu.Lock()
	v := paperView{Tickets: append([]paperTicket{}, s.paper...), Fault: s.fault}
	s.mu.Unlock()
	if p := s.d.paper.Load(); p != nil && p.spool != nil {
		v.Printer.Ready, v.Printer.Code = p.spool.Ready(), string(p.spool.Status()[0].Code)
	}
	return v
}

// The methods of httpapi.Demo.

func (s *stage) Press(button string) error {
	ctx, cancel := context.WithTimeout(s.d.work, 5*time.Second)
	defer cancel()
	_, err := s.panel.Press(ctx, kiosk.Button(button))
	return err
}

// standsAt is the service point whose numbers the panel gives out.
func (s *stage) standsAt() queue.PointID {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.point
}

// Carry takes the panel to another service point.
func (s *stage) Carry(to queue.PointID) error {
	c := s.config()
	if c.Point(to) == nil {
		return &queue.Error{Code: queue.NotFound, Reason: queue.WhyPointUnknown,
			Msg: fmt.Sprintf("there is no service point %q", to), Hint: "Choose one of the centre's service points."}
	}
	s.mu.Lock()
	s.point = to
	s.mu.Unlock()
	if err := s.d.engine.Read(s.d.work, s.d.tellKiosk); err != nil {
		return fmt.Errorf("tell the panel: %w", err)
	}
	s.d.touch("panel")
	return nil
}

// faults are the switches of the desk.
var faults = map[string]printertest.Fault{
	"paper_out":  {Kind: printertest.PaperOut},
	"cover_open": {Kind: printertest.CoverOpen},
	"cut_cable":  {Kind: printertest.Cable},
	"silent":     {Kind: printertest.Mute},
	"slow":       {Kind: printertest.Slow, Rate: 960},
}

func (s *stage) Fault(name string) error {
	if name == "none" {
		name = ""
	}
	f, known := faults[name]
	if name != "" && !known {
		return fmt.Errorf("the printer has no fault %q: use none, paper_out, cover_open, cut_cable, silent or slow", name)
	}
	s.printer.Repair()
	if name != "" {
		s.printer.Fault(f)
	}
	s.mu.Lock()
	s.fault = name
	s.mu.Unlock()
	s.d.touch("paper")
	return nil
}

func (s *stage) Morning(speed int) error {
	ctx, cancel := context.WithTimeout(s.d.work, 5*time.Second)
	defer cancel()
	if err := s.morning.SetSpeed(ctx, speed); err != nil {
		return err
	}
	s.d.touch("morning")
	return nil
}

func (s *stage) Paper(n int) ([]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	png, ok := s.pngs[n]
	return png, ok
}

// Snapshot is what the desk starts from.
func (s *stage) Snapshot() any {
	type counter struct {
		ID     queue.CounterID    `json:"id"`
		Number int                `json:"number"`
		Skills []queue.CategoryID `json:"skills"`
	}
	counters := []counter{}
	for _, c := range s.config().Counters {
		counters = append(counters, counter{c.ID, c.Number, c.Skills})
	}
	return map[string]any{"panel": s.panelView(), "paper": s.paperView(), "morning": s.morning.State(), "counters": counters}
}

func (s *stage) stopMorning() { s.morning.Close() }

func (s *stage) close() error {
	s.server.Close()
	return s.printer.Close()
}
