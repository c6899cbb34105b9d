// Package doorway is what a kiosk at another door and its centre say to each
// other: what the panel may offer, which slips the kiosk's printer is to print,
// and what became of them. internal/httpapi answers it, kiosk/door asks it.
//
// The centre's journal is the only truth. A kiosk says what it did and asks
// what there is to do; it keeps nothing that the centre could not tell it again.
package doorway
