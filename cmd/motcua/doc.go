// Command motcua is the operator's command line. It reads a centre's journal
// beside a running daemon and never writes it: verify, show, replay, export;
// it writes, checks and compares the centre's file; it imports that file and
// lists of appointments through the daemon's API; and it draws access tokens.
// `motcua --help` lists the exit statuses.
package main
