// Package web holds what every face is made of: the templates, the styles, the
// scripts, the fonts and the words, all embedded in the binary, and the code
// that turns them into pages. It knows nothing of queues: a page is a face, a
// language and a snapshot, and the snapshot is whatever JSON the caller has.
//
// Pages are drawn on the server first, so that they say something before (or
// without) any script; the script then starts from the same snapshot and
// follows the feed.
package web
