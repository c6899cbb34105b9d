package httpapi

import (
	"net/http"
	"strings"

	"motcua/display/feed"
	"motcua/internal/auth"
	"motcua/queue"
)

// Followers says who may follow which topic of the feed; its Authorize is the
// hub's [feed.Options.Authorize].
type Followers struct {
	Auth  *auth.Authenticator
	Links auth.Links
	Demo  bool
}

// Authorize returns who follows a topic, or feed.ErrNotPaired for nobody in
// particular, feed.ErrNotAllowed for a wrong role and feed.ErrNoTopic.
//
//	board, board:<point>   anybody
//	ticket:<day>/<token>   who holds the link
//	desk:<counter>         staff; an officer bound to a counter: that one
//	staff                  staff
//	panel, paper, morning  the demonstration
func (f Followers) Authorize(r *http.Request, topic string) (principal string, err error) {
	who, _ := f.Auth.Identify(r)
	kind, rest, _ := strings.Cut(topic, ":")
	roles := anyone
	switch kind {
	case "board":
		return who.Actor, nil
	case "ticket":
		day, token, _ := strings.Cut(rest, "/")
		if _, err := f.Links.Verify(queue.Day(day), token); err != nil {
			return "", feed.ErrNoTopic
		}
		return who.Actor, nil
	case "desk":
		if who.Counter != "" && string(who.Counter) != rest {
			return "", feed.ErrNotAllowed
		}
	case "staff":
	case "panel", "paper", "morning":
		if !f.Demo {
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
