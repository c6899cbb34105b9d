package httpapi

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"motcua/internal/auth"
	"motcua/queue"
)

// The bodies about appointments. A code stands for the citizen: no name, no
// phone, no card.
type (
	BookBody struct {
		Bookings []BookingBody `json:"bookings" minItems:"1" maxItems:"2000" nullable:"false"`
	}
	BookingBody struct {
		Code     string           `json:"code" minLength:"1" maxLength:"32" example:"H57-0042" doc:"4 to 32 capital letters, digits and -"`
		Slot     time.Time        `json:"slot" example:"2026-11-24T08:30:00+07:00" doc:"When, with its zone"`
		Category queue.CategoryID `json:"category" minLength:"1" maxLength:"32" example:"A"`
		Point    queue.PointID    `json:"point,omitempty" maxLength:"32" doc:"Empty: the first that offers the category"`
		Dossiers int              `json:"dossiers,omitempty" minimum:"0" maximum:"99" doc:"0 = 1"`
	}
	CheckInBody struct {
		Class        queue.ClassID `json:"class,omitempty" maxLength:"32" doc:"Priority as well; only by staff"`
		SlipLanguage string        `json:"slip_language,omitempty" maxLength:"8" pattern:"^[a-z]{2,8}$" doc:"Used for the slip, then forgotten; no part of the command under its key"`
		Shown        bool          `json:"shown,omitempty" doc:"The number is shown on a screen: no slip comes out by itself. No part of the command under its key"`
	}
)

// Booked answers a list of bookings, made of its records alone.
type Booked struct {
	Epoch     string    `json:"epoch"`
	Seq       queue.Seq `json:"seq" doc:"Position after the command; 0 when it changed nothing"`
	Booked    int       `json:"booked" doc:"Added, or moved: their code was known with other data"`
	Unchanged int       `json:"unchanged" doc:"Known already as they are"`
}

// AppointmentView is an appointment of today or a later day.
type AppointmentView struct {
	Code     string                 `json:"code"`
	State    queue.AppointmentState `json:"state" enum:"booked,missed,cancelled,checked_in"`
	Slot     time.Time              `json:"slot" example:"2026-11-24T08:30:00+07:00"`
	Category queue.CategoryID       `json:"category"`
	Point    queue.PointID          `json:"point"`
	Session  queue.SessionID        `json:"session,omitempty" doc:"Whose quota it reserves"`
	Dossiers int                    `json:"dossiers"`
	Ticket   queue.TicketID         `json:"ticket,omitempty" doc:"It became"`
	Unkept   bool                   `json:"unkept,omitempty" doc:"Booked, but the centre no longer has its category there, or its session: move or cancel it"`
}

// AppointmentsView lists appointments by their slot, with their place in the journal.
type AppointmentsView struct {
	Epoch        string            `json:"epoch"`
	Seq          queue.Seq         `json:"seq"`
	Appointments []AppointmentView `json:"appointments" nullable:"false"`
}

// CodePath names an appointment; small letters are taken for capitals.
type CodePath struct {
	Code string `path:"code" minLength:"1" maxLength:"32" doc:"Of the appointment"`
}

func (p CodePath) code() string { return strings.ToUpper(p.Code) }

// bookers are who may book: those a citizen asks at the door or by phone.
var bookers = []queue.Role{queue.Greeter, queue.Supervisor}

func (s *Server) addAppointments(api huma.API) {
	type listIn struct {
		Day queue.Day `query:"day" pattern:"^\\d{4}-\\d{2}-\\d{2}$" doc:"Empty: all that are known"`
	}
	type listOut struct{ Body AppointmentsView }
	add(s, api, s.op(http.MethodGet, "/appointments", "list-appointments", "Appointments of today and later days", anyone),
		func(ctx context.Context, in *listIn) (*listOut, error) {
			got := make(chan AppointmentsView, 1)
			err := s.read(ctx, func(st *queue.State) {
				got <- AppointmentsView{st.Pos.Epoch, st.Pos.Seq, bookedOn(st, in.Day)}
			})
			if err != nil {
				return nil, err
			}
			return &listOut{<-got}, nil
		})

	type bookIn struct {
		KeyHeader
		Body BookBody
	}
	type bookOut struct {
		ReplayHeader
		Body Booked
	}
	op := s.op(http.MethodPost, "/appointments", "book-appointments", "Book appointments: all of them, or none and every wrong one is listed", bookers)
	op.MaxBodyBytes = maxConfig + 1
	add(s, api, op, func(ctx context.Context, in *bookIn) (*bookOut, error) {
		c := queue.BookAppointments{Bookings: make([]queue.Booking, len(in.Body.Bookings))}
		for i, b := range in.Body.Bookings {
			c.Bookings[i] = queue.Booking{Code: b.Code, Slot: queue.StampOf(b.Slot), Category: b.Category, Point: b.Point, Dossiers: b.Dossiers}
		}
		res, epoch, err := s.do(ctx, in.Key, "", c)
		if err != nil {
			return nil, err
		}
		return &bookOut{replay(res), bookedOf(res, epoch, len(c.Bookings))}, nil
	})

	type onCode[B any] struct {
		KeyHeader
		CodePath
		Body B
	}
	add(s, api, s.op(http.MethodPost, "/appointments/{code}/cancel", "cancel-appointment", "Free an appointment's slot", bookers),
		func(ctx context.Context, in *onCode[*Nothing]) (*doneOut, error) {
			return s.command(ctx, in.Key, queue.CancelAppointment{Code: in.code()})
		})

	op = s.op(http.MethodPost, "/appointments/{code}/check-in", "check-in-appointment", "Take the number of an appointment", takers)
	op.DefaultStatus = http.StatusCreated
	add(s, api, op, func(ctx context.Context, in *onCode[*CheckInBody]) (*issueOut, error) {
		b := in.Body
		if b == nil {
			b = &CheckInBody{}
		}
		return s.issue(ctx, in.Key, b.SlipLanguage, queue.CheckIn{Code: in.code(), Class: b.Class, Ref: auth.NewRef(), Shown: b.Shown})
	})
}

// bookedOn lists the appointments of a day, or all, by slot and code.
func bookedOn(st *queue.State, day queue.Day) []AppointmentView {
	list := []AppointmentView{}
	for i := range st.Appointments {
		a := &st.Appointments[i]
		if day != "" && queue.DayOf(a.Slot.Time()) != day {
			continue
		}
		list = append(list, AppointmentView{Code: a.Code, State: a.State, Slot: local(a.Slot), Category: a.Category,
			Point: a.Point, Session: a.Session, Dossiers: int(a.Dossiers), Ticket: a.Ticket,
			Unkept: a.State == queue.AppointmentIsBooked && !st.View().Keeps(a)})
	}
	slices.SortStableFunc(list, func(a, b AppointmentView) int {
		return cmp.Or(a.Slot.Compare(b.Slot), cmp.Compare(a.Code, b.Code))
	})
	return list
}

func bookedOf(res queue.Result, epoch string, asked int) Booked {
	b := Booked{Epoch: epoch, Seq: res.Position(epoch).Seq}
	for i := range res.Records {
		if _, ok := res.Records[i].Event.(queue.AppointmentBooked); ok {
			b.Booked++
		}
	}
	b.Unchanged = asked - b.Booked
	return b
}
