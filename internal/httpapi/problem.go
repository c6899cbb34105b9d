package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"motcua/queue"
)

// statusOf is the one map from the domain's codes to HTTP. Closed is 409 like
// Conflict: both say that the request was right and the moment is not; the
// code in the document tells them apart.
var statusOf = map[queue.Code]int{
	queue.Conflict:    http.StatusConflict,
	queue.Invalid:     http.StatusUnprocessableEntity,
	queue.NotFound:    http.StatusNotFound,
	queue.Denied:      http.StatusForbidden,
	queue.Closed:      http.StatusConflict,
	queue.Unavailable: http.StatusServiceUnavailable,
	queue.Internal:    http.StatusInternalServerError,
}

// Reasons of refusals that never reach the domain.
const (
	whyJSON        = "json"
	whyField       = queue.WhyBadField
	whyTooLarge    = "too_large"
	whyContentType = "content_type"
	whySlow        = "slow"
	whyRoute       = "route"
	whyMethod      = "method"
	whyHost        = "host"
	whyOrigin      = "origin"
	whyRate        = "rate"
	whyRole        = queue.WhyRole
	whySignIn      = "sign_in"
	whyOutcome     = "outcome_unknown"
	whyInternal    = "internal"
	whyPaper       = "paper"
	whyLink        = "link"
	whyTopic       = "topic"
	whyUpgrade     = "upgrade"
	whyFullHouse   = "full_house"
	whyStarting    = "starting"
	whyClockOff    = "clock_off"
	whySetupFar    = "setup_far"
	whyManyWait    = "pairings"
	whyPairingCode = "pairing_code"
	whyDeviceTaken = "device_taken"
	whyDevice      = "device"
	whyLastLead    = "last_supervisor"
	whyBound       = "bound"
	whyPlace       = "place"
	whyPrinter     = "printer"
	whyNotCounted  = "paper_not_counted"
)

// transport is every refusal of HTTP's own, by reason. Only these have a
// status of their own beside [statusOf].
var transport = map[string]struct {
	code      queue.Code
	status    int
	msg, hint string
}{
	whyJSON:        {queue.Invalid, http.StatusBadRequest, "the body is not JSON of the expected shape", "Send one JSON object as /api/v1/openapi.json describes it."},
	whyField:       {queue.Invalid, 0, "some fields are wrong", "Correct the fields listed in errors and send the request again."},
	whyTooLarge:    {queue.Invalid, http.StatusRequestEntityTooLarge, "the body is too large", "Send at most 64 KiB; a configuration or a list of appointments at most 1 MiB."},
	whyContentType: {queue.Invalid, http.StatusUnsupportedMediaType, "the body is not declared as what it is", "Send the header Content-Type: application/json; for a list of appointments in CSV: text/csv."},
	whySlow:        {queue.Invalid, http.StatusRequestTimeout, "the body came too slowly", "Send the request again, with the same Idempotency-Key."},
	whyRoute:       {queue.NotFound, 0, "there is nothing at this address", "The addresses of the API are listed in /api/v1/openapi.json."},
	whyMethod:      {queue.Invalid, http.StatusMethodNotAllowed, "this address does not take the method", "Use one of the methods in the Allow header."},
	whyHost:        {queue.Denied, http.StatusMisdirectedRequest, "this machine is not known by the name it was asked by", "Use the machine's address, or add the name to hosts in motcua.toml."},
	whyOrigin:      {queue.Denied, 0, "the request comes from a page of another site", "Send it from a page of this centre."},
	whyRate:        {queue.Unavailable, http.StatusTooManyRequests, "there were too many requests in a short time", "Wait for as long as Retry-After says and send it again, with the same Idempotency-Key."},
	whyRole:        {queue.Denied, 0, "your role may not do this", "Ask somebody whose role may, or have the role changed in motcua.toml."},
	whySignIn:      {queue.Denied, http.StatusUnauthorized, "this needs an access token", "Sign in at /sign-in, or send the header Authorization: Bearer <token>."},
	whyOutcome:     {queue.Unavailable, 0, "the answer did not come in time; the command may have been carried out", "Send it again with the same Idempotency-Key: it is carried out once at most."},
	whyInternal:    {queue.Internal, 0, "something went wrong in motcua", "Try again; if it stays, look into the log of the daemon."},
	whyPaper:       {queue.NotFound, 0, "there is no such slip", "Slips are numbered from 1; only the last ones are kept."},
	whyLink:        {queue.NotFound, 0, "this link leads to no ticket of today", "Look at the number on your slip and at the wall display."},
	whyTopic:       {queue.NotFound, 0, "there is no such topic", "Ask for /feed?topic=… with board, board:<point>, desk:<counter>, staff or ticket:<day>/<token>."},
	whyUpgrade:     {queue.Invalid, http.StatusUpgradeRequired, "this address takes websockets only", "Connect with a websocket."},
	whyFullHouse:   {queue.Unavailable, 0, "there are too many live connections", "Close some pages, then connect again."},
	whyClockOff:    {queue.Conflict, 0, "the machine's clock shows another time", "Set the machine's clock, or look at your own again; then confirm."},
	whySetupFar:    {queue.Denied, 0, "a centre is set up from its own network only", "Open the page on this machine, or on one in the same private network."},
	whyManyWait:    {queue.Unavailable, 0, "three devices wait to be paired already", "Pair one of them, or have a supervisor send them away on the page /devices; codes are good for ten minutes."},
	whyPairingCode: {queue.NotFound, 0, "no device waits with this code", "Read the six digits off the device again; it draws a new code every ten minutes, and after five wrong ones."},
	whyDeviceTaken: {queue.Conflict, 0, "this name is taken", "Choose another name, or revoke the device that has it; the entries of motcua.toml count too."},
	whyDevice:      {queue.NotFound, 0, "no device is paired under this name", "The page /devices and `motcua device list` name them all; the entries of motcua.toml are changed there."},
	whyLastLead:    {queue.Conflict, 0, "this device is the last that may lead the centre", "Pair another one as a supervisor first, on the page /devices, or give a supervisor an entry in motcua.toml: `motcua token` draws its token."},
	whyBound:       {queue.Invalid, 0, "this role is not bound to such a place", "Bind an officer to a counter, and a board, a kiosk or a greeter to a service point; leave out all else."},
	whyPlace:       {queue.Invalid, 0, "the centre has no such counter or service point", "Write its id as the centre's file has it, or leave it out."},
	whyPrinter:     {queue.NotFound, 0, "there is no such printer", "motcua.toml names them: printer, and second_printer where there are two."},
	whyNotCounted:  {queue.Conflict, 0, "the paper of this printer is not counted", "Write the length of a new roll under roll_metres in motcua.toml, and start motcuad again."},
	whyStarting:    {queue.Unavailable, 0, "the software is starting or stopping", "Connect again in a few seconds."},
}

// Problem is a refusal as it goes over the wire (RFC 9457). Only Title,
// Detail and Hint are words, and only they change with the language.
type Problem struct {
	Type   string     `json:"type" doc:"urn:motcua:error:<code>:<reason>" example:"urn:motcua:error:closed:day_closed"`
	Title  string     `json:"title" doc:"What is wrong, in the language asked for"`
	Status int        `json:"status" doc:"HTTP status"`
	Detail string     `json:"detail,omitempty" doc:"What is wrong in this very case"`
	Code   queue.Code `json:"code" doc:"Class of the refusal" enum:"conflict,invalid,not_found,denied,closed,unavailable,internal"`
	Reason string     `json:"reason" doc:"Stable cause, to be translated by faces"`
	Hint   string     `json:"hint" doc:"What to do about it"`
	Wait   int        `json:"wait,omitempty" doc:"Seconds until a too_soon refusal ends"`
	// Next is there of refusals by hours, cut-off, holiday or quota.
	Next   queue.Stamp `json:"next,omitempty" doc:"When numbers are next served, in ms since 1970"`
	Errors []BadField  `json:"errors,omitempty" doc:"Every field that is wrong"`
}

// BadField is one wrong field of a request. Its value is not repeated: it may
// be what must not reach a log.
type BadField struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

// Error makes a Problem an error that huma writes as it is.
func (p *Problem) Error() string { return string(p.Code) + "/" + p.Reason + ": " + p.Title }

// GetStatus is the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is application/problem+json.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders tells a client when to come back, or with what.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	switch p.Status {
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", `Bearer realm="motcua"`) // RFC 6750 §3
	case http.StatusServiceUnavailable, http.StatusTooManyRequests:
		h.Set("Retry-After", strconv.Itoa(max(p.Wait, 1)))
	}
	return h
}

var (
	_ huma.StatusError       = (*Problem)(nil)
	_ huma.ContentTypeFilter = (*Problem)(nil)
	_ huma.HeadersError      = (*Problem)(nil)
)

// refusal is a refusal of HTTP's own, in the language of the request; of the
// fields, the messages are huma's.
func (s *Server) refusal(ctx context.Context, reason string, fields ...BadField) *Problem {
	t := transport[reason]
	p := s.problem(ctx, &queue.Error{Code: t.code, Reason: reason, Msg: t.msg, Hint: t.hint})
	if t.status != 0 {
		p.Status = t.status
	}
	for _, f := range fields {
		f.Message = s.fieldMessage(callOf(ctx).lang, f.Message)
		p.Errors = append(p.Errors, f)
	}
	return p
}

// problem makes a document of a refusal by the domain.
func (s *Server) problem(ctx context.Context, e *queue.Error) *Problem {
	p := &Problem{
		Type:   "urn:motcua:error:" + string(e.Code) + ":" + e.Reason,
		Status: statusOf[e.Code], Code: e.Code, Reason: e.Reason, Wait: e.Wait, Next: e.Next,
		Title: sentence(e.Msg), Detail: sentence(e.Msg), Hint: e.Hint,
	}
	if p.Status == 0 {
		p.Status = http.StatusInternalServerError
	}
	lang := callOf(ctx).lang
	var list queue.Problems
	if errors.As(e.Err, &list) {
		p.Detail = "" // the same list, in one line
		p.Title = fmt.Sprintf("%d problems", len(list))
		for _, x := range list {
			p.Errors = append(p.Errors, BadField{Field: x.Field, Message: s.problemWords(lang, e.Reason, x)})
		}
	}
	key := "error." + string(e.Code) + "." + e.Reason
	args := s.refusalArgs(lang, e)
	if t := s.o.Web.Text(lang, key, args); t != key {
		p.Title = t
		if lang != english {
			p.Detail = "" // it is English, and says no more than the title
		}
	} else if general := "error." + string(e.Code); lang != english {
		if t := s.o.Web.Text(lang, general, args); t != general {
			p.Title = t // the detail, though English, says more
		}
	}
	if t := s.o.Web.Text(lang, key+".hint", args); t != key+".hint" {
		p.Hint = t
	}
	// Of a wrong field the domain's own hint names what may be written there.
	if e.Reason == queue.WhyBadField && e.Hint != "" {
		if lang == english {
			p.Hint = e.Hint
		} else if t := s.fieldHint(lang, e.Hint); t != "" {
			p.Hint = t
		}
	}
	return p
}

// problemWords says what is wrong with a configuration, or a list of
// appointments, at one place, and what to do about it.
func (s *Server) problemWords(lang, reason string, x queue.Problem) string {
	key := "problem." + x.Code
	if reason == queue.WhyBadBookings {
		key = "booking." + x.Code
	}
	args := x.Values()
	what, hint := s.o.Web.Text(lang, key, args), s.o.Web.Text(lang, key+".hint", args)
	if what == key || hint == key+".hint" {
		return x.Msg + ". " + x.Hint
	}
	return what + " " + hint
}

// refusalArgs are what the words of a refusal may name.
func (s *Server) refusalArgs(lang string, e *queue.Error) map[string]any {
	args := map[string]any{"wait": e.Wait, "n": e.Wait, "has": "no", "next": "", "list": ""}
	if e.Next != 0 {
		args["has"] = "yes"
		args["next"] = s.o.Web.When(lang, e.Next.Time(), s.o.Now())
	}
	var about *ofCategory
	if errors.As(e.Err, &about) {
		args["name"] = about.name.In(lang, "vi", english)
	} else {
		args["name"] = s.o.Web.Text(lang, "error.name", nil)
	}
	if e.Code == queue.Closed && e.Reason == queue.WhyOtherPoint {
		var at []string
		if about != nil {
			for _, name := range about.at {
				at = append(at, name.In(lang, "vi", english))
			}
		}
		args["n"], args["list"] = len(at), strings.Join(at, ", ")
	}
	return args
}

// english is the language of [queue.Error.Msg].
const english = "en"

// sentence begins with a capital: Msg does not, it is an error's text.
func sentence(s string) string {
	if s != "" && s[0] >= 'a' && s[0] <= 'z' {
		return string(s[0]-'a'+'A') + s[1:]
	}
	return s
}

// explain makes a document of any error of the engine. What is not meant for
// people goes to the log alone.
func (s *Server) explain(ctx context.Context, err error) error {
	var p *Problem
	var e *queue.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &p):
		return p
	case errors.As(err, &e) && e.Code != queue.Internal:
		if e.Code == queue.Unavailable {
			s.log.Warn("command not stored", "reason", e.Reason, "err", err)
		}
		return s.problem(ctx, e)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return s.refusal(ctx, whyOutcome)
	}
	s.log.Error("request failed", "route", callOf(ctx).route, "err", err)
	return s.refusal(ctx, whyInternal)
}

// translate turns huma's own errors into problem documents, so that there is
// one shape of refusal. It is a transformer because huma's other hook is a
// variable of the package, shared by all servers of a process.
func (s *Server) translate(ctx huma.Context, _ string, v any) (any, error) {
	m, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	reason := whyInternal
	switch m.Status {
	case http.StatusBadRequest:
		reason = whyJSON
	case http.StatusRequestTimeout:
		reason = whySlow
	case http.StatusRequestEntityTooLarge:
		reason = whyTooLarge
	case http.StatusUnsupportedMediaType:
		reason = whyContentType
	case http.StatusUnprocessableEntity:
		reason = whyField
	default:
		s.log.Error("request failed", "route", callOf(ctx.Context()).route, "err", m.Detail)
	}
	var fields []BadField
	if reason == whyField {
		for _, d := range m.Errors {
			fields = append(fields, badField(d))
		}
		if i := slices.IndexFunc(fields, func(f BadField) bool { return f.Field == "body" }); i >= 0 {
			fields = fields[i : i+1] // what is no object has no fields to miss
		}
	}
	p := s.refusal(ctx.Context(), reason, fields...)
	p.Status = m.Status // already decided: it is what is sent
	return p, nil
}

// badField names the field itself: huma reports a missing one at the object
// that lacks it and names it in the message alone.
func badField(d *huma.ErrorDetail) BadField {
	f := BadField{Field: fieldName(d.Location), Message: d.Message}
	before, after, _ := strings.Cut(validation.MsgExpectedRequiredProperty, "%s")
	if rest, ok := strings.CutPrefix(d.Message, before); ok {
		if name, ok := strings.CutSuffix(rest, after); ok {
			f.Field = fieldName(d.Location + "." + name)
		}
	}
	return f
}

// fieldName drops where the field was found: its name is enough.
func fieldName(location string) string {
	for _, place := range []string{"body.", "path.", "query.", "header."} {
		if rest, ok := strings.CutPrefix(location, place); ok {
			return rest
		}
	}
	return location
}

// write sends a problem outside huma.
func (p *Problem) write(w http.ResponseWriter) {
	b, err := json.Marshal(p)
	if err != nil {
		http.Error(w, p.Title, p.Status)
		return
	}
	h := w.Header()
	for k, v := range p.GetHeaders() {
		if h.Get(k) == "" { // who knows better when to come back has said so
			h[k] = v
		}
	}
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Type", "application/problem+json")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Length", strconv.Itoa(len(b)+1))
	w.WriteHeader(p.Status)
	w.Write(append(b, '\n')) // who has gone away needs no answer
}
