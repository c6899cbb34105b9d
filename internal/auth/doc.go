// Package auth says who asks: it turns a request into a [Principal] from a
// bearer token or cookie listed in the machine's configuration, and it makes
// and checks the unguessable links on slips.
//
// Nothing a proxy may add to a request is believed; the address that counts
// is the one of the connection.
package auth
