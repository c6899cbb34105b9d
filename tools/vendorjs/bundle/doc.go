// Package bundle makes the one view library of the live pages, vendor/preact.js,
// from the published sources beside it: Preact with its hooks, signals and htm.
//
// The sources are committed with the hashes they were published with (src/LOCK),
// so the file is rebuilt anywhere, with no network and no node; a test compares
// it byte for byte with what the pages serve. To move to another version:
// replace the files under src, their lines in src/LOCK, and run
//
//	go run ./vendorjs
//
// in the tools folder.
package bundle
