package httpapi

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"motcua/internal/auth"
	"motcua/internal/doorway"
	"motcua/queue"
)

// Devices are the machines paired by a code.
type Devices interface {
	// Devices lists the paired ones, the oldest first; revoked ones are left out.
	Devices(ctx context.Context) ([]Device, error)
	// AddDevice lets a device in for good. The error is [auth.ErrNameTaken],
	// a [queue.Error] or the store's.
	AddDevice(ctx context.Context, x auth.Access, by string) error
	// RevokeDevice keeps it out from now on; false when there is none.
	RevokeDevice(ctx context.Context, name, by string) (bool, error)
}

// Device is a paired machine.
type Device struct {
	Name     string          `json:"name" doc:"Its actor in the journal"`
	Role     queue.Role      `json:"role"`
	Counter  queue.CounterID `json:"counter,omitempty" doc:"Empty: any"`
	Point    queue.PointID   `json:"point,omitempty" doc:"Empty: any"`
	PairedAt time.Time       `json:"paired_at"`
	PairedBy string          `json:"paired_by"`
	Seen     time.Time       `json:"seen,omitzero" doc:"When it last asked for something, since the daemon started"`
	// Status, Code, Msg and Hint are a kiosk's health.
	Status HealthState `json:"status,omitempty" enum:"ok,degraded" doc:"Of a kiosk at another door"`
	Code   string      `json:"code,omitempty" doc:"Such as no_link, paper_out"`
	Msg    string      `json:"message,omitempty"`
	Hint   string      `json:"hint,omitempty"`
}

// WaitingDevice is one that shows a code; the code itself is read from it.
type WaitingDevice struct {
	Role    queue.Role `json:"role" doc:"What it is made for"`
	From    string     `json:"from" doc:"Its address"`
	Expires time.Time  `json:"expires"`
}

// DeviceList is all devices.
type DeviceList struct {
	Devices []Device        `json:"devices" nullable:"false"`
	Waiting []WaitingDevice `json:"waiting" nullable:"false" doc:"They show a code"`
}

// PairBody pairs the device that shows the code.
type PairBody struct {
	Code    string          `json:"code" pattern:"^[0-9]{6}$" patternDescription:"six digits" doc:"As the device shows it"`
	Name    string          `json:"name" maxLength:"40" minLength:"1" pattern:"^[A-Za-z0-9][A-Za-z0-9._-]*$" patternDescription:"letters, digits, '-', '_' or '.'" example:"door-2" doc:"Becomes its actor in the journal"`
	Role    queue.Role      `json:"role" enum:"board,kiosk,greeter,officer,supervisor"`
	Counter queue.CounterID `json:"counter,omitempty" maxLength:"32" doc:"Of an officer's device: bound to this counter"`
	Point   queue.PointID   `json:"point,omitempty" maxLength:"32" doc:"Of a board, kiosk or greeter: bound to this service point"`
}

// The reasons of refusals about devices that other packages answer with too.
const (
	WhyOtherKiosk = "other_kiosk"
	WhyNotPaired  = "not_paired"
	WhyWithdrawn  = "withdrawn"
	WhyDeviceName = "device_name"
)

func (s *Server) addDevices(api huma.API) {
	if s.o.Devices == nil {
		return
	}
	type askIn struct{ Body doorway.PairingAsked }
	type askOut struct{ Body doorway.PairingShown }
	op := s.op(http.MethodPost, "/pairings", "ask-pairing", "Ask for a code that pairs this device", anybody)
	op.DefaultStatus = http.StatusCreated
	add(s, api, op, func(ctx context.Context, in *askIn) (*askOut, error) {
		p, err := s.askPairing(ctx, in.Body.Role, in.Body.TokenSum)
		if err != nil {
			return nil, err
		}
		return &askOut{doorway.PairingShown{ID: p.ID, Code: p.Code, Expires: p.Expires}}, nil
	})

	type stateIn struct {
		ID string `path:"id" maxLength:"64"`
	}
	type stateOut struct{ Body doorway.PairingState }
	add(s, api, s.op(http.MethodGet, "/pairings/{id}", "get-pairing", "Whether this device is paired by now", anybody),
		func(_ context.Context, in *stateIn) (*stateOut, error) {
			name, ok := s.pairings.State(in.ID)
			switch {
			case !ok:
				return &stateOut{doorway.PairingState{State: doorway.PairingOver}}, nil
			case name == "":
				return &stateOut{doorway.PairingState{State: doorway.PairingWaits}}, nil
			}
			return &stateOut{doorway.PairingState{State: doorway.PairingDone, Name: name}}, nil
		})

	op = s.op(http.MethodDelete, "/pairings", "dismiss-pairings", "Send away the devices that wait to be paired", leads)
	op.DefaultStatus = http.StatusNoContent
	add(s, api, op, func(ctx context.Context, _ *struct{}) (*struct{}, error) {
		s.pairings.Dismiss()
		s.log.Info("waiting devices dismissed", "by", callOf(ctx).who.Actor)
		return &struct{}{}, nil
	})

	type pairIn struct{ Body PairBody }
	type pairOut struct{ Body Device }
	op = s.op(http.MethodPost, "/devices", "pair-device", "Pair the device that shows this code", leads)
	op.DefaultStatus = http.StatusCreated
	add(s, api, op, func(ctx context.Context, in *pairIn) (*pairOut, error) {
		d, err := s.pair(ctx, in.Body)
		if err != nil {
			return nil, err
		}
		return &pairOut{d}, nil
	})

	type listOut struct{ Body DeviceList }
	add(s, api, s.op(http.MethodGet, "/devices", "list-devices", "The paired devices, and those that wait", leads),
		func(ctx context.Context, _ *struct{}) (*listOut, error) {
			list, err := s.deviceList(ctx)
			if err != nil {
				return nil, err
			}
			return &listOut{list}, nil
		})

	type nameIn struct {
		Name string `path:"name" maxLength:"40" doc:"Of the device"`
	}
	op = s.op(http.MethodDelete, "/devices/{name}", "revoke-device", "Keep a device out from now on", leads)
	op.DefaultStatus = http.StatusNoContent
	add(s, api, op, func(ctx context.Context, in *nameIn) (*struct{}, error) {
		return &struct{}{}, s.revoke(ctx, in.Name)
	})
}

// askPairing lets a device wait and draws its code.
func (s *Server) askPairing(ctx context.Context, role queue.Role, tokenSum string) (auth.Pending, error) {
	p, err := s.pairings.Ask(callOf(ctx).from, role, tokenSum)
	if err != nil {
		return p, s.refusal(ctx, whyManyWait)
	}
	s.log.Info("device waits to be paired", "client", p.From.String(), "role", string(p.Role))
	return p, nil
}

// pair lets in the device that shows the code.
func (s *Server) pair(ctx context.Context, b PairBody) (Device, error) {
	who := callOf(ctx).who.Actor
	if b.Counter != "" && b.Role != queue.Officer || b.Point != "" && !slices.Contains(auth.Placed(), b.Role) {
		return Device{}, s.refusal(ctx, whyBound)
	}
	if known, err := s.placeExists(ctx, b.Counter, b.Point); err != nil {
		return Device{}, err
	} else if !known {
		return Device{}, s.refusal(ctx, whyPlace)
	}
	err := s.pairings.Redeem(b.Code, func(p auth.Pending) (string, error) {
		return b.Name, s.o.Devices.AddDevice(ctx, auth.Access{Name: b.Name, Role: b.Role, Counter: b.Counter, Point: b.Point, TokenSHA256: p.TokenSum}, who)
	})
	switch {
	case errors.Is(err, auth.ErrNoCode):
		s.log.Warn("pairing code refused", "by", who)
		return Device{}, s.refusal(ctx, whyPairingCode)
	case errors.Is(err, auth.ErrNameTaken):
		return Device{}, s.refusal(ctx, whyDeviceTaken)
	case err != nil:
		return Device{}, err
	}
	return Device{Name: b.Name, Role: b.Role, Counter: b.Counter, Point: b.Point, PairedAt: s.o.Now().UTC(), PairedBy: who}, nil
}

// revoke keeps a device out from now on, unless nobody could lead the centre then.
func (s *Server) revoke(ctx context.Context, name string) error {
	s.leaving.Lock() // two supervisors who send each other away leave one
	defer s.leaving.Unlock()
	if s.lastLead(name) {
		return s.refusal(ctx, whyLastLead)
	}
	ok, err := s.o.Devices.RevokeDevice(ctx, name, callOf(ctx).who.Actor)
	if err == nil && !ok {
		return s.refusal(ctx, whyDevice)
	}
	return err
}

// lastLead reports whether without a device there is no supervisor left. In a
// demonstration this machine is always one.
func (s *Server) lastLead(name string) bool {
	return s.o.Demo == nil && s.o.Auth.Paired(name) && s.o.Auth.Only(queue.Supervisor, name)
}

// placeExists reports whether the centre has the counter and the service point.
func (s *Server) placeExists(ctx context.Context, c queue.CounterID, p queue.PointID) (bool, error) {
	known := make(chan bool, 1)
	err := s.read(ctx, func(st *queue.State) {
		known <- (c == "" || st.Config != nil && st.Config.Desk(c) != nil) && (p == "" || st.Config != nil && st.Config.Point(p) != nil)
	})
	if err != nil {
		return false, err
	}
	return <-known, nil
}

func (s *Server) deviceList(ctx context.Context) (DeviceList, error) {
	list := DeviceList{Devices: []Device{}, Waiting: []WaitingDevice{}}
	devices, err := s.o.Devices.Devices(ctx)
	if err != nil {
		return list, err
	}
	for _, d := range devices {
		d.Seen = s.o.Auth.Seen(d.Name)
		list.Devices = append(list.Devices, d)
	}
	for _, p := range s.pairings.Waiting() {
		list.Waiting = append(list.Waiting, WaitingDevice{Role: p.Role, From: p.From.String(), Expires: p.Expires})
	}
	return list, nil
}
