// Package httpapi is the way in over HTTP: the JSON API under /api/v1, which
// is the pages' own and everyone else's, the pages themselves, and the door of
// the websocket feed.
//
// A handler reads the request, asks the engine once, and answers from what the
// engine recorded. Everything that can be refused is refused with a problem
// document (RFC 9457) that names the remedy.
package httpapi
