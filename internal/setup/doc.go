// Package setup leads a person through the first run of a centre: a daemon
// without a configuration asks, one question a page, what the centre is, tries
// panel and printer with them, applies one configuration and lets this browser
// in. Before the first answer it asks for a code that can be read on the
// machine alone.
//
// What is answered is kept in the data folder, so that a power cut costs one
// page at most. A centre that exists ends it for good.
package setup
