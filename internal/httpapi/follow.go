package httpapi

import (
	"net/http"
	"strings"

	"motcua/display/feed"
	"motcua/queue"
)

// Authorize returns who follows a topic of the feed; it is the hub's
// [feed.Options.Authorize]. It answers [feed.ErrNotPaired] to nobody in
// particular, [feed.ErrNotAllowed] to a wrong role, and [feed.ErrNoTopic].
//
//	board, board:<point>   anybody
//	ticket:<day>/<token>   who holds the link
//	desk:<counter>         staff; an officer bound to a counter: that one
//	staff                  staff
//	screen, screen:<point> displays, kiosks, staff, and the machine itself
//	panel, paper, morning  the demonstration
func (s *Server) Authorize(r *http.Request, topic string) (principal string, err error) {
	who, _ := s.o.Auth.Identify(r)
	kind, rest, _ := strings.Cut(topic, ":")
	roles := anyone
	switch kind {
	case "board":
		return who.Actor, nil
	case "ticket":
		day, token, _ := strings.Cut(rest, "/")
		if _, err := s.o.Links.Verify(queue.Day(day), token); err != nil {
			return "", feed.ErrNoTopic
		}
		return who.Actor, nil
	case "desk":
		if who.Counter != "" && string(who.Counter) != rest {
			return "", feed.ErrNotAllowed
		}
	case "screen":
		if s.o.Panel == nil {
			return "", feed.ErrNoTopic
		}
		if seesPanel(r, who) {
			return who.Actor, nil
		}
	case "staff":
	case "panel", "paper", "morning":
		if s.o.Demo == nil {
			return "", feed.ErrNoTopic
		}
		roles = leads
	default:
		return "", feed.ErrNoTopic
	}
	switch {
	case who.Is(roles...):
		return who.Actor, nil
	case !who.Known():
		return "", feed.ErrNotPaired
	}
	return "", feed.ErrNotAllowed
}

// RefuseFeed answers who gets no socket, in the language asked for; it is the
// hub's [feed.Options.Refuse].
func (s *Server) RefuseFeed(w http.ResponseWriter, r *http.Request, status int, reason, detail string) {
	p := s.refusal(r.Context(), reason)
	p.Status = status // the hub has counted and described it
	if callOf(r.Context()).lang == english {
		p.Detail = sentence(detail)
	}
	p.write(w)
}
